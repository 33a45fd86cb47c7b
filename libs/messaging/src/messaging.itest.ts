import { Controller, Module, type DynamicModule, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TOPICS, type ChargeRequested } from '@orbit/events';
import { InvariantViolation } from '@orbit/kernel';
import { createLogger, NestLogger } from '@orbit/runtime';
import { eventually, testInfra, uniqueId } from '@orbit/testing';
import { Kafka, logLevel, Partitioners, type Admin, type Message, type Producer } from 'kafkajs';
import {
  BatchHandler,
  createTopics,
  makeTopics,
  EventProducer,
  KafkaBatchServer,
  patientAdmin,
  type EventBatch,
  type KafkaBatchServerOptions,
} from './index.js';
import { switches } from './switches.fake.js';

type Handle = (batch: EventBatch<ChargeRequested>) => Promise<void>;

const TOPIC = 'charge.requested';
const brokers = [...testInfra().kafkaBrokers];
const silent = createLogger('test', 'silent');
const kafka = new Kafka({ brokers, clientId: 'raw', logLevel: logLevel.NOTHING });
const charge = (id: string, organization = 'org_1'): ChargeRequested => ({
  charge_id: id,
  organization_id: organization,
  amount: '0.0075',
  currency: 'USD',
  channel: 'sms',
  quantity: 1,
  authorization_id: null,
  occurred_at: '2026-05-16T11:21:18.901Z',
  metadata: { country: '1' },
});

function moduleOf(handle: Handle): DynamicModule {
  @Controller()
  class ChargeConsumer {
    @BatchHandler(TOPIC)
    async handle(batch: EventBatch<ChargeRequested>): Promise<void> {
      await handle(batch);
    }
  }
  @Module({})
  class ConsumerModule {}
  return { module: ConsumerModule, controllers: [ChargeConsumer] };
}

let prefix = '';
let raw: Producer;
let admin: Admin;
let producer: EventProducer;
const running: INestMicroservice[] = [];

async function consume(handle: Handle, limits: Partial<KafkaBatchServerOptions> = {}) {
  const strategy = new KafkaBatchServer({
    brokers,
    clientId: 'test',
    groupId: 'ledger',
    topicPrefix: prefix,
    producer,
    logger: silent,
    retry: { attemptsMax: 3, delayMsFirst: 10, delayMsMax: 20 },
    restMs: 100,
    fetchSessions: switches.fetchSessions,
    ...limits,
  });
  const app = await NestFactory.createMicroservice(moduleOf(handle), {
    strategy,
    logger: new NestLogger(silent),
  });
  await app.listen();
  running.push(app);
  return { app, strategy };
}

/** Partitions are chosen by hand, so that a test knows which one a message is in. */
const sendRaw = (messages: readonly Message[]): Promise<unknown> =>
  raw.send({ topic: `${prefix}${TOPIC}`, messages: [...messages] });
const plain = (id: string, partition = 0): Message => ({
  key: 'org_1',
  value: JSON.stringify(charge(id)),
  partition,
});

async function committed(partition: number): Promise<string> {
  const [topic] = await admin.fetchOffsets({
    groupId: `${prefix}ledger`,
    topics: [`${prefix}${TOPIC}`],
  });
  return topic?.partitions.find((found) => found.partition === partition)?.offset ?? '-1';
}

async function deadLetters(): Promise<{ value: string; headers: Record<string, string> }[]> {
  const consumer = kafka.consumer({ groupId: uniqueId(), maxWaitTimeInMs: 100 });
  const letters: { value: string; headers: Record<string, string> }[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic: `${prefix}${TOPIC}.dlq`, fromBeginning: true });
  const [end] = await admin.fetchTopicOffsets(`${prefix}${TOPIC}.dlq`);
  await consumer.run({
    eachMessage: async ({ message }) => {
      const headers = Object.entries(message.headers ?? {}).map(([k, v]) => [k, String(v)]);
      letters.push({
        value: String(message.value),
        headers: Object.fromEntries(headers) as Record<string, string>,
      });
      await Promise.resolve();
    },
  });
  await eventually(() => expect(letters).toHaveLength(Number(end?.high)));
  await consumer.disconnect();
  return letters;
}

beforeAll(async () => {
  raw = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  admin = patientAdmin(kafka.admin());
  await Promise.all([raw.connect(), admin.connect()]);
});
afterAll(async () => {
  await Promise.all([raw.disconnect(), admin.disconnect()]);
});
beforeEach(async () => {
  prefix = `${uniqueId()}.`;
  // All topics of the product would be a second and more for each of these tests, in three files.
  await makeTopics(admin, [
    { topic: `${prefix}${TOPIC}`, numPartitions: TOPICS[TOPIC].partitions },
    { topic: `${prefix}${TOPIC}.dlq`, numPartitions: 1 },
  ]);
  producer = new EventProducer({
    brokers,
    clientId: 'test',
    topicPrefix: prefix,
    logger: silent,
    ownEncoder: switches.ownEncoder,
  });
  await producer.connect();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.close()));
  await producer.disconnect();
});

