import type { TopicName } from '@orbit/events';
import { systemClock } from '@orbit/kernel';
import type { Logger } from '@orbit/runtime';
import type { EventBatch } from '../batch-handler.js';
import { BatchRun } from '../batch-run.js';
import type { EventProducer } from '../../produce/event-producer.js';
import { PartitionLane } from './partition-lane.js';
import { PartitionTurns } from './partition-turns.js';
import type { RetryPolicy } from '../retry-policy.js';
import { WorkGate } from './work-gate.js';

export interface PartitionLanesOptions {
  readonly topicPrefix: string;
  readonly handlerOf: (topic: TopicName) => (batch: EventBatch<unknown>) => Promise<void>;
  readonly heartbeat: () => Promise<void>;
  /** Everything of the partition before this offset is done. */
  readonly onDone: (topic: string, partition: number, offset: string) => void;
  /** Whether more of the partition may be fetched. */
  readonly setPaused: (topic: string, partition: number, isPaused: boolean) => void;
  /** Sends the dead letters. */
  readonly producer: EventProducer;
  /** Bytes handled at once, over all partitions. */
  readonly handledBytesMax: number;
  readonly retry: RetryPolicy;
  readonly restMs: number;
  readonly logger: Logger;
  readonly closing: AbortSignal;
}

export interface TopicPartition {
  /** With its prefix. */
  readonly topic: string;
  readonly partition: number;
}

/** A partition that does not move until its cause is repaired. */
export interface Standstill {
  /** "topic/partition", the topic with its prefix; "every partition" while consumers crash as they read. */
  readonly at: string;
  /** Until a restart; else its batch is tried again and again. */
  readonly isStopped: boolean;
  readonly why: string;
}

export const atOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** The lanes of what this member has been given, made when something of a partition arrives. */
export class PartitionLanes {
  private readonly lanes = new Map<string, PartitionLane>();
  /** "topic/partition" → why it is stopped for good. */
  private readonly broken = new Map<string, string>();
  private readonly turns = new PartitionTurns();
  private readonly gate: WorkGate;

  constructor(private readonly options: PartitionLanesOptions) {
    this.gate = new WorkGate(options.handledBytesMax);
  }

  /** Null for a partition that is stopped. */
  of(at: TopicPartition): PartitionLane | null {
    if (this.broken.has(atOf(at))) return null;
    const known = this.lanes.get(atOf(at));
    if (known) return known;
    const lane = this.make(at);
    this.lanes.set(atOf(at), lane);
    return lane;
  }

  /** After a rebalance: what was fetched before counts no more; what is another member's affair starts afresh, should it come back. */
  assign(given: readonly TopicPartition[]): void {
    const owned = new Set(given.map(atOf));
    for (const [at, lane] of this.lanes) {
      lane.clear();
      if (owned.has(at)) continue;
      this.broken.delete(at);
      this.lanes.delete(at);
    }
    for (const at of given) {
      if (!this.broken.has(atOf(at))) this.options.setPaused(at.topic, at.partition, false);
    }
  }

  /** The partitions that do not move, those that are stopped for good first. */
  standstills(): readonly Standstill[] {
    const stopped = [...this.broken].map(([at, why]) => ({ at, isStopped: true, why }));
    const failing = [...this.lanes].flatMap(([at, { restsBecause: why }]) =>
      why === null ? [] : [{ at, isStopped: false, why }],
    );
    return [...stopped, ...failing];
  }

  /** Resolves when the runs under way have ended. */
  async idle(): Promise<void> {
    await Promise.all([...this.lanes.values()].map((lane) => lane.idle()));
  }

  private make({ topic: physical, partition }: TopicPartition): PartitionLane {
    const { topicPrefix, handlerOf, heartbeat, onDone, setPaused, producer } = this.options;
    const { retry, restMs, logger, closing } = this.options;
    const topic = physical.slice(topicPrefix.length) as TopicName;
    const handle = handlerOf(topic);
    return new PartitionLane({
      topic,
      partition,
      gate: this.gate,
      makeRun: (batches) => {
        const run = new BatchRun({
          topic,
          partition,
          topicPrefix,
          batches,
          heartbeat,
          handle,
          publishRaw: (sets) => producer.publishRaw(sets),
          nowMs: () => systemClock.nowMs(),
        });
        return { attempt: () => this.turns.take(partition, () => run.attempt()) };
      },
      onDone: (offset) => onDone(physical, partition, offset),
      onRoom: () => setPaused(physical, partition, false),
      onBroken: (error) => {
        this.broken.set(atOf({ topic: physical, partition }), error.message);
        setPaused(physical, partition, true);
      },
      retry,
      restMs,
      logger,
      closing,
    });
  }
}
