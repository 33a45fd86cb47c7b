import { gauge, readAtScrape } from '@orbit/metrics';
import { makeKafka } from '../kafkajs/kafka-client.js';
import { patientAdmin } from '../kafkajs/patient-admin.js';

export interface ConsumerLagOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** As the broker knows it. */
  readonly groupId: string;
  /** Physical names. */
  readonly topics: readonly string[];
}

const REQUEST_TIMEOUT_MS = 2_000;
const RETRY = { retries: 1, initialRetryTime: 100, maxRetryTime: 300 };
/** Less than a scrape waits: what passes later is read by the next one. */
const PATIENCE_MS = 2_000;

/**
 * Reports how far the group is behind, whenever `/metrics` is asked: Kafka itself is, so that a consumer that stands
 * still or has lost its partitions shows as well. Returns how to end it.
 */
export function reportLag(options: ConsumerLagOptions): () => Promise<void> {
  const { groupId, topics } = options;
  const lag = gauge('orbit_consumer_lag');
  const kafka = makeKafka(options, REQUEST_TIMEOUT_MS);
  const admin = patientAdmin(kafka.admin({ retry: RETRY }), PATIENCE_MS);
  let reading: Promise<void> | null = null;
  let isClosed = false;

  const read = async (): Promise<void> => {
    await admin.connect();
    const [committed, ...ends] = await Promise.all([
      admin.fetchOffsets({ groupId, topics: [...topics] }),
      ...topics.map((topic) => admin.fetchTopicOffsets(topic)),
    ]);
    for (const { topic, partitions } of committed) {
      const at = new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]));
      const messages = (ends[topics.indexOf(topic)] ?? []).map(({ partition, low, high }) => {
        const offset = at.get(partition) ?? -1;
        // Never committed, or committed before what is kept: all that is kept is to be read.
        return Number(high) - Math.max(offset, Number(low));
      });
      const sum = messages.reduce((total, one) => total + Math.max(0, one), 0);
      lag.set({ group: groupId, topic }, sum);
    }
  };
  const end = readAtScrape('consumer_lag', async () => {
    if (isClosed) return;
    for (const topic of topics) lag.remove(groupId, topic);
    reading ??= read().finally(() => {
      reading = null;
    });
    await reading;
  });
  return async () => {
    end();
    isClosed = true;
    // Whoever scrapes meanwhile has counted its failure; here it only has to be over.
    await Promise.allSettled([reading]);
    await admin.disconnect();
  };
}
