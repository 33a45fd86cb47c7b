import { TOPICS } from '@orbit/events';
import { eventually, testInfra, uniqueId } from '@orbit/testing';
import kafkajs, { type Admin, type Consumer, type Producer } from 'kafkajs';
import { createTopics } from './create-topics.js';
import { makeKafka } from '../kafkajs/kafka-client.js';
import { patientAdmin } from '../kafkajs/patient-admin.js';
import { makeTopics } from './make-topics.js';

const { CompressionCodecs, CompressionTypes, ConfigResourceTypes } = kafkajs;
const TOPIC = 'charge.requested';
const brokers = [...testInfra().kafkaBrokers];
const kafka = makeKafka({ brokers, clientId: 'test' }, 15_000);

/** Packed data that says "as it is": enough for the broker to unpack, without a packer here. */
const PACK = {
  Snappy: (plain: Buffer) =>
    Buffer.concat([varint(plain.length), Buffer.from([60 << 2, plain.length - 1]), plain]),
  LZ4: (plain: Buffer) =>
    Buffer.concat([
      Buffer.from('04224d18604082', 'hex'),
      uint32(plain.length + 0x80000000),
      plain,
      uint32(0),
    ]),
  ZSTD: (plain: Buffer) =>
    Buffer.concat([
      Buffer.from('28b52ffd20', 'hex'),
      Buffer.from([plain.length]),
      uint32((plain.length << 3) | 1).subarray(0, 3),
      plain,
    ]),
};

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const varint = (value: number): Buffer =>
  value < 0x80 ? Buffer.from([value]) : Buffer.from([(value & 0x7f) | 0x80, value >> 7]);

let prefix = '';
let admin: Admin;
let raw: Producer;
let consumer: Consumer;

async function topicConfig(): Promise<Record<string, string>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: `${prefix}${TOPIC}` }],
  });
  const entries = resources[0]?.configEntries ?? [];
  return Object.fromEntries(
    entries.map(({ configName, configValue }) => [configName, configValue]),
  );
}

beforeEach(async () => {
  prefix = `${uniqueId()}.`;
  admin = patientAdmin(kafka.admin());
  raw = kafka.producer();
  consumer = kafka.consumer({ groupId: uniqueId(), maxWaitTimeInMs: 100 });
  await Promise.all([admin.connect(), raw.connect(), consumer.connect()]);
});
afterEach(async () => {
  await Promise.all([admin.disconnect(), raw.disconnect(), consumer.disconnect()]);
});

test('what a client packs with snappy, lz4, zstd or gzip is stored plain', async () => {
  await createTopics({ brokers, topicPrefix: prefix, services: ['wallet-ledger'] });
  for (const codec of ['Snappy', 'LZ4', 'ZSTD'] as const) {
    CompressionCodecs[CompressionTypes[codec]] = () => ({
      compress: ({ buffer }: { buffer: Buffer }) => Promise.resolve(PACK[codec](buffer)),
      decompress: () => Promise.reject(new Error(`a consumer got ${codec}`)),
    });
  }
  const codecs = ['None', 'GZIP', 'Snappy', 'LZ4', 'ZSTD'] as const;
  for (const codec of codecs) {
    const compression = CompressionTypes[codec];
    await raw.send({ topic: `${prefix}${TOPIC}`, compression, messages: [{ value: codec }] });
  }
  const seen: string[] = [];
  await consumer.subscribe({ topic: `${prefix}${TOPIC}`, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      seen.push(String(message.value));
      return Promise.resolve();
    },
  });
  await eventually(() => expect([...seen].sort()).toEqual([...codecs].sort()));
});

test('a topic that is there gets what is missing, and keeps what an operator has set', async () => {
  await makeTopics(admin, [
    {
      topic: `${prefix}${TOPIC}`,
      numPartitions: 1,
      configEntries: [
        { name: 'retention.ms', value: '1000' },
        { name: 'segment.bytes', value: '12345678' },
      ],
    },
  ]);
  await createTopics({ brokers, topicPrefix: prefix, services: ['wallet-ledger'] });
  const wanted = {
    'retention.ms': String(TOPICS[TOPIC].retentionMs),
    'compression.type': 'uncompressed',
    'segment.bytes': '12345678',
  };
  await eventually(async () => expect(await topicConfig()).toMatchObject(wanted));
});

test('what any client writes is kept by the clock of the broker, not by a date that a client chose', async () => {
  await createTopics({ brokers, topicPrefix: prefix, services: ['wallet-ledger'] });
  const beforeMs = Date.now();
  await raw.send({
    topic: `${prefix}${TOPIC}`,
    messages: [{ value: 'x', key: 'x', timestamp: '1000' }],
  });
  const dates: number[] = [];
  await consumer.subscribe({ topic: `${prefix}${TOPIC}`, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      dates.push(Number(message.timestamp));
      return Promise.resolve();
    },
  });
  await eventually(() => expect(dates).toHaveLength(1));
  expect(dates[0]).toBeGreaterThanOrEqual(beforeMs - 1_000);
});

test('topics that were made, and partitions that were added, answer as soon as the call is over', async () => {
  const topic = `${prefix}${TOPIC}`;
  await makeTopics(admin, [{ topic, numPartitions: 1 }]);
  await createTopics({ brokers, topicPrefix: prefix, services: ['wallet-ledger'] });
  // An admin without patience, whose first question this is.
  const hasty = makeKafka({ brokers, clientId: 'hasty' }, 15_000).admin({ retry: { retries: 0 } });
  await hasty.connect();
  const offsets = await hasty.fetchTopicOffsets(topic);
  await hasty.disconnect();
  expect(offsets).toHaveLength(TOPICS[TOPIC].partitions);
});

test('two processes that make and grow the same topics in the same moment both succeed', async () => {
  await makeTopics(admin, [{ topic: `${prefix}${TOPIC}`, numPartitions: 1 }]);
  await Promise.all(
    Array.from({ length: 3 }, () =>
      createTopics({ brokers, topicPrefix: prefix, services: ['wallet-ledger'] }),
    ),
  );
  const { topics } = await admin.fetchTopicMetadata({ topics: [`${prefix}${TOPIC}`] });
  expect(topics[0]?.partitions).toHaveLength(TOPICS[TOPIC].partitions);
});

test('one service alone: the topics that it writes or reads, and the dead letters of those that it reads', async () => {
  await createTopics({ brokers, topicPrefix: prefix, services: ['usage-metering'] });
  const made = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
  const read = ['charge.posted', 'delivery.reported', 'usage.ingested'];
  expect(made.map((topic) => topic.slice(prefix.length)).sort()).toEqual(
    read.flatMap((topic) => [topic, `${topic}.dlq`]).sort(),
  );
});
