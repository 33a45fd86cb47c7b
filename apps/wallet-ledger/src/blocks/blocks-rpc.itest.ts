// Goal: what operators ask for over RPC is done by the service as it runs, on real servers; bad input names its
// field; late usage shares one pot with what Redis knows. Method: the service's own module, called over Nest TCP.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  BLOCKS_RPC,
  WALLET_RPC,
  type BlockPage,
  type BookedView,
  type GrantScheduleView,
  type WalletPoliciesView,
  type WalletView,
} from '@orbit/contracts';
import { systemClock } from '@orbit/kernel';
import { createTopics } from '@orbit/messaging';
import { micros, parseAmount } from '@orbit/money';
import { createLogger, RpcClient, startService, type RunningService } from '@orbit/runtime';
import { AuthorizationIds, createSpendRedis, SpendClient } from '@orbit/spend';
import {
  SLOW_ANSWER_MS,
  createTestDatabase,
  eventually,
  redisServer,
  testInfra,
  uniqueId,
  type RedisServer,
} from '@orbit/testing';
import type { Redis } from 'ioredis';
import { createServer } from 'node:net';
import type { ChargeCommand, LedgerCommand } from '../books/application/commands.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { WalletLedgerConfig } from '../wallet-ledger.config.js';
import { LedgerResources, WalletLedgerModule } from '../wallet-ledger.module.js';

const brokers = [...testInfra().kafkaBrokers];
const logger = createLogger('test', 'silent');
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let redis: RedisServer;
let resources: LedgerResources;
let service: RunningService;
let rpc: RpcClient;
let spendRedis: Redis;

beforeAll(async () => {
  const topicPrefix = `${uniqueId('blocks')}.`;
  await createTopics({ brokers, topicPrefix, services: ['wallet-ledger'] });
  [database, redis] = await Promise.all([createTestDatabase(), redisServer()]);
  const rpcAddress = `127.0.0.1:${await freePort()}`;
  const config = Object.assign(new WalletLedgerConfig(), {
    ORBIT_ENV: 'test',
    DATABASE_URL: database.urlFor('orbit_wallet_ledger'),
    REDIS_URL: redis.url,
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_TOPIC_PREFIX: topicPrefix,
    WALLET_LEDGER_RPC: rpcAddress,
    HEALTH_PORT: 1,
    AUTHORIZATION_SECRET: 'a secret of the tests, long enough',
  });
  resources = new LedgerResources(config, logger);
  await resources.start();
  service = await startService({
    name: 'wallet-ledger',
    module: WalletLedgerModule.of(resources),
    rpcAddress,
    ready: () => resources.ready(),
    logger,
  });
  rpc = RpcClient.at('wallet-ledger', rpcAddress, SLOW_ANSWER_MS);
  spendRedis = createSpendRedis({ url: redis.url });
  // Its Redis is new: until the ledger has seen that it missed nothing, changes that need room are refused.
  const first = { organizationId: uniqueId('org'), currency: 'USD' } as const;
  await grant({ organization_id: first.organizationId, currency: 'USD' }, 'first', '1');
  await eventually(async () => {
    expect(await resources.changeWallet.load(first)).toMatchObject({ recovering: false });
  });
}, 120_000);
afterAll(async () => {
  const findings = await auditLedger(resources.pool);
  rpc.close();
  spendRedis.disconnect();
  await service.stop();
  await redis.stop();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
}, 120_000);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

const newWallet = (): { organization_id: string; currency: string } => ({
  organization_id: uniqueId('org'),
  currency: 'USD',
});
type Wallet = ReturnType<typeof newWallet>;
const grant = (wallet: Wallet, reference: string, amount: string, more = {}): Promise<BookedView> =>
  rpc.call(BLOCKS_RPC.grant, { ...wallet, amount, kind: 'paid', reference, ...more });
const list = (wallet: Wallet): Promise<BlockPage> =>
  rpc.call(BLOCKS_RPC.list, { ...wallet, include_all: true, limit: 50 });
