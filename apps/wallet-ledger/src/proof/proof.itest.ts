// Goal: an explanation leads from the charge to the published root by hashes that anybody can repeat; the past is read
// by halving. Method: real PostgreSQL; hashes repeated with node:crypto alone, from the answer alone.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ExplainedSeal, MerkleStepView } from '@orbit/contracts';
import { systemClock } from '@orbit/kernel';
import { UNSIGNED_IDS } from '@orbit/spend';
import { createTestDatabase, uniqueId } from '@orbit/testing';
import { createHash } from 'node:crypto';
import pg from 'pg';
import { BalanceAt } from './application/balance-at.js';
import { ExplainCharge } from './application/explain-charge.js';
import { ReadLedgerHealth } from '../reconciliation/application/reconcile-health.js';
import { SealEntries } from './application/seal-entries.js';
import { openWallet, spend, type TestWallet } from './books-under-test.js';
import { noHints } from './no-hints.fake.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { PostgresHealthReader } from '../reconciliation/adapters/postgres-health-reader.js';
import { PostgresProofReader } from './adapters/postgres-proof-reader.js';
import { PostgresReconcileStore } from '../reconciliation/adapters/postgres-reconcile-store.js';
import { PostgresSealStore } from './adapters/postgres-seal-store.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let explain: ExplainCharge;
let balanceAt: BalanceAt;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 4 });
  explain = new ExplainCharge(new PostgresProofReader(pool), (hold) => UNSIGNED_IDS.idOf(hold));
  balanceAt = new BalanceAt(new PostgresProofReader(pool));
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  await pool.end();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

async function seal(): Promise<void> {
  const events = { publish: () => Promise.resolve() };
  const watch = {
    published: () => undefined,
    gap: () => undefined,
    ran: () => Promise.resolve(),
  };
  const store = new PostgresSealStore(pool);
  await new SealEntries(store, noHints, events, watch, systemClock, 10_000).run();
}
const sha = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const climb = (value: string, path: readonly MerkleStepView[]): string =>
  path.reduce(
    (hash, step) =>
      sha(step.side === 'left' ? `node\n${step.hash}\n${hash}` : `node\n${hash}\n${step.hash}`),
    sha(`leaf\n${value}`),
  );

/** What docs/proof.md tells a person to do. */
function expectProven(proof: ExplainedSeal): void {
  if (proof.status !== 'sealed') throw new Error('the entry is not sealed');
  expect(sha(`${proof.previous_hash}\n${proof.canonical}`)).toBe(proof.chain_hash);
  expect(climb(proof.chain_hash, proof.seal.path)).toBe(proof.seal.digest);
  expect(climb(proof.seal.digest, proof.root.path)).toBe(proof.root.merkle_root);
  expect(JSON.parse(proof.root.canonical)).toContain(proof.root.merkle_root);
  expect(sha(proof.root.canonical)).toBe(proof.root.root);
}

test('explain: the request, the block before and after, the running balance; the seal when it is there', async () => {
  const wallet = await openWallet(pool, 1_000_000n);
  await spend(pool, wallet, 9);
  const { organizationId } = wallet.key;
  const pending = await explain.run(organizationId, 'c_4');
  expect(pending).toMatchObject({
    charge_id: 'c_4',
    status: 'posted',
    request: { amount: '0.0075', currency: 'USD', channel: 'sms', quantity: 1 },
    rating: null,
    plan: null,
    balance_before: '0.985',
    balance_after: '0.9775',
    slices: [
      {
        amount: '0.0075',
        block: {
          kind: 'paid',
          origin: { type: 'topup', reference: 'topup:tu_1', amount: '1.00' },
          remaining_before: '0.985',
          remaining_after: '0.9775',
        },
      },
    ],
    entries: [{ sequence: '4', from_account: 'wallet', to_account: 'revenue', amount: '-0.0075' }],
  });
  expect(pending?.entries[0]?.seal).toEqual({ status: 'pending' });
  await seal();
  await spend(pool, wallet, 4);
  await seal();
  for (const id of ['c_2', 'c_4', 'c_10', 'c_11', 'c_14']) {
    const explanation = await explain.run(organizationId, id);
    expectProven(explanation!.entries[0]!.seal);
    expect(explanation?.entries[0]?.seal).toMatchObject({
      canonical: expect.stringContaining(`"charge:${id}"`),
    });
  }
});

