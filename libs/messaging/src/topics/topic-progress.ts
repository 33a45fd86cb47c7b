import type { TopicName } from '@orbit/events';
import type { Logger } from '@orbit/runtime';
import type { Admin } from 'kafkajs';
import { makeKafka } from '../kafkajs/kafka-client.js';
import { patientAdmin } from '../kafkajs/patient-admin.js';
import { physicalTopic } from './topic-names.js';

export interface TopicProgressOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly topicPrefix?: string;
  /** As the consumers give it to `KafkaBatchServer`. */
  readonly groupId: string;
  readonly topic: TopicName;
  readonly logger?: Logger;
}

/** Per partition, the offset that the next message will have. */
export type TopicEnds = ReadonlyMap<number, bigint>;

const REQUEST_TIMEOUT_MS = 3_000;
const RETRY = { retries: 2, initialRetryTime: 100, maxRetryTime: 500 };
const PATIENCE_MS = 3_000;

/**
 * How far a topic is written, and whether a group has handled everything up to there. Callers that ask
 * at the same time share one request. Errors: kafkajs' when Kafka is unavailable; the next call connects again.
 */
export class TopicProgress {
  private readonly admin: Admin;
  private readonly topic: string;
  private readonly groupId: string;
  private connecting: Promise<void> | null = null;
  private asking: Promise<ReadonlyMap<number, bigint>> | null = null;

  constructor(options: TopicProgressOptions) {
    const prefix = options.topicPrefix ?? '';
    this.topic = physicalTopic(prefix, options.topic);
    this.groupId = options.groupId.startsWith(prefix)
      ? options.groupId
      : `${prefix}${options.groupId}`;
    const kafka = makeKafka(options, REQUEST_TIMEOUT_MS);
    this.admin = patientAdmin(kafka.admin({ retry: RETRY }), PATIENCE_MS);
  }

  /** The ends as they are now; partitions that keep no message are left out. */
  async readEnds(): Promise<TopicEnds> {
    await this.connect();
    const partitions = await this.admin.fetchTopicOffsets(this.topic);
    const kept = partitions.filter(({ low, high }) => low !== high);
    return new Map(kept.map(({ partition, high }) => [partition, BigInt(high)]));
  }

  /** Whether the group has committed everything before `ends`. */
  async isHandled(ends: TopicEnds): Promise<boolean> {
    if (ends.size === 0) return true;
    const committed = await this.readCommitted();
    return [...ends].every(([partition, end]) => (committed.get(partition) ?? -1n) >= end);
  }

  async close(): Promise<void> {
    await this.connecting?.catch(() => undefined);
    await this.admin.disconnect();
  }

  private readCommitted(): Promise<ReadonlyMap<number, bigint>> {
    this.asking ??= this.fetchCommitted().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  private async fetchCommitted(): Promise<ReadonlyMap<number, bigint>> {
    await this.connect();
    const [found] = await this.admin.fetchOffsets({ groupId: this.groupId, topics: [this.topic] });
    const partitions = found?.partitions ?? [];
    return new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  private async connect(): Promise<void> {
    this.connecting ??= this.admin.connect().catch((error: unknown) => {
      this.connecting = null;
      throw error;
    });
    await this.connecting;
  }
}
