/** Nest TCP patterns about payments of invoices; checkout answers. */
export const INVOICE_PAYMENTS_RPC = {
  /**
   * PayInvoice → InvoicePayment. Charges the customer's default payment method, once per payment: a repeat is answered
   * with how that payment stands now. Errors: payment_method_required, payment_provider_error, invalid_field.
   */
  pay: 'invoice_payments.pay',
} as const;

export interface PayInvoice {
  /** The payer. */
  readonly organization_id: string;
  readonly invoice_id: string;
  /** Of the attempt: the same for every repeat of it. */
  readonly payment_id: string;
  /** On the payer's statement, and in the receipt. */
  readonly description: string;
  /** Minor units of `currency`. */
  readonly amount_minor: number;
  readonly currency: string;
}

export interface InvoicePayment {
  readonly payment_id: string;
  /** `open`: under way, or to be authenticated by its owner. */
  readonly status: 'succeeded' | 'failed' | 'open';
  /** At Stripe; null: nothing was made there. */
  readonly payment_intent_id: string | null;
  /** Code of the decline; null unless it failed. */
  readonly failure: string | null;
}
