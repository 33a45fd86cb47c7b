import type { Logger } from '@orbit/runtime';
import type { EventProducer } from '../produce/event-producer.js';
import { RETRY_POLICY, type RetryPolicy } from './retry-policy.js';

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

export const BATCH_SERVER_DEFAULTS = {
  handledBytesMax: 4 * 1024 * 1024,
  retry: RETRY_POLICY,
  restMs: 5_000,
  sessionTimeoutMs: 10_000,
  heartbeatMs: 2_000,
  fetchSessions: 'on',
} as const;

/** With the defaults, and the prefix in the name of the group. */
export type BatchServerLimits = Required<Omit<KafkaBatchServerOptions, 'topicPrefix'>>;
