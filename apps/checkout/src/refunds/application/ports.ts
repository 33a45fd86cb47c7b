import type { Micros } from '@orbit/money';
import type { ClawbacksSnapshot, RefundSnapshot } from '../domain/clawbacks.js';
import type { Dispute } from '../domain/dispute.js';
import type { Refund } from '../domain/refund.js';
import type { TopUp } from '../../topups/domain/topup.js';
import type { PAID_STATES } from '../../topups/domain/topup-state.js';
import type { OutboxEvent } from '../../topups/application/ports.js';

/** Refunds and disputes as they are stored; reads and the steps of our own requests. */
export interface ClawbackStore {
  /** Stores a new refund, or finds the one that has its (organization, key) already. */
  begin(refund: Refund, nextCheckAtMs: number): Promise<Refund>;
  read(refundId: string): Promise<Refund | null>;
  readDispute(disputeId: string): Promise<Dispute | null>;
  /** Newest first; those that were refused are no refunds. */
  list(query: {
    readonly organizationId: string;
    readonly topupId?: string | undefined;
    readonly limit: number;
    readonly after?: Refund | undefined;
  }): Promise<readonly Refund[]>;
  listDisputes(query: {
    readonly organizationId?: string | undefined;
    readonly state?: string | undefined;
    readonly limit: number;
    readonly after?: Dispute | undefined;
  }): Promise<readonly Dispute[]>;
  /** The ledger has set this aside; only for a refund that still waits for it. */
  markReserved(
    refundId: string,
    amount: { readonly minor: bigint; readonly micros: Micros },
    nowMs: number,
  ): Promise<void>;
  /** Stripe would repeat its answer for this key; the next call needs another one. Never falls back. */
  countAttempt(refundId: string, attempt: number): Promise<void>;
  /** The ledger has less; the answer is kept for repeats. Only for a refund that still waits for it. */
  markRefused(
    refundId: string,
    reason: string,
    refundable: { readonly minor: bigint; readonly micros: Micros },
    nowMs: number,
  ): Promise<void>;
  /** Refunds under way or not yet published, whose check is due; puts their next check off to `retryAtMs`. */
  takeDueRefunds(nowMs: number, retryAtMs: number, limit: number): Promise<readonly Refund[]>;
  takeDueDisputes(nowMs: number, retryAtMs: number, limit: number): Promise<readonly Dispute[]>;
  /** Refunds that have waited since before then for something of ours. */
  stuckRefunds(beforeMs: number, limit: number): Promise<readonly Refund[]>;
  inTransaction<T>(work: (tx: ClawbackTransaction) => Promise<T>): Promise<T>;
}

/** The effects that commit together. Locks in this order: event, top-up, its refunds and disputes. */
export interface ClawbackTransaction {
  lockEvent(eventId: string): Promise<boolean>;
  closeEvent(eventId: string, outcome: string, nowMs: number): Promise<void>;
  lockTopUp(topupId: string): Promise<TopUp | null>;
  /** All of the top-up; what holds its lock may change them. */
  refundsOf(topupId: string): Promise<readonly Refund[]>;
  disputesOf(topupId: string): Promise<readonly Dispute[]>;
  saveRefund(refund: Refund, nextCheckAtMs: number, nowMs: number): Promise<void>;
  saveDispute(dispute: Dispute, nextCheckAtMs: number, nowMs: number): Promise<void>;
  setTopUpState(topupId: string, state: (typeof PAID_STATES)[number], nowMs: number): Promise<void>;
  addToOutbox(event: OutboxEvent): Promise<void>;
}

/** Refunds and disputes at Stripe. Every call throws ProviderFailure when it cannot be answered. */
export interface ClawbacksProvider {
  /** Everything that went back of a payment; null when Stripe knows no such payment. */
  readClawbacks(paymentIntentId: string): Promise<ClawbacksSnapshot | null>;
  /** The parameters follow from the refund alone: Stripe refuses a key that comes with other ones. */
  createRefund(refund: Refund, idempotencyKey: string): Promise<RefundSnapshot>;
}

export type SetAside =
  | { readonly status: 'reserved'; readonly micros: Micros }
  | { readonly status: 'refused'; readonly reason: string; readonly refundable: Micros };

/** The ledger, as refunds use it. Errors: OrbitError `unavailable`, `timeout`. */
export interface RefundLedger {
  /** Once per refund; the same answer on repeats. `amount` null: all that can be refunded. */
  reserve(topup: TopUp, refundId: string, amount: Micros | null): Promise<SetAside>;
}
