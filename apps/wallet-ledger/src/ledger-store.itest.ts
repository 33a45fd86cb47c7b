// Goal: a small batch in one statement and a large one by COPY write the same, and neither leaves half of itself.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '@orbit/kernel';
import { micros } from '@orbit/money';
import { createTestDatabase, uniqueId } from '@orbit/testing';
import pg from 'pg';
import { ChangeWallet } from './books/application/change-wallet.js';
import type { ChargeCommand, LedgerCommand } from './books/application/commands.js';
import { PostBatch } from './books/application/post-batch.js';
import { LEDGER_RULES } from './ledger-rules.js';
import {
  WriteConflict,
  type LedgerStore,
  type LedgerWrite,
  type WalletKey,
} from './books/application/ports.js';
import { roomyHotBalances } from './hot-balances/roomy-hot-balances.fake.js';
import { noLoads } from './hot-balances/trusting-loads.fake.js';
import { auditLedger } from './books/adapters/ledger-audit.js';
import { READ_ENTRIES } from './books/adapters/ledger-store.sql.js';
import { PostgresLedgerStore } from './books/adapters/postgres-ledger-store.js';
import { PostgresWalletReader } from './wallets/adapters/postgres-wallet-reader.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;

/** Keeps what was written and which statements that took. */
class Watched implements LedgerStore {
  readonly writes: LedgerWrite[] = [];
  readonly statements: string[] = [];
  private readonly inner: PostgresLedgerStore;

  constructor() {
    const connect = async (): Promise<pg.PoolClient> => {
      const client = await pool.connect();
      const watching = Object.create(client) as pg.PoolClient;
      watching.query = ((query: unknown, values?: unknown[]) => {
        const { text } = typeof query === 'string' ? { text: query } : (query as { text?: string });
        this.statements.push(text ?? 'COPY');
        return (client.query as (...parameters: unknown[]) => unknown).call(client, query, values);
      }) as pg.PoolClient['query'];
      watching.release = (error) => {
        client.release(error);
      };
      return watching;
    };
    this.inner = new PostgresLedgerStore({ connect } as unknown as pg.Pool);
  }

  dropPublished: LedgerStore['dropPublished'] = (ids) => this.inner.dropPublished(ids);

  inTransaction: LedgerStore['inTransaction'] = (work) =>
    this.inner.inTransaction((tx) => {
      const save = tx.save.bind(tx);
      tx.save = (write) => {
        this.writes.push(write);
        return save(write);
      };
      return work(tx);
    });
}

const postOn = (store: LedgerStore): PostBatch =>
  new PostBatch(
    store,
    roomyHotBalances,
    { publish: () => Promise.resolve() },
    { send: () => Promise.resolve() },
    systemClock,
    LEDGER_RULES,
  );

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 4 });
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  await pool.end();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

async function fundedWallet(post: PostBatch): Promise<WalletKey> {
  const key: WalletKey = { organizationId: uniqueId('org'), currency: 'USD' };
  const reader = new PostgresWalletReader(pool);
  await new ChangeWallet(post, reader, noLoads, systemClock).open(key, micros(0n));
  const credit: LedgerCommand = {
    kind: 'credit',
    key,
    credit: {
      type: 'topup',
      reference: 'topup:first',
      amountMicros: micros(100_000_000n),
      kind: 'paid',
      priority: 0,
      effectiveAtMs: null,
      expiresAtMs: null,
      occurredAtMs: Date.now(),
      metadata: {},
    },
  };
  await post.run([credit], 'test');
  return key;
}

const AWKWARD = { note: 'a "quoted" \\ {brace}, NULL', empty: '', city: 'Zürich 日本' };

const charge = (key: WalletKey, chargeId: string, occurredAtMs = Date.now()): ChargeCommand => ({
  kind: 'charge',
  key,
  replyTo: null,
  charge: {
    chargeId,
    amountMicros: micros(1_000n),
    channel: 'sms "x", {y}',
    quantity: 3,
    metadata: AWKWARD,
    occurredAtMs,
    isAuthorized: false,
    leaseId: null,
  },
});

async function entriesOf(key: WalletKey): Promise<Record<string, unknown>[]> {
  const { rows } = await pool.query<Record<string, unknown>>(
    `SELECT e.* FROM wallet_ledger.entry e JOIN wallet_ledger.wallet w USING (wallet_no)
     WHERE w.organization_id = $1 ORDER BY e.sequence`,
    [key.organizationId],
  );
  return rows;
}

