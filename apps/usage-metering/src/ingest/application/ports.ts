import type { AcceptedEvent, UsageEvent } from '../../events/domain/usage-event.js';

/** A key that the registry did not have, and the number of its event. */
export interface NewKey {
  readonly accountId: string;
  readonly keyHash: string;
  readonly timestampMs: number;
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
  /** Puts keys into the registry, in their order; answers the number of the event for those that were not there. */
  register(keys: readonly NewKey[]): Promise<ReadonlyMap<string, bigint>>;
  /** Stores events whose keys are registered, and passes to each follower what counts now. */
  insert(events: readonly UsageEvent[]): Promise<void>;
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

export const registryKey = (accountId: string, keyHash: string): string =>
  `${accountId} ${keyHash}`;
