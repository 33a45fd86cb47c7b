// Goal: whoever compares the books with Stripe is told exactly what stands for money there: T17 to T19 and nothing of
// charges or grants. Method: the service's own module on real servers, called over Nest TCP.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  BLOCKS_RPC,
  PAYMENT_ENTRIES_RPC,
  WALLET_RPC,
  type PaymentEntriesPage,
  type PaymentTotal,
} from '@orbit/contracts';
import { createTopics } from '@orbit/messaging';
import { micros } from '@orbit/money';
import { createLogger, RpcClient, startService, type RunningService } from '@orbit/runtime';
import {
  SLOW_ANSWER_MS,
  createTestDatabase,
  redisServer,
  testInfra,
  uniqueId,
  type RedisServer,
} from '@orbit/testing';
import { createServer } from 'node:net';
import {
  beginRefundCommand,
  closeDisputeCommand,
  completeRefundCommand,
  failRefundCommand,
  openDisputeCommand,
} from './application/clawback-commands.js';
import type { LedgerCommand } from '../books/application/commands.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { WalletLedgerConfig } from '../wallet-ledger.config.js';
import { LedgerResources, WalletLedgerModule } from '../wallet-ledger.module.js';

const logger = createLogger('test', 'silent');
const clock = { nowMs: () => Date.now() };
const key = { organizationId: uniqueId('org'), currency: 'USD' as const };
const since = new Date(Date.now() - 60_000).toISOString();
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let redis: RedisServer;
let resources: LedgerResources;
let service: RunningService;
let rpc: RpcClient;

beforeAll(async () => {
  const brokers = [...testInfra().kafkaBrokers];
  const topicPrefix = `${uniqueId('payments')}.`;
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
}, 120_000);
afterAll(async () => {
  const findings = await auditLedger(resources.pool);
  rpc.close();
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

const usd = (amount: number) => micros(BigInt(amount) * 1_000_000n);
const run = (command: LedgerCommand) => resources.postBatch.run([command], 'test');
const topUp = (id: string, amount: number): LedgerCommand => ({
  kind: 'credit',
  key,
  credit: {
    type: 'topup',
    reference: `topup:${id}`,
    amountMicros: usd(amount),
    kind: 'paid',
    priority: 0,
    effectiveAtMs: null,
    expiresAtMs: null,
    occurredAtMs: Date.now(),
    metadata: {},
  },
});
const totals = async (...references: readonly string[]) => {
  const { organizationId: organization_id, currency } = key;
  const wanted = references.map((reference) => ({ organization_id, currency, reference }));
  const found = await rpc.call<PaymentTotal[]>(PAYMENT_ENTRIES_RPC.totals, { references: wanted });
  return found.map(({ reference, amount, held, at_stripe }) => [
    reference,
    amount,
    held,
    at_stripe,
  ]);
};

test('T17 to T19: top-ups, refunds, disputes and fees are told by reference; grants and unknown ones are not', async () => {
  const refund = { refundId: 'ref_1', topUpId: 'tu_1', amountMicros: usd(40), facts: {} };
  const amounts = { amountMicros: usd(100), feeMicros: usd(15) };
  const dispute = { disputeId: 'dp_1', topUpId: 'tu_1', ...amounts, facts: {} };
  await rpc.call(WALLET_RPC.open, { organization_id: key.organizationId, currency: 'USD' });
  await run(topUp('tu_1', 100));
  const grant = { organization_id: key.organizationId, currency: 'USD', amount: '5', kind: 'paid' };
  await rpc.call(BLOCKS_RPC.grant, { ...grant, reference: 'g-1' });
  await run(beginRefundCommand(key, refund));
  expect(await totals('refund:ref_1')).toEqual([['refund:ref_1', '0.00', '40.00', '-40.00']]);
  await run(completeRefundCommand(key, refund));
  await run(openDisputeCommand(key, dispute, clock));
  expect(await totals('topup:tu_1', 'refund:ref_1', 'dispute:dp_1', 'dispute_fee:dp_1')).toEqual([
    ['topup:tu_1', '100.00', '0.00', '100.00'],
    ['refund:ref_1', '-40.00', '0.00', '-40.00'],
    ['dispute:dp_1', '0.00', '60.00', '-100.00'],
    ['dispute_fee:dp_1', '-15.00', '0.00', '-15.00'],
  ]);
  await run(closeDisputeCommand(key, { ...dispute, isWon: false }, clock));
  expect(await totals('dispute:dp_1', 'dispute_fee:dp_1')).toEqual([
    // 40 of it nobody can give back: bad_debt.
    ['dispute:dp_1', '-60.00', '0.00', '-100.00'],
    ['dispute_fee:dp_1', '-15.00', '0.00', '-15.00'],
  ]);
  const failed = { ...refund, refundId: 'ref_2', topUpId: 'tu_2', amountMicros: usd(10) };
  await run(topUp('tu_2', 10));
  await run(completeRefundCommand(key, failed));
  await run(failRefundCommand(key, failed));
  expect(await totals('refund:ref_2', 'topup:tu_none')).toEqual([
    ['refund:ref_2', '0.00', '0.00', '0.00'],
  ]);
});

test('the list names each of them by its own reference, page by page', async () => {
  const seen: string[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const query = { since, limit: 2, ...(after === undefined ? {} : { after }) };
    const page = await rpc.call<PaymentEntriesPage>(PAYMENT_ENTRIES_RPC.list, query);
    seen.push(...page.entries.map(({ reference }) => reference));
    after = page.after;
  }
  expect([...new Set(seen)].sort()).toEqual([
    'dispute:dp_1',
    'dispute_fee:dp_1',
    'refund:ref_1',
    'refund:ref_2',
    'topup:tu_1',
    'topup:tu_2',
  ]);
  const later = { since: new Date(Date.now() + 60_000).toISOString(), limit: 10 };
  expect(await rpc.call(PAYMENT_ENTRIES_RPC.list, later)).toEqual({ entries: [], after: null });
});

test('wrong questions name their field', async () => {
  for (const [query, param] of [
    [{ since: 'yesterday', limit: 5 }, 'since'],
    [{ since, limit: 0 }, 'limit'],
    [{ since, limit: 1_001 }, 'limit'],
    [{ since, limit: 5, after: 'x' }, 'after'],
  ] as const) {
    const answer = rpc.call(PAYMENT_ENTRIES_RPC.list, query);
    await expect(answer).rejects.toMatchObject({ code: 'invalid_field', param });
  }
  const answer = rpc.call(PAYMENT_ENTRIES_RPC.totals, { references: 'all' });
  await expect(answer).rejects.toMatchObject({ code: 'invalid_field', param: 'references' });
});
