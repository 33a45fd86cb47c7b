// Goal: the service as it runs: events over Kafka in, answers over RPC out; what has no meaning is dead-lettered.
import {
  METERED_RPC,
  USAGE_RPC,
  type ChannelUsage,
  type ClosedUsage,
  type UsageAnswer,
} from '@orbit/contracts';
import { createTopics, EventProducer, KafkaBatchServer } from '@orbit/messaging';
import {
  createLogger,
  readConfig,
  RpcClient,
  startService,
  type RunningService,
} from '@orbit/runtime';
import {
  SLOW_ANSWER_MS,
  createTestDatabase,
  eventually,
  testInfra,
  uniqueId,
  type TestDatabase,
} from '@orbit/testing';
import { createServer } from 'node:net';
import { parseWithPostgres } from './metrics/adapters/parse-with-postgres.js';
import { readMetric } from './metrics/domain/read-metric.js';
import { switches } from './switches.fake.js';
import { UsageMeteringConfig } from './usage-metering.config.js';
import { MeteringResources, UsageMeteringModule } from './usage-metering.module.js';

const prefix = `${uniqueId('metering')}.`;
const brokers = testInfra().kafkaBrokers;
const logger = createLogger('usage-metering', 'fatal');
let database: TestDatabase;
let resources: MeteringResources;
let service: RunningService;
let producer: EventProducer;
let rpc: RpcClient;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

beforeAll(async () => {
  database = await createTestDatabase();
  await createTopics({ brokers, topicPrefix: prefix, services: ['usage-metering'] });
  const [rpcPort, healthPort] = [await freePort(), await freePort()];
  const config = readConfig(UsageMeteringConfig, {
    DATABASE_URL: database.urlFor('orbit_usage_metering'),
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_TOPIC_PREFIX: prefix,
    ...switches,
    USAGE_METERING_RPC: `127.0.0.1:${rpcPort}`,
    INVOICING_RPC: '127.0.0.1:9',
    HEALTH_PORT: String(healthPort),
  });
  resources = new MeteringResources(config, logger);
  service = await startService({
    name: 'usage-metering',
    module: UsageMeteringModule.of(resources),
    rpcAddress: config.USAGE_METERING_RPC,
    healthPort,
    logger,
    prepare: () => resources.start(),
    ready: () => resources.ready(),
    strategy: new KafkaBatchServer({
      brokers,
      clientId: 'usage-metering',
      groupId: 'usage-metering',
      topicPrefix: prefix,
      fetchSessions: config.KAFKA_FETCH_SESSIONS,
      producer: resources.producer,
      logger,
    }),
  });
  producer = new EventProducer({
    brokers,
    clientId: 'test',
    topicPrefix: prefix,
    ownEncoder: config.KAFKA_OWN_ENCODER,
  });
  await producer.connect();
  rpc = new RpcClient({
    name: 'metering',
    host: '127.0.0.1',
    port: rpcPort,
    timeoutMs: SLOW_ANSWER_MS,
  });
}, 120_000);

afterAll(async () => {
  rpc.close();
  await producer.disconnect();
  await service.stop();
  await database.drop();
});

const NOW = new Date().toISOString();
const posted = (charge_id: string, change: object = {}) => ({
  charge_id,
  organization_id: 'org_k',
  wallet_id: 'wal_1',
  amount: '0.0075',
  currency: 'USD',
  channel: 'sms',
  quantity: 2,
  entries: [],
  balance_after: '1.00',
  sequence: '1',
  occurred_at: NOW,
  posted_at: NOW,
  metadata: {},
  ...change,
});
const reported = (charge_id: string, status: string) => ({
  organization_id: 'org_k',
  charge_id,
  status,
  occurred_at: NOW,
});
const publish = (topic: 'charge.posted' | 'delivery.reported', values: readonly object[]) =>
  producer.publish(
    topic,
    values.map((value) => ({ key: 'org_k', value, id: uniqueId('evt'), timeMs: 0 })),
  );
const readUsage = () =>
  rpc.call<ChannelUsage[]>(USAGE_RPC.byChannel, {
    organization_id: 'org_k',
    currency: 'USD',
    days: 2,
  });

test('reports before charges, duplicates and a bad event in between end with exact sums', async () => {
  const ids = Array.from({ length: 40 }, (_, i) => `charge_${i}`);
  await publish(
    'delivery.reported',
    ids.slice(0, 20).map((id) => reported(id, 'delivered')),
  );
  const charges = ids.map((id) => posted(id));
  const bad = posted('charge_bad', { occurred_at: '0000-01-01T00:00:00Z' });
  await publish('charge.posted', [...charges, bad, ...charges]);
  await publish('delivery.reported', [
    reported('charge_39', 'failed'),
    reported('charge_39', 'failed'),
  ]);
  await eventually(async () => {
    expect(await readUsage()).toEqual([
      {
        channel: 'sms',
        total_messages: 80,
        delivered: 40,
        failed: 2,
        total_cost: '0.30',
      },
    ]);
  });
});

test.each([
  [{ organization_id: 'org_k', currency: 'usd', days: 1 }, 'unsupported_currency'],
  [{ organization_id: 'org_k', currency: 'USD', days: 0 }, 'invalid_field'],
  [{ organization_id: 'org_k', currency: 'USD', days: 1.5 }, 'invalid_field'],
])('the question %j is refused with %s', async (question, code) => {
  await expect(rpc.call(USAGE_RPC.byChannel, question)).rejects.toMatchObject({ code });
});

test('an event over Kafka is counted, and a window that is closed after it was accepted has it', async () => {
  const tree = await readMetric('SELECT SUM(bytes) FROM events', parseWithPostgres);
  await resources.prisma.$executeRaw`
    INSERT INTO usage_metering.metric (id, account_id, name, item_id, sql, tree, created_at)
    VALUES ('metric_k', 'acct_k', 'Bytes', 'item_k', '', ${JSON.stringify(tree)}::jsonb, now())`;
  const definition = { metric_id: 'metric_k', filter: null, grouping_keys: ['region'] };
  const now = Date.now();
  const day = (ms: number): string => new Date(ms).toISOString();
  const question = {
    ...{ account_id: 'acct_k', customer_ids: ['org_k'] },
    windows: [{ from: day(now - 86_400_000), to: day(now + 1) }],
  };
  const event = (idempotency_key: string, bytes: number) => ({
    ...{ idempotency_key, event_name: 'call', timestamp: day(now) },
    properties: { bytes, region: 'eu' },
  });
  const value = {
    ...{ account_id: 'acct_k', customer_id: 'org_k', external_customer_id: null },
    events: [event('a', 2), event('b', 0.5), event('a', 2)],
  };
  await producer.publish('usage.ingested', [
    { key: 'acct_k org_k', value, id: uniqueId('evt'), timeMs: now },
  ]);
  const closed = await eventually(async () => {
    const answer = await rpc.call<ClosedUsage>(METERED_RPC.close, {
      ...question,
      ...{ interval_id: 'interval_k', definition },
    });
    if (answer.state !== 'closed') throw new Error(answer.state);
    return answer;
  });
  const groups = [{ values: ['eu'], quantity: '2.5', event_count: 2 }];
  expect(closed.rows).toMatchObject([{ revision: 0, groups }]);
  const asked = { ...question, definitions: [definition] };
  const answer = await rpc.call<UsageAnswer>(METERED_RPC.usage, asked);
  expect(answer).toMatchObject({ faults: [], results: [{ windows: [{ groups }] }] });
});
