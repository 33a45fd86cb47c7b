// Goal: the gateway over real Redis, Postgres and Kafka: what is held, taken, replayed, refused, and that
// nobody sees what is another's. Only the other services are played, at their RPC.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  SUBSCRIPTION_RPC,
  WALLET_RPC,
  type ChargeOutcomeView,
  type LoadedWalletView,
} from '@orbit/contracts';
import { systemClock } from '@orbit/kernel';
import { createTopics } from '@orbit/messaging';
import { micros, ZERO_MICROS } from '@orbit/money';
import { createLogger } from '@orbit/runtime';
import { createSpendRedis, HotBalances } from '@orbit/spend';
import {
  createTestDatabase,
  eventually,
  redisServer,
  testInfra,
  uniqueId,
  type RedisServer,
  type TestDatabase,
} from '@orbit/testing';
import type { Redis } from 'ioredis';
import { GatewayConfig } from './gateway.config.js';
import { GatewayModule } from './gateway.module.js';
import { GatewayResources } from './gateway.resources.js';
import { createHttpApp } from './edge/http/http-app.js';
import { setTimeout as sleep } from 'node:timers/promises';

const OPERATOR_KEY = 'operator-key-of-tests';
const B = '/api/v1/billing';
const logger = createLogger('gateway', 'silent');

let database: TestDatabase;
let server: RedisServer;
let redis: Redis;
let hotBalances: HotBalances;
let resources: GatewayResources;
let app: NestFastifyApplication;

const setHot = (organizationId: string, postedMicros: bigint, version: bigint): Promise<void> =>
  hotBalances.set([
    {
      organizationId,
      currency: 'USD',
      postedMicros: micros(postedMicros),
      version,
      escrowedMicros: ZERO_MICROS,
      allowsLateCapture: false,
      validUntilMs: null,
      overdraftMicros: ZERO_MICROS,
      pausedReason: null,
    },
  ]);

/** The ledger as far as these tests need it: wallets of 10.00 that never post. */
const wallets = new Map<string, LoadedWalletView>();
const outcomes = new Map<string, ChargeOutcomeView>();
const ledger = {
  async call<T>(pattern: string, payload: unknown): Promise<T> {
    const { organization_id, currency, charge_id } = payload as Record<string, string>;
    if (pattern === WALLET_RPC.readCharge) return (outcomes.get(charge_id!) ?? null) as T;
    const id = organization_id!;
    if (pattern === WALLET_RPC.open) wallets.set(id, wallet(id, currency!));
    const known = wallets.get(id);
    if (pattern === WALLET_RPC.load && known && redis.status !== 'ready') {
      return { ...known, recovering: true } as T;
    }
    if (pattern === WALLET_RPC.load && known) {
      await setHot(id, 10_000_000n, 1n);
    }
    return (wallets.get(id) ?? null) as T;
  },
};
/** Knows no invoices, and nobody has a plan. */
const nobody = {
  call: <T>(pattern: string) => {
    const none = { invoices: [], has_more: false, total: 0 };
    return Promise.resolve((pattern === SUBSCRIPTION_RPC.read ? null : none) as T);
  },
};

function wallet(organization_id: string, currency: string): LoadedWalletView {
  return {
    recovering: false,
    outage_policy: 'closed',
    outage_budget: '0.00',
    organization_id,
    currency,
    wallet_id: uniqueId('wal'),
    balance: '10.00',
    escrowed: '0.00',
    leases_open: 0,
    leased: '0.00',
    sequence: '1',
    version: '1',
    overdraft_limit: '0.00',
    low_balance_threshold: null,
    outbound_paused: false,
    outbound_block_reason: null,
    last_topped_up_at: null,
    created_at: '2026-05-16T12:00:00.000Z',
  };
}

