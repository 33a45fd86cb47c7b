// Goal: what an operator takes back is told, though the ledger dies, or loses Kafka, between its commit and its word.
// Method: the application's own commands on a real PostgreSQL; a publisher that fails once; the relay afterwards.
import type { CreditTakenBack, CreditWithdrawn } from '@orbit/events';
import { systemClock } from '@orbit/kernel';
import { micros, type Currency } from '@orbit/money';
import { createTestDatabase, uniqueId } from '@orbit/testing';
import pg from 'pg';
import { ChangeBlock } from '../blocks/application/change-block.js';
import { PostgresBlockReader } from '../blocks/adapters/postgres-block-reader.js';
import { roomyHotBalances } from '../hot-balances/roomy-hot-balances.fake.js';
import { noLoads } from '../hot-balances/trusting-loads.fake.js';
import { LEDGER_RULES } from '../ledger-rules.js';
import { completeRefundCommand } from '../payments/application/clawback-commands.js';
import { PostgresWalletReader } from '../wallets/adapters/postgres-wallet-reader.js';
import { ChangeWallet } from '../books/application/change-wallet.js';
import type { LedgerCommand } from '../books/application/commands.js';
import type { LedgerEvent } from '../books/application/ports.js';
import { PostBatch } from '../books/application/post-batch.js';
import { blockId } from '../books/domain/identifiers.js';
import { PostgresLedgerStore } from '../books/adapters/postgres-ledger-store.js';
import { PostgresOutbox } from './adapters/postgres-outbox.js';

const DIED = 'Kafka is away';
/** It leaves nothing in the wallet. */
const OF_A_VOID = ['balance.depleted', 'wallet.paused', 'credit.taken_back', 'credit.withdrawn'];

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let failures = 0;
let told: LedgerEvent[] = [];
const events = {
  publish: (list: readonly LedgerEvent[]): Promise<void> => {
    if (failures > 0) {
      failures -= 1;
      return Promise.reject(new Error(DIED));
    }
    told.push(...list);
    return Promise.resolve();
  },
};

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 4 });
});
beforeEach(() => {
  told = [];
  failures = 0;
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const relay = (ageMsMin = 0): Promise<number> => new PostgresOutbox(pool, events, ageMsMin).relay();
const waiting = async (): Promise<number> => {
  const { rows } = await pool.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM wallet_ledger.outbox',
  );
  return rows[0]?.n ?? -1;
};

/** An organization with an empty wallet. */
async function opened() {
  const key = { organizationId: uniqueId('org'), currency: 'USD' as Currency };
  const replies = { send: () => Promise.resolve() };
  const store = new PostgresLedgerStore(pool);
  const post = new PostBatch(store, roomyHotBalances, events, replies, systemClock, LEDGER_RULES);
  const change = new ChangeWallet(post, new PostgresWalletReader(pool), noLoads, systemClock);
  await change.open(key, null);
  const credit = {
    ...({ type: 'topup', reference: 'topup:tu_1', kind: 'paid', priority: 0 } as const),
    ...{ amountMicros: micros(50_000_000n), effectiveAtMs: null, expiresAtMs: null },
    ...{ occurredAtMs: systemClock.nowMs(), metadata: {} },
  };
  const payment: LedgerCommand = { kind: 'credit', key, credit };
  return { key, post, change, payment };
}

/** An organization that has paid 50.00, and what an operator asks about its block. */
async function paid() {
  const { key, post, change, payment } = await opened();
  const free = { availableOf: () => Promise.resolve(null) };
  const blocks = new ChangeBlock(change, new PostgresBlockReader(pool), systemClock, free);
  const [booked] = await post.run([payment], 'test');
  const [entry] = booked?.status === 'booked' ? booked.entries : [];
  if (!entry) throw new Error('nothing was paid');
  const request = {
    organizationId: key.organizationId,
    blockId: blockId(entry.walletNo, entry.sequence),
    reason: 'fraud',
  };
  told = [];
  return { blocks, request };
}

test('a void whose word is lost is told by the relay: credit.taken_back and credit.withdrawn, -50.00 once', async () => {
  const { blocks, request } = await paid();
  failures = 1;
  await expect(blocks.void({ ...request, reference: 'op_1' })).rejects.toThrow(DIED);
  expect(told).toEqual([]);
  // Whoever has only just committed tells it himself.
  expect(await relay(60_000)).toBe(0);
  expect(await relay()).toBe(4);
  expect(told.map(({ topic }) => topic)).toEqual(OF_A_VOID);
  const [, , taken, withdrawn] = told;
  const { organizationId } = request;
  expect(taken?.key).toBe(organizationId);
  expect(taken?.value as CreditTakenBack).toMatchObject({
    organization_id: organizationId,
    reason: 'void',
    reference: 'void:op_1',
    amount: '50.00',
    balance: '0.00',
  });
  expect(withdrawn?.value as CreditWithdrawn).toMatchObject({
    ...{ topup_id: 'tu_1', amount: '50.00', kind: 'void', reason: 'fraud' },
  });
  expect(await relay()).toBe(0);
  // An operator's repeat tells the same, under the same ids.
  const first = told.map(({ id, value }) => ({ id, value }));
  told = [];
  await blocks.void({ ...request, reference: 'op_1' });
  expect(told.map(({ id, value }) => ({ id, value }))).toEqual(first);
  expect(await waiting()).toBe(0);
});

test('a relay that Kafka refuses keeps what it has', async () => {
  const { blocks, request } = await paid();
  failures = 2;
  await expect(
    blocks.amend({ ...request, reference: 'op_2' }, micros(20_000_000n)),
  ).rejects.toThrow(DIED);
  await expect(relay()).rejects.toThrow(DIED);
  expect(await waiting()).toBe(2);
  expect(await relay()).toBe(2);
  expect(told.map(({ topic }) => topic)).toEqual(['credit.taken_back', 'credit.withdrawn']);
  expect(told[0]?.value).toMatchObject({ amount: '30.00', balance: '20.00' });
});

test('what was told right after its commit is told once, and leaves nothing behind', async () => {
  const { blocks, request } = await paid();
  await blocks.void({ ...request, reference: 'op_3' });
  expect(told.map(({ topic }) => topic)).toEqual(OF_A_VOID);
  expect(await waiting()).toBe(0);
});

test('a refund that came before its payment takes when that arrives, and is told though the word is lost', async () => {
  const { key, post, payment } = await opened();
  const refund = {
    refundId: 're_1',
    topUpId: 'tu_1',
    amountMicros: micros(20_000_000n),
    facts: {},
  };
  await post.run([completeRefundCommand(key, refund)], 'test');
  failures = 1;
  await expect(post.run([payment], 'test')).rejects.toThrow(DIED);
  told = [];
  // The message is read again: it finds what stands under its own reference.
  await post.run([payment], 'test');
  await relay();
  const taken = told.filter(({ topic }) => topic === 'credit.taken_back');
  expect(taken).toHaveLength(1);
  expect(taken[0]?.value).toMatchObject({
    ...{ reason: 'refund', reference: 'refund:re_1', amount: '20.00', balance: '30.00' },
  });
  expect(await waiting()).toBe(0);
});
