import type { Micros } from '@orbit/money';
import type { RefundSnapshot } from './clawbacks.js';

/**
 * The states of a refund:
 *
 *   requested → refused                     the ledger has less to give back
 *             → reserved → pending → succeeded → failed
 *
 * Any but `refused` may be skipped, and none goes back: what Stripe shows only raises it. A refund may fail after
 * it had succeeded (the bank sends the money back); a failure is Stripe's last word.
 */
export const REFUND_STATES = [
  'requested',
  'refused',
  'reserved',
  'pending',
  'succeeded',
  'failed',
] as const;
export type RefundState = (typeof REFUND_STATES)[number];

/**
 * The facts about a refund that the ledger gets: `pending` when Stripe has taken the money and may still fail to pay
 * it out.
 */
export type RefundFactName = 'pending' | 'completed' | 'failed';

export interface Refund {
  readonly id: string;
  readonly organizationId: string;
  readonly topupId: string;
  readonly paymentIntentId: string;
  readonly origin: 'api' | 'dashboard';
  readonly idempotencyKey: string | null;
  readonly bodyHash: string | null;
  /** Null: everything that could be refunded then. */
  readonly askedMinor: bigint | null;
  readonly amountMinor: bigint | null;
  /** In the unit of the wallet. */
  readonly amountMicros: Micros | null;
  /** The payment's. */
  readonly currency: string;
  /** The wallet's. */
  readonly unit: string;
  readonly reason: string | null;
  readonly state: RefundState;
  readonly failureReason: string | null;
  readonly refundableMinor: bigint | null;
  readonly refundableMicros: Micros | null;
  readonly stripeRefundId: string | null;
  readonly attempt: number;
  /** The last of its facts that was written for the ledger. */
  readonly published: RefundFactName | null;
  readonly refundedAtMs: number | null;
  readonly createdAtMs: number;
}

export const isRefundState = (text: string): text is RefundState =>
  (REFUND_STATES as readonly string[]).includes(text);

/** Refunds of which the end is not known. */
export const REFUND_UNDER_WAY: readonly RefundState[] = ['requested', 'reserved', 'pending'];

/** Maps Stripe's status of a refund; an unknown status is under way. */
export function stateOfRefund(status: string): 'pending' | 'succeeded' | 'failed' {
  if (status === 'succeeded') return 'succeeded';
  return status === 'failed' || status === 'canceled' ? 'failed' : 'pending';
}

/** The refund as what Stripe shows makes it; the same object when that says nothing new. */
export function raiseRefund(refund: Refund, seen: RefundSnapshot, nowMs: number): Refund {
  const state = stateOfRefund(seen.status);
  const isOver = refund.state === 'failed' || refund.state === 'refused';
  if (isOver || REFUND_STATES.indexOf(state) < REFUND_STATES.indexOf(refund.state)) return refund;
  if (state === refund.state && refund.stripeRefundId === seen.id) return refund;
  return {
    ...refund,
    state,
    stripeRefundId: seen.id,
    failureReason: state === 'failed' ? (seen.failureReason ?? seen.status) : null,
    refundedAtMs: state === 'succeeded' ? (refund.refundedAtMs ?? nowMs) : refund.refundedAtMs,
  };
}

/** The fact that the ledger has not been sent yet. `isTaken`: Stripe has taken the money. */
export function unpublishedOfRefund(
  { state, published: published }: Refund,
  isTaken: boolean,
): RefundFactName | null {
  if (state === 'pending' && isTaken && published === null) return 'pending';
  if (state === 'succeeded' && published !== 'completed') return 'completed';
  return state === 'failed' && published !== 'failed' ? 'failed' : null;
}
