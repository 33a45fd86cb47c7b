import { operation } from '../schema/operation.js';
import { flag, list, nullable, object, oneOf, text, type Static } from '../schema/shape.js';
import { InvoicePdf } from './invoices.contract.js';

export const DOCUMENT_KINDS = ['invoice', 'receipt', 'credit_note'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** The first PDF after a start reads the fonts, which takes seconds of a busy processor. */
const PDF_TIMEOUT_MS = 20_000;

const token = text({ maxLength: 200 });

const facts = list(object({ label: text(), value: text() }));

/** An invoice as a page shows it; all texts are as they are to be read. */
export const DocumentPage = object({
  title: text(),
  seller: text(),
  number: text(),
  headline: text(),
  facts,
  bill_to: list(text()),
  lines: list(
    object({
      description: text(),
      details: list(text()),
      quantity: text(),
      unit_price: text(),
      amount: text(),
    }),
  ),
  totals: facts,
  notes: facts,
  stamp: nullable(text()),
  footer: text(),
  has_pdf: flag(),
  has_receipt: flag(),
});
export type DocumentPage = Static<typeof DocumentPage>;

/** The part of the customer portal that invoicing shows. */
export const PortalView = object({
  account_id: text(),
  customer_id: text(),
  name: text(),
  seller: text(),
  /** The customer's own currency, if there is one yet. */
  currency: nullable(text()),
  /** ISO 8601. */
  expires_at: text(),
  /** Newest first, at most 100. */
  invoices: list(
    object({
      token: text(),
      number: text(),
      status: text(),
      date: text(),
      total: text(),
      amount_due: text(),
      has_pdf: flag(),
    }),
  ),
});
export type PortalView = Static<typeof PortalView>;

/** Pages and files that a customer opens by a link. */
export const DOCUMENTS = {
  /** Null: there is no such link. */
  page: operation('documents.page', object({ token }), nullable(DocumentPage)),
  /** Null: there is no such link, or no such document yet. */
  pdf: operation(
    'documents.pdf',
    object({ token, kind: oneOf(DOCUMENT_KINDS) }),
    nullable(InvoicePdf),
    [],
    { timeoutMs: PDF_TIMEOUT_MS },
  ),
  /** Null: there is no such session, or it has ended. */
  portal: operation('documents.portal', object({ token }), nullable(PortalView)),
} as const;
