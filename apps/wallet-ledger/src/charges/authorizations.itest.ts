// Goal: the ledger posts into debt what was authorized, and nothing that somebody merely says was. Method: messages
// through the consumer, over a real PostgreSQL and a real Redis in which libs/spend has authorized, or has forgotten.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ALLOWANCE_KEY } from '@orbit/allowances';
import type { ChargeRequested } from '@orbit/events';
import { systemClock } from '@orbit/kernel';
import type { EventBatch, ReceivedEvent } from '@orbit/messaging';
import { micros, ZERO_MICROS, type Currency } from '@orbit/money';
import {
  AuthorizationIds,
  createSpendRedis,
  HotBalances,
  SpendClient,
  UNSIGNED_IDS,
  type ChargeEvent,
} from '@orbit/spend';
import { createTestDatabase, testInfra, uniqueId } from '@orbit/testing';
import type { Redis } from 'ioredis';
import pg from 'pg';
import { PostBatch } from '../books/application/post-batch.js';
import { LEDGER_RULES } from '../ledger-rules.js';
import { PostgresCardHistory } from '../rate-cards/adapters/postgres-card-history.js';
import { PostCharges } from './application/post-charges.js';
import { RateCharges } from './application/rate-charges.js';
import { hotStateOf } from '../books/application/settlements.js';
import { ChargeRequestedConsumer } from './adapters/charge-requested.consumer.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { PostgresAllowances } from './adapters/postgres-allowances.js';
import { PostgresLedgerStore } from '../books/adapters/postgres-ledger-store.js';
import { PostgresWalletReader } from '../wallets/adapters/postgres-wallet-reader.js';
import { RedisHotBalances } from '../hot-balances/adapters/redis-hot-balances.js';
import { SpendAuthorizations } from './adapters/spend-authorizations.js';

const UNIT = 'messages' as unknown as Currency;
const OLD_SECRET = 'the secret before that of the tests';
const ids = new AuthorizationIds({
  secret: 'a secret of the tests, long enough',
  previousSecret: OLD_SECRET,
});
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let redis: Redis;
let reader: PostgresWalletReader;
let hot: HotBalances;
let batch: PostBatch;
let consumer: ChargeRequestedConsumer;
let dead: string[] = [];
let captured: ChargeEvent[] = [];
let org: string;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 4 });
  redis = createSpendRedis({ url: testInfra().redisUrl, commandTimeoutMs: 20_000 });
  await new Promise((ready) => redis.once('ready', ready));
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
  const postCharges = new PostCharges(batch, allowances);
  const rated = new RateCharges(new PostgresCardHistory(pool, systemClock), allowances);
  consumer = new ChargeRequestedConsumer(postCharges, rated, new SpendAuthorizations(ids, redis));
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  redis.disconnect();
  await pool.end();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});
beforeEach(async () => {
  [dead, captured, org] = [[], [], uniqueId('org')];
  await openWallet('USD', 5_000_000n);
});

async function openWallet(currency: Currency, amount: bigint): Promise<void> {
  const key = { organizationId: org, currency };
  await reader.open(key, uniqueId('wal'), null);
  const credit = {
    ...({ type: 'topup', kind: 'paid' } as const),
    ...{ reference: uniqueId('topup'), amountMicros: micros(amount), priority: 0 },
    ...{ effectiveAtMs: null, expiresAtMs: null, occurredAtMs: 0, metadata: {} },
  };
  await batch.run([{ kind: 'credit' as const, key, credit }], 'test');
  await loadHot(currency);
}
async function loadHot(currency: Currency): Promise<void> {
  const found = await reader.find({ organizationId: org, currency });
  if (found) await hot.set([hotStateOf(found.wallet, Date.now())]);
}
const balance = async (currency: Currency = 'USD'): Promise<bigint> =>
  (await reader.find({ organizationId: org, currency }))?.wallet.balanceMicros ?? ZERO_MICROS;

