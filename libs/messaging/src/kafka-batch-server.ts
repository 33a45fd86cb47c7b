import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { TOPICS, type TopicName } from '@orbit/events';
import { invariant, InvariantViolation, systemClock } from '@orbit/kernel';
import type { Logger } from '@orbit/runtime';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { lastValueFrom } from 'rxjs';
import { setTimeout as sleep } from 'node:timers/promises';
import { KAFKA_BATCH_TRANSPORT, type EventBatch } from './batch-handler.js';
import { BatchRun } from './batch-run.js';
import { coPartitionAssigner } from './co-partition-assigner.js';
import type { EventProducer } from './event-producer.js';
import { makeKafka } from './kafka-client.js';
import { PartitionTurns } from './partition-turns.js';
import { checkRetryPolicy, RETRY_POLICY, retryDelayMs, type RetryPolicy } from './retry-policy.js';
import { physicalTopic } from './topic-names.js';

export interface KafkaBatchServerOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Prefixed with `topicPrefix` unless it is already: groups of two stacks must not meet. */
  readonly groupId: string;
  readonly topicPrefix?: string;
  /** Sends the dead letters; connected by whoever made it. */
  readonly producer: EventProducer;
  readonly logger: Logger;
  /** Partitions handled at once. Default 4. */
  readonly partitionsConsumedConcurrently?: number;
  /** Largest batch of one partition in bytes. Default 1 MiB, which is some 2,500 charges. */
  readonly batchBytesMax?: number;
  readonly retry?: RetryPolicy;
  /** How long a partition rests after its retries are used up. Default 5,000. */
  readonly restMs?: number;
  /**
   * A member that is silent so long loses its partitions. Default 10,000: it is also how long a group waits
   * for a member that died, before another takes over.
   */
  readonly sessionTimeoutMs?: number;
  readonly heartbeatMs?: number;
}

const DEFAULTS = {
  partitionsConsumedConcurrently: 4,
  batchBytesMax: 1024 * 1024,
  retry: RETRY_POLICY,
  restMs: 5_000,
  sessionTimeoutMs: 10_000,
  heartbeatMs: 2_000,
};
const REQUEST_TIMEOUT_MS = 15_000;
/** Bounds how long a stop waits for an idle fetch; a message that arrives ends the wait at once. */
const FETCH_WAIT_MS_MAX = 500;
/** How long a rebalance waits for members that still finish a batch. */
const REBALANCE_TIMEOUT_MS = 60_000;
const RESTART_MS = 1_000;

type Handler = (batch: EventBatch<unknown>) => Promise<void>;

/**
 * Nest transport over kafkajs `eachBatch`. A batch goes: decode and validate → one handler call → dead
 * letters → commit. Heartbeats go out all the while.
 *
 * When the handler fails, the same batch runs again in place, a few times with growing waits; then the
 * partition rests for `restMs` and starts again from its committed offset, while the others go on. Nothing
 * is skipped. After an InvariantViolation the partition stays stopped until a person restarts the process:
 * the service is then not ready, and says which offset it stands at.
 */
export class KafkaBatchServer extends Server implements CustomTransportStrategy {
  override readonly transportId = KAFKA_BATCH_TRANSPORT;
  override readonly propagatesEventHandlerErrors = true;
  private readonly limits: Required<Omit<KafkaBatchServerOptions, 'topicPrefix'>>;
  private readonly prefix: string;
  private readonly turns = new PartitionTurns();
  /** "topic/partition" → why it is stopped for good. */
  private readonly broken = new Map<string, string>();
  private readonly resting = new Set<string>();
  private consumer: Consumer | null = null;
  private owned: readonly number[] = [];
  private hasJoined = false;
  private readonly closing = new AbortController();
  private closed: Promise<void> | null = null;
  private loop: Promise<void> = Promise.resolve();

  constructor(options: KafkaBatchServerOptions) {
    super();
    const prefix = options.topicPrefix ?? '';
    const groupId = options.groupId.startsWith(prefix)
      ? options.groupId
      : `${prefix}${options.groupId}`;
    this.prefix = prefix;
    this.limits = { ...DEFAULTS, ...options, groupId };
    checkRetryPolicy(this.limits.retry);
    invariant(
      this.limits.heartbeatMs * 3 <= this.limits.sessionTimeoutMs,
      'a session outlives three heartbeats',
    );
  }

