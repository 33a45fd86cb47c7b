import type { OrbCall } from '@orbit/contracts';
import type { Listed, PageQuery } from '@orbit/orb-api';
import type { PaidElsewhere } from '../domain/payment-elsewhere.js';

type Fields = Readonly<Record<string, unknown>>;

export type PendingStatus = 'pending' | 'applied' | 'cancelled';

/** A change of a subscription that was asked for and waits, or what became of it. */
export interface PendingChange extends Listed {
  readonly accountId: string;
  readonly id: string;
  readonly customerId: string;
  readonly subscriptionId: string;
  /** Of the contract. */
  readonly operation: string;
  /** The request as it came. */
  readonly call: Pick<OrbCall, 'path' | 'query' | 'body'>;
  readonly status: PendingStatus;
  /** The subscription as it would be, with `changed_resources`; once applied, as it became. */
  readonly shown: Fields;
  readonly expiresAt: Date;
  readonly appliedAt: Date | null;
  readonly cancelledAt: Date | null;
}

export interface PendingQuery extends PageQuery {
  readonly customerId: string | null;
  readonly externalCustomerId: string | null;
  readonly status: PendingStatus | null;
}

/** Pending changes. `nowMs`, of the account: one that has expired by then counts as cancelled. */
export interface PendingChanges {
  read(accountId: string, id: string, nowMs: number): Promise<PendingChange | null>;
  /** Newest first, one more than the limit where there are more. */
  list(query: PendingQuery, nowMs: number): Promise<readonly PendingChange[]>;
  /** The pending change of each of these subscriptions that has one. */
  ofSubscriptions(
    accountId: string,
    subscriptionIds: readonly string[],
    nowMs: number,
  ): Promise<ReadonlyMap<string, string>>;
}

export interface PendingTransaction extends PendingChanges {
  /** As `read`; nobody else applies or cancels it until the transaction ends. */
  lock(accountId: string, id: string, nowMs: number): Promise<PendingChange | null>;
  /** The caller holds the subscription's lock and knows of no other pending change of it. */
  insert(change: Omit<PendingChange, 'position'>): Promise<void>;
  save(change: PendingChange): Promise<void>;
}

/** A call that carries out a pending change. Only this room makes one. */
export interface ChangeCall extends OrbCall {
  readonly applies?: {
    readonly changeId: string;
    /** Of a subscription that is made by it. */
    readonly subscriptionId: string;
    /** Decimal text; null: nothing. */
    readonly collected: string | null;
    readonly description: string | null;
    readonly payment: PaidElsewhere | null;
  };
}
