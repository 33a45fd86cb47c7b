// Goal: entries are sealed once, in order, whoever seals them, and every root is published at least once.
// Method: real PostgreSQL, books written by plain SQL, two sealers where two would run, crashes by throwing ports.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '@orbit/kernel';
import { createTestDatabase } from '@orbit/testing';
import pg from 'pg';
import type { LedgerEvent, WalletKey } from '../../books/application/ports.js';
import { SealEntries } from '../application/seal-entries.js';
import type { TouchedWallets } from '../../books/application/shared-ports.js';
import { TouchingHotBalances } from '../../hot-balances/application/touched-wallets.js';
import { openWallet, spend } from '../books-under-test.js';
import { merkleRoot } from '../domain/seal-merkle.js';
import { noHints } from '../no-hints.fake.js';
import { roomyHotBalances } from '../../hot-balances/roomy-hot-balances.fake.js';
import { auditLedger } from '../../books/adapters/ledger-audit.js';
import { PostgresSealStore } from './postgres-seal-store.js';
import { hashesOf } from './seal-store.mapping.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
const published: LedgerEvent[] = [];
const events = {
  publish: (batch: readonly LedgerEvent[]) => {
    published.push(...batch);
    return Promise.resolve();
  },
};
const gaps: bigint[] = [];
const watch = {
  published: () => undefined,
  gap: (_: unknown, at: bigint) => void gaps.push(at),
  ran: () => Promise.resolve(),
};

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 8 });
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  await pool.end();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

const sealer = (hints = noHints, port = events): SealEntries =>
  new SealEntries(new PostgresSealStore(pool), hints, port, watch, systemClock, 60_000);

const keyOf = (organizationId: string): WalletKey => ({ organizationId, currency: 'USD' });
function hintsOf(keys: readonly WalletKey[]): TouchedWallets {
  const touching = new TouchingHotBalances(roomyHotBalances).forSealing;
  touching.putBack(keys);
  return touching;
}

interface SealRow {
  first_sequence: string;
  last_sequence: string;
  root_no: string;
  leaf_index: number;
  hashes: Buffer;
}
const sealsOf = async (walletNo: bigint): Promise<SealRow[]> => {
  const text = 'SELECT * FROM wallet_ledger.seal WHERE wallet_no = $1 ORDER BY first_sequence';
  return (await pool.query<SealRow>(text, [walletNo])).rows;
};
const rootRow = async (rootNo: string): Promise<{ leaves: Buffer; merkle_root: Buffer }> => {
  const text = 'SELECT * FROM wallet_ledger.seal_root WHERE root_no = $1';
  return (await pool.query<{ leaves: Buffer; merkle_root: Buffer }>(text, [rootNo])).rows[0]!;
};
const ranges = (rows: readonly SealRow[]): string[] =>
  rows.map((row) => `${row.first_sequence}-${row.last_sequence}`);

test('sealing is incremental: each run seals what was booked since the last, under one root', async () => {
  const wallet = await openWallet(pool, 100_000_000n);
  await spend(pool, wallet, 4);
  expect(await sealer().run()).toBe(5);
  expect(await sealer().run()).toBe(0);
  await spend(pool, wallet, 3);
  expect(await sealer().run()).toBe(3);
  const rows = await sealsOf(wallet.walletNo);
  expect(ranges(rows)).toEqual(['1-5', '6-8']);
  for (const row of rows) {
    const root = await rootRow(row.root_no);
    const leaves = hashesOf(root.leaves);
    expect(leaves[row.leaf_index]).toBe(merkleRoot(hashesOf(row.hashes)));
    expect(root.merkle_root.toString('hex')).toBe(merkleRoot(leaves));
  }
});

test('a hinted wallet is sealed at once; one that gets less than it has comes again in the same run', async () => {
  const wallet = await openWallet(pool, 1_000_000_000n);
  await spend(pool, wallet, 6_000);
  const hints = hintsOf([wallet.key]);
  expect(await sealer(hints).run()).toBe(6_001);
  expect(hints.size).toBe(0);
  expect(ranges(await sealsOf(wallet.walletNo))).toEqual(['1-2500', '2501-5000', '5001-6001']);
});

