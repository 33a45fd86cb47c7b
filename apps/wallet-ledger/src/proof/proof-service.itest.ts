// Goal: the jobs run in the service as it is wired: what is posted gets sealed and published, the checks become true,
// and the answers over RPC are those of the real adapters. Method: the service's resources on real servers.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Provider } from '@nestjs/common';
import type { LedgerSealed } from '@orbit/events';
import { createTopics } from '@orbit/messaging';
import { micros, type Currency } from '@orbit/money';
import { createLogger } from '@orbit/runtime';
import { AuthorizationIds } from '@orbit/spend';
import {
  createTestDatabase,
  eventually,
  redisServer,
  testInfra,
  uniqueId,
  type RedisServer,
} from '@orbit/testing';
import { Kafka, logLevel, type Consumer } from 'kafkajs';
import { LedgerHealthController } from '../reconciliation/adapters/ledger-health.controller.js';
import { ProofController } from './adapters/proof.controller.js';
import type { LedgerCommand } from '../books/application/commands.js';
import type { WalletKey } from '../books/application/ports.js';
import type { Charge } from '../books/domain/wallet.js';
import { BalanceAt } from './application/balance-at.js';
import { ExplainCharge } from './application/explain-charge.js';
import { ReadLedgerHealth } from '../reconciliation/application/reconcile-health.js';
import { RecheckWallets } from '../reconciliation/application/reconcile-recheck.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { WalletLedgerConfig } from '../wallet-ledger.config.js';
import { LedgerResources, WalletLedgerModule } from '../wallet-ledger.module.js';

