import type { UsageEvent } from './usage-event.js';

/** Statements of one transaction, or of none. Errors: the driver's own. */
export interface SqlSession {
  query<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** Which events that count are read. Bounds: [from, to). */
export interface UsageSelection {
  readonly accountId: string;
  /** Absent: of every customer. */
  readonly customerId?: string;
  /** Absent: of every name. */
  readonly eventName?: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Reads events that count, in the order in which they were stored, in pages of at most a thousand. */
export interface UsageReader {
  read(selection: UsageSelection): AsyncIterable<readonly UsageEvent[]>;
}

/**
 * The change of one transaction to the events that count. An event that is amended leaves with its old version and
 * comes with its new one; one whose customer becomes known leaves without a customer and comes with it.
 */
export interface UsageChange {
  readonly added: readonly UsageEvent[];
  readonly removed: readonly UsageEvent[];
}

/**
 * Whoever keeps something beside the events: rollups, volumes. Called inside the transaction that changes them, one
 * or more times, each time with at most a few thousand events of any accounts and customers. What it writes commits
 * with the events or not at all; it takes its rows in the order of their keys, because others do so at the same time.
 */
export interface UsageFollower {
  apply(sql: SqlSession, change: UsageChange): Promise<void>;
}

/** All effects of `work` or none. Errors: the driver's own; may be repeated, as every effect here is idempotent. */
export interface Transactions {
  run<T>(work: (sql: SqlSession) => Promise<T>): Promise<T>;
}
