// Goal: a fault behind the ledger's back freezes that wallet alone, with the numbers; Redis is repaired first.
// Method: real PostgreSQL and Redis, charges through the ledger, faults by a superuser or straight in Redis.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '@orbit/kernel';
import { micros, type Micros } from '@orbit/money';
import { createSpendRedis, HotBalances, readHoldSums } from '@orbit/spend';
import {
  SLOW_ANSWER_MS,
  createTestDatabase,
  eventually,
  testInfra,
  uniqueId,
} from '@orbit/testing';
import type { Redis } from 'ioredis';
import pg from 'pg';
import { ChangeWallet } from '../books/application/change-wallet.js';
import { PostBatch } from '../books/application/post-batch.js';
import { LEDGER_RULES } from '../ledger-rules.js';
import type { LedgerEvent, WalletKey } from '../books/application/ports.js';
import { FreezeWallet } from './application/reconcile-freeze.js';
import { HotChecks } from './application/reconcile-hot.js';
import { ReconcileWallets } from './application/reconcile-wallets.js';
import { TouchingHotBalances } from '../hot-balances/application/touched-wallets.js';
import type { Breach } from './domain/reconcile.js';
import type { Wallet } from '../books/domain/wallet.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { PostgresLedgerStore } from '../books/adapters/postgres-ledger-store.js';
import { PostgresReconcileStore } from './adapters/postgres-reconcile-store.js';
import { PostgresWalletReader } from '../wallets/adapters/postgres-wallet-reader.js';
import { RedisHotAudit } from './adapters/redis-hot-audit.js';
import { RedisHotBalances } from '../hot-balances/adapters/redis-hot-balances.js';
import { trustingLoads } from '../hot-balances/trusting-loads.fake.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let admin: pg.Client;
let redis: Redis;
let ledger: ReturnType<typeof createLedger>;
let events: LedgerEvent[] = [];
let repaired: Breach[] = [];
const alarms: string[] = [];

function createLedger() {
  const reader = new PostgresWalletReader(pool);
  const hot = new HotBalances({ redis });
  const touching = new TouchingHotBalances(new RedisHotBalances(hot, 30_000));
  const publisher = {
    publish: (batch: readonly LedgerEvent[]) => {
      events.push(...batch);
      return Promise.resolve();
    },
  };
  const replies = { send: () => Promise.resolve() };
  const store = new PostgresLedgerStore(pool);
  const postBatch = new PostBatch(store, touching, publisher, replies, systemClock, LEDGER_RULES);
  const changeWallet = new ChangeWallet(postBatch, reader, trustingLoads(hot), systemClock);
  const watch = {
    breached: () => undefined,
    repaired: (_: WalletKey, breach: Breach) => void repaired.push(breach),
    alarm: (detail: string) => void alarms.push(detail),
  };
  const books = new PostgresReconcileStore(pool);
  const hotChecks = new HotChecks(new RedisHotAudit(redis, hot), touching, watch, systemClock);
  const freezing = new FreezeWallet(books, hotChecks, postBatch, watch, systemClock);
  const reconcile = new ReconcileWallets(
    books,
    hotChecks,
    freezing,
    touching.forReconciliation,
    watch,
    systemClock,
  );
  return { postBatch, changeWallet, reader, reconcile, freezing, hot, books };
}

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 8 });
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  // What is asked before it is connected fails at once.
  redis = createSpendRedis({ url: testInfra().redisUrl, commandTimeoutMs: SLOW_ANSWER_MS });
  await eventually(() => redis.ping());
  ledger = createLedger();
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  redis.disconnect();
  await Promise.all([pool.end(), admin.end()]);
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

async function walletWith(amountMicros: bigint, charges: number): Promise<WalletKey> {
  const key: WalletKey = { organizationId: uniqueId('org'), currency: 'USD' };
  const { changeWallet, postBatch } = ledger;
  await changeWallet.open(key, null);
  const amount = (value: bigint): Micros => micros(value);
  await postBatch.run(
    [
      {
        kind: 'credit',
        key,
        credit: {
          type: 'topup',
          reference: 'topup:1',
          amountMicros: amount(amountMicros),
          kind: 'paid',
          priority: 0,
          effectiveAtMs: null,
          expiresAtMs: null,
          occurredAtMs: Date.now(),
          metadata: {},
        },
      },
    ],
    'test',
  );
  await charge(key, charges);
  return key;
}
async function charge(key: WalletKey, count: number): Promise<void> {
  const commands = Array.from({ length: count }, () => ({
    kind: 'charge' as const,
    key,
    replyTo: null,
    charge: {
      chargeId: uniqueId('c'),
      amountMicros: micros(7_500n),
      channel: 'sms',
      quantity: 1,
      metadata: {},
      occurredAtMs: Date.now(),
      isAuthorized: false,
      leaseId: null,
    },
  }));
  if (count > 0) await ledger.postBatch.run(commands, 'test');
}
const walletOf = async (key: WalletKey): Promise<Wallet> => (await ledger.reader.find(key))!.wallet;
const behind = async (statement: string): Promise<void> => {
  await admin.query(`BEGIN; SET LOCAL session_replication_role = replica; ${statement}; COMMIT`);
};
const openBreaches = async (): Promise<{ wallet_no: string; breaches: Breach[] }[]> =>
  (
    await pool.query<{ wallet_no: string; breaches: Breach[] }>(
      'SELECT wallet_no, breaches FROM wallet_ledger.reconciliation WHERE breaches IS NOT NULL',
    )
  ).rows;