  /** A service's RPC patterns name no transport, so Nest offers them here as well; topics are events. */
  override addHandler(
    pattern: Parameters<Server['addHandler']>[0],
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    if (isEventHandler) super.addHandler(pattern, callback, isEventHandler, extras);
  }

  /** Calls back at once: a service answers RPC while Kafka is away, and joins its group when it is back. */
  listen(callback: (error?: unknown) => void): void {
    const unknown = [...this.messageHandlers.keys()].filter((topic) => !(topic in TOPICS));
    const doubled = [...this.messageHandlers].filter(([, handler]) => handler.next !== undefined);
    if (unknown.length > 0 || doubled.length > 0) {
      const topics = [...unknown, ...doubled.map(([topic]) => topic)].join(', ');
      callback(new InvariantViolation(`every topic has one batch handler: ${topics}`));
      return;
    }
    if (this.messageHandlers.size > 0) this.loop = this.keepConsuming();
    else this.hasJoined = true;
    callback();
  }

  /** Finishes the batches under way, commits them, leaves the group. */
  close(): Promise<void> {
    this.closed ??= this.stop();
    return this.closed;
  }

  isReady(): boolean {
    return this.notReadyReasons().length === 0;
  }

  notReadyReasons(): readonly string[] {
    const reasons = [...this.broken].map(([at, why]) => `partition paused: ${at}: ${why}`);
    if (!this.hasJoined) reasons.push('not a member of the consumer group yet');
    return reasons;
  }

  on(): void {
    throw new InvariantViolation('KafkaBatchServer has no events to listen to');
  }

  unwrap<T>(): T {
    return this.consumer as T;
  }

  private async stop(): Promise<void> {
    this.closing.abort();
    await this.loop;
    await this.consumer?.disconnect().catch((error: unknown) => {
      this.limits.logger.warn({ err: error }, 'consumer did not leave its group in order');
    });
    this.consumer = null;
    this.hasJoined = false;
  }

  private get isClosing(): boolean {
    return this.closing.signal.aborted;
  }

