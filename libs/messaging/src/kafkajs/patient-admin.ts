import kafkajs, { type Admin } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';

const { ConfigResourceTypes, KafkaJSAggregateError } = kafkajs;
const { KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } = kafkajs;

/** Long enough for a busy broker to take over new partitions, or to hand them to another. */
const PATIENCE_MS_DEFAULT = 15_000;
const PAUSE_MS_MIN = 50;
const PAUSE_MS_MAX = 1_000;

/** The reads whose refusals kafkajs hands on; what it repeats itself is as it was. */
const READS = [
  'fetchTopicOffsets',
  'fetchTopicOffsetsByTimestamp',
  'fetchTopicMetadata',
  'fetchOffsets',
  'describeConfigs',
] as const satisfies readonly (keyof Admin)[];

/**
 * Whether Kafka refused for a reason that passes by itself: a partition that its leader has not taken over yet ("not
 * the leader", "does not host this topic-partition"), a coordinator that moves. The protocol marks these.
 */
export function isPassing(error: unknown): boolean {
  // Of several topics one may have been made by another process, or before an answer was lost.
  if (error instanceof KafkaJSAggregateError) {
    return error.errors.every((one) => isPassing(one) || isThere(one));
  }
  if (error instanceof KafkaJSNumberOfRetriesExceeded) return isPassing(error.cause);
  return error instanceof KafkaJSProtocolError && error.retriable;
}

const isThere = (error: unknown): boolean =>
  error instanceof KafkaJSProtocolError && error.type === 'TOPIC_ALREADY_EXISTS';

/** Asks until Kafka answers or refuses for good; once `patienceMs` are over, its last refusal counts. */
export async function askPatiently<T>(
  ask: () => Promise<T>,
  patienceMs = PATIENCE_MS_DEFAULT,
  beforeNext: () => Promise<unknown> = () => Promise.resolve(),
): Promise<T> {
  const deadlineMs = performance.now() + patienceMs;
  for (let pauseMs = PAUSE_MS_MIN; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || performance.now() + pauseMs > deadlineMs) throw error;
    }
    await sleep(pauseMs);
    await beforeNext();
  }
}

/**
 * The same admin, but its reads repeat what passes by itself (`isPassing`): kafkajs throws such refusals, for a moment
 * after topics were made or a partition moved, and then keeps the old leaders for five minutes.
 * A topic that is not there is one of these: callers that cannot know ask `listTopics` first.
 */
export function patientAdmin(admin: Admin, patienceMs?: number): Admin {
  const patient: Admin = { ...admin };
  for (const read of READS) {
    const ask = admin[read] as (argument: unknown, ...more: unknown[]) => Promise<unknown>;
    const repeated = (argument: unknown, ...more: unknown[]): Promise<unknown> =>
      askPatiently(
        () => ask(argument, ...more),
        patienceMs,
        () => dropLeaders(admin, argument),
      );
    Object.assign(patient, { [read]: repeated });
  }
  return patient;
}

/** kafkajs asks anew who leads what only in some of its calls; this is the one that changes nothing. */
async function dropLeaders(admin: Admin, argument: unknown): Promise<void> {
  if (typeof argument !== 'string') return;
  const topic = { type: ConfigResourceTypes.TOPIC, name: argument, configNames: ['retention.ms'] };
  // Its own answer does not matter: the next question shows what is wrong.
  await admin.describeConfigs({ includeSynonyms: false, resources: [topic] }).catch(() => null);
}
