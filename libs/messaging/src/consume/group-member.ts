import type {
  Consumer,
  ConsumerEndBatchProcessEvent,
  EachBatchPayload,
  TopicPartitionOffsetAndMetadata,
} from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { crashReason } from '../kafkajs/crash-reason.js';
import { makeKafka } from '../kafkajs/kafka-client.js';
import { coPartitionAssigner } from '../topics/co-partition-assigner.js';
import type { BatchServerLimits } from './batch-server-options.js';
import { atOf, type TopicPartition } from './lanes/partition-lanes.js';

const REQUEST_TIMEOUT_MS = 15_000;
/** A message that arrives ends the wait at once; a partition that has room again waits so long for its turn. */
const FETCH_WAIT_MS_MAX = 100;
const FETCH_BYTES_MAX = 4 * 1024 * 1024;
const FETCH_PARTITION_BYTES_MAX = 1024 * 1024;
/**
 * One batch of each of eight topics with six partitions; more wait for each other. kafkajs starts that many promises
 * with every fetch, whatever it brought: a thousand of them were a third of all that the ledger allocated.
 */
const BATCHES_PER_FETCH_MAX = 48;
/** How long a rebalance waits for members that still finish a batch. */
const REBALANCE_TIMEOUT_MS = 60_000;
const RESTART_MS = 1_000;

export type BatchEnd = Pick<
  ConsumerEndBatchProcessEvent['payload'],
  'topic' | 'partition' | 'batchSize' | 'firstOffset' | 'lastOffset'
>;

export interface GroupMemberOptions {
  readonly limits: BatchServerLimits;
  /** With their prefix. */
  readonly topics: () => readonly string[];
  readonly onBatch: (payload: EachBatchPayload) => Promise<void>;
  readonly onBatchEnd: (end: BatchEnd) => void;
  /** Called after every rebalance, with all that this member has. */
  readonly onAssigned: (given: readonly TopicPartition[]) => void;
  readonly closing: AbortSignal;
}

/**
 * A member of a consumer group, over the consumers of kafkajs that it takes: one that crashes is followed by
 * another. Knows which partitions it was given.
 */
export class GroupMember {
  private consumer: Consumer | null = null;
  /** "topic/partition" of what this member has been given. */
  private ownedAt: ReadonlySet<string> = new Set();
  private owned: readonly number[] = [];
  private joined = false;
  private crashReason: string | null = null;
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly options: GroupMemberOptions) {}

  get hasJoined(): boolean {
    return this.joined;
  }

  /** Why the last consumer ended, until one has read again. */
  get crashedBecause(): string | null {
    return this.crashReason;
  }

  /** That of kafkajs, of the moment. */
  get current(): Consumer | null {
    return this.consumer;
  }

  owns(at: TopicPartition): boolean {
    return this.ownedAt.has(atOf(at));
  }

  join(): void {
    this.loop = this.keepConsuming();
  }

  async commit(offsets: TopicPartitionOffsetAndMetadata[]): Promise<void> {
    await this.consumer?.commitOffsets(offsets);
  }

  /** Nothing more is fetched. */
  pauseAll(): void {
    for (const topic of this.options.topics()) {
      for (const partition of this.owned) this.setPaused(topic, partition, true);
    }
  }

  /** Whether more of the partition may be fetched. */
  setPaused(topic: string, partition: number, isPaused: boolean): void {
    const at = [{ topic, partitions: [partition] }];
    try {
      if (isPaused) this.consumer?.pause(at);
      else if (!this.isClosing) this.consumer?.resume(at);
    } catch (error) {
      // Between two consumers: the next one starts with nothing paused, and its first batch pauses it.
      this.options.limits.logger.debug(
        { err: error, topic, partition },
        'nothing to pause or resume',
      );
    }
  }

  /** After `closing`: leaves the group in order. */
  async leave(): Promise<void> {
    await this.loop;
    await this.consumer?.disconnect().catch((error: unknown) => {
      this.options.limits.logger.warn({ err: error }, 'consumer did not leave its group in order');
    });
    this.consumer = null;
    this.joined = false;
  }

  private get isClosing(): boolean {
    return this.options.closing.aborted;
  }

  /** Starts a consumer until one runs; a crash that kafkajs does not repair by itself comes back here. */
  private async keepConsuming(): Promise<void> {
    while (!this.isClosing) {
      const consumer = this.makeConsumer();
      try {
        await consumer.connect();
        await consumer.subscribe({ topics: [...this.options.topics()], fromBeginning: true });
        this.consumer = consumer;
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: BATCHES_PER_FETCH_MAX,
          eachBatch: (payload) => this.options.onBatch(payload),
        });
        return;
      } catch (error) {
        this.options.limits.logger.warn({ err: error }, 'consumer could not start; trying again');
        this.consumer = null;
        await consumer.disconnect().catch(() => undefined);
        await this.pause(RESTART_MS);
      }
    }
  }

  private makeConsumer(): Consumer {
    const { limits } = this.options;
    const kafka = makeKafka(limits, REQUEST_TIMEOUT_MS);
    const consumer = kafka.consumer({
      groupId: limits.groupId,
      sessionTimeout: limits.sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: limits.heartbeatMs,
      maxWaitTimeInMs: FETCH_WAIT_MS_MAX,
      maxBytes: FETCH_BYTES_MAX,
      maxBytesPerPartition: FETCH_PARTITION_BYTES_MAX,
      allowAutoTopicCreation: false,
      partitionAssigners: [coPartitionAssigner(() => this.owned)],
      retry: { initialRetryTime: 200, maxRetryTime: 2_000, retries: 8 },
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.takeAssignment(payload.memberAssignment);
      const { groupId, duration: durationMs } = payload;
      limits.logger.info({ groupId, partitions: this.owned, durationMs }, 'joined the group');
    });
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) =>
      this.options.onBatchEnd(payload),
    );
    consumer.on(consumer.events.FETCH, () => (this.crashReason = null));
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.joined = false;
      if (payload.restart || this.isClosing) return;
      this.crashReason = crashReason(payload.error);
      const why = this.crashReason;
      limits.logger.error({ err: payload.error, why }, 'consumer crashed; starting another');
      this.consumer = null;
      this.loop = consumer.disconnect().then(
        () => this.keepConsuming(),
        () => this.keepConsuming(),
      );
    });
    return consumer;
  }

  private takeAssignment(assignment: Readonly<Record<string, readonly number[]>>): void {
    const given = Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    this.owned = [...new Set(given.map(({ partition }) => partition))].sort((a, b) => a - b);
    this.ownedAt = new Set(given.map(atOf));
    this.joined = true;
    this.options.onAssigned(given);
  }

  /** Waits, but not past a stop. */
  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.options.closing }).catch(() => undefined);
  }
}
