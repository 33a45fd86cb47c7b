// Goal: a wallet that was granted credit thousands of times is loaded with the few blocks that can still pay, from the
// database as from memory; those that have left are there for whoever names them. Method: 5,000 grants that lapsed, by
// the service's own code on a real PostgreSQL, with a clock that is moved by hand and ends at the present.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { micros } from '@orbit/money';
import { createTestDatabase, uniqueId } from '@orbit/testing';
import pg from 'pg';
import { ChangeBlock } from './application/change-block.js';
import { ChangeWallet } from '../books/application/change-wallet.js';
import type { LedgerCommand } from '../books/application/commands.js';
import { CorrectWallet } from '../wallets/application/correct-wallet.js';
import { ExplainCharge } from '../proof/application/explain-charge.js';
import type { LedgerStore, WalletKey } from '../books/application/ports.js';
import { PostBatch } from '../books/application/post-batch.js';
import { LEDGER_RULES } from '../ledger-rules.js';
import { ReadBlocks } from './application/read-blocks.js';
import { ReadWallet } from '../wallets/application/read-wallet.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { READ_BLOCKS } from '../books/adapters/ledger-store.sql.js';
import { PostgresBlockReader } from './adapters/postgres-block-reader.js';
import { PostgresLedgerStore } from '../books/adapters/postgres-ledger-store.js';
import { PostgresProofReader } from '../proof/adapters/postgres-proof-reader.js';
import { PostgresWalletReader } from '../wallets/adapters/postgres-wallet-reader.js';
import { roomyHotBalances } from '../hot-balances/roomy-hot-balances.fake.js';
import { noLoads } from '../hot-balances/trusting-loads.fake.js';

const DAY_MS = 86_400_000;
const DAYS = 100;
const GRANTS_A_DAY = 50;
const NOW_MS = Date.now();
let nowMs = NOW_MS;
const clock = { nowMs: () => nowMs };
const key: WalletKey = { organizationId: uniqueId('org'), currency: 'USD' };

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let store: LedgerStore;
/** How many blocks of the wallet were read from the database last, and are remembered now. */
const seen = { loaded: -1, remembered: -1 };

function watched(inner: LedgerStore): LedgerStore {
  return {
    dropPublished: (ids) => inner.dropPublished(ids),
    inTransaction: (work) =>
      inner.inTransaction((tx) => {
        const lockWallets = tx.lockWallets.bind(tx);
        const save = tx.save.bind(tx);
        tx.lockWallets = async (keys) => {
          const wallets = await lockWallets(keys);
          for (const { blocks } of wallets.values()) seen.loaded = blocks.length;
          return wallets;
        };
        tx.save = (write) => {
          for (const { blocks } of write.wallets) seen.remembered = blocks.length;
          return save(write);
        };
        return work(tx);
      }),
  };
}

let post: PostBatch;
let change: ChangeWallet;
let blocks: ChangeBlock;
let correct: CorrectWallet;
let readBlocks: ReadBlocks;
let readWallet: ReadWallet;

/** As a process that has just started: it remembers no wallet. */
function restart(): void {
  const replies = { send: () => Promise.resolve() };
  const events = { publish: () => Promise.resolve() };
  const wallets = new PostgresWalletReader(pool);
  const reader = new PostgresBlockReader(pool);
  post = new PostBatch(store, roomyHotBalances, events, replies, clock, LEDGER_RULES);
  change = new ChangeWallet(post, wallets, noLoads, clock);
  blocks = new ChangeBlock(change, reader, clock, {
    availableOf: () => Promise.resolve(null),
  });
  correct = new CorrectWallet(change, wallets, reader);
  readBlocks = new ReadBlocks(wallets, reader, clock);
  readWallet = new ReadWallet(wallets, clock);
}

