// Goal: a charge by price costs what the card in force when it occurred says, whichever door it comes in by, and its
// repeat after a newer card is the first again. Method: messages through the consumer and libs/spend, over a real
// PostgreSQL and a real Redis; cards through the use case that operators put them with.
import type { CardPricesJson } from '@orbit/contracts';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ChargeRequested, ChargeRequestedByPrice } from '@orbit/events';
import { onRealTime, systemClock } from '@orbit/kernel';
import type { EventBatch } from '@orbit/messaging';
import { micros, type Currency } from '@orbit/money';
import {
  AuthorizationIds,
  CardMemory,
  createSpendRedis,
  HotBalances,
  SpendClient,
  type ChargeEvent,
} from '@orbit/spend';
import { createTestDatabase, testInfra, uniqueId } from '@orbit/testing';
import type { Redis } from 'ioredis';
import pg from 'pg';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { PostgresLedgerStore } from '../books/adapters/postgres-ledger-store.js';
import { PostBatch } from '../books/application/post-batch.js';
import type { CommandResult } from '../books/application/commands.js';
import { hotStateOf } from '../books/application/settlements.js';
import { RedisHotBalances } from '../hot-balances/adapters/redis-hot-balances.js';
import { LEDGER_RULES } from '../ledger-rules.js';
import { PostgresCardHistory } from '../rate-cards/adapters/postgres-card-history.js';
import { PostgresCards } from '../rate-cards/adapters/postgres-cards.js';
import { ManageCards } from '../rate-cards/application/manage-cards.js';
import { PostgresWalletReader } from '../wallets/adapters/postgres-wallet-reader.js';
import { ChargeRequestedConsumer } from './adapters/charge-requested.consumer.js';
import { PostgresAllowances } from './adapters/postgres-allowances.js';
import { SpendAuthorizations } from './adapters/spend-authorizations.js';
import { PostCharges } from './application/post-charges.js';
import { RateCharges } from './application/rate-charges.js';

const ids = new AuthorizationIds({ secret: 'a secret of the tests, long enough' });
const DAY_MS = 86_400_000;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let redis: Redis;
let reader: PostgresWalletReader;
let hot: HotBalances;
let batch: PostBatch;
let consumer: ChargeRequestedConsumer;
let cards: ManageCards;
let memory: CardMemory;
let published: ChargeEvent[] = [];
let dead: string[] = [];
let results: CommandResult[] = [];
let org: string;
let cardAgoMs = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 4 });
  redis = createSpendRedis({ url: testInfra().redisUrl, commandTimeoutMs: 20_000 });
  hot = new HotBalances({ redis });
  reader = new PostgresWalletReader(pool);
  batch = new PostBatch(
    new PostgresLedgerStore(pool),
    new RedisHotBalances(hot, 60_000),
    { publish: () => Promise.resolve() },
    { send: () => Promise.resolve() },
    systemClock,
    LEDGER_RULES,
  );
  const allowances = new PostgresAllowances(pool, hot, () => Promise.resolve(), systemClock);
  const post = new PostCharges(batch, allowances);
  const noting = {
    run: async (...asked: Parameters<PostCharges['run']>) => {
      results = [...(await post.run(...asked))];
      return results;
    },
  } as unknown as PostCharges;
  const rated = new RateCharges(new PostgresCardHistory(pool, systemClock), allowances);
  consumer = new ChargeRequestedConsumer(noting, rated, new SpendAuthorizations(ids, redis));
  cards = new ManageCards(
    new PostgresCards(pool, onRealTime({ nowMs: () => systemClock.nowMs() - cardAgoMs })),
  );
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  redis.disconnect();
  await pool.end();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});
beforeEach(async () => {
  [published, dead, results, org] = [[], [], [], uniqueId('org')];
  memory = new CardMemory({ read: (owner) => cards.read(owner) }, { nowMs: () => Date.now() });
  await openWallet('USD');
  await openWallet('EUR');
});

async function openWallet(currency: Currency): Promise<void> {
  await reader.open({ organizationId: org, currency }, uniqueId('wal'), null);
  await topUp(currency);
}

async function topUp(currency: Currency): Promise<void> {
  const key = { organizationId: org, currency };
  const credit = {
    ...({ type: 'topup', kind: 'paid' } as const),
    ...{ reference: uniqueId('topup'), amountMicros: micros(5_000_000n), priority: 0 },
    ...{ effectiveAtMs: null, expiresAtMs: null, occurredAtMs: 0, metadata: {} },
  };
  await batch.run([{ kind: 'credit' as const, key, credit }], 'test');
  const found = await reader.find(key);
  if (found) await hot.set([hotStateOf(found.wallet, Date.now())]);
}

