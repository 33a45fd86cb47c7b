import { formatAmount } from '@orbit/money';
import { inWalletUnit } from '../domain/clawbacks.js';
import type { Dispute } from '../domain/dispute.js';
import type { Refund, RefundFactName } from '../domain/refund.js';
import type { TopUp } from '../../topups/domain/topup.js';
import type { OutboxEvent } from '../../topups/application/ports.js';

/** The event id is derived, so that a repeat of any kind is the same event. */
export function refundEvent(
  topup: TopUp,
  refund: Refund,
  fact: RefundFactName,
  nowMs: number,
): OutboxEvent {
  const amountMicros = refund.amountMicros ?? inWalletUnit(topup, refund.askedMinor ?? 0n);
  const shared = {
    refund_id: refund.id,
    topup_id: topup.id,
    organization_id: topup.organizationId,
    amount: formatAmount(amountMicros, topup.currency),
    currency: topup.currency,
  };
  const occurred_at = new Date(nowMs).toISOString();
  if (fact === 'failed') {
    return {
      eventId: `evt_${refund.id}_failed`,
      topic: 'refund.failed',
      occurredAtMs: nowMs,
      value: { ...shared, reason: refund.failureReason ?? 'failed', occurred_at },
    };
  }
  return {
    eventId: `evt_${refund.id}_${fact}`,
    topic: fact === 'pending' ? 'refund.pending' : 'refund.completed',
    occurredAtMs: nowMs,
    value: {
      ...shared,
      payment_intent_id: refund.paymentIntentId,
      stripe_refund_id: refund.stripeRefundId ?? refund.id,
      reason: refund.reason,
      occurred_at,
    },
  };
}

export function disputeEvent(
  topup: TopUp,
  dispute: Dispute,
  fact: 'opened' | 'closed',
  nowMs: number,
): OutboxEvent {
  const shared = {
    dispute_id: dispute.id,
    topup_id: topup.id,
    organization_id: topup.organizationId,
    amount: formatAmount(dispute.amountMicros, topup.currency),
    currency: topup.currency,
    payment_intent_id: dispute.paymentIntentId,
    fee: formatAmount(inWalletUnit(topup, dispute.feeMinor), topup.currency),
  };
  const occurred_at = new Date(nowMs).toISOString();
  if (fact === 'opened') {
    return {
      eventId: `evt_${dispute.id}_opened`,
      topic: 'dispute.opened',
      occurredAtMs: nowMs,
      value: { ...shared, reason: dispute.reason, occurred_at },
    };
  }
  return {
    eventId: `evt_${dispute.id}_closed`,
    topic: 'dispute.closed',
    occurredAtMs: nowMs,
    value: {
      ...shared,
      outcome: dispute.state === 'won' ? 'won' : 'lost',
      occurred_at,
    },
  };
}