beforeAll(async () => {
  [database, server] = await Promise.all([createTestDatabase(), redisServer()]);
  redis = createSpendRedis({ url: server.url });
  hotBalances = new HotBalances({ redis });
  const { kafkaBrokers } = testInfra();
  const topicPrefix = `${uniqueId('gateway')}.`;
  await createTopics({
    brokers: [...kafkaBrokers],
    topicPrefix,
    services: ['gateway', 'wallet-ledger'],
  });
  const config = Object.assign(new GatewayConfig(), {
    ORBIT_ENV: 'test',
    PUBLIC_URL: 'http://orbit.test',
    DATABASE_URL: database.urlFor('orbit_gateway'),
    REDIS_URL: server.url,
    KAFKA_BROKERS: kafkaBrokers.join(','),
    KAFKA_TOPIC_PREFIX: topicPrefix,
    API_KEY_HASH_SECRET: 'secret-of-the-tests-0123456789',
    AUTHORIZATION_SECRET: 'a secret of the tests, long enough',
    OPERATOR_API_KEY: OPERATOR_KEY,
    // Slow: what floods a key must not earn its rate back while a busy machine answers it.
    RATE_LIMIT_PER_SECOND: 5,
    RATE_LIMIT_BURST: 100,
  });
  resources = new GatewayResources(config, logger);
  const ports = resources.ports({
    walletLedger: ledger,
    checkout: nobody,
    usageMetering: nobody,
    invoicing: nobody,
  });
  app = await createHttpApp({
    module: GatewayModule.of(ports),
    clock: systemClock,
    logger,
    bodyBytesMax: 1_048_576,
    keepAliveTimeoutMs: 650_000,
    portalOrigins: [],
    isTls: false,
    hasDocsPage: false,
  });
  resources.open();
  await eventually(async () => expect(await ports.readiness.reasons()).toEqual([]));
  await eventually(() => redis.ping());
});
afterAll(async () => {
  await app.close();
  await resources.close();
  redis.disconnect();
  await server.stop();
  await database.drop();
});

interface Answer {
  readonly status: number;
  readonly isReplayed: boolean;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, string>>;
  readonly code: string | undefined;
}

async function send(method: 'GET' | 'POST' | 'DELETE', url: string, key: string, payload?: object) {
  const response = await app.inject({
    method,
    url,
    headers: { 'x-api-key': key },
    ...(payload ? { payload } : {}),
  });
  const body = response.json() as { data: Answer['data']; error?: { code: string } };
  const answer: Answer = {
    status: response.statusCode,
    isReplayed: response.headers['idempotency-replayed'] === 'true',
    headers: response.headers,
    data: body.data,
    code: body.error?.code,
  };
  return answer;
}

async function newOrganization(): Promise<{ id: string; key: string; keyId: string }> {
  const response = await app.inject({
    method: 'POST',
    url: '/api/v1/operator/organizations',
    headers: { 'x-api-key': OPERATOR_KEY },
    payload: { name: 'Acme' },
  });
  expect(response.statusCode).toBe(201);
  const { organization, api_key } = (
    response.json() as { data: Record<string, { id: string; key: string }> }
  ).data;
  return { id: organization!.id, key: api_key!.key, keyId: api_key!.id };
}

const intent = (charge_id: string, amount: string): object => ({
  charge_id,
  amount,
  currency: 'USD',
  channel: 'sms',
});
const authorize = (key: string, chargeId: string, amount: string): Promise<Answer> =>
  send('POST', `${B}/authorizations`, key, intent(chargeId, amount));
const capture = (key: string, id: string, amount?: string): Promise<Answer> =>
  send('POST', `${B}/authorizations/${id}/capture`, key, amount === undefined ? {} : { amount });

test('T04: 10.00, hold 6.00, hold 5.00 refused, capture 4.50 leaves 5.50 available', async () => {
  const { key } = await newOrganization();
  const held = await authorize(key, 'a', '6.00');
  expect(held).toMatchObject({ status: 201, data: { amount: '6.00', available_after: '4.00' } });
  expect(await authorize(key, 'b', '5.00')).toMatchObject({
    status: 402,
    code: 'insufficient_funds',
  });
  const captured = await capture(key, held.data['authorization_id']!, '4.50');
  expect(captured).toMatchObject({
    status: 200,
    data: { amount: '6.00', captured: '4.50', released: '1.50', status: 'captured' },
  });
  expect((await send('GET', `${B}/balance`, key)).data).toMatchObject({ available: '5.50' });
});