const unit = (unit_amount: string, currency = 'USD') => ({
  ...{ currency, channel: 'ai', model_type: 'unit', unit_config: { unit_amount } },
});
const tokens = (input: string, output: string) => {
  const of = (unit_amount: string) => ({ model_type: 'unit', unit_config: { unit_amount } });
  return { currency: 'USD', channel: 'ai', dimensions: { input: of(input), output: of(output) } };
};
/** As if it had been put so long ago. */
async function put(prices: CardPricesJson, agoMs = 0): Promise<void> {
  cardAgoMs = agoMs;
  await cards.put({ owner: { organization_id: org }, prices });
  cardAgoMs = 0;
  memory.drop(org);
}
const raw = (change: Partial<ChargeRequestedByPrice>): ChargeRequestedByPrice => ({
  ...{ charge_id: 'c1', organization_id: org, price: 'chat' },
  quantities: { input: 1234, output: '567' },
  occurred_at: new Date().toISOString(),
  ...change,
});
async function read(...values: (ChargeRequested | ChargeRequestedByPrice)[]): Promise<void> {
  const events = values.map((value) => ({ value, headers: {}, key: org }));
  await consumer.handle({
    ...{ topic: 'charge.requested', partition: 0, events },
    deadLetter: (_event: unknown, code: string, why: string) => dead.push(`${code}: ${why}`),
  } as unknown as EventBatch<ChargeRequested>);
}
const spent = async (currency: Currency = 'USD'): Promise<bigint> => {
  const found = await reader.find({ organizationId: org, currency });
  return 5_000_000n - (found?.wallet.balanceMicros ?? 0n);
};
const answers = (): string[] =>
  results.map((one) => (one.status === 'rejected' ? one.reason : one.status));
const metadataOf = async (chargeId = 'c1') =>
  (await reader.findCharge(org, chargeId))?.outcome as unknown as {
    entries: { metadata: Record<string, string> }[];
  };

const costKeptOf = async (chargeId: string) =>
  (await metadataOf(chargeId)).entries[0]?.metadata['orbit_cost'];
const costOf = ({ dimensions }: { dimensions: Record<string, ReturnType<typeof unit>> }) => ({
  dimensions: Object.fromEntries(
    Object.entries(dimensions).map(([name, { model_type, unit_config }]) => [
      name,
      { model_type, unit_config },
    ]),
  ),
});
const inMoney = (charge_id: string, change: Partial<ChargeRequested>): ChargeRequested => ({
  ...{ charge_id, organization_id: org, amount: '0.008755', currency: 'USD', channel: 'ai' },
  occurred_at: new Date().toISOString(),
  ...change,
});

test('T01 over raw Kafka: 1,234 and 567 tokens are booked at 0.008755, with card and formula', async () => {
  await put({ chat: tokens('0.0000025', '0.00001') }, DAY_MS);
  await read(raw({ metadata: { task: 'a' } }));
  expect([answers(), dead, await spent()]).toEqual([['booked'], [], 8_755n]);
  expect((await metadataOf()).entries[0]?.metadata).toEqual({
    ...{ task: 'a', orbit_price: 'chat', orbit_card: '0.1', orbit_rated: '0.008755' },
    orbit_quantities: 'input=1234 output=567',
    orbit_formula: 'input: 1234 × 0.0000025 = 0.003085; output: 567 × 0.00001 = 0.00567',
  });
});

test('T01 over raw Kafka: a thousand calls take 8.755 exactly; the cost of a sender goes before that of the price', async () => {
  const cost = { dimensions: { input: unit('0.000001'), output: unit('0.000005') } };
  await put({ chat: { ...tokens('0.0000025', '0.00001'), cost: costOf(cost) } }, DAY_MS);
  await topUp('USD');
  const calls = Array.from({ length: 998 }, (_, at) => raw({ charge_id: `call_${at}` }));
  const ownCost = raw({ charge_id: 'own', cost: '0.003969000000000001' });
  await read(...calls, ownCost, inMoney('money', { cost: '0' }));
  await read(...calls.slice(0, 50), ownCost);
  expect([new Set(answers()), dead, await spent()]).toEqual([new Set(['booked']), [], 3_755_000n]);
  const costs = await Promise.all(['call_7', 'own', 'money'].map(costKeptOf));
  expect(costs).toEqual([...['0.004069 USD/8755', '0.003969000000000001 USD/8755', '0 USD/8755']]);
});