const usd = (text: string) => {
  const parsed = parseAmount(text);
  return micros(parsed.ok ? parsed.amountMicros : 0n);
};
const charge = (wallet: Wallet, chargeId: string, amount: string, atMs: number): LedgerCommand => ({
  kind: 'charge',
  key: { organizationId: wallet.organization_id, currency: 'USD' },
  replyTo: null,
  charge: {
    chargeId,
    amountMicros: usd(amount),
    channel: 'sms',
    quantity: 1,
    metadata: {},
    occurredAtMs: atMs,
    isAuthorized: false,
    leaseId: null,
  },
});
const statuses = async (commands: readonly LedgerCommand[]): Promise<string[]> =>
  (await resources.postBatch.run(commands, 'test')).map(({ status }) => status);
const LOADED = {
  outagePolicy: 'closed',
  outageBudgetMicros: micros(0n),
  pausedReason: null,
} as const;
const why = { reference: 'case-1', reason: 'agreed' };

test('grant, list, extend, amend, void, reverse and adjust answer what they booked', async () => {
  const wallet = newWallet();
  const granted = await grant(wallet, 'A', '10', { description: 'Welcome' });
  expect(granted).toMatchObject({
    balance_after: '10.00',
    replayed: false,
    transactions: [{ type: 'grant', amount: '10.00', metadata: { description: 'Welcome' } }],
  });
  await statuses([charge(wallet, 'c1', '4', Date.now())]);
  const [block] = (await list(wallet)).blocks;
  expect(block).toMatchObject({ state: 'active', remaining: '6.00' });
  const of = { organization_id: wallet.organization_id, block_id: block?.id ?? '' };
  await rpc.call(BLOCKS_RPC.amend, { ...of, ...why, amount: '12' });
  const reversal = { ...why, organization_id: wallet.organization_id, charge_id: 'c1' };
  const reversed = await rpc.call<BookedView>(BLOCKS_RPC.reverse, { ...reversal, amount: '1.5' });
  expect(reversed).toMatchObject({ balance_after: '9.50', transactions: [{ type: 'reversal' }] });
  const voided = await rpc.call<BookedView>(BLOCKS_RPC.void, { ...of, ...why });
  expect(voided.balance_after).toBe('0.00');
  const adjusted = await rpc.call<BookedView>(BLOCKS_RPC.adjust, {
    ...wallet,
    ...why,
    amount: '3',
  });
  expect(adjusted.balance_after).toBe('3.00');
  await expect(
    rpc.call(BLOCKS_RPC.extend, { ...of, ...why, expires_at: '2030-01-01T00:00:00Z' }),
  ).rejects.toMatchObject({ code: 'conflict' });
});

test.each([
  [BLOCKS_RPC.configure, { late_usage_grace_seconds: -1 }, 'late_usage_grace_seconds'],
  [BLOCKS_RPC.configure, { outage_policy: 'ajar' }, 'outage_policy'],
  [BLOCKS_RPC.configure, { overdraft_limit: '1e3' }, 'overdraft_limit'],
  [BLOCKS_RPC.configure, { currency: 'usd' }, 'currency'],
  [BLOCKS_RPC.adjust, { ...why, amount: '0' }, 'amount'],
  [BLOCKS_RPC.adjust, { ...why, amount: '1', reason: ' ' }, 'reason'],
  [BLOCKS_RPC.grant, { ...why, kind: 'paid', amount: '0' }, 'amount'],
  [BLOCKS_RPC.grant, { ...why, kind: 'free', amount: '1' }, 'kind'],
  [BLOCKS_RPC.grant, { ...why, kind: 'paid', amount: '1', expires_at: '2020-01-01' }, 'expires_at'],
  // In New York it is the last second of the last year; PostgreSQL would give back a year that JavaScript cannot read.
  [
    BLOCKS_RPC.grant,
    { ...why, kind: 'paid', amount: '1', expires_at: '9999-12-31T23:59:59-05:00' },
    'expires_at',
  ],
  [
    BLOCKS_RPC.grant,
    { ...why, kind: 'paid', amount: '1', effective_at: '0001-01-01T00:00:00+01:00' },
    'effective_at',
  ],
  [
    BLOCKS_RPC.createSchedule,
    { ...why, kind: 'paid', amount: '1', cadence: 'year', anchor_at: '9999-06-01T00:00:00Z' },
    'anchor_at',
  ],
  [BLOCKS_RPC.reverse, { ...why, charge_id: 'c', amount: '-1' }, 'amount'],
  [BLOCKS_RPC.createSchedule, { ...why, kind: 'paid', amount: '1', cadence: 'hour' }, 'cadence'],
  [
    BLOCKS_RPC.createSchedule,
    { ...why, kind: 'paid', amount: '1', cadence: 'day', time_zone: 'Mars/Base' },
    'time_zone',
  ],
  [
    BLOCKS_RPC.createSchedule,
    { ...why, kind: 'paid', amount: '1', cadence: 'day', expires: 'never', rollover_cap: '1' },
    'rollover_cap',
  ],
])('%s with %j names the field', async (pattern, request, param) => {
  await expect(rpc.call(pattern, { ...newWallet(), ...request })).rejects.toMatchObject({ param });
});

