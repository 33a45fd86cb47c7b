import { organizationId } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import { integer, nullable, object, oneOf, text, type Static } from '../schema/shape.js';

export const PayInvoice = object({
  /** The payer. */
  organization_id: organizationId,
  invoice_id: text(),
  /** Id of the attempt: the same for every repeat of it. */
  payment_id: text(),
  /** On the payer's statement, and in the receipt. */
  description: text(),
  /** Minor units of `currency`. */
  amount_minor: integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  currency: text(),
});
export type PayInvoice = Static<typeof PayInvoice>;

export const InvoicePayment = object({
  payment_id: text(),
  /** `open`: under way, or to be authenticated by its owner. */
  status: oneOf(['succeeded', 'failed', 'open']),
  /** At Stripe; null: nothing was made there. */
  payment_intent_id: nullable(text()),
  /** Code of the decline; null unless it failed. */
  failure: nullable(text()),
});
export type InvoicePayment = Static<typeof InvoicePayment>;

/** Payments of invoices. */
export const INVOICE_PAYMENTS = {
  /**
   * Charges the customer's default payment method, once per payment: a repeat is answered with how that payment
   * stands now.
   */
  pay: operation('invoice_payments.pay', PayInvoice, InvoicePayment, [
    'payment_method_required',
    'payment_provider_error',
  ]),
} as const;
