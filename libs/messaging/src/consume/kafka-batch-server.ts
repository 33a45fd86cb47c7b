import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { TOPICS, type TopicName } from '@orbit/events';
import { invariant, InvariantViolation } from '@orbit/kernel';
import type { Logger } from '@orbit/runtime';
import type { Consumer, ConsumerEndBatchProcessEvent, EachBatchPayload } from 'kafkajs';
import { lastValueFrom } from 'rxjs';
import { setTimeout as sleep } from 'node:timers/promises';
import { KAFKA_BATCH_TRANSPORT, type EventBatch } from './batch-handler.js';
import { coPartitionAssigner } from '../topics/co-partition-assigner.js';
import type { EventProducer } from '../produce/event-producer.js';
import { crashReason } from '../kafkajs/crash-reason.js';
import { registerFetchSessions } from '../kafkajs/sessions/fetch-sessions.js';
import { makeKafka } from '../kafkajs/kafka-client.js';
import { OffsetCommits } from './offset-commits.js';
import { atOf, PartitionLanes } from './partition-lanes.js';
import { checkRetryPolicy, RETRY_POLICY, type RetryPolicy } from './retry-policy.js';
import type { Standstill } from './standstill.js';
import { reportLag } from '../topics/consumer-lag.js';
import { GroupProbe } from '../topics/group-probe.js';
import { physicalTopic } from '../topics/topic-names.js';

export interface KafkaBatchServerOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Prefixed with `topicPrefix` unless it is already: groups of two stacks must not meet. */
  readonly groupId: string;
  readonly topicPrefix?: string;
  /** Sends the dead letters; connected by whoever made it. */
  readonly producer: EventProducer;
  readonly logger: Logger;
  /** Bytes handled at once, over all partitions. Default 4 MiB, which is some 10,000 charges. */
  readonly handledBytesMax?: number;
  readonly retry?: RetryPolicy;
  /** How long a partition rests after its retries are used up. Default 5,000. */
  readonly restMs?: number;
  /**
   * A member that is silent so long loses its partitions. Default 10,000: it is also how long a group waits
   * for a member that died, before another takes over.
   */
  readonly sessionTimeoutMs?: number;
  readonly heartbeatMs?: number;
  /** `off`: kafkajs fetches in its own way (kafkajs/README.md). Default `on`; one value for all of a process. */
  readonly fetchSessions?: 'on' | 'off';
}

const DEFAULTS = {
  handledBytesMax: 4 * 1024 * 1024,
  retry: RETRY_POLICY,
  restMs: 5_000,
  sessionTimeoutMs: 10_000,
  heartbeatMs: 2_000,
  fetchSessions: 'on',
} as const;
const REQUEST_TIMEOUT_MS = 15_000;
/** A message that arrives ends the wait at once; a partition that has room again waits so long for its turn. */
const FETCH_WAIT_MS_MAX = 100;
const FETCH_BYTES_MAX = 4 * 1024 * 1024;
const FETCH_PARTITION_BYTES_MAX = 1024 * 1024;
/** While a partition is busy its next messages may gather so long: fewer and larger fetches, no later result. */
const GATHER_MS = 10;
/**
 * One batch of each of eight topics with six partitions; more wait for each other. kafkajs starts that many promises
 * with every fetch, whatever it brought: a thousand of them were a third of all that the ledger allocated.
 */
const BATCHES_PER_FETCH_MAX = 48;
/** How long a rebalance waits for members that still finish a batch. */
const REBALANCE_TIMEOUT_MS = 60_000;
const RESTART_MS = 1_000;
const ALL_PARTITIONS = 'every partition';

type BatchEnd = Pick<
  ConsumerEndBatchProcessEvent['payload'],
  'topic' | 'partition' | 'batchSize' | 'firstOffset' | 'lastOffset'
>;
type Handler = (batch: EventBatch<unknown>) => Promise<void>;

