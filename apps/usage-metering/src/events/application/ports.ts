import type { OrbAccount } from '@orbit/contracts';
import type { BillingPeriod } from '../domain/correction-window.js';
import type { UsageEvent } from '../domain/usage-event.js';

/** An event as the registry has it: its version that counts, or counted last. */
export interface RegisteredEvent {
  readonly event: UsageEvent;
  readonly keyHash: string;
  readonly isDeprecated: boolean;
}

export interface SearchQuery {
  readonly accountId: string;
  readonly keys: readonly string[];
  /** [from, to) */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface VolumeQuery {
  readonly accountId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
}

export interface HourCount {
  readonly hourMs: number;
  readonly count: number;
}

/** Queries of events. Errors: the database's own. */
export interface EventsReader {
  search(query: SearchQuery): Promise<readonly RegisteredEvent[]>;
  /** Hours with events that count, oldest first. */
  volume(query: VolumeQuery): Promise<readonly HourCount[]>;
}

export type CorrectionKind = 'amend' | 'deprecate';

/** Where events are corrected. Errors: the database's own. */
export interface EventsCorrector {
  inTransaction<T>(work: (tx: CorrectionTransaction) => Promise<T>): Promise<T>;
}

export interface CorrectionTransaction {
  /** Nobody else corrects it until the transaction ends. */
  lock(accountId: string, idempotencyKey: string): Promise<RegisteredEvent | null>;
  /** Corrections of a kind that a customer had since; no other one is made until the transaction ends. */
  countSince(
    accountId: string,
    customerId: string,
    kind: CorrectionKind,
    sinceMs: number,
  ): Promise<number>;
  /** The new version counts from now on; its number is given here. */
  replace(old: RegisteredEvent, version: Omit<UsageEvent, 'eventNo'>, nowMs: number): Promise<void>;
  /** It does not count any more, and its key is never taken again. */
  deprecate(old: RegisteredEvent, nowMs: number): Promise<void>;
}

/** Messages that were accepted and are on their way. */
export interface InFlight {
  /** Resolves when what was accepted before this call is stored, or after a short while. */
  arrived(): Promise<void>;
}

/** Current billing periods of a customer's active subscriptions. Errors: OrbitError `unavailable`, `timeout`. */
export interface BillingPeriods {
  current(account: OrbAccount, customerId: string): Promise<readonly BillingPeriod[]>;
}