const credit = (reference: string, amount: number, expiresAtMs: number | null): LedgerCommand => ({
  kind: 'credit',
  key,
  credit: {
    ...{ type: 'grant', reference: `grant:${reference}`, kind: 'promotional', priority: 0 },
    ...{ amountMicros: micros(BigInt(amount) * 1_000_000n), effectiveAtMs: null, expiresAtMs },
    ...{ occurredAtMs: nowMs, metadata: {} },
  },
});
const spend = async (chargeId: string, amount: number, occurredAtMs = nowMs): Promise<string> => {
  const [result] = await post.run(
    [
      {
        kind: 'charge',
        key,
        replyTo: null,
        charge: {
          ...{ chargeId, amountMicros: micros(BigInt(amount) * 1_000_000n), channel: 'sms' },
          ...{ quantity: 1, metadata: {}, occurredAtMs, isAuthorized: false, leaseId: null },
        },
      },
    ],
    'p0',
  );
  return result?.status ?? 'none';
};
const balance = async (): Promise<string | undefined> => (await readWallet.read(key))?.balance;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 4 });
  store = watched(new PostgresLedgerStore(pool));
  restart();
  await change.open(key, null);
  for (let day = DAYS; day >= 1; day--) {
    nowMs = NOW_MS - (day + 1) * DAY_MS;
    const grants = Array.from({ length: GRANTS_A_DAY }, (_, n) =>
      credit(`${day}.${n}`, 2, nowMs + DAY_MS / 2),
    );
    await post.run(grants, 'p0');
    await spend(`c${day}`, 1);
    nowMs += DAY_MS - 1;
    await change.sweepExpired(10);
  }
  nowMs = NOW_MS;
  await post.run([credit('lives', 10, null)], 'p0');
}, 120_000);
afterAll(async () => {
  const findings = await auditLedger(pool);
  await pool.end();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

test('after 5,000 lapsed grants a batch loads those of the last days alone, and remembers no more', async () => {
  const { rows } = await pool.query<{ count: string }>(
    'SELECT count(*) FROM wallet_ledger.credit_block WHERE expired_micros > 0',
  );
  expect(Number(rows[0]?.count)).toBe(DAYS * GRANTS_A_DAY);
  const reopenable = 10 * GRANTS_A_DAY;
  for (const isRestarted of [true, false]) {
    if (isRestarted) restart();
    seen.loaded = seen.remembered = -1;
    expect(await spend(`now ${isRestarted}`.replace(' ', '_'), 1)).toBe('booked');
    if (isRestarted) expect(seen.loaded).toBeLessThanOrEqual(reopenable + 1);
    expect(seen.remembered).toBeGreaterThan(0);
    expect(seen.remembered).toBeLessThanOrEqual(reopenable + 1);
  }
});

test('the others are not even passed over', async () => {
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query('ANALYZE wallet_ledger.credit_block');
  const { rows } = await admin.query<{ 'QUERY PLAN': unknown }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${READ_BLOCKS.replaceAll('$1', `'{1}'`)}`,
  );
  await admin.end();
  const plan = JSON.stringify(rows[0]?.['QUERY PLAN']);
  const passedOver = [...plan.matchAll(/"Rows Removed by [A-Za-z ]+": (\d+)/g)];
  expect(passedOver.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(0);
});

test('T15: late usage within the grace draws on what lapsed yesterday; T16: what long lapsed gets its reversal and loses it', async () => {
  const before = await balance();
  expect(await spend('late', 3, NOW_MS - 1.75 * DAY_MS)).toBe('booked');
  expect(await balance()).toBe(before);
  await correct.reverse(key.organizationId, {
    ...{ chargeId: `c${DAYS}`, amountMicros: null, extendToMs: null },
    ...{ reference: 'r1', reason: 'agreed' },
  });
  expect(await balance()).toBe(before);
});

test('an explanation names each reversal: what it gave back, and what of it lapsed on arrival', async () => {
  const explain = new ExplainCharge(new PostgresProofReader(pool), () => '');
  expect(await spend('twice', 3)).toBe('booked');
  expect(await explain.run(key.organizationId, 'twice')).toMatchObject({ reversals: [] });
  for (const [reference, amount] of [
    ['first', 2_000_000n],
    ['second', 500_000n],
  ] as const) {
    const wanted = { chargeId: 'twice', amountMicros: micros(amount), extendToMs: null };
    const view = await correct.reverse(key.organizationId, { ...wanted, reference, reason: 'so' });
    expect(view.replayed).toBe(false);
  }
  const explanation = await explain.run(key.organizationId, 'twice');
  expect(explanation).toMatchObject({
    request: { amount: '3.00' },
    reversals: [
      { reference: 'first', amount: '2.00', entries: [{ type: 'reversal', amount: '2.00' }] },
      { reference: 'second', amount: '0.50', entries: [{ type: 'reversal', amount: '0.50' }] },
    ],
  });
  expect(explanation?.entries.every(({ type }) => type === 'spend')).toBe(true);
  const sequences = explanation?.reversals.map(({ sequence, entries }) => [
    sequence,
    entries[0]?.sequence,
  ]);
  expect(sequences).toEqual(sequences?.map(([sequence]) => [sequence, sequence]));
  expect(Number(sequences?.[1]?.[0])).toBe(Number(sequences?.[0]?.[0]) + 1);
  const lapsed = await explain.run(key.organizationId, `c${DAYS}`);
  expect(lapsed?.reversals).toMatchObject([
    { reference: 'r1', amount: '1.00', entries: [{ type: 'reversal' }, { type: 'expiry' }] },
  ]);
});

test('a block that has left is listed, and an extension with reopen brings it back', async () => {
  const page = await readBlocks.listAll(key, 50, 'blk_1_60');
  expect(page.blocks).toHaveLength(50);
  const [first] = page.blocks.filter(({ state }) => state === 'expired').slice(-1);
  const before = Number(await balance());
  const asked = {
    ...{ organizationId: key.organizationId, blockId: first?.id ?? '' },
    ...{ reference: 'x1', reason: 'agreed' },
  };
  await blocks.extend(asked, NOW_MS + DAY_MS, true);
  expect(Number(await balance())).toBe(before + Number(first?.expired));
});