const lastTrue = async (name: string): Promise<number> => {
  const text = 'SELECT last_true_at FROM wallet_ledger.ledger_check WHERE name = $1';
  const { rows } = await pool.query<{ last_true_at: Date | null }>(text, [name]);
  return rows[0]?.last_true_at?.getTime() ?? 0;
};

test('sound books: every check is true, every entry is added up once, the accounts sum to zero', async () => {
  const key = await walletWith(10_000_000n, 20);
  expect(await ledger.reconcile.run()).toBe(0);
  await charge(key, 5);
  expect(await ledger.reconcile.run()).toBe(0);
  expect(await ledger.reconcile.run()).toBe(0);
  const { rows } = await pool.query<{ account: number; amount_micros: string }>(
    'SELECT account, amount_micros FROM wallet_ledger.account_total ORDER BY account',
  );
  expect(rows.map((row) => [row.account, row.amount_micros])).toEqual([
    [1, '9812500'],
    [2, '187500'],
    [3, '-10000000'],
  ]);
  expect(await openBreaches()).toEqual([]);
  expect(alarms).toEqual([]);
  for (const name of ['entries_add_up', 'hot_balance_is_ledger', 'every_wallet_in_turn']) {
    expect(Date.now() - (await lastTrue(name))).toBeLessThan(60_000);
  }
});

test('two instances look at once: no entry is added twice', async () => {
  await Promise.all([walletWith(1_000_000n, 10), walletWith(1_000_000n, 10)]);
  const others = [createLedger(), createLedger()];
  await Promise.all([ledger, ...others].map(({ reconcile }) => reconcile.run()));
  const [total] = await ledger.books.readTotals(true);
  expect(total?.sumMicros).toBe(0n);
  expect(total?.walletsMicros).toBe(total?.checkpointsMicros);
});

const faults: [what: string, break_: string, mend: string, check: string][] = [
  [
    'a balance',
    'UPDATE wallet_ledger.wallet SET balance_micros = balance_micros + 5 WHERE wallet_no = $',
    'UPDATE wallet_ledger.wallet SET balance_micros = balance_micros - 5 WHERE wallet_no = $',
    'balance_is_last_entry',
  ],
  [
    'an amount',
    'UPDATE wallet_ledger.entry SET amount_micros = amount_micros + 5 WHERE sequence = 3 AND wallet_no = $',
    'UPDATE wallet_ledger.entry SET amount_micros = amount_micros - 5 WHERE sequence = 3 AND wallet_no = $',
    'entries_add_up',
  ],
  [
    'what is left of a block',
    'UPDATE wallet_ledger.credit_block SET remaining_micros = remaining_micros - 5 WHERE wallet_no = $',
    'UPDATE wallet_ledger.credit_block SET remaining_micros = remaining_micros + 5 WHERE wallet_no = $',
    'blocks_cover_balance',
  ],
];
test.each(faults)(
  'T30 %s changed: that wallet alone is frozen, told once, and released after it was repaired',
  async (_, damage, mend, check) => {
    const [key, other] = [await walletWith(1_000_000n, 4), await walletWith(1_000_000n, 4)];
    const { walletNo } = await walletOf(key);
    await behind(damage.replace('$', String(walletNo)));
    events = [];
    expect(await ledger.reconcile.run()).toBe(1);
    expect((await walletOf(key)).pausedReason).toBe('reconciliation');
    expect((await walletOf(other)).pausedReason).toBeNull();
    expect((await ledger.hot.read(key.organizationId, 'USD'))?.pausedReason).toBe('reconciliation');
    const [open] = await openBreaches();
    expect(open?.breaches.map((breach) => breach.check)).toContain(check);
    const told = events.filter(({ topic }) => topic === 'reconciliation.breached');
    const { organizationId: organization_id } = key;
    const numbers = open?.breaches.map(({ expected, actual }) => ({ expected, actual })) ?? [];
    expect(told.map(({ value }) => value)).toMatchObject(
      numbers.map((both) => ({ organization_id, ...both })),
    );
    const at = { frozen: (await walletOf(key)).sequence, other: (await walletOf(other)).sequence };
    await Promise.all([charge(key, 1), charge(other, 1)]);
    expect((await walletOf(key)).sequence).toBe(at.frozen);
    expect((await walletOf(other)).sequence).toBe(at.other + 1n);

    expect(await ledger.reconcile.run()).toBe(0);
    const refused = await ledger.freezing.recheck(key, true);
    expect(refused?.breaches.length).toBeGreaterThan(0);
    expect((await walletOf(key)).pausedReason).toBe('reconciliation');
    await behind(mend.replace('$', String(walletNo)));
    expect((await ledger.freezing.recheck(key, true))?.breaches).toEqual([]);
    expect((await walletOf(key)).pausedReason).toBeNull();
    expect(events.at(-1)?.topic).toBe('wallet.resumed');
    expect(await openBreaches()).toEqual([]);
  },
);