const brokers = [...testInfra().kafkaBrokers];
const topicPrefix = `${uniqueId('proof')}.`;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let redis: RedisServer;
let resources: LedgerResources;
let consumer: Consumer;
const sealed: LedgerSealed[] = [];

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
    LEDGER_SEAL_INTERVAL_MS: 200,
    LEDGER_RECONCILE_INTERVAL_MS: 200,
  });
  resources = new LedgerResources(config, createLogger('test', 'silent'));
  await resources.start();
  const kafka = new Kafka({ clientId: 'test', brokers, logLevel: logLevel.NOTHING });
  consumer = kafka.consumer({ groupId: uniqueId('group'), maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic: `${topicPrefix}ledger.sealed`, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      sealed.push(JSON.parse(message.value?.toString() ?? '') as LedgerSealed);
      return Promise.resolve();
    },
  });
});
afterAll(async () => {
  const findings = await auditLedger(resources.pool);
  await consumer.disconnect();
  await resources.onApplicationShutdown();
  await redis.stop();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

/** The two controllers with what Nest would hand to them. */
function controller() {
  const providers = WalletLedgerModule.of(resources).providers ?? [];
  const of = <T>(type: abstract new (...args: never[]) => T): T => {
    const found = providers.find(
      (provider: Provider) => 'provide' in provider && provider.provide === type,
    );
    return (found as { useValue: T }).useValue;
  };
  const proofs = new ProofController(of(ExplainCharge), of(BalanceAt));
  const healths = new LedgerHealthController(of(ReadLedgerHealth), of(RecheckWallets));
  return {
    explain: proofs.explain.bind(proofs),
    balancesAt: proofs.balancesAt.bind(proofs),
    health: healths.health.bind(healths),
    recheck: healths.recheck.bind(healths),
  };
}

test('what is posted is sealed, published and explained; every check becomes true', async () => {
  const key = { organizationId: uniqueId('org'), currency: 'USD' } as const;
  await resources.changeWallet.open(key, null);
  await resources.changeBlock.grant(key, {
    reference: 'first',
    amountMicros: micros(5_000_000n),
    kind: 'paid',
    priority: 0,
    effectiveAtMs: null,
    expiresAtMs: null,
    metadata: {},
  });
  const charge = {
    chargeId: 'c_1',
    amountMicros: micros(7_500n),
    channel: 'sms',
    quantity: 1,
    metadata: {},
    occurredAtMs: Date.now(),
    isAuthorized: false,
    leaseId: null,
  };
  await resources.postBatch.run([{ kind: 'charge', key, charge, replyTo: null }], 'test');

  const rpc = controller();
  const proof = await eventually(async () => {
    const request = { organization_id: key.organizationId, charge_id: 'c_1' };
    const explanation = await rpc.explain(request);
    const seal = explanation?.entries[0]?.seal;
    if (seal?.status !== 'sealed') throw new Error('not sealed yet');
    return seal;
  });
  await eventually(() => expect(sealed.map(({ root }) => root)).toContain(proof.root.root));
  await eventually(async () => {
    const health = await rpc.health();
    expect(health.checks.filter(({ holds }) => !holds)).toEqual([]);
    expect(health.holds).toBe(true);
  });
  expect(await rpc.balancesAt({ at: new Date().toISOString(), limit: 5 })).toMatchObject({
    balances: [{ organization_id: key.organizationId, balance: '4.9925', sequence: '2' }],
    after: null,
  });
  const checked = await rpc.recheck({ organization_id: key.organizationId, clear: true });
  expect(checked?.wallets).toMatchObject([{ outbound_paused: false, breaches: [] }]);
  expect(await rpc.recheck({ organization_id: 'org_none', clear: false })).toBeNull();
});

test('explain: the hold or the lease that authorized a charge, for ever and sealed; the plan that paid', async () => {
  const organizationId = uniqueId('org');
  const key = { organizationId, currency: 'USD' } as const;
  const units: WalletKey = { organizationId, currency: 'messages' as unknown as Currency };
  const grant = async (of: WalletKey, reference: string): Promise<void> => {
    await resources.changeWallet.open(of, null);
    await resources.changeBlock.grant(of, {
      ...{ reference, amountMicros: micros(5_000_000n), kind: 'promotional' },
      ...{ priority: 0, effectiveAtMs: null, expiresAtMs: null, metadata: {} },
    });
  };
  await grant(key, 'first');
  await grant(units, 'plan:sub_1:2026-06-01T00:00:00.000Z:plan_growth');
  const order = { reference: 'l1', amountMicros: micros(1_000_000n), ttlMs: 60_000, holder: null };
  // Its Redis is new: no lease is opened before the ledger trusts it; the same reference is the same lease.
  const opened = await eventually(() => resources.leases.manageLeases.open(key, order));
  const { lease_id } = opened.lease;
  const charge = (of: WalletKey, chargeId: string, more: Partial<Charge> = {}): LedgerCommand => ({
    kind: 'charge',
    key: of,
    replyTo: null,
    charge: {
      ...{ chargeId, amountMicros: micros(2_000_000n), channel: 'sms', quantity: 2 },
      ...{ metadata: {}, occurredAtMs: Date.now(), isAuthorized: false, leaseId: null, ...more },
    },
  });
  const fromLease = { leaseId: lease_id, amountMicros: micros(600_000n) };
  const results = await resources.postBatch.run(
    [
      charge(key, 'raw', { amountMicros: micros(1n) }),
      charge(key, 'held', { isAuthorized: true }),
      charge(key, 'leased', fromLease),
      charge(key, 'past_the_lease', fromLease),
      charge(units, 'planned', { isAuthorized: true }),
      charge(units, 'split~plan', { isAuthorized: true, amountMicros: micros(3_000_000n) }),
      charge(key, 'split', {
        ...{ isAuthorized: true, amountMicros: micros(10_000n) },
        metadata: { orbit_allowance: 'messages:3' },
      }),
    ],
    'test',
  );
  expect(results.map(({ status }) => status)).toEqual(Array(7).fill('booked'));
  const rpc = controller();
  const explain = async (chargeId: string) => {
    const told = await rpc.explain({ organization_id: organizationId, charge_id: chargeId });
    return { authorization: told?.authorization, plan: told?.plan, rating: told?.rating };
  };
  const none = { authorization_id: null, lease_id: null };
  const heldAs = (of: WalletKey, id: string): object => ({
    authorization_id: new AuthorizationIds({ secret: 'a secret of the tests, long enough' }).idOf({
      ...{ organizationId, currency: of.currency, chargeId: id, part: '' },
      amountMicros: micros(2_000_000n),
    }),
    lease_id: null,
  });
  const plain = { plan: null, rating: null };
  expect(await explain('raw')).toEqual({ authorization: none, ...plain });
  expect(await explain('held')).toEqual({ authorization: heldAs(key, 'held'), ...plain });
  const byLease = { authorization_id: null, lease_id };
  expect(await explain('leased')).toEqual({ authorization: byLease, ...plain });
  expect(await explain('past_the_lease')).toEqual({ authorization: none, ...plain });
  const plan = { plan_id: 'plan_growth', subscription_id: 'sub_1', unit: 'messages' };
  expect(await explain('planned')).toEqual({
    authorization: heldAs(units, 'planned'),
    plan: { ...plan, amount: '2', charge_id: null },
    rating: null,
  });
  expect((await explain('split')).plan).toEqual({ ...plan, amount: '3', charge_id: 'split~plan' });
  await eventually(async () => {
    const texts = await Promise.all(
      ['raw', 'held', 'leased'].map(async (charge_id) => {
        const told = await rpc.explain({ organization_id: organizationId, charge_id });
        const seal = told?.entries[0]?.seal;
        if (seal?.status !== 'sealed') throw new Error('not sealed yet');
        return JSON.parse(seal.canonical) as unknown[];
      }),
    );
    const by = texts.map((text) => [text[0], text[17]]);
    expect(by).toEqual([
      ['orbit.entry.1', undefined],
      ['orbit.entry.2', 'hold'],
      ['orbit.entry.2', lease_id],
    ]);
  });
  await resources.leases.manageLeases.close(organizationId, lease_id);
});

test('while Redis is away the checks of the books go on, and those of Redis grow old', async () => {
  const trueAt = async (check: string): Promise<number> => {
    const { checks } = await controller().health();
    return Date.parse(checks.find((one) => one.check === check)?.last_true_at ?? '');
  };
  await redis.kill();
  const killedAt = Date.now();
  await eventually(async () => {
    expect(await trueAt('entries_add_up')).toBeGreaterThan(killedAt + 1_000);
  });
  expect(await trueAt('hot_balance_is_ledger')).toBeLessThan(killedAt + 1_000);
  await redis.restart();
  await eventually(async () => {
    expect(await trueAt('hot_balance_is_ledger')).toBeGreaterThan(killedAt + 1_000);
  });
});
