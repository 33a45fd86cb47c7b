import type { AcceptedEvent, UsageEvent } from '../../events/domain/usage-event.js';

/** An event that counts if its key is new; only then it gets a number. */
export interface KeyedEvent extends Omit<UsageEvent, 'eventNo'> {
  /** 32 hexadecimal digits, by which the registry knows its key. */
  readonly keyHash: string;
}

export interface CustomerName {
  readonly accountId: string;
  readonly externalCustomerId: string;
}

/** Where events are stored. */
export interface UsageWriter {
  /** All effects of `work` or none. Errors: the database's own; may be repeated. */
  inTransaction<T>(work: (tx: UsageTransaction) => Promise<T>): Promise<T>;
}

/** Each method is one or two statements, whatever the number of rows. */
export interface UsageTransaction {
  /**
   * Returns the customers that have these external ids, by `nameKey`. Until the end of the transaction no other name
   * of these is given to a customer, so that an event cannot miss its customer in between.
   */
  holdNames(names: readonly CustomerName[]): Promise<ReadonlyMap<string, string>>;
  /** Registers the keys, stores the events whose key was not there, and passes these to each follower. */
  store(events: readonly KeyedEvent[]): Promise<void>;
}

/** External ids of customers, and events that wait for them. */
export interface CustomerNames {
  /** From now on this external id is this customer's, and so are the events that waited; answers their number. */
  name(name: CustomerName, customerId: string): Promise<number>;
  /** The external id is free again, unless it is another customer's by now. */
  free(name: CustomerName, customerId: string): Promise<void>;
}

export interface DeprecatedKey {
  readonly key: string;
  readonly correctionNo: bigint;
}

/** Events of a backfill, which are stored apart until it closes. */
export interface BackfillEvents {
  /** Each key once in its backfill; false when the account has no such backfill. May be repeated. */
  store(
    accountId: string,
    backfillId: string,
    events: readonly AcceptedEvent[],
    ingestedAtMs: number,
  ): Promise<boolean>;
}

/** A backfill as the gateway must know it. */
export interface BackfillReader {
  read(accountId: string, id: string): Promise<BackfillWindow | null>;
}
export interface BackfillWindow {
  readonly customerId: string | null;
  readonly status: string;
  readonly timeframeStart: Date;
  readonly timeframeEnd: Date;
  readonly closeTime: Date;
}

export interface KeyReader {
  /** Which of these keys the registry has. */
  known(accountId: string, keys: readonly string[]): Promise<readonly string[]>;
  /** Keys of events that were deprecated after a correction of this number, oldest first, at most `limit`. */
  deprecated(accountId: string, afterNo: bigint, limit: number): Promise<readonly DeprecatedKey[]>;
}

export const nameKey = ({ accountId, externalCustomerId }: CustomerName): string =>
  `${accountId} ${externalCustomerId}`;
