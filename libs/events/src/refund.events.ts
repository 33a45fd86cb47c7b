import {
  currency,
  instant,
  nullable,
  object,
  organizationId,
  positiveAmount,
  text,
} from './schema.js';

/** Fact: Stripe has begun to pay money of a top-up back and took it from our balance; it may still fail. */
export interface RefundPending {
  readonly refund_id: string;
  readonly topup_id: string;
  readonly organization_id: string;
  /** In the unit of the wallet, as the top-up was. */
  readonly amount: string;
  readonly currency: string;
  readonly payment_intent_id: string;
  readonly stripe_refund_id: string;
  readonly reason: string | null;
  readonly occurred_at: string;
}

/** Fact: Stripe paid money of a top-up back. The ledger books it once per `refund_id`. */
export interface RefundCompleted {
  readonly refund_id: string;
  readonly topup_id: string;
  readonly organization_id: string;
  /** In the unit of the wallet, as the top-up was. */
  readonly amount: string;
  readonly currency: string;
  readonly payment_intent_id: string;
  readonly stripe_refund_id: string;
  readonly reason: string | null;
  readonly occurred_at: string;
}

const paidBack = {
  refund_id: text,
  topup_id: text,
  organization_id: organizationId,
  amount: positiveAmount,
  currency,
  payment_intent_id: text,
  stripe_refund_id: text,
  reason: nullable(text),
  occurred_at: instant,
} as const;

export const refundPendingSchema = object(paidBack);
export const refundCompletedSchema = object(paidBack);

/** Fact: a refund came to nothing; what was set aside for it is free again. */
export interface RefundFailed {
  readonly refund_id: string;
  readonly topup_id: string;
  readonly organization_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly reason: string;
  readonly occurred_at: string;
}

export const refundFailedSchema = object({
  refund_id: text,
  topup_id: text,
  organization_id: organizationId,
  amount: positiveAmount,
  currency,
  reason: text,
  occurred_at: instant,
});