test('T05: terminal states answer 200, 409, 409 and 422, and change nothing', async () => {
  const { key } = await newOrganization();
  const first = (await authorize(key, 'a', '1.00')).data['authorization_id']!;
  expect(await capture(key, first, '1.01')).toMatchObject({
    status: 422,
    code: 'capture_exceeds_hold',
  });
  expect(await capture(key, first, '0.60')).toMatchObject({ status: 200, isReplayed: false });
  expect(await capture(key, first, '0.60')).toMatchObject({ status: 200, isReplayed: true });
  expect(await capture(key, first, '0.50')).toMatchObject({ code: 'authorization_captured' });
  const release = (id: string): Promise<Answer> =>
    send('POST', `${B}/authorizations/${id}/release`, key);
  expect(await release(first)).toMatchObject({ status: 409, code: 'authorization_captured' });
  const second = (await authorize(key, 'b', '1.00')).data['authorization_id']!;
  expect(await release(second)).toMatchObject({ status: 200, data: { released: '1.00' } });
  expect(await capture(key, second)).toMatchObject({ status: 409, code: 'authorization_released' });
  expect((await send('GET', `${B}/balance`, key)).data).toMatchObject({ available: '9.40' });
});

test('T07: same charge id replays, another body is 409, another organization is independent', async () => {
  const [one, two] = await Promise.all([newOrganization(), newOrganization()]);
  const path = `${B}/charges`;
  const first = await send('POST', path, one.key, intent('same', '1.00'));
  expect(first).toMatchObject({
    status: 201,
    isReplayed: false,
    data: { available_after: '9.00' },
  });
  const again = await send('POST', path, one.key, intent('same', '1.00'));
  expect(again).toMatchObject({ status: 201, isReplayed: true, data: first.data });
  const other = await send('POST', path, one.key, intent('same', '2.00'));
  expect(other).toMatchObject({ status: 409, code: 'charge_id_conflict' });
  const elsewhere = await send('POST', path, two.key, intent('same', '2.00'));
  expect(elsewhere).toMatchObject({ status: 201, isReplayed: false });
});

