// Goal: what clients of any kind wrote is read and sent back as it came: odd headers, packed, aborted, large.
// Method: the real CLI as a process against a real Kafka; no consumer takes part, so every message counts.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTopics, patientAdmin } from '@orbit/messaging';
import { carriedHeaders, encodedByPartition, PartitionChoice } from '@orbit/messaging/raw';
import { testInfra, uniqueId } from '@orbit/testing';
import kafkajs, { type Admin, type IHeaders, type KafkaMessage, type Message } from 'kafkajs';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRanges } from './kafka-read.js';
import { runOrbit } from '../cli/orbit-process.fake.js';

const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = kafkajs;
const PREFIX = `${uniqueId('orbitodd')}.`;
const { kafkaBrokers } = testInfra();
const kafka = new Kafka({ brokers: [...kafkaBrokers], logLevel: logLevel.NOTHING });
let admin: Admin;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'orbit-cli-'));
  await createTopics({ brokers: kafkaBrokers, topicPrefix: PREFIX });
  admin = patientAdmin(kafka.admin());
  await admin.connect();
});
afterAll(async () => {
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(PREFIX));
  await admin.deleteTopics({ topics });
  await admin.disconnect();
  await rm(home, { recursive: true, force: true });
});

async function orbitJson<T>(...args: readonly string[]): Promise<T> {
  const env = {
    KAFKA_BROKERS: kafkaBrokers.join(','),
    KAFKA_TOPIC_PREFIX: PREFIX,
    ORBIT_HOME: home,
  };
  const { status, stdout, stderr } = await runOrbit(env, [...args, '--json', '--yes']);
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** As clients in other languages may: kafkajs' own encoder refuses headers without a value. */
async function send(topic: string, messages: Message[]): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: [PREFIX + topic] });
  const choice = new PartitionChoice(topics[0] ?? { name: topic, partitions: [] });
  for (const message of messages) {
    await producer.send({
      topic: PREFIX + topic,
      messages: encodedByPartition([message], choice),
    });
  }
  await producer.disconnect();
}

async function readAll(topic: string): Promise<KafkaMessage[]> {
  const offsets = await admin.fetchTopicOffsets(PREFIX + topic);
  const ranges = offsets
    .map(({ partition, low, high }) => ({ partition, from: BigInt(low), to: BigInt(high) }))
    .filter(({ from, to }) => from < to);
  const found: KafkaMessage[] = [];
  const take = (_partition: number, messages: KafkaMessage[]): void => {
    found.push(...messages);
  };
  await readRanges(kafka, PREFIX + topic, ranges, take, new AbortController().signal);
  return found;
}

/** Jest's own comparison looks at one byte after the other, which took a minute for these. */
const digest = (value: Buffer | null): string | null =>
  value && `${value.length} ${createHash('sha256').update(value).digest('hex')}`;

const HEADERS: IHeaders = {
  none: null as never,
  many: [Buffer.from('a'), null as never, Buffer.from([0xff, 0])],
  constructor: [Buffer.from('x')],
  orbit_dlq_mark: Buffer.from('retry'),
};

test('dlq lists, retries and replay copies messages with any header, value and size, as they came', async () => {
  const why = {
    orbit_error_code: 'not_json',
    orbit_source_partition: '1',
    orbit_source_offset: '0',
  };
  const values = [Buffer.from([0xff, 0, 0x80]), null, ...Array(9).fill(Buffer.alloc(1_000_000, 1))];
  const headers = { ...HEADERS, ...why };
  await send(
    'charge.requested.dlq',
    values.map((value) => ({ key: null, value, headers, partition: 0 })),
  );
  expect(await orbitJson('dlq', 'list', 'charge.requested')).toMatchObject({ open: 11 });
  expect(await orbitJson('dlq', 'retry', 'charge.requested')).toMatchObject({ retried: 11 });
  const sent = await readAll('charge.requested');
  expect(sent.map(({ value }) => digest(value))).toEqual(values.map(digest));
  const { orbit_retry_of: retryOf, ...came } = sent[0]?.headers ?? {};
  expect(String(retryOf)).toBe('0:0');
  expect(came).toEqual(HEADERS);

  expect(
    await orbitJson('replay', 'charge.requested', '--from', '1:0', '--to', '1:2'),
  ).toMatchObject({ status: 'done', skipped: { dead_letters: 1 }, sent: 1 });
  const copy = (await readAll('charge.requested')).at(-1);
  expect([copy?.value, copy?.headers]).toMatchObject([null, HEADERS]);
}, 240_000);

test('replay passes over an aborted transaction that is the last of its partition', async () => {
  const writer = kafka.producer({ transactionalId: PREFIX, idempotent: true });
  await writer.connect();
  for (const isKept of [true, false]) {
    const transaction = await writer.transaction();
    await transaction.send({
      topic: `${PREFIX}topup.completed`,
      messages: [{ value: '{}', partition: 0 }],
    });
    await (isKept ? transaction.commit() : transaction.abort());
  }
  await writer.disconnect();
  const replay = ['replay', 'topup.completed', '--from', 'earliest'];
  // Two messages, and how each transaction ended.
  expect(await orbitJson(...replay)).toMatchObject({ status: 'done', read: 4, sent: 1 });
}, 120_000);

test('replay reads what is stored packed', async () => {
  const topic = `${PREFIX}charge.posted`;
  const configEntries = [{ name: 'compression.type', value: 'producer' }];
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
  });
  // Packed data that says "as it is".
  const pack = (plain: Buffer): Buffer =>
    Buffer.concat([Buffer.from([plain.length, 60 << 2, plain.length - 1]), plain]);
  const known = CompressionCodecs[CompressionTypes.Snappy];
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: ({ buffer }: { buffer: Buffer }) => Promise.resolve(pack(buffer)),
    decompress: () => Promise.reject(new Error('nothing is read here')),
  });
  const producer = kafka.producer();
  await producer.connect();
  const compression = CompressionTypes.Snappy;
  await producer.send({ topic, compression, messages: [{ value: 'packed' }] });
  await producer.disconnect();
  CompressionCodecs[CompressionTypes.Snappy] = known;
  expect(
    await orbitJson('replay', 'charge.posted', '--from', 'earliest', '--dry-run'),
  ).toMatchObject({ status: 'dry_run', would_send: 1 });
}, 120_000);

test('carriedHeaders leaves out what kafkajs adds to a header named as a property of every object', () => {
  const read = { constructor: [Object as never, Buffer.from('x')], none: null as never };
  expect(carriedHeaders(read)).toEqual({ constructor: [Buffer.from('x')], none: null });
});
