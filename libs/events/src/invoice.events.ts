import { currency, instant, object, organizationId, positiveAmount, text } from './schema.js';

/** Fact: a receipt was issued for a top-up. */
export interface InvoiceIssued {
  readonly invoice_id: string;
  readonly number: string;
  readonly organization_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly topup_id: string;
  readonly issued_at: string;
}

export const invoiceIssuedSchema = object({
  invoice_id: text,
  number: text,
  organization_id: organizationId,
  amount: positiveAmount,
  currency,
  topup_id: text,
  issued_at: instant,
});
