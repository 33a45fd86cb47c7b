import type { Currency, Micros } from '@orbit/money';
import type { ReloadFacts } from '../domain/auto-reload.js';
import type { AutoReloadPolicy } from '../../topups/domain/reload-policy.js';
import type { ReloadUsage } from '../domain/reload-ceilings.js';
import type { TopUp } from '../../topups/domain/topup.js';
import type { OutboxEvent, ReloadPolicies } from '../../topups/application/ports.js';

/** The organization's payments, as auto-reload needs them. */
export interface ReloadPayments {
  /** Asked for and not ended, or paid and not yet seen in the ledger. */
  readonly inFlightMinor: bigint;
  /** The automatic payment that is under way; there is at most one. */
  readonly reloading: TopUp | null;
  readonly usage: ReloadUsage;
}

export interface AutoReloadStore extends ReloadPolicies {
  /** Makes the enabled policies of these organizations due at once. */
  markDue(organizationIds: readonly string[], nowMs: number): Promise<void>;
  /** Takes up to `limit` due policies and puts their next check off to `retryAtMs`. */
  takeDue(nowMs: number, retryAtMs: number, limit: number): Promise<readonly string[]>;
  /** Sets the next check unless an event has changed it since it was `sinceMs`: that event counts. */
  schedule(
    organizationId: string,
    sinceMs: number,
    next: {
      readonly nextCheckAtMs: number;
      readonly cappedUntilMs: number | null;
      readonly judgedSequence: bigint;
    },
  ): Promise<void>;
  /** Notes that the ledger knows the threshold of this version. */
  markPushed(organizationId: string, version: bigint): Promise<void>;
  payments(organizationId: string, nowMs: number): Promise<ReloadPayments>;
  /** Paid top-ups that were not yet seen in the ledger, by the reference that they have there. */
  unbooked(organizationId: string): Promise<readonly UnbookedTopUp[]>;
  /** Notes which of them are in the ledger; a decision from before is made again. */
  markBooked(organizationId: string, topupIds: readonly string[], nowMs: number): Promise<void>;
  /** Everything that `work` does commits together, under the lock of the policy. */
  inTransaction<T>(organizationId: string, work: (tx: ReloadTransaction) => Promise<T>): Promise<T>;
}

export interface UnbookedTopUp {
  readonly topupId: string;
  readonly reference: string;
  readonly paidAtMs: number;
}

export interface ReloadTransaction {
  readonly policy: AutoReloadPolicy | null;
  payments(nowMs: number): Promise<ReloadPayments>;
  /** Stores the attempt, before Stripe is called. */
  insert(topup: TopUp, nextCheckAtMs: number): Promise<void>;
  /** Stores the policy, new or changed, as its next version. */
  save(policy: AutoReloadPolicy, nowMs: number): Promise<void>;
  disabled(policy: AutoReloadPolicy, nowMs: number): Promise<void>;
  /** Writes an event; one that is written already stays as it is. */
  addEvent(event: OutboxEvent): Promise<void>;
}

export interface MovementsQuery {
  readonly threshold: Micros;
  /** Takings after this entry count; null: those booked from the instant on. */
  readonly afterSequence: bigint | null;
  readonly fromMs: number;
}

export interface Movements extends Pick<ReloadFacts, 'balanceMicros' | 'spentSequence' | 'taken'> {
  /** Of the last entry. */
  readonly sequence: bigint;
}

/** The wallet-ledger, as far as auto-reload asks it. Errors: OrbitError `unavailable`, `timeout`. */
export interface LedgerReader {
  /** Posted, and why it is what it is; null when there is no such wallet. */
  readMovements(
    organizationId: string,
    currency: Currency,
    query: MovementsQuery,
  ): Promise<Movements | null>;
  /** References of top-ups booked since then. */
  listTopUpReferences(
    organizationId: string,
    currency: Currency,
    fromMs: number,
  ): Promise<ReadonlySet<string>>;
  /** From now on `balance.low` comes when the balance falls below this. */
  setLowBalance(organizationId: string, currency: Currency, threshold: Micros): Promise<void>;
}
