/** Reading ranges of a topic, and nothing else of it. */
import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchHandler, Kafka, KafkaMessage } from 'kafkajs';
import { OrbitCliError, UsageError } from '../cli/faults.js';
import { earlier, later, readBounds, type OffsetRange } from './kafka-range.js';

/** How often it is asked whether what is still to be read is still there. */
const RETENTION_CHECK_MS = 2_000;

type OnMessages = (partition: number, messages: KafkaMessage[]) => unknown;

/**
 * Reads ranges, each partition in order. `onMessages(partition, messages)` is awaited before the next batch
 * of any partition; headers come as their sender gave them. Ends when all is read, or, without a fault, when
 * `signal` aborts.
 * The consumer group is a throw-away one and commits nothing: nobody's position moves.
 * Errors: UsageError when Kafka has removed a part before it was read; it would be waited for for ever.
 */
export async function readRanges(
  kafka: Kafka,
  topic: string,
  ranges: readonly OffsetRange[],
  onMessages: OnMessages,
  signal: AbortSignal,
): Promise<void> {
  const open = new Map(ranges.map(({ partition, from, to }) => [partition, { from, to }]));
  if (open.size === 0 || signal.aborted) return;
  // Teaches kafkajs to unpack, too.
  const { carriedHeaders, crashReason, patientAdmin } = await import('@orbit/messaging/raw');
  const underWay = new Set<number>();
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
  const checkRetention = async (): Promise<void> => {
    for (const { partition, low } of await readBounds(admin, topic)) {
      const range = open.get(partition);
      if (!range || underWay.has(partition) || low <= range.from) continue;
      throw new UsageError(removed(topic, partition, range, low));
    }
  };
  let timer: NodeJS.Timeout | undefined;
  try {
    await checkRetention();
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      // A failed check is not reported: if Kafka is unavailable, the consumer says so.
      const look = (): void =>
        void checkRetention().catch(
          (error: unknown) => error instanceof UsageError && reject(error),
        );
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
      const passed = (partition: number, lastOffset: string): void => {
        const range = open.get(partition);
        if (!range) return;
        range.from = later(range.from, BigInt(lastOffset) + 1n);
        if (range.from < range.to) return;
        open.delete(partition);
        pause(consumer, topic, partition);
        if (open.size === 0) resolve();
      };
      // Of an aborted transaction kafkajs hands nothing over.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        if (payload.batchSize === 0) passed(payload.partition, payload.lastOffset);
      });
      const eachBatch: EachBatchHandler = async ({ batch, heartbeat, resolveOffset, isStale }) => {
        const range = open.get(batch.partition);
        // After a rebalance the same batch may come again while the first is under way; then it waits.
        if (signal.aborted || isStale() || underWay.has(batch.partition)) return;
        if (!range) return pause(consumer, topic, batch.partition);
        const wanted = batch.messages
          .filter(({ offset }) => BigInt(offset) >= range.from && BigInt(offset) < range.to)
          .map(
            (message) => ({ ...message, headers: carriedHeaders(message.headers) }) as KafkaMessage,
          );
        underWay.add(batch.partition);
        const beat = setInterval(() => void heartbeat().catch(() => undefined), 5_000);
        try {
          if (wanted.length > 0) await onMessages(batch.partition, wanted);
        } catch (error) {
          return reject(error as Error);
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

const removed = (
  topic: string,
  partition: number,
  { from, to }: Pick<OffsetRange, 'from' | 'to'>,
  low: bigint,
): string =>
  `Kafka has removed offsets ${from} to ${earlier(low, to) - 1n} of partition ${partition} of ${topic}: they are past its retention. ` +
  'Start anew with a later --from.';

/** Packed with what this Node cannot unpack. */
const isPacked = ({ message }: Error): boolean => message.endsWith('compression not implemented');

const pause = (consumer: Consumer, topic: string, partition: number): void =>
  consumer.pause([{ topic, partitions: [partition] }]);
