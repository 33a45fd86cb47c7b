import { OrbitError } from '@orbit/contracts';
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { askPatiently, isPassing, patientAdmin } from '../kafkajs/patient-admin.js';

/** A broker with thousands of topics on a machine that is busy has taken more than half a minute. */
const USABLE_MS_MAX = 120_000;
const POLL_MS = 50;
/** How long the broker itself waits until topics are made; longer than kafkajs' five seconds, for a busy machine. */
const MAKE_MS_MAX = 10_000;

export interface TopicSize {
  readonly topic: string;
  readonly partitions: number;
}

/**
 * Makes topics and returns when they can be used. kafkajs' own wait asks for leaders alone and throws what a broker
 * answers that has not heard of the topic yet. Topics that are there already are left as they are.
 */
export async function makeTopics(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  if (topics.length === 0) return;
  await askPatiently(() =>
    // False when another process made them in the same moment: that is the wanted end, too.
    admin.createTopics({ topics: [...topics], waitForLeaders: false, timeout: MAKE_MS_MAX }),
  );
  const sizes = topics.map(({ topic, numPartitions }) => ({
    topic,
    partitions: numPartitions ?? 1,
  }));
  await untilTopicsAnswer(admin, sizes);
}

/** Makes partitions where there are fewer, and waits for nothing: `untilTopicsAnswer` does. */
export async function growTopics(admin: Admin, topics: readonly TopicSize[]): Promise<void> {
  if (topics.length === 0) return;
  try {
    await admin.createPartitions({
      topicPartitions: topics.map(({ topic, partitions }) => ({ topic, count: partitions })),
      timeout: MAKE_MS_MAX,
    });
  } catch (error) {
    // Another process grew them in the same moment, or the broker is late: the wait that follows decides.
    if (!isPassing(error) && !isDone(error)) throw error;
  }
}

const isDone = (error: unknown): boolean =>
  error instanceof kafkajs.KafkaJSProtocolError && error.type === 'INVALID_PARTITIONS';

/**
 * Waits until every partition has a leader that answers for it. A leader in the metadata is not enough: for a moment
 * the broker that is named there does not know of it.
 * Errors: OrbitError `unavailable` when that takes longer than two minutes; kafkajs' for what does not pass.
 */
export async function untilTopicsAnswer(admin: Admin, topics: readonly TopicSize[]): Promise<void> {
  const deadlineMs = performance.now() + USABLE_MS_MAX;
  while (!(await haveLeaders(admin, topics))) {
    if (performance.now() > deadlineMs) {
      throw new OrbitError('unavailable', 'Kafka has no leader for every partition yet.');
    }
    await sleep(POLL_MS);
  }
  const patient = patientAdmin(admin, USABLE_MS_MAX);
  await Promise.all(topics.map(({ topic }) => patient.fetchTopicOffsets(topic)));
}

async function haveLeaders(admin: Admin, topics: readonly TopicSize[]): Promise<boolean> {
  try {
    const names = topics.map(({ topic }) => topic);
    const metadata = await admin.fetchTopicMetadata({ topics: names });
    const led = new Map(
      metadata.topics.map(({ name, partitions }) => [
        name,
        partitions.filter(({ leader }) => leader >= 0).length,
      ]),
    );
    return topics.every(({ topic, partitions }) => (led.get(topic) ?? 0) >= partitions);
  } catch (error) {
    if (isPassing(error)) return false;
    throw error;
  }
}
