/** Ranges of a topic: how an operator names them, what they are on the broker, and their reading. */
import { randomUUID } from 'node:crypto';
import { OrbitCliError, UsageError } from './faults.mjs';
import { readInstant } from './instants.mjs';

/**
 * What --from and --to say: `earliest`, `latest`, an instant (`readInstant`), an offset for every partition, or
 * offsets by partition (`0:120,3:77`).
 */
export function parsePosition(text, nowMs) {
  if (text === 'earliest' || text === 'latest') return { kind: text };
  if (/^\d+$/.test(text)) return { kind: 'offset', offset: BigInt(text) };
  if (/^\d+:\d+(,\d+:\d+)*$/.test(text)) {
    const pairs = text.split(',').map((pair) => pair.split(':'));
    const offsets = new Map(pairs.map(([p, offset]) => [Number(p), BigInt(offset)]));
    if (offsets.size < pairs.length) throw new UsageError(`"${text}" names a partition twice.`);
    return { kind: 'offsets', offsets };
  }
  const ms = readInstant(text, nowMs);
  if (ms === null) {
    throw new UsageError(
      `"${text}" is no position: an ISO instant such as 2026-05-16T11:00:00Z, -2h, an offset, partition:offset, earliest or latest.`,
    );
  }
  // To Kafka, times before 1970 mean other things.
  return { kind: 'time', ms: Math.max(0, ms) };
}

/** Whether a range ends before it begins, as far as that shows without asking Kafka. */
export function isBackwards(from, to) {
  if (from.kind === 'latest') return to.kind === 'earliest';
  if (from.kind !== to.kind) return false;
  return from.kind === 'time' ? from.ms > to.ms : from.offset > to.offset;
}

/**
 * Half-open offset ranges by partition, within what the topic holds: [{partition, from, to}], empty ones left out.
 * `bounds` is [{partition, low, high}]; `timeOffsets(ms)` answers a Map of the first offset at or after that time.
 * Partitions that a `p:offset` position does not name are left out.
 */
export async function planRanges(from, to, bounds, timeOffsets) {
  const named = [from, to].filter(({ kind }) => kind === 'offsets').map(({ offsets }) => offsets);
  for (const offsets of named) {
    const known = new Set(bounds.map(({ partition }) => partition));
    const unknown = [...offsets.keys()].find((partition) => !known.has(partition));
    if (unknown !== undefined) throw new UsageError(`The topic has no partition ${unknown}.`);
  }
  const starts = await resolve(from, bounds, timeOffsets);
  const ends = await resolve(to, bounds, timeOffsets);
  return bounds
    .filter(({ partition }) => named.every((offsets) => offsets.has(partition)))
    .map(({ partition, low, high }) => ({
      partition,
      from: max(starts(partition), low),
      to: min(ends(partition), high),
    }))
    .filter((range) => range.from < range.to)
    .sort((a, b) => a.partition - b.partition);
}

/** A function from a partition to the offset that the position means there. */
async function resolve(position, bounds, timeOffsets) {
  const boundOf = new Map(bounds.map((bound) => [bound.partition, bound]));
  switch (position.kind) {
    case 'offset':
      return () => position.offset;
    case 'offsets':
      return (partition) => position.offsets.get(partition) ?? 0n;
    case 'earliest':
      return (partition) => boundOf.get(partition).low;
    case 'latest':
      return (partition) => boundOf.get(partition).high;
    default: {
      // Where nothing is that late, the broker names no offset, and the end is meant.
      const offsets = await timeOffsets(position.ms);
      return (partition) => offsets.get(partition) ?? boundOf.get(partition).high;
    }
  }
}

const max = (a, b) => (a > b ? a : b);
const min = (a, b) => (a < b ? a : b);

export const countOf = (ranges) =>
  ranges.reduce((sum, range) => sum + Number(range.to - range.from), 0);

/** [{partition, low, high}] of a topic; a topic that is not there is the operator's mistake. */
export async function readBounds(admin, topic) {
  const known = await admin.listTopics();
  if (!known.includes(topic)) throw new UsageError(`There is no topic ${topic}.`);
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets
    .map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }))
    .sort((a, b) => a.partition - b.partition);
}

/** First offsets at or after an instant; where nothing is that late, the end. */
export async function readTimeOffsets(admin, topic, ms) {
  const found = await admin.fetchTopicOffsetsByTimestamp(topic, ms);
  return new Map(
    found
      .filter(({ offset }) => BigInt(offset) >= 0n)
      .map(({ partition, offset }) => [partition, BigInt(offset)]),
  );
}