const spend = (by: AuthorizationIds = ids): SpendClient =>
  new SpendClient({
    ...{ redis, clock: systemClock, ids: by },
    loader: { load: () => Promise.resolve(null) },
    producer: { publish: async (event) => void captured.push(event) },
  });
const intent = (chargeId: string, amount: bigint) => ({
  ...{ organizationId: org, chargeId, amountMicros: micros(amount), currency: 'USD' as const },
  ...{ channel: 'sms', quantity: 1, metadata: {} },
});
/** Authorized and captured; what goes to the ledger. */
async function captureOf(client: SpendClient, chargeId: string, amount: bigint) {
  const held = await client.authorize(intent(chargeId, amount));
  if (held.status !== 'authorized') throw new Error(held.reason);
  await client.capture(org, held.authorizationId);
  return captured.at(-1)?.value as ChargeRequested;
}
const message = (change: Partial<ChargeRequested>): ChargeRequested => ({
  ...{ charge_id: 'c1', organization_id: org, amount: '50000.00', currency: 'USD' },
  ...{ channel: 'sms', quantity: 1, authorization_id: null, metadata: {} },
  occurred_at: new Date().toISOString(),
  ...change,
});
async function read(...values: ChargeRequested[]): Promise<void> {
  const events = values.map((value) => ({ value, headers: {}, key: org }));
  await consumer.handle({
    ...{ topic: 'charge.requested', partition: 0, events },
    deadLetter: (_event: unknown, code: string, why: string) => dead.push(`${code}: ${why}`),
  } as unknown as EventBatch<ChargeRequested> & { events: ReceivedEvent<ChargeRequested>[] });
}
const outcomeOf = async (chargeId = 'c1'): Promise<string | undefined> =>
  (await reader.findCharge(org, chargeId))?.outcome.status;
const idOf = (change: object, by = ids): string =>
  by.idOf({
    ...{ organizationId: org, currency: 'USD', chargeId: 'c1', part: '' },
    amountMicros: micros(50_000_000_000n),
    ...change,
  });

test.each<[string, () => string]>([
  ['made up', () => 'x'],
  ['of the form of an old one', () => UNSIGNED_IDS.idOf({ ...NAME(), amountMicros: micros(1n) })],
  ['signed by somebody else', () => idOf({}, FORGER)],
  ['of another organization', () => idOf({ organizationId: 'org_other' })],
  ['of another charge', () => idOf({ chargeId: 'c2' })],
  ['of another currency', () => idOf({ currency: 'EUR' })],
  ['of less money', () => idOf({ amountMicros: micros(49_999_999_999n) })],
  ['of a part that a plan pays', () => idOf({ part: 'messages:1' })],
])('a charge with an authorization that is %s is one without', async (_what, authorizationId) => {
  const authorization_id = authorizationId();
  await read(message({ authorization_id }));
  expect(await outcomeOf()).toBe('rejected');
  await read(message({ authorization_id, charge_id: 'fits', amount: '4.00' }));
  expect(await outcomeOf('fits')).toBe('booked');
  expect(await balance()).toBe(1_000_000n);
  expect(dead).toEqual([]);
});
const FORGER = new AuthorizationIds({ secret: 'another secret than that of the tests' });
const NAME = () => ({ organizationId: org, currency: 'USD' as const, chargeId: 'c1', part: '' });

test('what was authorized posts, though Redis has forgotten it and the balance has meanwhile gone', async () => {
  const authorized = await captureOf(spend(), 'c1', 4_000_000n);
  const half = await captureOf(spend(), 'c2', 1_000_000n);
  const keys = await redis.keys(`orbit:{${org}}:*`);
  await redis.del(...keys);
  await loadHot('USD');
  await read(message({ charge_id: 'quicker', amount: '5.00' }));
  expect(await balance()).toBe(0n);
  await read(authorized, { ...half, amount: '0.50' });
  expect(await outcomeOf('c1')).toBe('booked');
  expect(await outcomeOf('c2')).toBe('booked');
  expect(await balance()).toBe(-4_500_000n);
});

