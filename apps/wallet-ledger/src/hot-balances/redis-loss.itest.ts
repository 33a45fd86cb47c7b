// Goal: whatever becomes of Redis' memory under load, every authorization that was in flight posts, no wallet ends
// below zero by more than those, and hot balances end equal to the ledger. Method: the service itself with its
// consumer on real servers; senders that authorize, capture, release and charge through three spend clients.
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { systemClock } from '@orbit/kernel';
import { createTopics, EventProducer, KafkaBatchServer } from '@orbit/messaging';
import { micros, parseAmount } from '@orbit/money';
import { createLogger, NestLogger } from '@orbit/runtime';
import {
  AuthorizationIds,
  ChargeBatcher,
  createSpendRedis,
  HotBalances,
  SpendClient,
} from '@orbit/spend';
import {
  createTestDatabase,
  eventually,
  redisServer,
  seededRandom,
  testInfra,
  uniqueId,
  type RedisServer,
} from '@orbit/testing';
import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WalletKey } from '../books/application/ports.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { SpendLoad } from './spend-load.fake.js';
import { Switchboard } from './switchboard.fake.js';
import { WalletLedgerConfig } from '../wallet-ledger.config.js';
import { LedgerResources, WalletLedgerModule } from '../wallet-ledger.module.js';

const brokers = [...testInfra().kafkaBrokers];
const logger = createLogger('test', 'silent');
const topicPrefix = `${uniqueId('loss')}.`;
const random = seededRandom();
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let server: RedisServer;
let board: Switchboard;
let resources: LedgerResources;
let producer: EventProducer;
let service: INestMicroservice;
const spendRedis: Redis[] = [];