  /** Starts a consumer until one runs; a crash that kafkajs does not mend by itself comes back here. */
  private async keepConsuming(): Promise<void> {
    while (!this.isClosing) {
      const consumer = this.makeConsumer();
      try {
        await consumer.connect();
        const topics = [...this.messageHandlers.keys()].map((topic) =>
          physicalTopic(this.prefix, topic as TopicName),
        );
        await consumer.subscribe({ topics, fromBeginning: true });
        this.consumer = consumer;
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: this.limits.partitionsConsumedConcurrently,
          eachBatch: (payload) => this.onBatch(payload),
        });
        return;
      } catch (error) {
        this.limits.logger.warn({ err: error }, 'consumer could not start; trying again');
        this.consumer = null;
        await consumer.disconnect().catch(() => undefined);
        await this.pause(RESTART_MS);
      }
    }
  }

  private makeConsumer(): Consumer {
    const { limits } = this;
    const kafka = makeKafka(limits, REQUEST_TIMEOUT_MS);
    const consumer = kafka.consumer({
      groupId: limits.groupId,
      sessionTimeout: limits.sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: limits.heartbeatMs,
      maxWaitTimeInMs: FETCH_WAIT_MS_MAX,
      maxBytesPerPartition: limits.batchBytesMax,
      allowAutoTopicCreation: false,
      partitionAssigners: [coPartitionAssigner(() => this.owned)],
      retry: { initialRetryTime: 200, maxRetryTime: 2_000, retries: 8 },
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      const { memberAssignment } = payload;
      const numbers = new Set(Object.values(memberAssignment).flat());
      for (const at of this.broken.keys()) {
        const [topic = '', partition] = at.split('/');
        if (!memberAssignment[topic]?.includes(Number(partition))) this.broken.delete(at);
      }
      this.owned = [...numbers].sort((a, b) => a - b);
      this.hasJoined = true;
      const { groupId, duration: durationMs } = payload;
      limits.logger.info({ groupId, partitions: this.owned, durationMs }, 'joined the group');
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.hasJoined = false;
      if (payload.restart || this.isClosing) return;
      limits.logger.error({ err: payload.error }, 'consumer crashed; starting another');
      this.consumer = null;
      this.loop = consumer.disconnect().then(
        () => this.keepConsuming(),
        () => this.keepConsuming(),
      );
    });
    return consumer;
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const at = `${batch.topic}/${batch.partition}`;
    if (payload.isStale()) return;
    if (this.broken.has(at) || this.resting.has(at)) {
      // Fetched before the pause, or the consumer was started anew and knows nothing of it.
      payload.pause();
      return;
    }
    const stopHeartbeat = this.startHeartbeat(payload);
    try {
      const topic = batch.topic.slice(this.prefix.length) as TopicName;
      await this.turns.take(batch.partition, () => this.runUntilDone(payload, topic, at));
    } finally {
      stopHeartbeat();
    }
  }

  private async runUntilDone(
    payload: EachBatchPayload,
    topic: TopicName,
    at: string,
  ): Promise<void> {
    const { batch } = payload;
    const { retry, logger, producer } = this.limits;
    const where = { topic, partition: batch.partition, offset: batch.firstOffset() };
    const run = new BatchRun({
      topic,
      topicPrefix: this.prefix,
      batch,
      heartbeat: () => payload.heartbeat(),
      handle: this.handlerOf(topic),
      publishRaw: (sets) => producer.publishRaw(sets),
      nowMs: () => systemClock.nowMs(),
    });
    for (let attempt = 1; ; attempt++) {
      if (this.isClosing || payload.isStale()) return;
      try {
        const deadLetterCount = await run.attempt();
        if (deadLetterCount > 0) logger.warn({ ...where, deadLetterCount }, 'dead letters sent');
        break;
      } catch (error) {
        if (error instanceof InvariantViolation) return this.stopPartition(payload, at, error);
        if (attempt >= retry.attemptsMax) return this.restPartition(payload, at, error);
        const delayMs = retryDelayMs(retry, attempt, Math.random());
        logger.warn({ ...where, err: error, attempt, delayMs }, 'batch failed; trying again');
        await this.pause(delayMs);
      }
    }
    await this.commit(payload);
  }

  /** Commits before it resolves: when the commit fails, the batch is fetched again, never skipped. */
  private async commit({
    batch,
    commitOffsetsIfNecessary,
    resolveOffset,
  }: EachBatchPayload): Promise<void> {
    const { topic, partition } = batch;
    const lastOffset = batch.lastOffset();
    const offset = (BigInt(lastOffset) + 1n).toString();
    await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] });
    resolveOffset(lastOffset);
  }

  private handlerOf(topic: TopicName): Handler {
    const handler: MessageHandler | undefined = this.messageHandlers.get(topic);
    invariant(handler, `topic ${topic} has a handler, because it was subscribed to`);
    return async (batch) => {
      const result = this.transformToObservable(await handler(batch));
      await lastValueFrom(result, { defaultValue: undefined });
    };
  }

  private stopPartition(payload: EachBatchPayload, at: string, error: InvariantViolation): void {
    const { topic, partition } = payload.batch;
    const offset = payload.batch.firstOffset();
    payload.pause();
    this.broken.set(at, error.message);
    this.limits.logger.fatal(
      { err: error, topic, partition, offset },
      'broken invariant: partition stopped; mend the cause and restart',
    );
  }

  private restPartition(payload: EachBatchPayload, at: string, error: unknown): void {
    const { topic, partition } = payload.batch;
    const { restMs, logger } = this.limits;
    logger.error({ err: error, topic, partition, restMs }, 'batch keeps failing; partition rests');
    payload.pause();
    this.resting.add(at);
    void this.pause(restMs).then(() => {
      this.resting.delete(at);
      this.resume(topic, partition);
    });
  }

  private resume(topic: string, partition: number): void {
    try {
      if (!this.isClosing) this.consumer?.resume([{ topic, partitions: [partition] }]);
    } catch (error) {
      // Between two consumers: the next one starts with nothing paused.
      this.limits.logger.debug({ err: error, topic, partition }, 'nothing to resume');
    }
  }

  private startHeartbeat(payload: EachBatchPayload): () => void {
    const timer = setInterval(() => {
      // A rebalance shows here first; the batch still finishes and commits, which the broker allows.
      payload.heartbeat().catch((error: unknown) => {
        this.limits.logger.debug({ err: error }, 'heartbeat not taken');
      });
    }, this.limits.heartbeatMs);
    return () => clearInterval(timer);
  }

  /** Waits, but not past a stop. */
  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.closing.signal }).catch(() => undefined);
  }
}