test('two of the same charge at once take the money once', async () => {
  const { key } = await newOrganization();
  const body = intent('twin', '1.00');
  const twins = await Promise.all(
    Array.from({ length: 8 }, () => send('POST', `${B}/charges`, key, body)),
  );
  expect(twins.map(({ status }) => status)).toEqual(Array(8).fill(201));
  expect(twins.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
  expect((await send('GET', `${B}/balance`, key)).data).toMatchObject({ available: '9.00' });
});

test("another organization's authorization answers 404 and stays as it is", async () => {
  const [one, two] = await Promise.all([newOrganization(), newOrganization()]);
  const id = (await authorize(one.key, 'mine', '1.00')).data['authorization_id']!;
  expect(await capture(two.key, id)).toMatchObject({ status: 404, code: 'not_found' });
  const path = `${B}/authorizations/${id}/release`;
  expect(await send('POST', path, two.key)).toMatchObject({ status: 404, code: 'not_found' });
  expect(await capture(one.key, id)).toMatchObject({ status: 200, isReplayed: false });
});

test('GET balance tells a top-up once it can be spent, though the books know of it before Redis', async () => {
  const { id, key } = await newOrganization();
  await authorize(key, 'first', '1.00');
  wallets.set(id, { ...wallet(id, 'USD'), balance: '15.00', version: '2' });
  const isHot = sleep(60).then(() => setHot(id, 15_000_000n, 2n));
  const { data } = await send('GET', `${B}/balance`, key);
  expect(data).toMatchObject({ balance_exact: '15.00', held: '1.00', available: '14.00' });
  expect(await authorize(key, 'second', '14.00')).toMatchObject({ status: 201 });
  await isHot;
});

test('?wait=posted answers what the ledger decided of a charge that it knows', async () => {
  const { key } = await newOrganization();
  const id = uniqueId('charge');
  await send('POST', `${B}/charges`, key, intent(id, '1.00'));
  outcomes.set(id, {
    charge_id: id,
    status: 'posted',
    reason: null,
    amount: '1.00',
    currency: 'USD',
    balance_after: '9.00',
    sequence: '2',
    slices: [],
  });
  const answer = await send('POST', `${B}/charges?wait=posted`, key, intent(id, '1.00'));
  expect(answer).toMatchObject({ status: 201, isReplayed: true });
  expect(answer.data).toMatchObject({ status: 'posted', balance_after: '9.00' });
});

test('delivery reports are in Kafka when the answer is 202', async () => {
  const { key } = await newOrganization();
  const reports = Array.from({ length: 1000 }, (_, i) => ({
    charge_id: `c${i}`,
    status: 'delivered',
    occurred_at: '2026-05-16T11:00:00Z',
  }));
  expect(await send('POST', `${B}/delivery-reports`, key, { reports })).toMatchObject({
    status: 202,
  });
});

test('a revoked key is refused by the very next request', async () => {
  const { key, keyId } = await newOrganization();
  expect((await send('GET', `${B}/status`, key)).status).toBe(200);
  expect((await send('GET', `${B}/status`, key)).status).toBe(200);
  await send('DELETE', `/api/v1/operator/api-keys/${keyId}`, OPERATOR_KEY);
  expect(await send('GET', `${B}/status`, key)).toMatchObject({
    status: 401,
    code: 'invalid_api_key',
  });
});

test('past its burst a key answers 429 with Retry-After, another key goes on', async () => {
  const [busy, quiet] = await Promise.all([newOrganization(), newOrganization()]);
  const path = `${B}/charges/none`;
  const answers = await Promise.all(Array.from({ length: 400 }, () => send('GET', path, busy.key)));
  const limited = answers.filter(({ status }) => status === 429);
  expect(limited.length).toBeGreaterThan(0);
  expect(limited[0]!.headers).toMatchObject({ 'retry-after': '1', 'ratelimit-limit': '100' });
  expect((await send('GET', path, quiet.key)).status).toBe(404);
});

test('Redis away answers 503 with Retry-After and mends itself; nothing is taken twice', async () => {
  const { key } = await newOrganization();
  const body = intent('through-the-storm', '1.00');
  expect((await send('POST', `${B}/charges`, key, body)).status).toBe(201);
  await server.kill();
  const away = await send('POST', `${B}/charges`, key, body);
  expect(away).toMatchObject({ status: 503, code: 'unavailable' });
  expect(away.headers['retry-after']).toBe('1');
  await server.restart();
  await eventually(async () => {
    expect((await send('POST', `${B}/charges`, key, body)).status).toBe(201);
  });
  expect((await send('GET', `${B}/balance`, key)).data).toMatchObject({ held: '1.00' });
});

test('while Redis is away the wallet decides by its outage policy, Postgres whose key it is, each process the rate', async () => {
  const [open, closed, revoked] = await Promise.all([
    newOrganization(),
    newOrganization(),
    newOrganization(),
  ]);
  wallets.set(open.id, { ...wallets.get(open.id)!, outage_policy: 'open' });
  expect((await authorize(revoked.key, 'before', '1.00')).status).toBe(201);
  const revocation = `/api/v1/operator/api-keys/${revoked.keyId}`;
  expect((await send('DELETE', revocation, OPERATOR_KEY)).status).toBeLessThan(300);
  await server.kill();
  const held = await authorize(open.key, 'dark', '6.00');
  expect(held).toMatchObject({ status: 201, data: { amount: '6.00' } });
  expect(await capture(open.key, held.data['authorization_id']!, '4.50')).toMatchObject({
    status: 200,
    data: { captured: '4.50', released: '1.50' },
  });
  expect(await send('POST', `${B}/charges`, open.key, intent('dusk', '1.00'))).toMatchObject({
    status: 201,
  });
  expect(await authorize(closed.key, 'dark', '1.00')).toMatchObject({
    status: 503,
    code: 'unavailable',
  });
  expect((await authorize(revoked.key, 'dark', '1.00')).status).toBe(401);
  expect((await authorize(`${open.key.slice(0, -1)}!`, 'dark', '1.00')).status).toBe(401);
  const flood = Array.from({ length: 300 }, () => send('GET', `${B}/charges/none`, open.key));
  const limited = (await Promise.all(flood)).filter(({ status }) => status === 429);
  expect(limited.length).toBeGreaterThan(0);
  expect(limited[0]!.headers).toMatchObject({ 'retry-after': '1', 'ratelimit-limit': '100' });
  await server.restart();
  await eventually(async () => {
    expect((await authorize(closed.key, 'light', '1.00')).status).toBe(201);
  });
});