test('explain: a charge over two blocks shows each of them', async () => {
  const wallet = await openWallet(pool, 10_000n);
  await pool.query(
    `WITH grown AS (
       UPDATE wallet_ledger.wallet SET balance_micros = 15000, sequence = 4 WHERE wallet_no = $1
     ), first AS (
       UPDATE wallet_ledger.credit_block SET remaining_micros = 0 WHERE wallet_no = $1
     ), second AS (
       INSERT INTO wallet_ledger.credit_block (wallet_no, sequence, kind, priority, cost_basis_micros, amount_micros,
         remaining_micros, effective_at, created_at) VALUES ($1, 2, 'promotional', 5, 0, 20000, 15000, now(), now())
     )
     INSERT INTO wallet_ledger.entry (wallet_no, sequence, type, from_account, to_account, slice, notices, amount_micros,
       balance_after_micros, block_sequence, quantity, occurred_at, booked_at, reference, channel)
     VALUES ($1, 2, 3, 4, 1, 0, 0, 20000, 30000, 2, NULL, now(), now(), 'grant:g', NULL),
       ($1, 3, 2, 1, 2, 0, 0, 10000, 20000, 1, 2, now(), now(), 'charge:two', 'sms'),
       ($1, 4, 2, 1, 2, 1, 0, 5000, 15000, 2, 2, now(), now(), 'charge:two', 'sms')`,
    [wallet.walletNo],
  );
  const explanation = await explain.run(wallet.key.organizationId, 'two');
  expect(explanation?.request.amount).toBe('0.015');
  expect(explanation).toMatchObject({ balance_before: '0.03', balance_after: '0.015' });
  expect(
    explanation?.slices.map(({ amount, block }) => [
      amount,
      block?.remaining_before,
      block?.remaining_after,
    ]),
  ).toEqual([
    ['0.01', '0.01', '0.00'],
    ['0.005', '0.02', '0.015'],
  ]);
});

test('explain: a rejection says so; an unknown charge and one of another organization are null', async () => {
  const [mine, other] = [await openWallet(pool, 1_000n), await openWallet(pool, 1_000n)];
  await pool.query(
    `INSERT INTO wallet_ledger.rejection VALUES ($1, 'no', 'insufficient_funds', 7500, 'sms', now())`,
    [mine.walletNo],
  );
  expect(await explain.run(mine.key.organizationId, 'no')).toMatchObject({
    status: 'rejected',
    reason: 'insufficient_funds',
    request: { amount: '0.0075' },
    entries: [],
  });
  expect(await explain.run(mine.key.organizationId, 'never')).toBeNull();
  expect(await explain.run(other.key.organizationId, 'no')).toBeNull();
});

/** Books one charge at each instant. */
async function bookAt(wallet: TestWallet, instantsMs: readonly number[]): Promise<void> {
  for (const ms of instantsMs) {
    await spend(pool, wallet, 1, 1_000_000n);
    const admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    await admin.query('BEGIN; SET LOCAL session_replication_role = replica');
    await admin.query(
      `UPDATE wallet_ledger.entry SET booked_at = $2 WHERE wallet_no = $1
         AND sequence = (SELECT sequence FROM wallet_ledger.wallet WHERE wallet_no = $1)`,
      [wallet.walletNo, new Date(ms)],
    );
    await admin.query('COMMIT');
    await admin.end();
  }
}

test('balance --at: the balance after the last entry booked until then, at every boundary', async () => {
  const wallet = await openWallet(pool, 100_000_000n);
  const start = Date.now() + 60_000;
  const instants = [0, 10, 10, 20, 35, 1_000].map((ms) => start + ms);
  await bookAt(wallet, instants);
  const at = async (ms: number): Promise<[string, string] | undefined> => {
    const page = await balanceAt.run({
      at: new Date(ms).toISOString(),
      organization_id: wallet.key.organizationId,
      limit: 10,
    });
    const [found] = page.balances;
    return found && [found.balance, found.sequence];
  };
  expect(await at(start - 1)).toEqual(['100.00', '1']);
  expect(await at(start)).toEqual(['99.00', '2']);
  expect(await at(start + 9)).toEqual(['99.00', '2']);
  expect(await at(start + 10)).toEqual(['97.00', '4']);
  expect(await at(start + 20)).toEqual(['96.00', '5']);
  expect(await at(start + 34)).toEqual(['96.00', '5']);
  expect(await at(start + 999)).toEqual(['95.00', '6']);
  expect(await at(start + 1_000)).toEqual(['94.00', '7']);
  expect(await at(Date.UTC(2020, 0, 1))).toBeUndefined();
});