/**
 * Nest transport over kafkajs `eachBatch`. Fetching and handling overlap: a batch that was fetched goes into
 * the lane of its partition (partition-lane.ts), and from there: decode and validate → one handler call →
 * dead letters → commit. So `resolveOffset` moves only what is fetched next; what is done is reported by
 * explicit commits, after it is done. Fetching a partition pauses while its lane is full.
 *
 * After every rebalance the lanes are emptied and kafkajs starts from the committed offsets. It ends its
 * fetches before it joins, so no batch of an earlier assignment arrives after that.
 *
 * A lane whose handler fails tries again, then rests for `restMs`, while the others go on. After an
 * InvariantViolation the partition stays stopped until a person restarts the process: the service is then
 * not ready, and says why.
 */
export class KafkaBatchServer extends Server implements CustomTransportStrategy {
  override readonly transportId = KAFKA_BATCH_TRANSPORT;
  override readonly propagatesEventHandlerErrors = true;
  private readonly limits: Required<Omit<KafkaBatchServerOptions, 'topicPrefix'>>;
  private readonly prefix: string;
  private readonly lanes: PartitionLanes;
  private readonly commits: OffsetCommits;
  private consumer: Consumer | null = null;
  /** "topic/partition" of what this member has been given. */
  private ownedAt: ReadonlySet<string> = new Set();
  private heartbeat: () => Promise<void> = () => Promise.resolve();
  private owned: readonly number[] = [];
  private hasJoined = false;
  /** Why the last consumer ended, until one has read again. */
  private crashedBecause: string | null = null;
  private readonly closing = new AbortController();
  private closed: Promise<void> | null = null;
  private loop: Promise<void> = Promise.resolve();
  private probe: GroupProbe | null = null;
  private endLag: () => Promise<void> = () => Promise.resolve();