/** How often it is asked whether what is still to be read is still there. */
const RETENTION_CHECK_MS = 2_000;

/**
 * Reads ranges, each partition in order. `onMessages(partition, messages)` is awaited before the next batch
 * of any partition; headers come as their sender gave them. Ends when all is read, or, without a fault, when
 * `signal` aborts.
 * The consumer group is a throw-away one and commits nothing: nobody's position moves.
 * Errors: UsageError when Kafka has removed a part before it was read; it would be waited for for ever.
 */
export async function readRanges(kafka, topic, ranges, onMessages, signal) {
  const open = new Map(ranges.map(({ partition, from, to }) => [partition, { from, to }]));
  if (open.size === 0 || signal.aborted) return;
  // Teaches kafkajs to unpack, too.
  const { carriedHeaders, crashReason, patientAdmin } = await import('@orbit/messaging/raw');
  const underWay = new Set();
  const groupId = `orbit-cli-${randomUUID()}`;
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: 60_000,
    maxWaitTimeInMs: 200,
    maxBytesPerPartition: 1024 * 1024,
    allowAutoTopicCreation: false,
  });
  const admin = patientAdmin(kafka.admin());
  await admin.connect();
  const checkRetention = async () => {
    for (const { partition, low } of await readBounds(admin, topic)) {
      const range = open.get(partition);
      if (!range || underWay.has(partition) || low <= range.from) continue;
      throw new UsageError(removed(topic, partition, range, low));
    }
  };
  let timer;
  try {
    await checkRetention();
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise((resolve, reject) => {
      // A failure to ask is not told: if Kafka is away, the consumer says so.
      const look = () =>
        checkRetention().catch((error) => error instanceof UsageError && reject(error));
      // kafkajs does not stop a consumer in order before it has joined.
      consumer.on(consumer.events.GROUP_JOIN, () => {
        timer ??= setInterval(look, RETENTION_CHECK_MS);
      });
      signal.addEventListener('abort', () => resolve(), { once: true });
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (payload.restart) return;
        const { error } = payload;
        reject(isPacked(error) ? new OrbitCliError(crashReason(error)) : error);
      });
      const passed = (partition, lastOffset) => {
        const range = open.get(partition);
        if (!range) return;
        range.from = max(range.from, BigInt(lastOffset) + 1n);
        if (range.from < range.to) return;
        open.delete(partition);
        pause(consumer, topic, partition);
        if (open.size === 0) resolve();
      };
      // Of an aborted transaction kafkajs hands nothing over.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        if (payload.batchSize === 0) passed(payload.partition, payload.lastOffset);
      });
      const eachBatch = async ({ batch, heartbeat, resolveOffset, isStale }) => {
        const range = open.get(batch.partition);
        // After a rebalance the same batch may come again while the first is under way; then it waits.
        if (signal.aborted || isStale() || underWay.has(batch.partition)) return;
        if (!range) return pause(consumer, topic, batch.partition);
        const wanted = batch.messages
          .filter(({ offset }) => BigInt(offset) >= range.from && BigInt(offset) < range.to)
          .map((message) => ({ ...message, headers: carriedHeaders(message.headers) }));
        underWay.add(batch.partition);
        const beat = setInterval(() => void heartbeat().catch(() => undefined), 5_000);
        try {
          if (wanted.length > 0) await onMessages(batch.partition, wanted);
        } catch (error) {
          return reject(error);
        } finally {
          clearInterval(beat);
          underWay.delete(batch.partition);
        }
        resolveOffset(batch.lastOffset());
        passed(batch.partition, batch.lastOffset());
      };
      consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch }).catch(reject);
      for (const [partition, { from }] of open) {
        consumer.seek({ topic, partition, offset: String(from) });
      }
    });
  } finally {
    clearInterval(timer);
    await consumer.disconnect().catch(() => undefined);
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect();
  }
}

const removed = (topic, partition, { from, to }, low) =>
  `Kafka has removed offsets ${from} to ${min(low, to) - 1n} of partition ${partition} of ${topic}: they are past its retention. ` +
  'Start anew with a later --from.';

/** Packed with what this Node cannot unpack. */
const isPacked = ({ message }) => message.endsWith('compression not implemented');

const pause = (consumer, topic, partition) => consumer.pause([{ topic, partitions: [partition] }]);
