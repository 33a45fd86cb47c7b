import type { PaymentReference } from '@orbit/contracts';
import type { LedgerTotals, Movement, PaymentTruth } from '../domain/reconcile.js';
import type { Dispute } from '../../refunds/domain/dispute.js';
import type { Refund } from '../../refunds/domain/refund.js';
import type { OutboxEvent, StoredEvent } from '../../topups/application/ports.js';

/** Stripe's own books. Every call throws ProviderFailure when it cannot be answered. */
export interface StripeBooks {
  /** Movements of the balance since then, in any order. */
  movements(sinceMs: number): Promise<readonly Movement[]>;
  /** A payment as a whole, and the top-up that its metadata names; null when Stripe knows none. */
  payment(
    paymentIntentId: string,
  ): Promise<(PaymentTruth & { readonly topupId: string | null }) | null>;
  /** Events of these types that were created between both, oldest first; without an end, to the last. */
  events(
    sinceMs: number,
    types: readonly string[],
    untilMs?: number,
  ): Promise<readonly StoredEvent[]>;
}

/** The ledger's books. Errors: OrbitError `unavailable`, `timeout`. */
export interface LedgerBooks {
  /** Payments with entries that stand for money at Stripe, since then. */
  references(
    sinceMs: number,
  ): Promise<readonly (PaymentReference & { readonly bookedAtMs: number })[]>;
  totals(references: readonly PaymentReference[]): Promise<LedgerTotals>;
  pause(organizationId: string, currency: string): Promise<void>;
}

/** Refunds and disputes as they are stored. */
export interface StoredClawbacks {
  read(refundId: string): Promise<Refund | null>;
  readDispute(disputeId: string): Promise<Dispute | null>;
  /** Refunds that have waited since before then for something of ours. */
  stuckRefunds(beforeMs: number, limit: number): Promise<readonly Refund[]>;
}

export interface ReconcileStore {
  /** Keeps the event unless it was kept before. */
  alert(event: OutboxEvent): Promise<void>;
}