test('a reference that granted other credit is refused; its repeat tells the end that the block has', async () => {
  const wallet = newWallet();
  const terms = { priority: 2, expires_at: '2090-01-01T00:00:00Z' };
  await grant(wallet, 'A', '10', terms);
  for (const other of [
    { ...terms, kind: 'promotional' },
    { ...terms, priority: 3 },
    { ...terms, cost_basis: '0.5' },
    { ...terms, effective_at: '2080-01-01T00:00:00Z' },
    { ...terms, expires_at: '2095-01-01T00:00:00Z' },
    { ...terms, expires_at: '2085-01-01T00:00:00Z' },
    { ...terms, expires_at: null },
    { ...terms, description: 'Another' },
  ]) {
    await expect(grant(wallet, 'A', '10', other)).rejects.toMatchObject({
      code: 'idempotency_key_conflict',
      param: 'reference',
    });
  }
  const [block] = (await list(wallet)).blocks;
  const of = { organization_id: wallet.organization_id, block_id: block?.id };
  const until = '2092-01-01T00:00:00.000Z';
  await rpc.call(BLOCKS_RPC.extend, { ...of, ...why, expires_at: until });
  expect(await grant(wallet, 'A', '10', terms)).toMatchObject({
    replayed: true,
    transactions: [{ expires_at: until, metadata: {} }],
  });
  await expect(grant(wallet, 'A', '10', { ...terms, expires_at: until })).rejects.toMatchObject({
    code: 'idempotency_key_conflict',
  });
  expect((await list(wallet)).blocks).toHaveLength(1);
});

test('a block that refuses a change says what it does not fit', async () => {
  const wallet = newWallet();
  await grant(wallet, 'A', '10');
  const [block] = (await list(wallet)).blocks;
  const of = { organization_id: wallet.organization_id, block_id: block?.id, ...why };
  await expect(rpc.call(BLOCKS_RPC.amend, { ...of, amount: '10' })).rejects.toMatchObject({
    code: 'conflict',
    message: 'The block is over, or has this amount already.',
  });
});

test('policies are set and read; a threshold above the balance marks the wallet low', async () => {
  const wallet = newWallet();
  await grant(wallet, 'A', '10');
  const set = { overdraft_limit: '2', low_balance_threshold: '20', settle_late: true };
  const view = await rpc.call<WalletPoliciesView>(BLOCKS_RPC.configure, { ...wallet, ...set });
  expect(view).toMatchObject({
    overdraft_limit: '2.00',
    low_balance_threshold: '20.00',
    settle_late: true,
  });
  expect(await rpc.call(BLOCKS_RPC.readPolicies, wallet)).toEqual(view);
  expect(await statuses([charge(wallet, 'c1', '12', Date.now())])).toEqual(['booked']);
});