test('createTopics: declared partitions and retention, again without harm', async () => {
  await createTopics({ brokers, topicPrefix: prefix });
  await createTopics({ brokers, topicPrefix: prefix });
  const topics = Object.keys(TOPICS).map((topic) => `${prefix}${topic}`);
  const metadata = await admin.fetchTopicMetadata({ topics });
  const counts = metadata.topics.map(({ name, partitions }) => [name, partitions.length]);
  const declared = Object.entries(TOPICS).map(([name, topic]) => [
    `${prefix}${name}`,
    topic.partitions,
  ]);
  expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(declared));
});

test('events of ours and of a client without CloudEvents headers arrive alike', async () => {
  const seen: { id: string; charge: string; replyTo: string | undefined }[] = [];
  await consume(async ({ events }) => {
    for (const { id, value, headers } of events) {
      seen.push({ id, charge: value.charge_id, replyTo: headers['orbit_reply_to'] });
    }
    await Promise.resolve();
  });
  await producer.publish(TOPIC, [
    {
      key: 'org_1',
      id: 'evt_1',
      timeMs: 0,
      value: charge('c1'),
      headers: { orbit_reply_to: 'replies' },
    },
  ]);
  await sendRaw([plain('c2', 3)]);
  await eventually(() => expect(seen).toHaveLength(2));
  expect(seen).toContainEqual({ id: 'evt_1', charge: 'c1', replyTo: 'replies' });
  const foreign = { id: expect.stringMatching(/^charge\.requested-3-\d+$/) as string };
  expect(seen).toContainEqual({ ...foreign, charge: 'c2', replyTo: undefined });
});

test('what cannot be read or handled goes to the dead letters; the partition goes on', async () => {
  const seen: string[] = [];
  await consume(async (batch) => {
    for (const event of batch.events) {
      if (event.value.organization_id === 'org_gone') {
        batch.deadLetter(event, 'unknown_organization', 'no wallet');
      } else seen.push(event.value.charge_id);
    }
    await Promise.resolve();
  });
  const { amount: _amount, ...lacking } = charge('lacking');
  await sendRaw([
    { ...plain('x'), value: '{broken', headers: { trace: 'abc' } },
    { ...plain('x'), value: JSON.stringify(lacking) },
    { ...plain('x'), value: null },
    { ...plain('x'), key: 'org_gone', value: JSON.stringify(charge('stray', 'org_gone')) },
    { ...plain('x'), headers: { ce_type: 'topup.completed', ce_specversion: '1.0' } },
    plain('good'),
  ]);
  await eventually(async () => expect(await committed(0)).toBe('6'));
  expect(seen).toEqual(['good']);
  const letters = await deadLetters();
  expect(letters.map(({ headers }) => headers['orbit_error_code'])).toEqual(
    expect.arrayContaining([
      'not_json',
      'invalid_value',
      'unknown_organization',
      'invalid_envelope',
    ]),
  );
  expect(letters).toHaveLength(5);
  const broken = letters.find(({ value }) => value === '{broken');
  expect(broken?.headers).toMatchObject({
    trace: 'abc',
    orbit_source_topic: TOPIC,
    orbit_source_partition: '0',
    orbit_source_offset: '0',
  });
  const missing = letters.find(({ value }) => value.includes('lacking'));
  expect(missing?.headers['orbit_error_message']).toContain('amount');
});

test('a message as large as Kafka takes goes to the dead letters, too', async () => {
  await createTopics({ brokers, topicPrefix: prefix, services: ['wallet-ledger'] });
  await consume(() => Promise.resolve());
  // These topics were made without settings; a broker goes by a new setting a moment after it has taken it.
  await eventually(() => sendRaw([{ value: 'x'.repeat(8 * 1024 * 1024 - 100), partition: 0 }]));
  await eventually(async () => expect(await committed(0)).toBe('1'));
  expect(await deadLetters()).toHaveLength(1);
});

test('two handlers of one topic run one after another, and a batch that the second refuses comes again to both', async () => {
  const seen: string[] = [];
  let refusals = 1;
  const strategy = new KafkaBatchServer({
    brokers,
    clientId: 'test',
    groupId: 'ledger',
    topicPrefix: prefix,
    producer,
    logger: silent,
    retry: { attemptsMax: 3, delayMsFirst: 10, delayMsMax: 20 },
    restMs: 100,
    fetchSessions: switches.fetchSessions,
  });
  const first = moduleOf(async () => {
    seen.push('first begins');
    await new Promise((resolve) => setTimeout(resolve, 20));
    seen.push('first ends');
  });
  const second = moduleOf(() => {
    seen.push('second');
    return refusals-- > 0 ? Promise.reject(new Error('not now')) : Promise.resolve();
  });
  @Module({ imports: [first, second] })
  class Both {}
  const app = await NestFactory.createMicroservice(Both, {
    strategy,
    logger: new NestLogger(silent),
  });
  await app.listen();
  running.push(app);
  await sendRaw([plain('x')]);
  await eventually(async () => expect(await committed(0)).toBe('1'));
  const once = ['first begins', 'first ends', 'second'];
  expect(seen).toEqual([...once, ...once]);
});

