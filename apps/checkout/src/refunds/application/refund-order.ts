import { createHash } from 'node:crypto';
import { OrbitError, type CreateRefund } from '@orbit/contracts';
import { newId } from '@orbit/kernel';
import { paidOf } from '../domain/clawbacks.js';
import type { Refund } from '../domain/refund.js';
import type { TopUp } from '../../topups/domain/topup.js';
import { PAID_STATES } from '../../topups/domain/topup-state.js';

/** A wish to refund, checked as far as it can be without looking at the payment. */
export interface RefundOrder {
  readonly organizationId: string;
  readonly idempotencyKey: string;
  readonly topupId: string | null;
  readonly paymentId: string | null;
  readonly amountMinor: bigint | null;
  readonly reason: string | null;
}

/** Errors: `invalid_field`, naming the field as the public API calls it. */
export function readRefundOrder(request: CreateRefund): RefundOrder {
  const { organization_id: organizationId, idempotency_key: idempotencyKey } = request;
  const { topup_id, payment_id, amount_minor, reason } = request;
  if ((topup_id === undefined) === (payment_id === undefined)) {
    const message = 'Name the payment by topup_id or by payment_id, and not by both.';
    throw new OrbitError('invalid_field', message, { param: 'topup_id' });
  }
  return {
    organizationId,
    idempotencyKey,
    topupId: topup_id ?? null,
    paymentId: payment_id ?? null,
    amountMinor: amount_minor === undefined ? null : BigInt(amount_minor),
    reason: reason ?? null,
  };
}

/** How Stripe and transactions know a payment: an intent or a session, with or without the reference's prefix. */
export function paymentIdsOf(paymentId: string): { sessionId?: string; paymentIntentId?: string } {
  const id = paymentId.replace(/^(stripe_session|payment_intent):/, '');
  return id.startsWith('cs_') ? { sessionId: id } : { paymentIntentId: id };
}

/** Errors: `conflict` for a top-up without money, `refund_exceeds_unspent` above what came. */
export function newRefund(topup: TopUp, order: RefundOrder, nowMs: number): Refund {
  const { paymentIntentId, state } = topup;
  if (paymentIntentId === null || !(PAID_STATES as readonly string[]).includes(state)) {
    throw new OrbitError('conflict', `The top-up is ${state}: there is nothing to refund.`);
  }
  const { amountMinor } = order;
  if (amountMinor !== null && amountMinor > paidOf(topup).minor) {
    const param = 'amount';
    throw new OrbitError('refund_exceeds_unspent', 'More than the payment brought.', { param });
  }
  return {
    id: newId('ref', nowMs),
    organizationId: order.organizationId,
    topupId: topup.id,
    paymentIntentId,
    origin: 'api',
    idempotencyKey: order.idempotencyKey,
    bodyHash: hashOf([topup.id, amountMinor?.toString() ?? null, order.reason]),
    askedMinor: amountMinor,
    amountMinor: null,
    amountMicros: null,
    currency: topup.receivedCurrency ?? topup.paymentCurrency,
    unit: topup.currency,
    reason: order.reason,
    state: 'requested',
    failureReason: null,
    refundableMinor: null,
    refundableMicros: null,
    stripeRefundId: null,
    attempt: 0,
    published: null,
    refundedAtMs: null,
    createdAtMs: nowMs,
  };
}

const hashOf = (parts: readonly (string | null)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');
