/** Nest TCP patterns that invoicing answers. */
export const INVOICES_RPC = {
  /** {organization_id, limit, after_id?} → InvoicePage, newest first */
  list: 'invoices.list',
  /** {organization_id, invoice_id} → InvoicePdf | null */
  pdf: 'invoices.pdf',
  /** {organization_id, credit_note_id} → InvoicePdf | null */
  creditNotePdf: 'credit_notes.pdf',
} as const;

/** The document of money of a receipt that went back to its payer. */
export interface CreditNoteView {
  readonly id: string;
  /** CN-2026-001: without gaps per seller and year. */
  readonly number: string;
  readonly reason: 'refund' | 'dispute';
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  /** `void`: the refund failed after all. */
  readonly status: 'issued' | 'void';
  readonly created_at: string;
}

export interface InvoiceView {
  readonly id: string;
  /** INV-2026-003: without gaps per seller and year. Of a subscription's invoice Stripe's. */
  readonly number: string;
  /** Minor units, as every amount of it. */
  readonly amount: number;
  readonly currency: string;
  readonly status:
    | 'paid'
    | 'partially_refunded'
    | 'refunded'
    | 'disputed'
    | 'charged_back'
    | 'partially_void'
    | 'void'
    | 'open'
    | 'uncollectible';
  readonly amount_refunded: number;
  readonly amount_refund_pending: number;
  readonly amount_disputed: number;
  readonly amount_charged_back: number;
  /** Credit that an operator took back; the money of it stays paid. */
  readonly amount_voided: number;
  /** Amount that stays paid. */
  readonly amount_net: number;
  readonly period_start: string;
  readonly period_end: string;
  /** Stripe's document of a subscription's invoice; null: `pdf` renders the receipt. */
  readonly pdf_url: string | null;
  readonly credit_notes: readonly CreditNoteView[];
  readonly created_at: string;
}

export interface InvoicePage {
  readonly invoices: readonly InvoiceView[];
  readonly has_more: boolean;
  readonly total: number;
}

export interface InvoicePdf {
  readonly filename: string;
  readonly content_base64: string;
}
