import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { TOPICS, type TopicName } from '@orbit/events';
import { invariant, InvariantViolation } from '@orbit/kernel';
import type { EachBatchPayload } from 'kafkajs';
import { lastValueFrom } from 'rxjs';
import { setTimeout as sleep } from 'node:timers/promises';
import { KAFKA_BATCH_TRANSPORT, type EventBatch } from './batch-handler.js';
import {
  BATCH_SERVER_DEFAULTS,
  type BatchServerLimits,
  type KafkaBatchServerOptions,
} from './batch-server-options.js';
import { GroupMember, type BatchEnd } from './group-member.js';
import { registerFetchSessions } from '../kafkajs/sessions/fetch-sessions.js';
import { OffsetCommits } from './offset-commits.js';
import { PartitionLanes, type Standstill } from './lanes/partition-lanes.js';
import { checkRetryPolicy } from './retry-policy.js';
import { reportLag } from '../topics/consumer-lag.js';
import { GroupProbe } from '../topics/group-probe.js';
import { physicalTopic } from '../topics/topic-names.js';

/** While a partition is busy its next messages may gather so long: fewer and larger fetches, no later result. */
const GATHER_MS = 10;
const ALL_PARTITIONS = 'every partition';

type Handler = (batch: EventBatch<unknown>) => Promise<void>;

/**
 * Nest transport over kafkajs `eachBatch`. Fetching and handling overlap: a batch that was fetched goes into
 * the lane of its partition (partition-lane.ts), and from there: decode and validate → one handler call →
 * dead letters → commit. So `resolveOffset` moves only what is fetched next; what is done is reported by
 * explicit commits, after it is done. Fetching a partition pauses while its lane is full.
 *
 * The consumers of kafkajs are those of group-member.ts. After every rebalance the lanes are emptied and
 * kafkajs starts from the committed offsets. It ends its fetches before it joins, so no batch of an earlier
 * assignment arrives after that.
 *
 * A lane whose handler fails tries again, then rests for `restMs`, while the others go on. After an
 * InvariantViolation the partition stays stopped until a person restarts the process: the service is then
 * not ready, and says why.
 */
export class KafkaBatchServer extends Server implements CustomTransportStrategy {
  override readonly transportId = KAFKA_BATCH_TRANSPORT;
  override readonly propagatesEventHandlerErrors = true;
  private readonly limits: BatchServerLimits;
  private readonly prefix: string;
  private readonly lanes: PartitionLanes;
  private readonly commits: OffsetCommits;
  private readonly member: GroupMember;
  private heartbeat: () => Promise<void> = () => Promise.resolve();
  /** It has no topics, so that there is no group to join. */
  private needsNoGroup = false;
  /** Second and later handlers of a topic. */
  private readonly later: [topic: string, handler: MessageHandler][] = [];
  private readonly closing = new AbortController();
  private closed: Promise<void> | null = null;
  private probe: GroupProbe | null = null;
  private endLag: () => Promise<void> = () => Promise.resolve();

  constructor(options: KafkaBatchServerOptions) {
    super();
    const prefix = options.topicPrefix ?? '';
    const groupId = options.groupId.startsWith(prefix)
      ? options.groupId
      : `${prefix}${options.groupId}`;
    this.prefix = prefix;
    this.limits = { ...BATCH_SERVER_DEFAULTS, ...options, groupId };
    checkRetryPolicy(this.limits.retry);
    if (this.limits.fetchSessions === 'on') registerFetchSessions();
    this.member = new GroupMember({
      limits: this.limits,
      topics: () => this.physicalTopics(),
      onBatch: (payload) => this.onBatch(payload),
      onBatchEnd: (end) => this.passOver(end),
      onAssigned: (given) => this.lanes.assign(given),
      closing: this.closing.signal,
    });
    this.lanes = new PartitionLanes({
      ...this.limits,
      topicPrefix: prefix,
      handlerOf: (topic) => this.handlerOf(topic),
      heartbeat: () => this.heartbeat(),
      onDone: (topic, partition, offset) => this.commits.add(topic, partition, offset),
      setPaused: (topic, partition, isPaused) => this.member.setPaused(topic, partition, isPaused),
      closing: this.closing.signal,
    });
    this.commits = new OffsetCommits({
      commit: (offsets) => this.member.commit(offsets),
      isOwned: (topic, partition) => this.member.owns({ topic, partition }),
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
    if (!isEventHandler) return;
    const topic = String(pattern);
    // Nest would run them beside each other, and a batch could come again while one of them is still at it.
    if (this.messageHandlers.has(topic)) this.later.push([topic, callback]);
    else super.addHandler(pattern, callback, isEventHandler, extras);
  }

  /** Calls back at once: a service answers RPC while Kafka is unavailable, and joins its group when it is back. */
  listen(callback: (error?: unknown) => void): void {
    const unknown = [...this.messageHandlers.keys()].filter((topic) => !(topic in TOPICS));
    if (unknown.length > 0) {
      callback(new InvariantViolation(`no topics of this product: ${unknown.join(', ')}`));
      return;
    }
    if (this.messageHandlers.size > 0) {
      this.endLag = reportLag({ ...this.limits, topics: this.physicalTopics() });
      this.member.join();
    } else this.needsNoGroup = true;
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
    if (!this.needsNoGroup && !this.member.hasJoined)
      reasons.push('not a member of the consumer group yet');
    return reasons;
  }

  /** The partitions of this member that do not move, those that are stopped for good first. */
  standstills(): readonly Standstill[] {
    const { crashedBecause: why } = this.member;
    const crashed = why === null ? [] : [{ at: ALL_PARTITIONS, isStopped: false, why }];
    return [...this.lanes.standstills(), ...crashed];
  }

  on(): void {
    throw new InvariantViolation('KafkaBatchServer has no events to listen to');
  }

  unwrap<T>(): T {
    return this.member.current as T;
  }

  private async stop(): Promise<void> {
    this.closing.abort();
    this.member.pauseAll();
    await this.lanes.idle();
    await this.commits.flush();
    await this.endLag();
    await this.probe?.close();
    await this.member.leave();
    this.needsNoGroup = false;
  }

  private get isClosing(): boolean {
    return this.closing.signal.aborted;
  }

  private physicalTopics(): string[] {
    return [...this.messageHandlers.keys()].map((topic) =>
      physicalTopic(this.prefix, topic as TopicName),
    );
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
    const first: MessageHandler | undefined = this.messageHandlers.get(topic);
    invariant(first, `topic ${topic} has a handler, because it was subscribed to`);
    const others = this.later.filter(([of]) => of === topic).map(([, handler]) => handler);
    return async (batch) => {
      for (const handler of [first, ...others]) {
        const result = this.transformToObservable(await handler(batch));
        await lastValueFrom(result, { defaultValue: undefined });
      }
    };
  }

  /** Waits, but not past a stop. */
  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.closing.signal }).catch(() => undefined);
  }
}
