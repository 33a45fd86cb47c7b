import { currency, instant, nullable, object, organizationId, text } from './schema.js';

/** Fact: Stripe and the ledger disagree about a payment. Published once for each difference. */
export interface PaymentDiffers {
  readonly organization_id: string;
  readonly topup_id: string | null;
  /** Kind of the difference: see docs, `reconcile stripe`. */
  readonly kind: string;
  /** Of Stripe: a payment, refund or dispute; ours when Stripe has none. */
  readonly subject: string;
  readonly payment_intent_id: string | null;
  readonly currency: string;
  readonly at_stripe: string;
  readonly in_ledger: string;
  readonly what_to_do: string;
  readonly occurred_at: string;
}

export const paymentDiffersSchema = object({
  organization_id: organizationId,
  topup_id: nullable(text),
  kind: text,
  subject: text,
  payment_intent_id: nullable(text),
  currency,
  at_stripe: text,
  in_ledger: text,
  what_to_do: text,
  occurred_at: instant,
});
