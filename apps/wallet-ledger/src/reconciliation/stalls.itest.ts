// Goal: a partition that stands still in one instance is told by every instance, and ends to be told when it moves.
// Method: a real consumer whose handler breaks, two instances' views of one real database.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ChargeRequested } from '@orbit/events';
import { InvariantViolation, systemClock } from '@orbit/kernel';
import {
  BatchHandler,
  createTopics,
  EventProducer,
  KafkaBatchServer,
  type EventBatch,
} from '@orbit/messaging';
import { createLogger } from '@orbit/runtime';
import { createTestDatabase, eventually, testInfra, uniqueId } from '@orbit/testing';
import pg from 'pg';
import { ReadLedgerHealth } from './application/reconcile-health.js';
import { ReportStalls } from './application/report-stalls.js';
import { partitionStalls } from './adapters/partition-stalls.js';
import { auditLedger } from '../books/adapters/ledger-audit.js';
import { PostgresHealthReader } from './adapters/postgres-health-reader.js';
import { PostgresStallStore } from './adapters/postgres-stall-store.js';

const brokers = [...testInfra().kafkaBrokers];
const topicPrefix = `${uniqueId('stalls')}.`;
const logger = createLogger('test', 'silent');
const broken = new Set<string>();
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let producer: EventProducer;
let strategy: KafkaBatchServer;
let app: INestMicroservice;

@Controller()
class BreakingConsumer {
  @BatchHandler('charge.requested')
  handle({ events }: EventBatch<ChargeRequested>): Promise<void> {
    for (const { value } of events) {
      if (!broken.has(value.charge_id)) continue;
      const why = `no such block: ${value.charge_id}`;
      throw value.channel === 'sms' ? new InvariantViolation(why) : new Error(why);
    }
    return Promise.resolve();
  }
}
@Module({ controllers: [BreakingConsumer] })
class BreakingModule {}

beforeAll(async () => {
  await createTopics({ brokers, topicPrefix, services: ['wallet-ledger'] });
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 4 });
  producer = new EventProducer({ brokers, clientId: 'test', topicPrefix, logger });
  await producer.connect();
  strategy = new KafkaBatchServer({
    ...{ brokers, clientId: 'test', groupId: 'ledger', topicPrefix, producer, logger },
    ...{ retry: { attemptsMax: 2, delayMsFirst: 10, delayMsMax: 20 }, restMs: 200 },
  });
  app = await NestFactory.createMicroservice(BreakingModule, { strategy, logger: false });
  await app.listen();
  await eventually(() => expect(strategy.isReady()).toBe(true), { timeoutMs: 60_000 });
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  await app.close();
  await producer.disconnect();
  await pool.end();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

async function request(chargeId: string, channel: string, organizationId: string): Promise<void> {
  const value: ChargeRequested = {
    ...{ charge_id: chargeId, organization_id: organizationId, amount: '1', currency: 'USD' },
    ...{ channel, occurred_at: new Date().toISOString() },
  };
  const event = { key: organizationId, id: chargeId, timeMs: Date.now(), value };
  await producer.publish('charge.requested', [event]);
}

test('a partition that is stopped or keeps failing degrades the health of the ledger, in every instance', async () => {
  const instance = new ReportStalls(new PostgresStallStore(pool));
  instance.watch(() => partitionStalls(strategy.standstills(), topicPrefix));
  const another = new ReadLedgerHealth(new PostgresHealthReader(pool), systemClock, [1_000]);
  const stallsNow = async () => {
    await instance.run();
    return (await another.run()).stalls;
  };
  expect(await stallsNow()).toEqual([]);

  broken.add('fails').add('breaks');
  await request('fails', 'voice', 'org_a');
  const failing = await eventually(async () => {
    const stalls = await stallsNow();
    expect(stalls).toHaveLength(1);
    return stalls[0];
  });
  expect(failing).toMatchObject({
    ...{ what: expect.stringMatching(/^charge\.requested\/\d$/), state: 'failing' },
    ...{ detail: 'no such block: fails', what_to_do: expect.stringContaining('batch keeps') },
  });

  broken.delete('fails');
  await eventually(async () => expect(await stallsNow()).toEqual([]));

  await request('breaks', 'sms', 'org_b');
  await eventually(async () => {
    expect(await stallsNow()).toMatchObject([
      { state: 'stopped', detail: 'no such block: breaks' },
    ]);
  });
  const health = await another.run();
  expect(health.status).toBe('degraded');
  expect(health.reasons[0]).toMatch(
    /^charge\.requested\/\d is stopped by a broken invariant; .* \(since 2\d{3}-/,
  );

  // The instance that saw it dies: what nobody says any more is over, and begins anew if it comes again.
  await pool.query(`UPDATE wallet_ledger.stall SET seen_at = now() - interval '11 seconds'`);
  expect((await another.run()).stalls).toEqual([]);
  const [stopped] = await stallsNow();
  expect(Date.parse(stopped?.since ?? '')).toBeGreaterThan(
    Date.parse(health.stalls[0]?.since ?? ''),
  );
});
