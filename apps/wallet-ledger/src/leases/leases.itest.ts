// Goal: leases end to end on real servers: money set aside is spent from memory, renewed, returned on close and
// after the owner's death, never before the ledger has read what was published, and no wallet is overspent
// though Redis forgets everything meanwhile. Method: the service itself with its consumer, SpendLease beside it.
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { OrbitError, type LeaseView } from '@orbit/contracts';
import { systemClock } from '@orbit/kernel';
import { createTopics, EventProducer, KafkaBatchServer } from '@orbit/messaging';
import { micros, parseAmount, type Micros } from '@orbit/money';
import { createLogger, NestLogger } from '@orbit/runtime';
import {
  AuthorizationIds,
  ChargeBatcher,
  createSpendRedis,
  HotBalances,
  leaseMicros,
  RpcLeaseLedger,
  SpendClient,
  SpendLease,
  type SpendLeaseOptions,
} from '@orbit/spend';
import {
  createTestDatabase,
  eventually,
  redisServer,
  testInfra,
  uniqueId,
  type RedisServer,
} from '@orbit/testing';
import { Redis } from 'ioredis';
import type { WalletKey } from '../books/application/ports.js';
import { LeasesController } from './adapters/leases.controller.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { WalletLedgerConfig } from '../wallet-ledger.config.js';
import { LedgerResources, WalletLedgerModule } from '../wallet-ledger.module.js';

const brokers = [...testInfra().kafkaBrokers];
const logger = createLogger('test', 'silent');
const topicPrefix = `${uniqueId('leases')}.`;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let redis: RedisServer;
let resources: LedgerResources;
let producer: EventProducer;
let service: INestMicroservice | null = null;

beforeAll(async () => {
  await createTopics({ brokers, topicPrefix, services: ['wallet-ledger'] });
  database = await createTestDatabase();
  redis = await redisServer();
  const config = Object.assign(new WalletLedgerConfig(), {
    ORBIT_ENV: 'test',
    DATABASE_URL: database.urlFor('orbit_wallet_ledger'),
    REDIS_URL: redis.url,
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_TOPIC_PREFIX: topicPrefix,
    WALLET_LEDGER_RPC: '127.0.0.1:1',
    HEALTH_PORT: 1,
    AUTHORIZATION_SECRET: 'a secret of the tests, long enough',
  });
  resources = new LedgerResources(config, logger);
  producer = new EventProducer({ brokers, clientId: 'test', topicPrefix, logger });
  await producer.connect();
  await resources.start();
  // Its Redis is new: until the ledger has seen that it missed nothing, no lease is opened.
  const first = await walletWith('1.00');
  await eventually(async () => {
    expect(await resources.changeWallet.load(first)).toMatchObject({ recovering: false });
  });
});

