/** How far a consumer group has come, by its committed offsets. */
import { setTimeout as sleep } from 'node:timers/promises';
import { patientAdmin } from '@orbit/messaging/raw';
import kafkajs from 'kafkajs';

const POLL_MS = 40;
const STUCK_MS = 60_000;
/** The rate is taken between these shares: past the warming up, before partitions run dry. */
const FROM_SHARE = 0.2;
const TO_SHARE = 0.95;

export const adminOf = (servers) =>
  patientAdmin(
    new kafkajs.Kafka({
      clientId: 'bench-admin',
      brokers: servers.brokers,
      logLevel: kafkajs.logLevel.NOTHING,
    }).admin(),
  );

async function committed(admin, group, topic) {
  const [answer] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  return answer.partitions.reduce((total, { offset }) => total + Math.max(0, Number(offset)), 0);
}

/**
 * Follows a group until `target` messages are committed. Returns when which number was first seen.
 * Errors: nothing moves for a minute, or `check` says that the process ended.
 */
export async function drained({ servers, topic, group, target, check, onProgress = () => {} }) {
  const admin = adminOf(servers);
  await admin.connect();
  const samples = [];
  try {
    for (let last = -1; last < target;) {
      check();
      const done = await committed(admin, group, topic).catch(() => Math.max(0, last));
      const ms = performance.now();
      if (done !== last) {
        samples.push({ ms, done });
        onProgress(done);
        last = done;
      } else if (ms - samples.at(-1).ms > STUCK_MS) {
        throw new Error(`${group}: ${last} of ${target} committed, and no more for a minute.`);
      }
      if (last < target) await sleep(POLL_MS);
    }
    return samples;
  } finally {
    await admin.disconnect();
  }
}

/** Messages a second in the steady middle; both ends lie right after a commit. */
export function steadyRate(samples, target) {
  const from = samples.find(({ done }) => done >= target * FROM_SHARE);
  const to = samples.find(({ done }) => done >= target * TO_SHARE);
  if (to.ms === from.ms) throw new Error('Too few messages for a steady middle.');
  return { rate: ((to.done - from.done) / (to.ms - from.ms)) * 1_000, ms: to.ms - from.ms };
}

/** Ends of a topic's partitions: where a reader that wants only what is new must begin. */
export async function topicEnds(servers, topic) {
  const admin = adminOf(servers);
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.map(({ partition, offset }) => ({ partition, offset }));
  } finally {
    await admin.disconnect();
  }
}

export const totalOf = (ends) => ends.reduce((total, { offset }) => total + Number(offset), 0);