test('of many wallets that changed a run takes a part, those that waited longest; of few it takes all', async () => {
  const keys = Array.from({ length: 1_010 }, (_, n) => keyOf(`org_changed_${n}`));
  const hints = hintsOf(keys);
  await sealer(hints).run();
  expect(hints.size).toBe(1_010 - 253);
  hints.putBack([keyOf('org_changed_0')]);
  await sealer(hints).run();
  expect(hints.take(2)).toEqual([keyOf('org_changed_503'), keyOf('org_changed_504')]);
  const few = hintsOf(keys.slice(0, 200));
  await sealer(few).run();
  expect(few.size).toBe(0);
});

test('two sealers at once seal every entry once and chain every root to the one before', async () => {
  const wallets = await Promise.all(
    Array.from({ length: 12 }, () => openWallet(pool, 10_000_000n)),
  );
  for (const wallet of wallets) await spend(pool, wallet, 20);
  const counts = await Promise.all([sealer().run(), sealer().run(), sealer().run()]);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(12 * 21);
  const { rows } = await pool.query<{ broken: string }>(
    `SELECT count(*) AS broken FROM (
       SELECT root_no, previous_root, lag(root) OVER (ORDER BY root_no) AS before,
         lag(root_no, 1, 0::bigint) OVER (ORDER BY root_no) AS before_no FROM wallet_ledger.seal_root
     ) r WHERE previous_root IS DISTINCT FROM before OR root_no <> before_no + 1`,
  );
  expect(rows[0]?.broken).toBe('0');
});

test('a root whose publication failed is published by the next run, the same', async () => {
  const wallet = await openWallet(pool, 10_000_000n);
  await spend(pool, wallet, 1);
  const away = { publish: () => Promise.reject(new Error('Kafka is away')) };
  await expect(sealer(noHints, away).run()).rejects.toThrow('Kafka is away');
  const [seal] = await sealsOf(wallet.walletNo);
  const start = published.length;
  await sealer().run();
  expect(published.slice(start).map(({ id }) => id)).toEqual([`sealed:${seal!.root_no}`]);
  const every = published.map(({ id }) => id);
  const { rows } = await pool.query<{ count: string }>(
    'SELECT count(*) FROM wallet_ledger.seal_root',
  );
  expect(new Set(every).size).toBe(Number(rows[0]?.count));
});

test('the ledger itself cannot change or remove a seal or a root', async () => {
  for (const table of ['seal', 'seal_root']) {
    for (const change of ['DELETE FROM', 'TRUNCATE']) {
      await expect(pool.query(`${change} wallet_ledger.${table}`)).rejects.toThrow(
        /permission denied/,
      );
    }
    const update = `UPDATE wallet_ledger.${table} SET root_no = 1`;
    await expect(pool.query(update)).rejects.toThrow(/permission denied/);
  }
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  const update = admin.query('UPDATE wallet_ledger.seal SET root_no = 1');
  await expect(update).rejects.toThrow(/append only/);
  await admin.end();
});

test('behind a missing entry nothing is sealed, and the gap is told', async () => {
  const wallet = await openWallet(pool, 10_000_000n);
  await spend(pool, wallet, 4);
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query('BEGIN; SET LOCAL session_replication_role = replica');
  const taken = await admin.query(
    'DELETE FROM wallet_ledger.entry WHERE wallet_no = $1 AND sequence = 3 RETURNING *',
    [wallet.walletNo],
  );
  await admin.query('COMMIT');
  gaps.length = 0;
  expect(await sealer().run()).toBe(2);
  expect(gaps).toContain(3n);
  const columns = Object.keys(taken.rows[0] as object);
  const row = taken.rows[0] as Record<string, unknown>;
  await admin.query(
    `INSERT INTO wallet_ledger.entry (${columns.join()}) VALUES (${columns.map((_, n) => `$${n + 1}`).join()})`,
    columns.map((column) => row[column]),
  );
  await admin.end();
  expect(await sealer().run()).toBe(3);
});
