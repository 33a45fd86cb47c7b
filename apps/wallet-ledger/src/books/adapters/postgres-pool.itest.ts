// Goal: a network that swallows everything holds nobody up for longer than the time limit.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createLogger, isConnectionFailure } from '@orbit/runtime';
import { createTestDatabase } from '@orbit/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { Switchboard } from '../../hot-balances/switchboard.fake.js';
import { PostgresLedgerStore } from './postgres-ledger-store.js';
import { makePostgresPool } from './postgres-pool.js';

const ANSWER_MS_MAX = 1_000;
const KEY = { organizationId: 'org_1', currency: 'USD' } as const;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let board: Switchboard;
let pool: pg.Pool;

beforeEach(async () => {
  database = await createTestDatabase();
  const url = new URL(database.urlFor('orbit_wallet_ledger'));
  board = await Switchboard.to(url.href);
  url.host = `127.0.0.1:${board.port}`;
  pool = makePostgresPool({
    databaseUrl: url.href,
    sizeMax: 2,
    logger: createLogger('test', 'silent'),
    answerTimeoutMs: ANSWER_MS_MAX,
  });
});

afterEach(async () => {
  await board.close();
  await pool.end();
  await database.drop();
});

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

/** The statements of connections that are opened from now on. */
function watchStatements(): unknown[] {
  const statements: unknown[] = [];
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
    client.query = ((...parameters: unknown[]) => {
      statements.push(parameters[0]);
      return query(...parameters);
    }) as typeof client.query;
  });
  return statements;
}

test('a statement that nobody answers fails as a lost connection, and the next one has another', async () => {
  await pool.query('SELECT 1');
  board.swallow();
  const failure = await failureOf(pool.query('SELECT 1'));
  expect(isConnectionFailure(failure)).toBe(true);
  board.switchTo(database.urlFor('orbit_wallet_ledger'));
  const { rows } = await pool.query('SELECT 1 AS one');
  expect(rows).toEqual([{ one: 1 }]);
});

test('a transaction that nobody answers does not wait once more for a ROLLBACK', async () => {
  const store = new PostgresLedgerStore(pool);
  const statements = watchStatements();
  const failure = await failureOf(
    store.inTransaction(async (tx) => {
      await tx.lockWallets([KEY]);
      board.swallow();
      await tx.lockWallets([KEY]);
    }),
  );
  expect(isConnectionFailure(failure)).toBe(true);
  expect(statements).toContain('BEGIN');
  expect(statements).not.toContain('ROLLBACK');
  board.switchTo(database.urlFor('orbit_wallet_ledger'));
  expect((await store.inTransaction((tx) => tx.lockWallets([KEY]))).size).toBe(0);
});

test('a COPY that was answered in time is not ended afterwards', async () => {
  const client = await pool.connect();
  await client.query('CREATE TEMP TABLE copied (n int)');
  const stream = client.query(copyFrom('COPY copied FROM STDIN'));
  await new Promise((resolve, reject) => {
    stream.once('error', reject);
    stream.once('finish', resolve);
    stream.end('1\n2\n');
  });
  await sleep(ANSWER_MS_MAX * 1.5);
  const { rows } = await client.query('SELECT count(*)::int AS count FROM copied');
  expect(rows).toEqual([{ count: 2 }]);
  client.release();
});