beforeAll(async () => {
  await createTopics({ brokers, topicPrefix, services: ['wallet-ledger'] });
  database = await createTestDatabase();
  server = await redisServer();
  board = await Switchboard.to(server.url);
  const config = Object.assign(new WalletLedgerConfig(), {
    ORBIT_ENV: 'test',
    DATABASE_URL: database.urlFor('orbit_wallet_ledger'),
    REDIS_URL: board.url,
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
  const strategy = new KafkaBatchServer({
    brokers,
    clientId: 'test',
    groupId: 'wallet-ledger',
    topicPrefix,
    producer: resources.producer,
    logger,
    restMs: 200,
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
});

afterAll(async () => {
  for (const redis of spendRedis) redis.disconnect();
  await service.close();
  const findings = await auditLedger(resources.pool);
  await producer.disconnect();
  await resources.onApplicationShutdown();
  await board.close();
  await server.stop();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

const toMicros = (text: string): bigint => {
  const parsed = parseAmount(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.amountMicros;
};

async function walletWith(units: bigint): Promise<WalletKey> {
  const key: WalletKey = { organizationId: uniqueId('org'), currency: 'USD' };
  await resources.changeWallet.open(key, null);
  await resources.changeBlock.grant(key, {
    reference: 'first',
    amountMicros: micros(units * 1_000_000n),
    kind: 'paid',
    priority: 0,
    effectiveAtMs: null,
    expiresAtMs: null,
    metadata: {},
  });
  return key;
}

function makeSpend(): SpendClient {
  const redis = createSpendRedis({ url: board.url });
  spendRedis.push(redis);
  return new SpendClient({
    redis,
    producer: new ChargeBatcher({ producer }),
    clock: systemClock,
    ids: new AuthorizationIds({ secret: 'a secret of the tests, long enough' }),
    limits: { holdTtlMs: HOLD_TTL_MS },
    loader: {
      load: async (organizationId, currency) => {
        const wallet = await resources.changeWallet.load({ organizationId, currency });
        if (!wallet) return null;
        return {
          isRecovering: wallet.recovering,
          outagePolicy: wallet.outage_policy,
          outageBudgetMicros: micros(toMicros(wallet.outage_budget)),
          pausedReason: wallet.outbound_block_reason,
        };
      },
    },
  });
}

/** Longer than any outage here; what an old memory holds wrongly lapses after it. */
const HOLD_TTL_MS = 20_000;

/** Small wallets run dry in the middle of a run, large ones do not. */
const UNITS = [20n, 20n, 60n, 200n];

/** Calls `now` with what loses the memory, at the moment of the loss. */
type Lose = (now: (loss: () => Promise<void>) => Promise<void>) => Promise<void>;

const seconds = (count: number) => ({ timeoutMs: count * 1_000 });

/** Runs a load over wallets that it nearly empties, loses Redis in the middle, and checks what must be true at the end. */
async function survive(lose: Lose): Promise<{ refusals: ReadonlyMap<string, number> }> {
  const wallets = await Promise.all(UNITS.map(walletWith));
  const clients = [makeSpend(), makeSpend(), makeSpend()];
  await eventually(() => expect(spendRedis.every(({ status }) => status === 'ready')).toBe(true));
  const load = new SpendLoad(clients, wallets, () => random.integer(0, 999_999) / 1e6);
  load.start(24);
  await eventually(() => expect(load.charged.length).toBeGreaterThan(150), seconds(60));
  const inFlight = new Map<string, bigint>();
  await lose(async (loss) => {
    // The most that may be spent without cover: asked for before the loss is over, and not ended before it.
    const before = load.readInFlight();
    await loss();
    for (const [chargeId, { wallet, amountMicros }] of [...before, ...load.readInFlight()]) {
      if (inFlight.has(chargeId)) continue;
      const { organizationId } = wallet;
      inFlight.set(chargeId, amountMicros);
      inFlight.set(organizationId, (inFlight.get(organizationId) ?? 0n) + amountMicros);
    }
  });
  const chargedBefore = load.charged.length;
  await eventually(() => {
    expect(load.charged.length).toBeGreaterThan(chargedBefore + 100);
  }, seconds(60));
  await load.stop();

  for (const { wallet, chargeId, amountMicros } of load.charged) {
    await eventually(async () => {
      const outcome = await resources.readWallet.readCharge(wallet.organizationId, chargeId);
      expect({ chargeId, status: outcome?.status }).toEqual({ chargeId, status: 'posted' });
      expect(toMicros(outcome?.amount ?? '0')).toBe(amountMicros);
    }, seconds(60));
  }
  const hot = new HotBalances({ redis: resources.redis });
  for (const [at, wallet] of wallets.entries()) {
    const units = UNITS[at] ?? 0n;
    const spent = load.charged
      .filter((charge) => charge.wallet === wallet)
      .reduce((sum, { amountMicros }) => sum + amountMicros, 0n);
    await eventually(async () => {
      const view = await resources.changeWallet.load(wallet);
      const balance = toMicros(view?.balance ?? '0');
      expect(view?.recovering).toBe(false);
      expect(balance).toBeGreaterThanOrEqual(-(inFlight.get(wallet.organizationId) ?? 0n));
      expect(await hot.read(wallet.organizationId, 'USD')).toMatchObject({
        postedMicros: balance,
        heldMicros: 0n,
      });
      expect(balance).toBe(units * 1_000_000n - spent);
    }, seconds(60));
  }
  return { refusals: load.refusals };
}

test('T28 FLUSHALL under load: spend is refused until the epoch is ready, all in flight posts, balances are rebuilt', async () => {
  const admin = new Redis(server.url);
  await survive((now) => now(async () => void (await admin.flushall())));
  admin.disconnect();
}, 300_000);

test('T28 Redis killed under load and started empty', async () => {
  const { refusals } = await survive((now) =>
    now(async () => {
      await server.kill();
      await server.restart('empty');
    }),
  );
  expect(refusals.get('unavailable') ?? 0).toBeGreaterThan(0);
}, 300_000);

test('T28 Redis killed under load and started from an old dump: what it remembers wrongly is not believed', async () => {
  await survive(async (now) => {
    await server.snapshot();
    await sleep(500);
    await now(async () => {
      await server.kill();
      await server.restart('snapshot');
    });
  });
}, 300_000);

test('T28 fail-over under load to a replica that had fallen behind', async () => {
  const replica = await redisServer();
  const admin = new Redis(replica.url);
  const { hostname, port } = new URL(server.url);
  try {
    await survive(async (now) => {
      await admin.replicaof(hostname, Number(port));
      await eventually(async () =>
        expect(await admin.info('replication')).toContain('master_link_status:up'),
      );
      // From here on it hears nothing more.
      await admin.replicaof('NO', 'ONE');
      await sleep(500);
      await now(() => Promise.resolve(board.switchTo(replica.url)));
    });
  } finally {
    admin.disconnect();
    board.switchTo(server.url);
    await replica.stop();
  }
}, 300_000);

test('while Redis is away nothing is posted and nothing lost: what was authorized and what was not wait in Kafka, and post in order when it is back', async () => {
  const { organizationId } = await walletWith(10n);
  const spend = makeSpend();
  const intent = {
    ...{ organizationId, currency: 'USD' as const, channel: 'sms', quantity: 1, metadata: {} },
    ...{ chargeId: 'held', amountMicros: micros(1_000_000n) },
  };
  const hold = await eventually(async () => {
    const answer = await spend.authorize(intent);
    if (answer.status !== 'authorized') throw new Error(answer.reason);
    return answer;
  }, seconds(40));
  await server.kill();
  const request = (chargeId: string, amount: string, authorizationId: string | null) => ({
    ...{ key: organizationId, id: chargeId, timeMs: Date.now() },
    value: {
      ...{ charge_id: chargeId, organization_id: organizationId, amount, currency: 'USD' },
      ...{ channel: 'sms', authorization_id: authorizationId },
      occurred_at: new Date().toISOString(),
    },
  });
  const requests = [request('held', '1', hold.authorizationId), request('raw', '2', null)];
  await producer.publish('charge.requested', requests);
  const outcomes = () =>
    Promise.all(
      ['held', 'raw'].map((chargeId) => resources.readWallet.readCharge(organizationId, chargeId)),
    );
  // Past the first retries of a batch.
  await sleep(2_000);
  expect(await outcomes()).toEqual([null, null]);
  await server.restart();
  await eventually(async () => {
    expect(await outcomes()).toMatchObject([{ status: 'posted' }, { status: 'posted' }]);
  }, seconds(40));
  const [held, raw] = await outcomes();
  expect([held?.balance_after, raw?.balance_after]).toEqual(['9.00', '7.00']);
}, 300_000);