test('a wallet that was paused by hand is so again after its freeze', async () => {
  const key = await walletWith(1_000_000n, 2);
  await ledger.changeWallet.setPaused(key, true);
  const { walletNo } = await walletOf(key);
  const change = (sign: string): Promise<void> =>
    behind(
      `UPDATE wallet_ledger.credit_block SET remaining_micros = remaining_micros ${sign} 5 WHERE wallet_no = ${walletNo}`,
    );
  await change('-');
  expect(await ledger.reconcile.run()).toBe(1);
  await change('+');
  await ledger.freezing.recheck(key, true);
  expect((await walletOf(key)).pausedReason).toBe('manual');
});

test('Redis with another balance is repaired from the ledger and freezes nothing', async () => {
  const key = await walletWith(1_000_000n, 1);
  await redis.hset(`orbit:{${key.organizationId}}:USD:wallet`, 'posted', '5');
  repaired = [];
  expect(await ledger.reconcile.run()).toBe(0);
  expect(repaired.map(({ check }) => check)).toEqual(['hot_balance_is_ledger']);
  expect((await ledger.hot.read(key.organizationId, 'USD'))?.postedMicros).toBe(992_500n);
});

test('Redis with another balance, again and again, is a breach: the wallet is frozen until an operator looks', async () => {
  const key = await walletWith(1_000_000n, 1);
  for (const frozen of [0, 0, 1]) {
    await redis.hset(`orbit:{${key.organizationId}}:USD:wallet`, 'posted', '5');
    expect(await ledger.reconcile.run()).toBe(frozen);
  }
  const [open] = await openBreaches();
  expect(open?.breaches).toMatchObject([
    { check: 'hot_balance_is_ledger', expected: expect.any(String), actual: expect.any(String) },
  ]);
  expect((await walletOf(key)).pausedReason).toBe('reconciliation');
  expect((await ledger.freezing.recheck(key, true))?.breaches).toEqual([]);
  expect((await walletOf(key)).pausedReason).toBeNull();
});

test('held that is not the sum of the holds is repaired; one that keeps differing is a breach', async () => {
  const key = await walletWith(1_000_000n, 1);
  const name = `orbit:{${key.organizationId}}:USD:wallet`;
  for (const frozen of [0, 0, 1]) {
    await redis.hset(name, 'held', '123');
    expect(await ledger.reconcile.run()).toBe(frozen);
    expect(await readHoldSums(redis, [key])).toEqual([{ heldMicros: 0n, sumMicros: 0n }]);
  }
  expect((await walletOf(key)).pausedReason).toBe('reconciliation');
  expect((await ledger.freezing.recheck(key, true))?.breaches).toEqual([]);
});

test('a freeze that did not come to pass after its breach was kept is made up for', async () => {
  const key = await walletWith(1_000_000n, 1);
  const { walletNo } = await walletOf(key);
  const breach: Breach = { check: 'entries_add_up', expected: '1', actual: '2' };
  await ledger.books.saveBreaches(
    [{ walletNo, breaches: [breach], priorReason: null }],
    Date.now(),
  );
  expect(await ledger.reconcile.run()).toBe(1);
  expect((await walletOf(key)).pausedReason).toBe('reconciliation');
  await ledger.freezing.recheck(key, true);
  expect((await walletOf(key)).pausedReason).toBeNull();
});
