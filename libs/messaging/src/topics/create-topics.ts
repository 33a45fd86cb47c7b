import { TOPICS, type TopicName } from '@orbit/events';
import type { Logger } from '@orbit/runtime';
import kafkajs, { type Admin } from 'kafkajs';
import { makeKafka } from '../kafkajs/kafka-client.js';
import { askPatiently, patientAdmin } from '../kafkajs/patient-admin.js';
import { growTopics, makeTopics, untilTopicsAnswer } from './make-topics.js';
import { deadLetterTopic, physicalTopic } from './topic-names.js';

/** Largest set of messages in one request and partition; a posting batch publishes several MB at once. */
const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;
/** A letter is longer than its message by why and from where, and leaves with others in one request. */
const DEAD_LETTER_BYTES_MAX = 4 * MESSAGE_BYTES_MAX;
const DEAD_LETTER_RETENTION_MS = 90 * 86_400_000;
const REQUEST_TIMEOUT_MS = 15_000;
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
  /** Only what these write or read, with the dead letters of what they read. Default: all that TOPICS declares. */
  readonly services?: readonly string[];
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
 * harm, and returns when every partition answers.
 */
export async function createTopics(options: CreateTopicsOptions): Promise<void> {
  const { brokers, logger } = options;
  const kafka = makeKafka({ brokers, clientId: 'orbit-topics', logger }, REQUEST_TIMEOUT_MS);
  const admin = patientAdmin(
    kafka.admin({ retry: { initialRetryTime: 200, retries: 10, maxRetryTime: 2_000 } }),
  );
  const wanted = wantedTopics(options.topicPrefix ?? '', options.services);
  await admin.connect();
  try {
    const counts = await readPartitionCounts(admin, wanted);
    const missing = wanted.filter(({ topic }) => !counts.has(topic));
    await makeTopics(
      admin,
      missing.map((one) => ({
        topic: one.topic,
        numPartitions: one.partitions,
        replicationFactor: options.replicationFactor ?? 1,
        configEntries: configOf(one),
      })),
    );
    await growTopics(
      admin,
      wanted.filter(({ topic, partitions }) => (counts.get(topic) ?? partitions) < partitions),
    );
    await setConfig(
      admin,
      wanted.filter(({ topic }) => counts.has(topic)),
    );
    await untilTopicsAnswer(admin, wanted);
    logger?.info({ count: wanted.length, created: missing.length }, 'topics are there');
  } finally {
    await admin.disconnect();
  }
}

/**
 * Clients in other languages often pack with snappy, lz4 or zstd; kafkajs reads none of these by itself. The broker
 * stores plain what it is given packed; for our own producers, which send plain, that changes nothing.
 *
 * Kafka deletes by the timestamps of messages, and clients choose these: a charge that is dated before the
 * retention would be taken away within minutes, read or not. So an open topic goes by the broker's clock.
 */
const configOf = ({ retentionMs, bytesMax, isOpen }: Wanted): ConfigEntry[] => [
  { name: 'retention.ms', value: String(retentionMs) },
  { name: 'max.message.bytes', value: String(bytesMax) },
  { name: 'compression.type', value: 'uncompressed' },
  ...(isOpen ? [{ name: 'message.timestamp.type', value: 'LogAppendTime' }] : []),
];

function wantedTopics(prefix: string, services?: readonly string[]): Wanted[] {
  const isOf = (service: string): boolean => services?.includes(service) ?? true;
  return Object.entries(TOPICS).flatMap(([name, spec]) => {
    const { partitions, retentionMs, producer, consumers } = spec;
    const isRead = services === undefined || consumers.some(isOf);
    if (!isRead && !isOf(producer)) return [];
    const topic: Wanted = {
      topic: physicalTopic(prefix, name as TopicName),
      partitions,
      retentionMs,
      bytesMax: MESSAGE_BYTES_MAX,
      isOpen: producer === ANYONE,
    };
    if (!isRead) return [topic];
    const letters: Wanted = {
      topic: deadLetterTopic(prefix, name as TopicName),
      partitions: 1,
      retentionMs: DEAD_LETTER_RETENTION_MS,
      bytesMax: DEAD_LETTER_BYTES_MAX,
      isOpen: false,
    };
    return [topic, letters];
  });
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

/** The settings sent replace all that a topic has, so what an operator has set beside ours goes along. */
async function setConfig(admin: Admin, topics: readonly Wanted[]): Promise<void> {
  if (topics.length === 0) return;
  const given = await readConfigs(admin, topics);
  const resources = topics.map((one) => {
    const ours = configOf(one);
    const others = (given.get(one.topic) ?? []).filter(
      ({ name }) => !ours.some((entry) => entry.name === name),
    );
    return { type: TOPIC_RESOURCE, name: one.topic, configEntries: [...ours, ...others] };
  });
  await askPatiently(() => admin.alterConfigs({ validateOnly: false, resources }));
}

/** Settings of the topics themselves: neither the broker's settings nor defaults. */
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