test('a schedule that is due is granted by the service itself', async () => {
  const wallet = newWallet();
  const request = { ...wallet, amount: '7', kind: 'promotional', cadence: 'month', reference: 'p' };
  const created = await rpc.call<GrantScheduleView>(BLOCKS_RPC.createSchedule, request);
  expect(created).toMatchObject({ state: 'active', cadence: 'month', expires: 'period' });
  await eventually(async () => {
    const view = await rpc.call<WalletView | null>(WALLET_RPC.read, wallet);
    expect(view?.balance).toBe('7.00');
  });
  const of = { organization_id: wallet.organization_id, schedule_id: created.id };
  await rpc.call(BLOCKS_RPC.cancelSchedule, of);
  const [listed] = await rpc.call<GrantScheduleView[]>(BLOCKS_RPC.listSchedules, wallet);
  expect(listed).toMatchObject({ id: created.id, state: 'cancelled' });
});

function sender(): SpendClient {
  return new SpendClient({
    redis: spendRedis,
    producer: { publish: () => Promise.resolve() },
    clock: systemClock,
    ids: new AuthorizationIds({ secret: 'a secret of the tests, long enough' }),
    loader: {
      load: async (organizationId, currency) => {
        const wallet = await resources.changeWallet.load({ organizationId, currency });
        return wallet && { isRecovering: wallet.recovering, ...LOADED };
      },
    },
  });
}

/** The id of an authorization of 8. After Redis began empty, it waits until its memory is trusted. */
const hold = (client: SpendClient, wallet: Wallet): Promise<string> =>
  eventually(async () => {
    const held = await client.authorize({
      ...{ organizationId: wallet.organization_id, chargeId: 'held', amountMicros: usd('8') },
      ...{ currency: 'USD', channel: 'sms', quantity: 1, metadata: {}, ttlMs: 60_000 },
    });
    if (held.status !== 'authorized') throw new Error(held.reason);
    return held.authorizationId;
  });

test('void and amend take only what no open authorization counts on, and say how much that is', async () => {
  const wallet = newWallet();
  await grant(wallet, 'A', '10');
  await grant(wallet, 'B', '5');
  const [second, first] = (await list(wallet)).blocks;
  const of = (block = first) => ({
    ...{ organization_id: wallet.organization_id, block_id: block?.id ?? '' },
    reason: 'fraud',
  });
  const client = sender();
  const held = await hold(client, wallet);
  const refusal = {
    ...{ code: 'conflict', details: { max: '7.00' } },
    message: expect.stringContaining('at most 7.00'),
  };
  const asked = { ...of(), reference: 'v1' };
  await expect(rpc.call(BLOCKS_RPC.void, asked)).rejects.toMatchObject(refusal);
  const smaller = { ...of(), reference: 'm1', amount: '2.99' };
  await expect(rpc.call(BLOCKS_RPC.amend, smaller)).rejects.toMatchObject(refusal);
  // A refusal keeps nothing: what is free is free for the next one.
  await rpc.call(BLOCKS_RPC.amend, { ...of(), reference: 'm2', amount: '3' });
  await expect(rpc.call(BLOCKS_RPC.void, { ...of(second), reference: 'v2' })).rejects.toMatchObject(
    {
      details: { max: '0.00' },
    },
  );
  await client.capture(wallet.organization_id, held);
  const captured = charge(wallet, 'held', '8', Date.now()) as ChargeCommand;
  const authorized = { ...captured, charge: { ...captured.charge, isAuthorized: true } };
  expect(await statuses([authorized])).toEqual(['booked']);
  const read = (): Promise<WalletView | null> => rpc.call(WALLET_RPC.read, wallet);
  expect((await read())?.balance).toBe('0.00');
});