test('libs/spend keeps the cost that is named, of an amount and of a price', async () => {
  await put({ chat: tokens('0.0000025', '0.00001') });
  const spend = client();
  const { organizationId, metadata } = byPrice('c1');
  const amount = { currency: 'USD' as const, channel: 'ai', quantity: 1 };
  const inAmount = { ...{ organizationId, metadata }, ...amount, amountMicros: micros(7_500n) };
  await spend.charge({ ...byPrice('c1'), cost: '0.004' });
  await spend.charge({ ...byPrice('c1'), cost: '0.004' });
  await spend.charge({ ...inAmount, chargeId: 'c2', cost: '0.0031' });
  const held = await spend.authorize({ ...inAmount, chargeId: 'c3', cost: '0.002' });
  await spend.capture(org, held.status === 'authorized' ? held.authorizationId : '');
  await read(...requested());
  expect([new Set(answers()), await spent()]).toEqual([new Set(['booked']), 23_755n]);
  const costs = await Promise.all(['c1', 'c2', 'c3'].map(costKeptOf));
  expect(costs).toEqual(['0.004 USD/8755', '0.0031 USD/7500', '0.002 USD/7500']);
  for (const cost of ['', '-1', '1e3', 'x', '0.1234567890123456789', 1 as never]) {
    const wrong = { ...inAmount, chargeId: 'c4', cost };
    await expect(spend.charge(wrong)).rejects.toMatchObject({ param: 'cost' });
    await expect(spend.authorize({ ...byPrice('c4'), cost })).rejects.toMatchObject({
      param: 'cost',
    });
  }
  expect(await redis.keys(`orbit:{${org}}:charge:c4`)).toEqual([]);
});

test('a raw charge is rated by the card in force when it occurred, to the millisecond', async () => {
  await put({ one: unit('1') }, 2 * DAY_MS);
  await put({ one: unit('2') }, DAY_MS);
  await put({ one: unit('3') });
  const { rows } = await pool.query<{ effective_at: Date }>(
    'SELECT effective_at FROM wallet_ledger.rate_card WHERE organization_id = $1 ORDER BY version',
    [org],
  );
  const second = rows[1]!.effective_at.getTime();
  const at = (charge_id: string, ms: number): ChargeRequestedByPrice => {
    const { quantities: _, ...one } = raw({ charge_id, price: 'one', quantity: '0.1' });
    return { ...one, occurred_at: new Date(ms).toISOString() };
  };
  await read(at('before', second - 1), at('from', second), at('now', Date.now()));
  expect([answers(), await spent()]).toEqual([['booked', 'booked', 'booked'], 600_000n]);
  await read(at('never', rows[0]!.effective_at.getTime() - 1));
  expect(dead).toEqual([expect.stringMatching(/^invalid_charge: price: /)]);
});

test('a repeat after a newer card, in another currency or without the price, is the first again', async () => {
  await put({ chat: tokens('0.0000025', '0.00001') }, DAY_MS);
  await read(raw({}));
  const newer: CardPricesJson[] = [
    { chat: tokens('1', '1') },
    { chat: unit('2', 'EUR') },
    { other: unit('1') },
  ];
  for (const prices of newer) {
    await put(prices);
    await read(raw({}), raw({ quantities: { output: '567.0', input: '1234' } }));
    expect([answers(), dead]).toEqual([['booked', 'booked'], []]);
    expect([await spent(), await spent('EUR')]).toEqual([8_755n, 0n]);
  }
});

test('the same id with another price or other quantities is a conflict and moves nothing', async () => {
  await put({ chat: tokens('0.0000025', '0.00001'), same: tokens('0.0000025', '0.00001') }, DAY_MS);
  await put({
    chat: tokens('0.0000025', '0.00001'),
    same: tokens('0.0000025', '0.00001'),
    euro: unit('1', 'EUR'),
  });
  await read(raw({}));
  const { quantities: _, ...euro } = raw({ price: 'euro', quantity: 1 });
  const now = new Date(Date.now() + 1_000).toISOString();
  await read(
    raw({ quantities: { input: 1234, output: 568 } }),
    raw({ quantities: { input: 1234 } }),
    raw({ price: 'same' }),
    { ...euro, occurred_at: now },
  );
  expect(answers()).toEqual(Array.from({ length: 4 }, () => 'charge_id_conflict'));
  expect([await spent(), await spent('EUR'), dead]).toEqual([8_755n, 0n, []]);
});

test('what does not fit the wallet is rejected, and its repeat by a newer card is the same rejection', async () => {
  await put({ one: unit('6') }, DAY_MS);
  const { quantities: _, ...one } = raw({ price: 'one', quantity: 1 });
  await read(one);
  expect(answers()).toEqual(['insufficient_funds']);
  await put({ one: unit('1') });
  await read(one, { ...one, occurred_at: new Date(Date.now() + 1_000).toISOString() });
  expect([answers(), await spent()]).toEqual([['insufficient_funds', 'insufficient_funds'], 0n]);
});

