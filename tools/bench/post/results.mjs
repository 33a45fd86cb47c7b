/** Reads back what was published, to count it. */
import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { topicEnds } from './progress.mjs';

/**
 * Hands every message between the two ends to `take`; resolves when all were read.
 * Errors: fewer come than the broker says there are.
 */
export async function readBetween({ servers, topic, from, take }) {
  const to = await topicEnds(servers, topic);
  const starts = new Map(from.map(({ partition, offset }) => [partition, BigInt(offset)]));
  const left = new Map(
    to
      .map(({ partition, offset }) => [partition, BigInt(offset)])
      .filter(([partition, end]) => end > (starts.get(partition) ?? 0n)),
  );
  if (left.size === 0) return;
  const kafka = new kafkajs.Kafka({
    clientId: 'bench-reader',
    brokers: servers.brokers,
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const consumer = kafka.consumer({
    groupId: `bench-reader-${randomUUID()}`,
    maxWaitTimeInMs: 100,
  });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${topic} was not read to its end`)),
        120_000,
      );
      const fail = (error) => {
        clearTimeout(timer);
        reject(error);
      };
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            const start = starts.get(batch.partition) ?? 0n;
            const end = left.get(batch.partition);
            for (const message of batch.messages) {
              const offset = BigInt(message.offset);
              if (offset >= start && end !== undefined && offset < end) take(message);
            }
            if (end !== undefined && BigInt(batch.lastOffset()) + 1n >= end) {
              left.delete(batch.partition);
              if (left.size === 0) {
                clearTimeout(timer);
                resolve();
              }
            }
          },
        })
        .catch(fail);
    });
  } finally {
    await consumer.disconnect();
  }
}
