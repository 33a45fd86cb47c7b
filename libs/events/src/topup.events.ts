import {
  currency,
  instant,
  nullable,
  object,
  organizationId,
  positiveAmount,
  text,
} from './schema.js';

/** Fact: money arrived, on proof. The ledger credits it once per `topup_id`. */
export interface TopUpCompleted {
  readonly topup_id: string;
  readonly organization_id: string;
  readonly amount: string;
  readonly currency: string;
  /** Where the money came from, as transactions show it: "stripe_session:cs_…". */
  readonly reference: string;
  readonly payment_intent_id: string;
  readonly checkout_session_id: string | null;
  readonly payment_method: { readonly brand: string; readonly last4: string } | null;
  readonly receipt_email: string | null;
  /** The money that bought the amount, when the wallet is in a custom unit. */
  readonly paid?: { readonly amount: string; readonly currency: string };
  readonly occurred_at: string;
}

export const topUpCompletedSchema = object(
  {
    topup_id: text,
    organization_id: organizationId,
    amount: positiveAmount,
    currency,
    reference: text,
    payment_intent_id: text,
    checkout_session_id: nullable(text),
    payment_method: nullable(object({ brand: text, last4: text })),
    receipt_email: nullable(text),
    paid: object({ amount: positiveAmount, currency }),
    occurred_at: instant,
  },
  ['paid'],
);

export interface TopUpFailed {
  readonly topup_id: string;
  readonly organization_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly reason: string;
  readonly occurred_at: string;
}

export const topUpFailedSchema = object({
  topup_id: text,
  organization_id: organizationId,
  amount: positiveAmount,
  currency,
  reason: text,
  occurred_at: instant,
});