test.each<[string, Partial<ChargeRequestedByPrice>]>([
  ['price', { price: 'none' }],
  ['quantities.cached', { quantities: { cached: 1 } }],
  ['quantity', { quantity: 1 }],
  ['quantities', { quantities: { input: '1000000000000000', output: '1000000000000000' } }],
  [
    'metadata',
    { metadata: Object.fromEntries(Array.from({ length: 46 }, (_, i) => [`k${i}`, i])) },
  ],
])(
  'a raw charge with a wrong %s is set aside, naming it; the batch goes on',
  async (field, wrong) => {
    await put({ chat: tokens('0.0000025', '0.00001') }, DAY_MS);
    await read(raw({ charge_id: 'wrong', ...wrong }), raw({}));
    expect(dead).toEqual([expect.stringContaining(`invalid_charge: ${field}: `)]);
    expect([answers(), await spent()]).toEqual([['booked'], 8_755n]);
  },
);

const client = (): SpendClient =>
  new SpendClient({
    ...{ redis, clock: systemClock, ids, cards: memory },
    loader: { load: () => Promise.resolve(null) },
    producer: { publish: async (event) => void published.push(event) },
  });
const byPrice = (chargeId: string) => ({
  ...{ organizationId: org, chargeId, price: 'chat', metadata: { task: 'a' } },
  quantities: { input: 1234, output: '567' },
});
const requested = (): ChargeRequested[] =>
  published.map(({ value }) => value as unknown as ChargeRequested);

test('libs/spend charges, holds and captures by price; repeats after a newer card answer as the first time', async () => {
  await put({ chat: tokens('0.0000025', '0.00001') });
  const spend = client();
  const charged = await spend.charge(byPrice('c1'));
  const held = await spend.authorize(byPrice('c2'));
  const view = { card_version: '0.1', rated: '0.008755', price: 'chat' };
  expect(charged).toMatchObject({ status: 'charged', amountMicros: 8_755n, priced: view });
  expect(held).toMatchObject({ status: 'authorized', amountMicros: 8_755n, priced: view });
  for (const prices of [{ chat: tokens('1', '1') }, { chat: unit('9', 'EUR') }, {}]) {
    await put(prices);
    const again = await spend.charge(byPrice('c1'));
    expect(again).toMatchObject({ ...charged, replayed: true });
    expect(await spend.authorize(byPrice('c2'))).toMatchObject({ ...held, replayed: true });
  }
  await put({ chat: tokens('1', '1') });
  const other = { ...byPrice('c1'), quantities: { input: 1 } };
  expect(await spend.charge(other)).toMatchObject({ reason: 'charge_id_conflict' });
  const id = held.status === 'authorized' ? held.authorizationId : '';
  expect(await spend.capture(org, id)).toMatchObject({ status: 'captured', amountMicros: 8_755n });
  await read(...requested());
  expect([new Set(answers()), await spent()]).toEqual([new Set(['booked']), 17_510n]);
  expect(await spend.charge(byPrice('c1'))).toMatchObject({ ...charged, replayed: true });
});

test('after Redis has forgotten it, a repeat that is rated by a newer card is the first in the books', async () => {
  await put({ chat: tokens('0.0000025', '0.00001') });
  await client().charge(byPrice('c1'));
  await read(...requested());
  await redis.del(...(await redis.keys(`orbit:{${org}}:*`)));
  const found = await reader.find({ organizationId: org, currency: 'USD' });
  await hot.set([hotStateOf(found!.wallet, Date.now())]);
  await put({ chat: tokens('0.000005', '0.00002') });
  published = [];
  expect(await client().charge(byPrice('c1'))).toMatchObject({ status: 'charged' });
  await read(...requested());
  expect([answers(), await spent()]).toEqual([['booked'], 8_755n]);
  const balance = await hot.read(org, 'USD');
  expect([balance?.heldMicros, balance?.postedMicros]).toEqual([0n, 4_991_245n]);
});

test('a price that nobody has, or without cards at hand, is told before anything is held', async () => {
  await put({ chat: tokens('0.0000025', '0.00001') });
  await expect(client().charge({ ...byPrice('c1'), price: 'none' })).rejects.toMatchObject({
    ...{ code: 'invalid_field', param: 'price' },
  });
  memory = new CardMemory(
    { read: () => Promise.reject(new Error('the ledger is away')) },
    { nowMs: () => Date.now() },
  );
  await expect(client().charge(byPrice('c1'))).rejects.toThrow('away');
  expect([published, (await hot.read(org, 'USD'))?.heldMicros]).toEqual([[], 0n]);
});
