/** Nest TCP patterns that invoicing answers. */
export const INVOICES_RPC = {
  /** {organization_id, limit, after_id?} → InvoicePage, newest first */
  list: 'invoices.list',
  /** {organization_id, invoice_id} → InvoicePdf | null */
  pdf: 'invoices.pdf',
} as const;

export interface InvoiceView {
  readonly id: string;
  /** INV-2026-003: without gaps per organization and year. Of a subscription's invoice Stripe's. */
  readonly number: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly status: 'paid' | 'refunded' | 'void' | 'open' | 'uncollectible';
  readonly period_start: string;
  readonly period_end: string;
  /** Stripe's document of a subscription's invoice; null: `pdf` renders the receipt. */
  readonly pdf_url: string | null;
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
