import type { DisputeView, RefundView, RefundViewState } from '@orbit/contracts';
import { formatAmount } from '@orbit/money';
import type { Dispute } from '../domain/dispute.js';
import type { Refund } from '../domain/refund.js';

const instant = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();

/** A refund as other services see it. */
export function refundView(refund: Refund, replayed = false): RefundView {
  const { amountMinor, amountMicros, askedMinor } = refund;
  const minor = amountMinor ?? askedMinor;
  return {
    refund_id: refund.id,
    organization_id: refund.organizationId,
    topup_id: refund.topupId,
    payment_intent_id: refund.paymentIntentId,
    origin: refund.origin,
    state: stateOf(refund),
    amount_minor: minor === null ? null : Number(minor),
    amount: amountMicros === null ? null : formatAmount(amountMicros, refund.unit),
    currency: refund.currency,
    unit: refund.unit,
    reason: refund.reason,
    failure_reason: refund.failureReason,
    stripe_refund_id: refund.stripeRefundId,
    created_at: new Date(refund.createdAtMs).toISOString(),
    refunded_at: refund.state === 'succeeded' ? instant(refund.refundedAtMs) : null,
    replayed,
  };
}

/** All states before Stripe has accepted the refund are one state to those who wait. */
function stateOf({ state }: Refund): RefundViewState {
  if (state === 'succeeded') return 'succeeded';
  return state === 'failed' || state === 'refused' ? 'failed' : 'pending';
}

export function disputeView(dispute: Dispute): DisputeView {
  return {
    dispute_id: dispute.id,
    organization_id: dispute.organizationId,
    topup_id: dispute.topupId,
    payment_intent_id: dispute.paymentIntentId,
    state: dispute.state,
    amount_minor: Number(dispute.amountMinor),
    amount: formatAmount(dispute.amountMicros, dispute.unit),
    currency: dispute.currency,
    unit: dispute.unit,
    fee_minor: Number(dispute.feeMinor),
    reason: dispute.reason,
    evidence_due_at: instant(dispute.evidenceDueAtMs),
    opened_at: new Date(dispute.openedAtMs).toISOString(),
    closed_at: instant(dispute.closedAtMs),
  };
}