test('an aborted transaction is passed over, and counts as read without a message behind it', async () => {
  const seen: string[] = [];
  await consume(async ({ events }) => {
    seen.push(...events.map(({ value }) => value.charge_id));
    await Promise.resolve();
  });
  const writer = kafka.producer({ transactionalId: prefix, idempotent: true });
  await writer.connect();
  for (const [id, isKept] of [['kept', true] as const, ['aborted', false] as const]) {
    const transaction = await writer.transaction();
    await transaction.send({ topic: `${prefix}${TOPIC}`, messages: [plain(id)] });
    await (isKept ? transaction.commit() : transaction.abort());
  }
  await writer.disconnect();
  // Two messages, and how each transaction ended.
  await eventually(async () => expect(await committed(0)).toBe('4'));
  expect(seen).toEqual(['kept']);
});

test('a failing batch comes again, first in place, then after a rest, in order and complete', async () => {
  const runs: string[][] = [];
  let failuresLeft = 5;
  await consume(async ({ events }) => {
    await Promise.resolve();
    if (failuresLeft-- > 0) throw new Error('database is away');
    runs.push(events.map(({ value }) => value.charge_id));
  });
  await sendRaw([plain('a'), plain('b'), plain('c')]);
  await eventually(() => expect(runs.flat()).toEqual(['a', 'b', 'c']));
  await eventually(async () => expect(await committed(0)).toBe('3'));
  expect(failuresLeft).toBe(-1);
});

test('a broken invariant stops its partition, uncommitted; the others go on', async () => {
  const seen: string[] = [];
  const { strategy } = await consume(async ({ partition, events }) => {
    await Promise.resolve();
    if (partition === 1) throw new InvariantViolation('entries sum to zero');
    seen.push(...events.map(({ value }) => value.charge_id));
  });
  await eventually(() => expect(strategy.isReady()).toBe(true));
  await sendRaw([plain('bad', 1)]);
  await eventually(() => expect(strategy.isReady()).toBe(false));
  expect(strategy.notReadyReasons().join()).toMatch(/partition paused.*charge\.requested\/1/);
  await sendRaw([plain('d', 0), plain('e', 2), plain('worse', 1)]);
  await eventually(() => expect([...seen].sort()).toEqual(['d', 'e']));
  expect(await committed(1)).toBe('-1');
});

test('a member that goes before it committed leaves its batch to the next one', async () => {
  const first: string[] = [];
  const dying = await consume(async ({ events }) => {
    await Promise.resolve();
    first.push(...events.map(({ value }) => value.charge_id));
    throw new Error('fails after its effect');
  });
  await sendRaw([plain('once')]);
  await eventually(() => expect(first).toContain('once'));
  await dying.app.close();
  running.length = 0;
  const second: string[] = [];
  await consume(async ({ events }) => {
    second.push(...events.map(({ value }) => value.charge_id));
    await Promise.resolve();
  });
  await eventually(() => expect(second).toEqual(['once']));
});

test('close waits for the batch under way and commits it', async () => {
  let start = (): void => undefined;
  let finish = (): void => undefined;
  const started = new Promise<void>((resolve) => (start = resolve));
  const mayFinish = new Promise<void>((resolve) => (finish = resolve));
  const { app } = await consume(async () => {
    start();
    await mayFinish;
  });
  await sendRaw([plain('slow')]);
  await started;
  running.length = 0;
  const closing = app.close();
  expect(await committed(0)).toBe('-1');
  finish();
  await closing;
  expect(await committed(0)).toBe('1');
});

test('a batch longer than the session keeps its partition', async () => {
  let runs = 0;
  const handle: Handle = async () => {
    runs += 1;
    await new Promise((resolve) => setTimeout(resolve, 9_000));
  };
  // The broker takes no session shorter than six seconds.
  await consume(handle, { sessionTimeoutMs: 6_000, heartbeatMs: 1_000 });
  await sendRaw([plain('long')]);
  await eventually(async () => expect(await committed(0)).toBe('1'), { timeoutMs: 30_000 });
  expect(runs).toBe(1);
});

test('while Kafka is away a publish ends with `unavailable`, in bounded time', async () => {
  const lost = new EventProducer({
    brokers: ['127.0.0.1:1'],
    clientId: 'test',
    logger: silent,
    requestTimeoutMs: 300,
    ownEncoder: switches.ownEncoder,
  });
  await lost.connect();
  expect(lost.isConnected()).toBe(false);
  const event = { key: 'org_1', id: 'evt_1', timeMs: 0, value: charge('c1') };
  await expect(lost.publish(TOPIC, [event])).rejects.toMatchObject({ code: 'unavailable' });
  await lost.disconnect();
});