afterAll(async () => {
  await stopService();
  const findings = await auditLedger(resources.pool);
  await producer.disconnect();
  await resources.onApplicationShutdown();
  await redis.stop();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

async function startService(): Promise<void> {
  const strategy = new KafkaBatchServer({
    brokers,
    clientId: 'test',
    groupId: 'wallet-ledger',
    topicPrefix,
    producer: resources.producer,
    logger,
  });
  const { module, ...rest } = WalletLedgerModule.of(resources);
  const providers = (rest.providers ?? []).filter(
    (provider) => !('provide' in provider && provider.provide === LedgerResources),
  );
  service = await NestFactory.createMicroservice(
    { module, ...rest, providers },
    { strategy, logger: new NestLogger(logger) },
  );
  await service.listen();
  await eventually(() => expect(strategy.isReady()).toBe(true));
}

async function stopService(): Promise<void> {
  await service?.close();
  service = null;
}

const usd = (text: string): Micros => {
  const parsed = parseAmount(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.amountMicros;
};

async function walletWith(amount: string): Promise<WalletKey> {
  const key: WalletKey = { organizationId: uniqueId('org'), currency: 'USD' };
  await resources.changeWallet.open(key, null);
  await resources.changeBlock.grant(key, {
    reference: 'first',
    amountMicros: usd(amount),
    kind: 'paid',
    priority: 0,
    effectiveAtMs: null,
    expiresAtMs: null,
    metadata: {},
  });
  return key;
}

/** The controller itself stands for its RPC: patterns to methods. */
const leaseRpc = {
  async call<T>(pattern: string, payload: unknown): Promise<T> {
    const controller = new LeasesController(resources.leases.manageLeases);
    const [, method = ''] = pattern.split('.');
    const handlers = controller as unknown as Record<string, (request: unknown) => Promise<T>>;
    return handlers[method]!(payload);
  },
};

const openLease = (
  { organizationId, currency }: WalletKey,
  amount: string,
  options: Partial<SpendLeaseOptions> = {},
): Promise<SpendLease> =>
  SpendLease.open({
    ledger: new RpcLeaseLedger(leaseRpc),
    producer: new ChargeBatcher({ producer }),
    clock: systemClock,
    organizationId,
    currency,
    amountMicros: usd(amount),
    ttlMs: 60_000,
    ...options,
  });

const intent = (chargeId: string, amount: string) => ({
  chargeId,
  amountMicros: usd(amount),
  channel: 'sms',
  quantity: 1,
  metadata: {},
});

const readLease = async (key: WalletKey, lease: SpendLease): Promise<LeaseView> => {
  const view = await resources.leases.manageLeases.read(key.organizationId, lease.state.leaseId);
  if (!view) throw new Error('the lease is not there');
  return view;
};
const balanceOf = async (key: WalletKey): Promise<string | undefined> =>
  (await resources.readWallet.read(key))?.balance;

async function spentEntries(key: WalletKey): Promise<number> {
  const { rows } = await resources.pool.query<{ count: string }>(
    `SELECT count(DISTINCT reference) FROM wallet_ledger.entry JOIN wallet_ledger.wallet USING (wallet_no)
     WHERE organization_id = $1 AND type = 2`,
    [key.organizationId],
  );
  return Number(rows[0]?.count);
}

test('closing never races charges still in Kafka: the rest returns only when they are read', async () => {
  const key = await walletWith('100.00');
  const lease = await openLease(key, '60.00');
  await Promise.all(Array.from({ length: 40 }, (_, n) => lease.charge(intent(`c_${n}`, '1.00'))));
  await lease.close();
  // Nobody consumes yet, so the ledger knows of no charge.
  expect(await readLease(key, lease)).toMatchObject({
    state: 'closing',
    spent: '0.00',
    remaining: '60.00',
  });
  await startService();
  await eventually(async () => expect((await readLease(key, lease)).state).toBe('closed'));
  expect(await readLease(key, lease)).toMatchObject({
    granted: '60.00',
    spent: '40.00',
    remaining: '0.00',
    returned: '20.00',
  });
  expect(await balanceOf(key)).toBe('60.00');
});

test('a lease is seen as held, renews itself while it is spent, and comes back on close', async () => {
  const key = await walletWith('100.00');
  const lease = await openLease(key, '10.00', { retryDelayMs: 20 });
  expect(await resources.readWallet.read(key)).toMatchObject({
    balance: '100.00',
    escrowed: '10.00',
    leases_open: 1,
    leased: '10.00',
  });
  const charged: string[] = [];
  for (let n = 0; n < 90; n++) {
    const chargeId = `c_${n}`;
    await eventually(async () => {
      expect((await lease.charge(intent(chargeId, '1.00'))).status).toBe('charged');
    });
    charged.push(chargeId);
  }
  expect(lease.state.renewals).toBeGreaterThan(1);
  await lease.close();
  await eventually(async () => expect((await readLease(key, lease)).state).toBe('closed'));
  expect(await readLease(key, lease)).toMatchObject({ spent: '90.00', remaining: '0.00' });
  expect(await balanceOf(key)).toBe('10.00');
  expect(await spentEntries(key)).toBe(90);
});

test('holds and leases take from one pot', async () => {
  const key = await walletWith('100.00');
  const spendRedis = createSpendRedis({ url: redis.url });
  const spend = makeSpend(spendRedis);
  const hold = { ...intent('held', '60.00'), ...key, ttlMs: 60_000 };
  expect((await eventually(() => held(spend, hold))).status).toBe('authorized');
  await expect(openLease(key, '40.01')).rejects.toMatchObject({ code: 'insufficient_funds' });
  const lease = await openLease(key, '40.00');
  const more = await spend.authorize({ ...hold, ...intent('more', '0.01') });
  expect(more).toMatchObject({ status: 'refused', reason: 'insufficient_funds' });
  await lease.close();
  await eventually(async () => expect((await readLease(key, lease)).state).toBe('closed'));
  // The ledger says closed with its commit, and tells Redis right after it.
  await eventually(async () => {
    const after = await spend.authorize({ ...hold, ...intent('after', '40.00') });
    expect(after.status).toBe('authorized');
  });
  spendRedis.disconnect();
});

test('the owner dies: charged is posted, the rest comes back at the end of the lease', async () => {
  const key = await walletWith('100.00');
  // The dead renew nothing.
  const renew = () => Promise.reject(new OrbitError('unavailable', 'nobody asks'));
  const ledger = Object.assign(new RpcLeaseLedger(leaseRpc), { renew });
  const lease = await openLease(key, '50.00', { ttlMs: 15_000, ledger });
  for (let n = 0; n < 7; n++) await lease.charge(intent(`c_${n}`, '1.00'));
  // It authorized more, and died before it charged.
  for (let n = 0; n < 5; n++) lease.authorize(leaseMicros(usd('1.00')));
  // One answer: some seconds later it is closed, and nothing remains.
  await eventually(
    async () => {
      const view = await readLease(key, lease);
      expect(view).toMatchObject({ state: 'closing', remaining: '43.00' });
    },
    { timeoutMs: 45_000 },
  );
  await eventually(async () => expect((await readLease(key, lease)).state).toBe('closed'));
  expect(await readLease(key, lease)).toMatchObject({ spent: '7.00', returned: '43.00' });
  expect(lease.authorize(leaseMicros(usd('1.00')))).toBe(false);
  expect(await balanceOf(key)).toBe('93.00');
});

test('T28 FLUSHALL during a lease: holds and the lease together never pass the balance', async () => {
  const key = await walletWith('100.00');
  const lease = await openLease(key, '60.00', { renewBelowShare: 0 });
  const spendRedis = createSpendRedis({ url: redis.url });
  const spend = makeSpend(spendRedis);
  const flusher = new Redis(redis.url);
  const results: string[] = [];
  const fromLease = async (): Promise<void> => {
    for (let n = 0; n < 70; n++) {
      results.push((await lease.charge(intent(`lease_${n}`, '1.00'))).status);
      if (n === 20) await flusher.flushall();
    }
  };
  const charged: string[] = [];
  const fromWallet = async (): Promise<void> => {
    for (let n = 0; n < 60; n++) {
      const request = { ...intent(`own_${n}`, '1.00'), ...key };
      const result = await eventually(async () => {
        const answer = await spend.charge(request);
        if (answer.status === 'refused' && answer.reason === 'unavailable') {
          throw new Error('not trusted yet');
        }
        return answer;
      });
      charged.push(result.status);
    }
  };
  await Promise.all([fromLease(), fromWallet()]);
  expect(results.filter((status) => status === 'charged')).toHaveLength(60);
  const own = charged.filter((status) => status === 'charged').length;
  await lease.close();
  await eventually(async () => expect((await readLease(key, lease)).state).toBe('closed'));
  expect(await readLease(key, lease)).toMatchObject({ spent: '60.00', returned: '0.00' });
  await eventually(async () => expect(await spentEntries(key)).toBe(60 + own));
  expect(own).toBeLessThanOrEqual(40);
  expect(await balanceOf(key)).toBe(`${40 - own}.00`);
  // Redis hears of each commit right after it.
  await eventually(async () => {
    const hot = await new HotBalances({ redis: spendRedis }).read(key.organizationId, 'USD');
    expect(hot).toMatchObject({ postedMicros: usd(`${40 - own}`), escrowedMicros: micros(0n) });
  });
  flusher.disconnect();
  spendRedis.disconnect();
});

type HoldRequest = Parameters<SpendClient['authorize']>[0];

/** After Redis began empty, authorization waits until the ledger says that it may be trusted. */
async function held(spend: SpendClient, request: HoldRequest) {
  const answer = await spend.authorize(request);
  if (answer.status === 'refused' && answer.reason === 'unavailable') throw new Error('not yet');
  return answer;
}

function makeSpend(spendRedis: Redis): SpendClient {
  return new SpendClient({
    redis: spendRedis,
    producer: new ChargeBatcher({ producer }),
    clock: systemClock,
    ids: new AuthorizationIds({ secret: 'a secret of the tests, long enough' }),
    loader: {
      load: async (organizationId, currency) => {
        const wallet = await resources.changeWallet.load({ organizationId, currency });
        if (!wallet) return null;
        return {
          isRecovering: wallet.recovering,
          outagePolicy: wallet.outage_policy,
          outageBudgetMicros: usd(wallet.outage_budget),
          pausedReason: wallet.outbound_block_reason,
        };
      },
    },
  });
}
