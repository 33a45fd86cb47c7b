/** Nest TCP patterns about pages and files that a customer opens by a link; invoicing answers. */
export const DOCUMENTS_RPC = {
  /** {token} → DocumentPage | null: there is no such link. */
  page: 'documents.page',
  /** {token, kind} → InvoicePdf | null: there is no such link, or no such document yet. */
  pdf: 'documents.pdf',
  /** {token} → PortalView | null: there is no such session, or it has ended. */
  portal: 'documents.portal',
} as const;

export const DOCUMENT_KINDS = ['invoice', 'receipt', 'credit_note'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** An invoice as a page shows it; all texts are as they are to be read. */
export interface DocumentPage {
  readonly title: string;
  readonly seller: string;
  readonly number: string;
  readonly headline: string;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly bill_to: readonly string[];
  readonly lines: readonly {
    readonly description: string;
    readonly details: readonly string[];
    readonly quantity: string;
    readonly unit_price: string;
    readonly amount: string;
  }[];
  readonly totals: readonly { readonly label: string; readonly value: string }[];
  readonly notes: readonly { readonly label: string; readonly value: string }[];
  readonly stamp: string | null;
  readonly footer: string;
  readonly has_pdf: boolean;
  readonly has_receipt: boolean;
}

/** The part of the customer portal that invoicing shows. */
export interface PortalView {
  readonly account_id: string;
  readonly customer_id: string;
  readonly name: string;
  readonly seller: string;
  /** The customer's own currency, if there is one yet. */
  readonly currency: string | null;
  /** ISO 8601. */
  readonly expires_at: string;
  /** Newest first, at most 100. */
  readonly invoices: readonly {
    readonly token: string;
    readonly number: string;
    readonly status: string;
    readonly date: string;
    readonly total: string;
    readonly amount_due: string;
    readonly has_pdf: boolean;
  }[];
}