test('what was signed under the secret before posts as well', async () => {
  const old = new AuthorizationIds({ secret: OLD_SECRET });
  await read(
    message({ authorization_id: idOf({ amountMicros: micros(6_000_000n) }, old), amount: '6.00' }),
  );
  expect(await balance()).toBe(-1_000_000n);
});

test('what was authorized before ids were signed posts while Redis knows it, for its amount alone', async () => {
  const before = await captureOf(spend(UNSIGNED_IDS), 'c1', 3_500_000n);
  const changed = await captureOf(spend(UNSIGNED_IDS), 'c2', 1_000_000n);
  const pausedToo = await captureOf(spend(UNSIGNED_IDS), 'c3', 500_000n);
  // Everything is held by now: a charge without authorization has no room.
  await read({ ...changed, amount: '1.50' }, message({ charge_id: 'raw', amount: '0.50' }));
  expect(await outcomeOf('c2')).toBe('rejected');
  expect(await outcomeOf('raw')).toBe('rejected');
  await read(before);
  expect(await outcomeOf('c1')).toBe('booked');
  expect(await balance()).toBe(1_500_000n);
  await batch.run(
    [
      {
        ...{ kind: 'change', key: { organizationId: org, currency: 'USD' }, reference: null },
        reads: {},
        apply: (draft) => {
          draft.patch({ pausedReason: 'manual' });
          return { status: 'changed', entries: [] };
        },
      },
    ],
    'test',
  );
  await read(pausedToo);
  expect(await outcomeOf('c3')).toBe('booked');
});

test("a plan's part is booked as it was split off, and never because a message says so", async () => {
  await openWallet(UNIT, 5_000_000_000n);
  const id = (part: string) => idOf({ part, amountMicros: micros(10_000n) });
  const say = (chargeId: string, authorization_id: string, part: string) =>
    message({
      charge_id: chargeId,
      authorization_id,
      amount: '0.01',
      metadata: { [ALLOWANCE_KEY]: part },
    });
  await read(say('c1', id('messages:5000'), 'messages:5001'), say('c1', id(''), 'messages:4000'));
  expect([await balance(), await balance(UNIT)]).toEqual([4_990_000n, 5_000_000_000n]);
  const good = idOf({ chargeId: 'c2', part: 'messages:5000', amountMicros: micros(10_000n) });
  for (let copies = 0; copies < 2; copies++) await read(say('c2', good, 'messages:5000'));
  expect([await balance(), await balance(UNIT)]).toEqual([4_980_000n, 0n]);
  // Released and authorized four times over, each capture says that the plan pays all of it again.
  for (const chargeId of ['r1', 'r2', 'r3', 'r4']) {
    const again = idOf({ chargeId, part: 'messages:5000', amountMicros: micros(10_000n) });
    await read(say(chargeId, again, 'messages:5000'));
  }
  expect(await balance(UNIT)).toBe(0n);
});

test('a charge id that is ours alone goes to the dead letters, unless we authorized it', async () => {
  await openWallet(UNIT, 5_000_000n);
  const lease = 'lease_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B';
  for (const authorization_id of [
    null,
    'x',
    lease,
    UNSIGNED_IDS.idOf({ ...NAME(), chargeId: 'a~plan', amountMicros: micros(1n) }),
  ]) {
    await read(message({ charge_id: 'a~plan', amount: '1.00', authorization_id }));
  }
  expect(dead).toEqual(
    Array(4).fill(expect.stringContaining('invalid_charge: charge_id: "~plan"')),
  );
  expect(await balance()).toBe(5_000_000n);
  const part = { chargeId: 'a~plan', currency: UNIT, amountMicros: micros(3_000_000n) };
  const unit = { charge_id: 'a~plan', currency: 'messages', authorization_id: idOf(part) };
  await read(message({ ...unit, amount: '2.00' }));
  expect(await balance(UNIT)).toBe(3_000_000n);
});
