import type { CustomerUsageVersions, UsageWindow, WindowUsage } from '@orbit/contracts';
import type { CountedEvent } from '../../metrics/domain/compile.js';
import type { Leaf } from '../../metrics/domain/counting.js';
import type { MetricTree } from '../../metrics/domain/expression.js';
import type { RolledTally } from '../../metrics/domain/tally.js';
import type { Decimal } from '@orbit/pricing';

/** A metric, as counting needs it. */
export interface CountedMetric {
  readonly id: string;
  readonly name: string;
  readonly itemId: string;
  readonly isArchived: boolean;
  readonly tree: MetricTree;
}

export interface CountedMetrics {
  /** In no order; unknown ids are left out. */
  read(accountId: string, ids: readonly string[]): Promise<readonly CountedMetric[]>;
}

/** Of one customer; half open. */
export interface EventRange {
  readonly accountId: string;
  readonly customerId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A leaf that is rolled up for a customer. */
export interface RolledLeaf {
  readonly id: string;
  /** From this instant on; -Infinity: always. */
  readonly fromMs: number;
}

/** A range of whole buckets that belongs to a window. */
export interface RolledRange {
  readonly window: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Rolled usage of one leaf, window and group. */
export interface RolledGroup extends RolledTally {
  readonly leafId: string;
  readonly window: number;
  readonly values: readonly (string | null)[];
  readonly eventCount: number;
  readonly fingerprint: bigint;
  /** It has to be counted from its events, such as after the greatest value went. */
  readonly isDirty: boolean;
}

/** A value of COUNT(DISTINCT …) or a percentile that occurs in a window and group. */
export interface RolledValue {
  readonly leafId: string;
  readonly window: number;
  readonly values: readonly (string | null)[];
  readonly hash: string;
  /** Of a percentile. */
  readonly number: Decimal | null;
  readonly count: number;
}

/** One consistent view of what is stored. */
export interface UsageReading {
  /** Events that count, page by page. */
  events(range: EventRange): AsyncIterable<readonly CountedEvent[]>;
  /** Of these leaves, by their hashes, those that are rolled up. */
  rolledLeaves(
    accountId: string,
    customerId: string,
    hashes: readonly string[],
  ): Promise<ReadonlyMap<string, RolledLeaf>>;
  /** Windows that begin and end at multiples of it need no event; values are kept in coarser buckets. */
  grainMs(hasValues: boolean): number;
  rolledGroups(
    customerId: string,
    leafIds: readonly string[],
    ranges: readonly RolledRange[],
  ): Promise<readonly RolledGroup[]>;
  /** At most `limit` of them. */
  rolledValues(
    customerId: string,
    leafIds: readonly string[],
    ranges: readonly RolledRange[],
    limit: number,
  ): Promise<readonly RolledValue[]>;
}

/**
 * Where events are read from. A store only hands out events and what was added up of them: what an event is worth is
 * decided in one place, in exact decimals, whatever the store. Errors: the driver's own.
 */
export interface UsageStore {
  reading<T>(work: (reading: UsageReading) => Promise<T>): Promise<T>;
}

/** Usage of a window when it was closed. */
export interface StoredClosing extends WindowUsage {
  readonly intervalId: string;
  readonly revision: number;
  readonly watermarkMs: number;
}

export interface ClosingTransaction extends UsageReading {
  /** Nothing of these customers' events changes until the transaction ends. */
  holdCustomers(accountId: string, customerIds: readonly string[]): Promise<void>;
  /** All revisions, oldest first. */
  read(accountId: string, intervalIds: readonly string[]): Promise<readonly StoredClosing[]>;
  /** With what it takes to count them again. */
  insert(accountId: string, rows: readonly ClosingToStore[]): Promise<void>;
  /** Everything stored of the window is counted. */
  markFresh(accountId: string, intervalId: string, window: UsageWindow): Promise<void>;
}

/** Of a closing row: whose usage, and what was asked. */
export interface ClosingBasis {
  readonly accountId: string;
  readonly customerIds: readonly string[];
  readonly definition: unknown;
}

/** A window that was closed and whose events have changed since. */
export interface StaleClosing extends ClosingBasis {
  readonly intervalId: string;
  readonly window: UsageWindow;
}

/** A closing row, whose usage it is and what was asked. */
export interface ClosingToStore extends StoredClosing {
  readonly customerIds: readonly string[];
  readonly definition: unknown;
}

export interface Closings {
  /** All effects of `work` or none. */
  inTransaction<T>(work: (tx: ClosingTransaction) => Promise<T>): Promise<T>;
  /** All revisions, oldest first. */
  read(accountId: string, intervalIds: readonly string[]): Promise<readonly StoredClosing[]>;
  /** At most `limit` of them. */
  stale(limit: number): Promise<readonly StaleClosing[]>;
}

/** How far events that were accepted are stored. Errors: Kafka's. */
export interface IngestProgress {
  /** Whether everything accepted before the call is stored; waits for it, but not long. */
  isCaughtUp(): Promise<boolean>;
}

/** Leaves that are kept up to date as events come and go. */
export interface KeptLeaves {
  /** From now on; those that are kept already stay so. Events from before are added by and by. */
  keep(accountId: string, leaves: readonly Leaf[]): Promise<void>;
}

export const USAGE_VERSIONS = Symbol('UsageVersions');

/** Which customers' usage changed, for whoever looks again and again. Errors: the database's own. */
export interface UsageVersions {
  read(accountId: string, customerIds: readonly string[]): Promise<CustomerUsageVersions>;
}