/** The fund of twenty cautious groups after a start is used up, so that nothing is looked up any more. */
async function warm(post: PostBatch, key: WalletKey): Promise<void> {
  for (let n = 0; n < 20; n++) await post.run([charge(key, `warm_${n}`)], 'test');
}

test('a small batch of wallets in memory is one statement, without BEGIN and COMMIT', async () => {
  const store = new Watched();
  const post = postOn(store);
  const key = await fundedWallet(post);
  await warm(post, key);
  store.statements.length = 0;
  await post.run([charge(key, 'one'), charge(key, 'two')], 'test');
  expect(store.statements).toHaveLength(1);
  expect(store.statements[0]).toContain('check_fence');
});

test('one statement and COPY write the same rows', async () => {
  const post = postOn(new PostgresLedgerStore(pool));
  const [small, large] = [await fundedWallet(post), await fundedWallet(post)];
  const atMs = Date.UTC(2026, 10, 21, 12, 0, 0, 123);
  await post.run([charge(small, 'one', atMs)], 'test');
  const many = Array.from({ length: 600 }, (_, n) => charge(large, `c${n}`, atMs));
  await post.run([charge(large, 'one', atMs), ...many], 'test');
  const [fromStatement] = (await entriesOf(small)).filter((e) => e['reference'] === 'charge:one');
  const [fromCopy] = (await entriesOf(large)).filter((e) => e['reference'] === 'charge:one');
  const comparable = { wallet_no: null, booked_at: null };
  expect({ ...fromStatement, ...comparable }).toEqual({ ...fromCopy, ...comparable });
  expect(fromStatement).toMatchObject({ metadata: AWKWARD, channel: 'sms "x", {y}', quantity: 3 });
  expect(fromStatement?.['occurred_at']).toEqual(new Date(atMs));
});

test('a small batch that comes after another writer leaves nothing of itself', async () => {
  const store = new Watched();
  const post = postOn(store);
  const key = await fundedWallet(post);
  await post.run([charge(key, 'first')], 'test');
  const late = store.writes.at(-1);
  if (!late) throw new Error('nothing was written');
  const before = await entriesOf(key);
  // The same versions once more, as a writer would send that has not heard of the other.
  const again = new PostgresLedgerStore(pool).inTransaction((tx) =>
    tx.save({
      ...late,
      entries: late.entries.map((entry) => ({
        ...entry,
        sequence: entry.sequence + 1n,
        reference: 'charge:late',
      })),
    }),
  );
  await expect(again).rejects.toThrow(WriteConflict);
  expect(await entriesOf(key)).toEqual(before);
});

test('a small batch with an entry that is in the books leaves nothing of itself, and is then decided anew', async () => {
  const own = new Watched();
  const post = postOn(own);
  const key = await fundedWallet(post);
  await warm(post, key);
  await post.run([charge(key, 'known')], 'test');
  const before = (await entriesOf(key)).length;
  const results = await post.run([charge(key, 'known'), charge(key, 'new')], 'test');
  expect(results.map((result) => result.status === 'booked' && result.isReplay)).toEqual([
    true,
    false,
  ]);
  expect(await entriesOf(key)).toHaveLength(before + 1);
});

test('charges are looked up by their reference, also in a wallet that grew after the last statistics', async () => {
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  const book = (walletNo: string, count: number): Promise<unknown> =>
    admin.query(
      `INSERT INTO wallet_ledger.entry (wallet_no, sequence, type, from_account, to_account, slice, notices, amount_micros,
         balance_after_micros, occurred_at, booked_at, reference)
       SELECT ${walletNo}, 1000000 + n, 2, 1, 2, 0, 0, 1, 0, now(), now(), 'charge:' || lpad(n::text, 26, '0') FROM generate_series(1, ${count}) n`,
    );
  try {
    await admin.query('BEGIN');
    await book('1000000 + n', 20_000);
    await admin.query('ANALYZE wallet_ledger.entry');
    await book('1000000', 40_000);
    const { rows } = await admin.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN (GENERIC_PLAN) ${READ_ENTRIES}`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    // By the primary key it would read all 40,000 entries of the wallet for each charge.
    expect(plan).toContain('entry_reference_key');
    expect(plan).not.toContain('entry_pkey');
  } finally {
    await admin.query('ROLLBACK');
    await admin.end();
  }
});
