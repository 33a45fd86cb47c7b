import { makeKafka } from '../kafkajs/kafka-client.js';

export interface GroupProbeOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** As the broker knows it. */
  readonly groupId: string;
  /** Physical names. */
  readonly topics: () => readonly string[];
}

const REQUEST_TIMEOUT_MS = 3_000;
const RETRY = { retries: 2, initialRetryTime: 100, maxRetryTime: 500 };

/** Says whether a group has handled all that stood in its topics at one moment. Errors: kafkajs' when Kafka is unavailable. */
export class GroupProbe {
  private readonly admin;
  private connecting: Promise<void> | null = null;

  constructor(private readonly options: GroupProbeOptions) {
    this.admin = makeKafka(options, REQUEST_TIMEOUT_MS).admin({ retry: RETRY });
  }

  /** Notes the ends of the topics, and answers how to ask whether the group has passed them. */
  async begin(): Promise<() => Promise<boolean>> {
    await this.connect();
    const topics = [...this.options.topics()];
    const ends = new Map<string, bigint>();
    await Promise.all(
      topics.map(async (topic) => {
        for (const { partition, high, low } of await this.admin.fetchTopicOffsets(topic)) {
          if (high !== low) ends.set(`${topic}/${partition}`, BigInt(high));
        }
      }),
    );
    return async () => {
      if (ends.size === 0) return true;
      const { groupId } = this.options;
      const found = await this.admin.fetchOffsets({ groupId, topics });
      const committed = new Map(
        found.flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, offset }) => [`${topic}/${partition}`, BigInt(offset)]),
        ),
      );
      return [...ends].every(([at, end]) => (committed.get(at) ?? -1n) >= end);
    };
  }

  async close(): Promise<void> {
    await this.connecting?.catch(() => undefined);
    await this.admin.disconnect();
  }

  private async connect(): Promise<void> {
    this.connecting ??= this.admin.connect().catch((error: unknown) => {
      this.connecting = null;
      throw error;
    });
    await this.connecting;
  }
}
