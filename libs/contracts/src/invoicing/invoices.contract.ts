import { NOT_A_CURSOR, shownInstant } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import {
  flag,
  integer,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  text,
  type Static,
} from '../schema/shape.js';

/** The first PDF after a start reads the fonts, which takes seconds of a busy processor. */
const DRAWN = { timeoutMs: 20_000 } as const;
const PAGE_SIZE_MAX = 100;

export const DOCUMENT_ID_PATTERN = '^[A-Za-z0-9_-]{1,64}$';
export const INVOICE_STATUSES = [
  'paid',
  'partially_refunded',
  'refunded',
  'disputed',
  'charged_back',
  'partially_void',
  'void',
  'open',
  'uncollectible',
] as const;

const note = {
  id: text({ example: 'cn_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
  number: text({
    example: 'CN-2026-001',
    description: 'Document number, without gaps per seller and year.',
  }),
  reason: oneOf(['refund', 'dispute'], { description: 'A dispute that was lost.' }),
  amount: number({ example: 2_500, description: 'Amount in minor units.' }),
  currency: text({ example: 'usd' }),
  status: oneOf(['issued', 'void'], {
    description: '`void`: the refund failed at the bank after all; the money stayed.',
  }),
} as const;
const credited = { created_at: shownInstant('2026-05-18T09:00:00Z') } as const;
/** The document of money of a receipt that went back to its payer. */
export const CreditNoteView = object({ ...note, ...credited });
export type CreditNoteView = Static<typeof CreditNoteView>;

export const ShownCreditNote = object(
  {
    ...note,
    pdf_url: text({
      example: 'https://billing.example.com/api/v1/billing/credit-notes/cn_01KA/pdf',
    }),
    ...credited,
  },
  { title: 'CreditNoteModel' },
);
export type ShownCreditNote = Static<typeof ShownCreditNote>;

const invoice = {
  id: text({ example: 'inv_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
  /** Our number; Stripe's for the invoice of a subscription. */
  number: text({
    example: 'INV-2026-003',
    description: 'Document number, without gaps per seller and year.',
  }),
  amount: number({ example: 10_000, description: 'Amount in minor units.' }),
  currency: text({ example: 'usd' }),
  status: oneOf(INVOICE_STATUSES, {
    description:
      '`disputed` while a dispute is open, `charged_back` when all is back and a dispute was lost; `void` and `partially_void`: an operator took the credit back, the money stays paid. `open` and `uncollectible` are of subscriptions.',
  }),
  amount_refunded: number({ example: 2_500, description: 'Refunded amount, in minor units.' }),
  amount_refund_pending: number({
    example: 0,
    description: 'Refunds in progress, in minor units.',
  }),
  amount_disputed: number({ example: 0, description: 'Open disputes, in minor units.' }),
  amount_charged_back: number({ example: 0, description: 'Lost disputes, in minor units.' }),
  amount_voided: number({
    example: 0,
    description:
      'Credit that an operator took back and that was not refunded since, in minor units.',
  }),
  amount_net: number({ example: 7_500, description: '`amount` minus refunds and chargebacks.' }),
} as const;
const period = {
  period_start: shownInstant('2026-05-01T00:00:00Z'),
  period_end: shownInstant('2026-05-31T23:59:59Z'),
} as const;
const issued = { created_at: shownInstant('2026-05-16T11:22:33Z') } as const;
export const InvoiceView = object({
  ...invoice,
  ...period,
  ...issued,
  /** Stripe's document of a subscription's invoice; null: `pdf` renders the receipt. */
  pdf_url: nullable(text()),
  credit_notes: list(CreditNoteView),
});
export type InvoiceView = Static<typeof InvoiceView>;

export const ShownInvoice = object(
  {
    ...invoice,
    credit_notes: list(ShownCreditNote, {
      description: 'One document per refund or lost dispute. Those of subscriptions are Stripe’s.',
    }),
    ...period,
    pdf_url: text({ example: 'https://billing.example.com/api/v1/billing/invoices/inv_01KA/pdf' }),
    ...issued,
  },
  { title: 'InvoiceModel' },
);
export type ShownInvoice = Static<typeof ShownInvoice>;

/** Where a page of invoices stands. */
export const InvoicePagination = object(
  {
    cursor: nullable(text({ description: 'Pass it as `cursor` to get the next page.' })),
    has_more: flag({ example: false }),
    total: number({ example: 12 }),
  },
  { title: 'PaginationModel' },
);
export type InvoicePagination = Static<typeof InvoicePagination>;

/** A page as the public asks for it. */
export const InvoicesQuery = object({
  limit: integer({ minimum: 1, maximum: PAGE_SIZE_MAX, default: 20 }),
  cursor: optional(
    text({
      pattern: DOCUMENT_ID_PATTERN,
      says: NOT_A_CURSOR,
      description: '`meta.pagination.cursor` of the page before.',
    }),
  ),
});
export type InvoicesQuery = Static<typeof InvoicesQuery>;

/** Stored as text, which has no NUL. */
const id = text({ pattern: '^[^\\u0000]+$', says: 'is a text' });

export const InvoiceListQuery = object({
  organization_id: id,
  limit: integer({ minimum: 1, maximum: 1_000 }),
  after_id: optional(id),
});
export type InvoiceListQuery = Static<typeof InvoiceListQuery>;

export const InvoicePage = object({
  invoices: list(InvoiceView),
  has_more: flag(),
  total: number(),
});
export type InvoicePage = Static<typeof InvoicePage>;

export const InvoicePdf = object({ filename: text(), content_base64: text() });
export type InvoicePdf = Static<typeof InvoicePdf>;

/** Receipts of top-ups, invoices of subscriptions at Stripe, and credit notes. */
export const INVOICES = {
  /** Newest first. */
  list: operation('invoices.list', InvoiceListQuery, InvoicePage),
  /** Null when this organization has no such receipt. */
  pdf: operation(
    'invoices.pdf',
    object({ organization_id: id, invoice_id: id }),
    nullable(InvoicePdf),
    [],
    DRAWN,
  ),
  /** Null when this organization has no such credit note. */
  creditNotePdf: operation(
    'credit_notes.pdf',
    object({ organization_id: id, credit_note_id: id }),
    nullable(InvoicePdf),
    [],
    DRAWN,
  ),
} as const;
