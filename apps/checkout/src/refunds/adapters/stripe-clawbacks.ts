import type Stripe from 'stripe';
import type { ClawbacksProvider } from '../application/ports.js';
import type { ClawbacksSnapshot, DisputeSnapshot, RefundSnapshot } from '../domain/clawbacks.js';
import type { Refund } from '../domain/refund.js';
import { allOf, asked, askedOrMissing } from '../../topups/adapters/stripe-calls.js';
import { idOf } from '../../topups/adapters/stripe-snapshot.js';

const LIST_SIZE = 100;
const MS = 1_000;

export class StripeClawbacks implements ClawbacksProvider {
  constructor(private readonly stripe: Stripe) {}

  async readClawbacks(paymentIntentId: string): Promise<ClawbacksSnapshot | null> {
    const intent = await askedOrMissing(() => this.stripe.paymentIntents.retrieve(paymentIntentId));
    if (intent === null) return null;
    const query = { payment_intent: paymentIntentId, limit: LIST_SIZE };
    const refunds = await asked(() => allOf(this.stripe.refunds.list(query)));
    const disputes = await asked(() => allOf(this.stripe.disputes.list(query)));
    return {
      paymentIntentId,
      topupId: intent.metadata['orbit_topup_id'] ?? null,
      // Stripe lists the newest first.
      refunds: refunds.reverse().map((refund) => toRefundSnapshot(refund, paymentIntentId)),
      disputes: disputes.reverse().map((dispute) => toDisputeSnapshot(dispute, paymentIntentId)),
    };
  }

  async createRefund(refund: Refund, idempotencyKey: string): Promise<RefundSnapshot> {
    const { id, topupId, organizationId, paymentIntentId, amountMinor, reason } = refund;
    const created = await asked(() =>
      this.stripe.refunds.create(
        {
          payment_intent: paymentIntentId,
          amount: Number(amountMinor),
          ...(reason === null ? {} : { reason: reason as Stripe.RefundCreateParams.Reason }),
          metadata: {
            orbit_refund_id: id,
            orbit_topup_id: topupId,
            orbit_organization_id: organizationId,
          },
        },
        { idempotencyKey },
      ),
    );
    return toRefundSnapshot(created, paymentIntentId);
  }
}

export function toRefundSnapshot(refund: Stripe.Refund, paymentIntentId: string): RefundSnapshot {
  return {
    id: refund.id,
    paymentIntentId: idOf(refund.payment_intent) ?? paymentIntentId,
    status: refund.status ?? 'pending',
    isTaken: (refund.balance_transaction ?? null) !== null,
    amountMinor: BigInt(refund.amount),
    currency: refund.currency.toUpperCase(),
    refundId: refund.metadata?.['orbit_refund_id'] ?? null,
    reason: refund.reason,
    failureReason: refund.failure_reason ?? null,
    createdAtMs: refund.created * MS,
  };
}

export function toDisputeSnapshot(
  dispute: Stripe.Dispute,
  paymentIntentId: string,
): DisputeSnapshot {
  const dueBy = dispute.evidence_details.due_by;
  return {
    id: dispute.id,
    paymentIntentId: idOf(dispute.payment_intent) ?? paymentIntentId,
    status: dispute.status,
    amountMinor: BigInt(dispute.amount),
    currency: dispute.currency.toUpperCase(),
    reason: dispute.reason,
    feeMinor: feeOf(dispute),
    evidenceDueAtMs: dueBy === null ? null : dueBy * MS,
    createdAtMs: dispute.created * MS,
  };
}

/**
 * Our account may be paid in another currency than the payment's: then the fee is worth what its amount was worth.
 */
function feeOf({ amount, currency, balance_transactions: moved }: Stripe.Dispute): bigint {
  let fee = 0n;
  for (const one of moved) {
    if (one.currency === currency) fee += BigInt(one.fee);
    else if (one.amount !== 0) {
      fee += (BigInt(one.fee) * BigInt(amount)) / BigInt(Math.abs(one.amount));
    }
  }
  return fee > 0n ? fee : 0n;
}
