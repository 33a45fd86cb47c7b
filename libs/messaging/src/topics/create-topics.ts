import { OrbitError } from '@orbit/contracts';
import { TOPICS, type TopicName } from '@orbit/events';
import type { Logger } from '@orbit/runtime';
import kafkajs, { type Admin } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeKafka } from '../kafkajs/kafka-client.js';
import { deadLetterTopic, physicalTopic } from './topic-names.js';

/** Largest set of messages in one request and partition; a posting batch publishes several MB at once. */
const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;
/** A letter is longer than its message by why and from where, and leaves with others in one request. */
const DEAD_LETTER_BYTES_MAX = 4 * MESSAGE_BYTES_MAX;
const DEAD_LETTER_RETENTION_MS = 90 * 86_400_000;
const REQUEST_TIMEOUT_MS = 15_000;
const USABLE_POLL_MS = 50;
const USABLE_POLLS_MAX = 400;
/** How TOPICS names the producer of what clients of any kind write. */
const ANYONE = 'any';
// Node's view of a CommonJS module does not name these two.
const TOPIC_RESOURCE = kafkajs.ConfigResourceTypes.TOPIC;
const SET_AT_TOPIC = kafkajs.ConfigSource.TOPIC_CONFIG;

export interface CreateTopicsOptions {
  readonly brokers: readonly string[];
  readonly topicPrefix?: string;
  readonly logger?: Logger;
  /** Copies of every partition. Default 1, for one broker; a cluster sets 3. */
  readonly replicationFactor?: number;
}

interface Wanted {
  readonly topic: string;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly bytesMax: number;
  /** Written by clients that are not ours. */
  readonly isOpen: boolean;
}

interface ConfigEntry {
  readonly name: string;
  readonly value: string;
}

/**
 * Brings the broker to what TOPICS declares: makes missing topics and their dead-letter topics, adds
 * partitions where there are fewer, sets what `configOf` says. Never takes anything away. Runs again without
 * harm, and returns when every partition has a leader.
 */
export async function createTopics(options: CreateTopicsOptions): Promise<void> {
  const { brokers, logger } = options;
  const kafka = makeKafka({ brokers, clientId: 'orbit-topics', logger }, REQUEST_TIMEOUT_MS);
  const admin = kafka.admin({ retry: { initialRetryTime: 200, retries: 10, maxRetryTime: 2_000 } });
  const wanted = wantedTopics(options.topicPrefix ?? '');
  await admin.connect();
  try {
    const counts = await readPartitionCounts(admin, wanted);
    const missing = wanted.filter(({ topic }) => !counts.has(topic));
    if (missing.length > 0) {
      // False when another process made them in the same moment: that is the wanted end, too.
      await admin.createTopics({
        waitForLeaders: false,
        topics: missing.map((one) => ({
          topic: one.topic,
          numPartitions: one.partitions,
          replicationFactor: options.replicationFactor ?? 1,
          configEntries: configOf(one),
        })),
      });
    }
    await growTopics(admin, wanted, counts);
    await setConfig(
      admin,
      wanted.filter(({ topic }) => counts.has(topic)),
    );
    await untilUsable(admin, wanted);
    logger?.info({ count: wanted.length, created: missing.length }, 'topics are there');
  } finally {
    await admin.disconnect();
  }
}

/**
 * Clients in other languages often pack with snappy, lz4 or zstd; kafkajs reads none of these by itself. The broker
 * stores plain what it is given packed; for our own producers, which send plain, that changes nothing.
 *
 * Kafka forgets by the timestamps of messages, and clients choose these: a charge that is dated before the
 * retention would be taken away within minutes, read or not. So an open topic goes by the broker's clock.
 */
const configOf = ({ retentionMs, bytesMax, isOpen }: Wanted): ConfigEntry[] => [
  { name: 'retention.ms', value: String(retentionMs) },
  { name: 'max.message.bytes', value: String(bytesMax) },
  { name: 'compression.type', value: 'uncompressed' },
  ...(isOpen ? [{ name: 'message.timestamp.type', value: 'LogAppendTime' }] : []),
];

function wantedTopics(prefix: string): Wanted[] {
  return Object.entries(TOPICS).flatMap(([name, { partitions, retentionMs, producer }]) => [
    {
      topic: physicalTopic(prefix, name as TopicName),
      partitions,
      retentionMs,
      bytesMax: MESSAGE_BYTES_MAX,
      isOpen: producer === ANYONE,
    },
    {
      topic: deadLetterTopic(prefix, name as TopicName),
      partitions: 1,
      retentionMs: DEAD_LETTER_RETENTION_MS,
      bytesMax: DEAD_LETTER_BYTES_MAX,
      isOpen: false,
    },
  ]);
}

async function readPartitionCounts(
  admin: Admin,
  wanted: readonly Wanted[],
): Promise<Map<string, number>> {
  const existing = new Set(await admin.listTopics());
  const topics = wanted.map(({ topic }) => topic).filter((topic) => existing.has(topic));
  if (topics.length === 0) return new Map();
  const metadata = await admin.fetchTopicMetadata({ topics });
  return new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.length]));
}

async function growTopics(
  admin: Admin,
  wanted: readonly Wanted[],
  counts: ReadonlyMap<string, number>,
): Promise<void> {
  const tooSmall = wanted.filter(
    ({ topic, partitions }) => (counts.get(topic) ?? partitions) < partitions,
  );
  if (tooSmall.length === 0) return;
  await admin.createPartitions({
    topicPartitions: tooSmall.map(({ topic, partitions }) => ({ topic, count: partitions })),
  });
}

/** What is sent replaces all that a topic has, so what an operator has set beside ours goes along. */
async function setConfig(admin: Admin, topics: readonly Wanted[]): Promise<void> {
  if (topics.length === 0) return;
  const given = await readConfigs(admin, topics);
  await admin.alterConfigs({
    validateOnly: false,
    resources: topics.map((one) => {
      const ours = configOf(one);
      const others = (given.get(one.topic) ?? []).filter(
        ({ name }) => !ours.some((entry) => entry.name === name),
      );
      return { type: TOPIC_RESOURCE, name: one.topic, configEntries: [...ours, ...others] };
    }),
  });
}

/** What stands at the topics themselves: neither the broker's settings nor defaults. */
async function readConfigs(
  admin: Admin,
  topics: readonly Wanted[],
): Promise<Map<string, ConfigEntry[]>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map(({ topic }) => ({ type: TOPIC_RESOURCE, name: topic })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      configEntries
        .filter(({ configSource }) => configSource === SET_AT_TOPIC)
        .map(({ configName: name, configValue: value }) => ({ name, value })),
    ]),
  );
}

async function untilUsable(admin: Admin, wanted: readonly Wanted[]): Promise<void> {
  const topics = wanted.map(({ topic }) => topic);
  for (let poll = 0; poll < USABLE_POLLS_MAX; poll++) {
    const metadata = await admin.fetchTopicMetadata({ topics }).catch(() => ({ topics: [] }));
    const usable = metadata.topics.filter(({ name, partitions }) => {
      const count = wanted.find(({ topic }) => topic === name)?.partitions ?? 0;
      return partitions.length >= count && partitions.every(({ leader }) => leader >= 0);
    });
    if (usable.length === wanted.length) return;
    await sleep(USABLE_POLL_MS);
  }
  throw new OrbitError('unavailable', 'Kafka has no leader for every partition yet.');
}
