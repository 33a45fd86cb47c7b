import type { PageQuery } from '@orbit/orb-api';
import type { UsageEvent } from '../../events/domain/usage-event.js';
import type { Backfill } from '../domain/backfill.js';

export type NewBackfill = Omit<Backfill, 'status' | 'revertedAt' | 'eventsIngested' | 'position'>;

export interface BackfillTransaction {
  /** One of the account that is not ended, whose window meets this one and whose customer may be the same; no other is made until the end. */
  colliding(wanted: NewBackfill): Promise<string | null>;
  insert(wanted: NewBackfill): Promise<void>;
  lock(accountId: string, id: string): Promise<Backfill | null>;
  save(backfill: Pick<Backfill, 'id' | 'status' | 'closeTime' | 'revertedAt'>): Promise<void>;
}

export interface Backfills {
  read(accountId: string, id: string): Promise<Backfill | null>;
  /** Newest first, one more than the limit where there are more. */
  list(
    query: PageQuery,
    filter: { readonly customerId: string | null; readonly status: string | null },
  ): Promise<readonly Backfill[]>;
}

/** Which of the events a filter means. */
export type EventFilter = (event: UsageEvent) => boolean;

/** Closing and reverting of events. Errors: the database's own; both may be repeated. */
export interface BackfillRuns {
  /** Those whose close time has come, or that are to be taken back. */
  due(nowMs: number): Promise<readonly Backfill[]>;
  /** All of its events become visible, and those that it replaces leave; at once. */
  reflect(id: string, filter: EventFilter | null): Promise<void>;
  /** Undoes `reflect`. */
  revert(id: string): Promise<void>;
}
