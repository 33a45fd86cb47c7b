import { createHash } from 'node:crypto';
import { OrbitError, PAYMENT_MINOR_MAX, REFUND_REASONS, type CreateRefund } from '@orbit/contracts';
import { newId } from '@orbit/kernel';
import { paidOf } from '../domain/clawbacks.js';
import type { Refund } from '../domain/refund.js';
import type { TopUp } from '../../topups/domain/topup.js';
import { PAID_STATES } from '../../topups/domain/topup-state.js';
import { requireIdempotencyKey } from '../../topups/application/idempotency-key.js';
import { readOrganization } from '../../topups/application/topup-order.js';

const ID_PATTERN = /^[\x21-\x7e]{1,255}$/;

/** A wish to refund, checked as far as it can be without looking at the payment. */
export interface RefundOrder {
  readonly organizationId: string;
  readonly idempotencyKey: string;
  readonly topupId: string | null;
  readonly paymentId: string | null;
  readonly amountMinor: bigint | null;
  readonly reason: string | null;
}

const invalid = (param: string, message: string): OrbitError =>
  new OrbitError('invalid_field', message, { param });

/** Errors: `invalid_field`, naming the field as the public API calls it. */
export function readRefundOrder(request: CreateRefund): RefundOrder {
  const organizationId = readOrganization(request.organization_id);
  const idempotencyKey = requireIdempotencyKey(request.idempotency_key);
  const { topup_id, payment_id, amount_minor, reason } = request;
  if ((topup_id === undefined) === (payment_id === undefined)) {
    throw invalid('topup_id', 'Name the payment by topup_id or by payment_id, and not by both.');
  }
  for (const [param, id] of Object.entries({ topup_id, payment_id })) {
    if (id !== undefined && (typeof id !== 'string' || !ID_PATTERN.test(id))) {
      throw invalid(param, `${param} is the id of a payment.`);
    }
  }
  if (amount_minor !== undefined) {
    const isWhole = Number.isSafeInteger(amount_minor) && amount_minor >= 1;
    if (!isWhole || amount_minor > PAYMENT_MINOR_MAX) {
      throw invalid(
        'amount',
        `amount is a whole number of minor units, 1 to ${PAYMENT_MINOR_MAX}.`,
      );
    }
  }
  if (reason !== undefined && !(REFUND_REASONS as readonly unknown[]).includes(reason)) {
    throw invalid('reason', `reason is one of ${REFUND_REASONS.join(', ')}.`);
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
    told: null,
    refundedAtMs: null,
    createdAtMs: nowMs,
  };
}

const hashOf = (parts: readonly (string | null)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');