test('balance --at: pages over all wallets, by currency and organization', async () => {
  await Promise.all(Array.from({ length: 7 }, () => openWallet(pool, 5_000n, 'JPY')));
  const seen: string[] = [];
  let after: string | null = null;
  do {
    // PostgreSQL counts microseconds: what was just booked may be later than this millisecond.
    const query = { at: new Date(Date.now() + 1_000).toISOString(), currency: 'JPY', limit: 3 };
    const page = await balanceAt.run(after === null ? query : { ...query, after });
    seen.push(...page.balances.map(({ wallet_id }) => wallet_id));
    after = page.after;
  } while (after !== null);
  expect(new Set(seen).size).toBe(7);
  expect(seen).toHaveLength(7);
  await expect(balanceAt.run({ at: 'soon', limit: 3 })).rejects.toMatchObject({ param: 'at' });
  const at = new Date().toISOString();
  for (const none of ['x', '0', '999999999999999999'])
    await expect(balanceAt.run({ at, limit: 3, after: none })).rejects.toMatchObject({
      param: 'cursor',
    });
});

test('balance --at: reads as many rows as the logarithm of the entries', async () => {
  const wallet = await openWallet(pool, 100_000_000_000n);
  await spend(pool, wallet, 30_000, 1_000n);
  const before = await reads();
  await balanceAt.run({
    at: new Date().toISOString(),
    organization_id: wallet.key.organizationId,
    limit: 1,
  });
  await expect(reads().then((count) => count - before)).resolves.toBeLessThan(60);
});
/** Rows of `entry` that index scans have fetched. */
async function reads(): Promise<number> {
  const client = await pool.connect();
  await client.query('SELECT pg_stat_force_next_flush()').catch(() => undefined);
  const { rows } = await client.query<{ count: string }>(
    "SELECT sum(idx_tup_fetch) AS count FROM pg_stat_user_tables WHERE relname LIKE 'entry%'",
  );
  client.release();
  return Number(rows[0]?.count ?? 0);
}

test('health: nothing holds before a check was ever true; fresh checks without breaches hold', async () => {
  const health = new ReadLedgerHealth(new PostgresHealthReader(pool), systemClock, [5_000]);
  const before = await health.run();
  expect(before.holds).toBe(false);
  expect(before.sealing).toMatchObject({ root_no: expect.any(String), lag_ms: null });
  const books = new PostgresReconcileStore(pool);
  const runs = before.checks.map(({ check }) => ({
    check: check as 'entries_sealed',
    holds: true,
    wallets: 3,
    detail: null,
  }));
  await books.saveRuns(runs, Date.now());
  expect(await health.run()).toMatchObject({ holds: true, breach_count: 0 });

  const { walletNo } = await openWallet(pool, 5n);
  const breach = { check: 'entries_add_up', expected: '5', actual: '6' } as const;
  await books.saveBreaches([{ walletNo, breaches: [breach], priorReason: null }], Date.now());
  expect(await health.run()).toMatchObject({ holds: false, breaches: [breach] });
  await books.clearBreaches(walletNo);
  expect((await health.run()).holds).toBe(true);
  const late = { nowMs: () => Date.now() + 31_000 };
  const stale = new ReadLedgerHealth(new PostgresHealthReader(pool), late, [5_000]);
  expect((await stale.run()).holds).toBe(false);
});

test('a charge id that two organizations use is explained to each as its own', async () => {
  const [a, b] = [await openWallet(pool, 1_000_000n), await openWallet(pool, 2_000_000n)];
  await Promise.all([spend(pool, a, 1), spend(pool, b, 1)]);
  const [first, second] = await Promise.all(
    [a, b].map(({ key }) => explain.run(key.organizationId, 'c_2')),
  );
  expect([first?.balance_after, second?.balance_after]).toEqual(['0.9925', '1.9925']);
  expect(await explain.run(uniqueId('org'), 'c_2')).toBeNull();
});