  constructor(options: KafkaBatchServerOptions) {
    super();
    const prefix = options.topicPrefix ?? '';
    const groupId = options.groupId.startsWith(prefix)
      ? options.groupId
      : `${prefix}${options.groupId}`;
    this.prefix = prefix;
    this.limits = { ...DEFAULTS, ...options, groupId };
    checkRetryPolicy(this.limits.retry);
    if (this.limits.fetchSessions === 'on') registerFetchSessions();
    this.lanes = new PartitionLanes({
      ...this.limits,
      topicPrefix: prefix,
      handlerOf: (topic) => this.handlerOf(topic),
      heartbeat: () => this.heartbeat(),
      onDone: (topic, partition, offset) => this.commits.add(topic, partition, offset),
      setPaused: (topic, partition, isPaused) => this.setPaused(topic, partition, isPaused),
      closing: this.closing.signal,
    });
    this.commits = new OffsetCommits({
      commit: async (offsets) => this.consumer?.commitOffsets(offsets),
      isOwned: (topic, partition) => this.ownedAt.has(atOf({ topic, partition })),
      logger: this.limits.logger,
    });
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

  /** Calls back at once: a service answers RPC while Kafka is unavailable, and joins its group when it is back. */
  listen(callback: (error?: unknown) => void): void {
    const unknown = [...this.messageHandlers.keys()].filter((topic) => !(topic in TOPICS));
    const doubled = [...this.messageHandlers].filter(([, handler]) => handler.next !== undefined);
    if (unknown.length > 0 || doubled.length > 0) {
      const topics = [...unknown, ...doubled.map(([topic]) => topic)].join(', ');
      callback(new InvariantViolation(`every topic has one batch handler: ${topics}`));
      return;
    }
    if (this.messageHandlers.size > 0) {
      this.endLag = reportLag({ ...this.limits, topics: this.physicalTopics() });
      this.loop = this.keepConsuming();
    } else this.hasJoined = true;
    callback();
  }

  /** Notes what stands in the topics now, and answers how to ask whether the group has handled all of it. */
  async probeGroup(): Promise<() => Promise<boolean>> {
    const topics = (): readonly string[] => this.physicalTopics();
    this.probe ??= new GroupProbe({ ...this.limits, topics });
    return this.probe.begin();
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
    const reasons = this.standstills().map(
      ({ at, isStopped, why }) =>
        `partition ${isStopped ? 'paused' : 'keeps failing'}: ${at}: ${why}`,
    );
    if (!this.hasJoined) reasons.push('not a member of the consumer group yet');
    return reasons;
  }

  /** The partitions of this member that do not move, those that are stopped for good first. */
  standstills(): readonly Standstill[] {
    const crashed =
      this.crashedBecause === null
        ? []
        : [{ at: ALL_PARTITIONS, isStopped: false, why: this.crashedBecause }];
    return [...this.lanes.standstills(), ...crashed];
  }

  on(): void {
    throw new InvariantViolation('KafkaBatchServer has no events to listen to');
  }

  unwrap<T>(): T {
    return this.consumer as T;
  }

  private async stop(): Promise<void> {
    this.closing.abort();
    this.pauseAll();
    await this.lanes.idle();
    await this.commits.flush();
    await this.endLag();
    await this.probe?.close();
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

  /** Starts a consumer until one runs; a crash that kafkajs does not repair by itself comes back here. */
  private async keepConsuming(): Promise<void> {
    while (!this.isClosing) {
      const consumer = this.makeConsumer();
      try {
        await consumer.connect();
        await consumer.subscribe({ topics: this.physicalTopics(), fromBeginning: true });
        this.consumer = consumer;
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: BATCHES_PER_FETCH_MAX,
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

  private physicalTopics(): string[] {
    return [...this.messageHandlers.keys()].map((topic) =>
      physicalTopic(this.prefix, topic as TopicName),
    );
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
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => this.passOver(payload));
    consumer.on(consumer.events.FETCH, () => (this.crashedBecause = null));
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.hasJoined = false;
      if (payload.restart || this.isClosing) return;
      this.crashedBecause = crashReason(payload.error);
      const why = this.crashedBecause;
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
    this.hasJoined = true;
    this.lanes.assign(given);
  }

  private async onBatch({
    batch,
    resolveOffset,
    heartbeat,
    pause,
    isStale,
  }: EachBatchPayload): Promise<void> {
    if (isStale()) return;
    this.heartbeat = heartbeat;
    const lane = this.isClosing ? null : this.lanes.of(batch);
    if (lane === null) {
      // Fetched before the pause, or the consumer was started anew and knows nothing of it.
      pause();
      return;
    }
    const wasBusy = lane.isBusy;
    lane.push(batch);
    resolveOffset(batch.lastOffset());
    if (lane.isFull) pause();
    if (wasBusy) await this.pause(GATHER_MS);
  }

  /**
   * Of an aborted transaction kafkajs hands nothing over. It is committed all the same: whoever waits until the
   * group has read a topic to its end, as after a loss of Redis, would wait for the next message.
   */
  private passOver({ batchSize, firstOffset, lastOffset, ...at }: BatchEnd): void {
    if (batchSize > 0 || this.isClosing) return;
    this.lanes
      .of(at)
      ?.push({ messages: [], firstOffset: () => firstOffset, lastOffset: () => lastOffset });
  }

  private handlerOf(topic: TopicName): Handler {
    const handler: MessageHandler | undefined = this.messageHandlers.get(topic);
    invariant(handler, `topic ${topic} has a handler, because it was subscribed to`);
    return async (batch) => {
      const result = this.transformToObservable(await handler(batch));
      await lastValueFrom(result, { defaultValue: undefined });
    };
  }

  private pauseAll(): void {
    for (const topic of this.messageHandlers.keys()) {
      const physical = physicalTopic(this.prefix, topic as TopicName);
      for (const partition of this.owned) this.setPaused(physical, partition, true);
    }
  }

  private setPaused(topic: string, partition: number, isPaused: boolean): void {
    const at = [{ topic, partitions: [partition] }];
    try {
      if (isPaused) this.consumer?.pause(at);
      else if (!this.isClosing) this.consumer?.resume(at);
    } catch (error) {
      // Between two consumers: the next one starts with nothing paused, and its first batch pauses it.
      this.limits.logger.debug({ err: error, topic, partition }, 'nothing to pause or resume');
    }
  }

  /** Waits, but not past a stop. */
  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.closing.signal }).catch(() => undefined);
  }
}