test('allow_negative voids at once what an authorization counts on; its capture makes debt', async () => {
  const wallet = newWallet();
  await grant(wallet, 'A', '10');
  const [block] = (await list(wallet)).blocks;
  await hold(sender(), wallet);
  const request = { organization_id: wallet.organization_id, block_id: block?.id ?? '', ...why };
  const voided = await rpc.call<BookedView>(BLOCKS_RPC.void, { ...request, allow_negative: true });
  expect(voided).toMatchObject({ balance_after: '0.00', replayed: false });
  expect(await rpc.call(BLOCKS_RPC.void, request)).toMatchObject({ replayed: true });
  const captured = charge(wallet, 'held', '8', Date.now()) as ChargeCommand;
  const authorized = { ...captured, charge: { ...captured.charge, isAuthorized: true } };
  expect(await statuses([authorized])).toEqual(['booked']);
  const view = await rpc.call<WalletView | null>(WALLET_RPC.read, wallet);
  expect(view?.balance).toBe('-8.00');
});

test('after Redis forgot the wallet a correction downwards loads it and is not refused for that', async () => {
  const wallet = newWallet();
  await grant(wallet, 'A', '10');
  await spendRedis.del(`orbit:{${wallet.organization_id}}:USD:wallet`);
  const booked = await rpc.call<BookedView>(BLOCKS_RPC.adjust, { ...wallet, ...why, amount: '-4' });
  expect(booked.balance_after).toBe('6.00');
});

test('T15 with the real Redis: late usage takes lapsed credit first and asks for room for the rest alone', async () => {
  const wallet = newWallet();
  await grant(wallet, 'B', '5');
  // Long enough that a busy machine books the grant before its end.
  const expiresAtMs = Date.now() + 6_000;
  await grant(wallet, 'A', '10', { expires_at: new Date(expiresAtMs).toISOString() });
  await eventually(async () => {
    const { blocks } = await list(wallet);
    expect(blocks.map(({ state }) => state)).toEqual(['expired', 'active']);
  });
  await resources.changeWallet.sweepExpired(1_000);
  const inTime = expiresAtMs - 1;
  const late = [
    charge(wallet, 'c1', '8', inTime),
    charge(wallet, 'c2', '6', inTime),
    charge(wallet, 'c3', '2', inTime),
    charge(wallet, 'c4', '1', inTime),
  ];
  // 10 lapsed and 5 alive: 8, then 2 + 4, then 2 do not fit, 1 does.
  expect(await statuses(late)).toEqual(['booked', 'booked', 'rejected', 'booked']);
  expect(await statuses(late)).toEqual(['booked', 'booked', 'rejected', 'booked']);
  expect((await list(wallet)).blocks.map(({ remaining }) => remaining)).toEqual(['0.00', '0.00']);
});

test('a refusal by what a wallet can hold, or by the clock, names the field of the request', async () => {
  const wallet = newWallet();
  await grant(wallet, 'N', '10');
  const block = (await list(wallet)).blocks[0]?.id ?? '';
  await statuses([charge(wallet, 'spent', '4', Date.now())]);
  const before = await rpc.call(BLOCKS_RPC.readPolicies, wallet);
  const past = '2020-01-01T00:00:00Z';
  const extension = { block_id: block, expires_at: past, ...why };
  const faults: [string, object, string][] = [
    [BLOCKS_RPC.configure, { overdraft_limit: '9007199254.740992' }, 'overdraft_limit'],
    [BLOCKS_RPC.grant, { amount: '9007199254.740992', kind: 'paid', reference: 'M' }, 'amount'],
    [BLOCKS_RPC.adjust, { amount: '9007199254.740992', ...why }, 'amount'],
    [BLOCKS_RPC.extend, extension, 'expires_at'],
  ];
  for (const [pattern, fault, param] of faults) {
    const refusal = rpc.call(pattern, { ...wallet, ...fault });
    await expect(refusal).rejects.toMatchObject({ code: 'invalid_field', param });
  }
  expect(await rpc.call(BLOCKS_RPC.readPolicies, wallet)).toEqual(before);
  expect((await list(wallet)).blocks).toMatchObject([{ id: block, remaining: '6.00' }]);
});
