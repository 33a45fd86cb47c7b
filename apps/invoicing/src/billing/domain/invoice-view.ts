import { decimal, sumOf } from '@orbit/pricing';
import { printAmount, type InvoiceLine } from './print-line.js';
import type { BalanceTransaction, CreditNote, InvoiceParts, PaymentAttempt } from './invoice.js';

type Fields = Readonly<Record<string, unknown>>;

const isoOr = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();

/** The text that a draft has instead of a number. */
const DRAFT_NUMBER = 'DRAFT';

/** The fields that summaries and whole invoices share. */
function commonOf(parts: InvoiceParts): Fields {
  const { invoice, customer, notes, balance, attempts, links } = parts;
  const { document } = invoice;
  const last = attempts.filter(({ status }) => status !== 'dropped').at(-1);
  return {
    id: invoice.id,
    invoice_number: invoice.number ?? DRAFT_NUMBER,
    status: invoice.status,
    invoice_source: invoice.source,
    customer,
    subscription: invoice.subscriptionId === null ? null : { id: invoice.subscriptionId },
    currency: invoice.currency,
    total: invoice.total,
    amount_due: invoice.amountDue,
    created_at: invoice.createdAt.toISOString(),
    due_date: isoOr(invoice.dueMs),
    issued_at: isoOr(invoice.issuedMs),
    paid_at: isoOr(invoice.paidMs),
    payment_received_at: isoOr(invoice.paymentReceivedMs),
    voided_at: isoOr(invoice.voidedMs),
    scheduled_issue_at:
      invoice.status === 'draft' && invoice.willAutoIssue ? isoOr(invoice.eligibleMs) : null,
    eligible_to_issue_at: isoOr(invoice.eligibleMs),
    ...{ issue_failed_at: null, sync_failed_at: null },
    payment_failed_at: isoOr(last?.status === 'failed' ? last.createdMs : null),
    payment_started_at: isoOr(last?.status === 'open' ? last.createdMs : null),
    will_auto_issue: invoice.willAutoIssue,
    auto_collection: collectionOf(parts),
    memo: document.memo,
    metadata: invoice.metadata,
    ...{ invoice_pdf: links?.pdf ?? null, hosted_invoice_url: links?.page ?? null },
    billing_address: document.billingAddress,
    shipping_address: document.shippingAddress,
    customer_tax_id: document.customerTaxId,
    customer_balance_transactions: balance.map(toBalanceTransaction),
    credit_notes: notes.map((note) => ({
      id: note.id,
      credit_note_number: note.number,
      reason: note.reason,
      total: note.total,
      type: note.type,
      memo: note.memo,
      voided_at: note.voidedAt?.toISOString() ?? null,
    })),
    payment_attempts: attempts.flatMap((each) => toAttempt(each, links?.receipt ?? null)),
  };
}

function collectionOf({ invoice, attempts }: InvoiceParts): Fields {
  const automatic = attempts.filter(({ isAutomatic }) => isAutomatic);
  const { autoCollection: enabled } = invoice.document;
  return {
    enabled,
    next_attempt_at: invoice.status === 'issued' ? isoOr(invoice.collectMs) : null,
    previously_attempted_at: isoOr(automatic.at(-1)?.createdMs ?? null),
    num_attempts: enabled === true || automatic.length > 0 ? automatic.length : null,
  };
}

/** Attempts that have ended. */
function toAttempt(attempt: PaymentAttempt, receipt: string | null): readonly Fields[] {
  const { id, status, amount, paymentIntentId, createdMs } = attempt;
  if (status === 'open' || status === 'dropped') return [];
  return [
    {
      ...{ id, amount, payment_provider: 'stripe', payment_provider_id: paymentIntentId },
      ...{ succeeded: status === 'succeeded', created_at: isoOr(createdMs) },
      receipt_pdf: status === 'succeeded' ? receipt : null,
    },
  ];
}

export const toInvoiceSummary = (parts: InvoiceParts): Fields => ({
  ...commonOf(parts),
  invoice_date: new Date(parts.invoice.invoiceDateMs).toISOString(),
});

/** `hasAllLines` false leaves lines without quantity out, but for those that a minimum raised. */
export function toInvoice(parts: InvoiceParts, hasAllLines: boolean): Fields {
  return {
    ...commonOf(parts),
    invoice_date: new Date(parts.invoice.invoiceDateMs).toISOString(),
    ...linesOf(parts, hasAllLines),
  };
}

/** Of the running period: it has a target date, and no number or dates of its own. */
export function toUpcoming(parts: InvoiceParts, hasAllLines: boolean): Fields {
  return {
    ...commonOf(parts),
    target_date: new Date(parts.invoice.invoiceDateMs).toISOString(),
    ...linesOf(parts, hasAllLines),
  };
}

function linesOf({ invoice, lines }: InvoiceParts, hasAllLines: boolean): Fields {
  const shown = hasAllLines ? lines : lines.filter(isShown);
  const { discounts } = invoice.document;
  return {
    subtotal: invoice.subtotal,
    line_items: shown.map(({ body }) => body),
    hidden_line_item_count: lines.length - shown.length,
    discount: discounts[0] ?? null,
    discounts,
    ...{ minimum: null, minimum_amount: null, maximum: null, maximum_amount: null },
  };
}

const isShown = ({ body }: InvoiceLine): boolean =>
  body['quantity'] !== 0 ||
  (body['adjustments'] as readonly Fields[]).some(
    (adjustment) =>
      adjustment['adjustment_type'] === 'minimum' && adjustment['is_invoice_level'] !== true,
  );

export const toBalanceTransaction = (entry: BalanceTransaction): Fields => ({
  id: entry.id,
  type: entry.type,
  action: entry.action,
  amount: entry.amount,
  starting_balance: entry.startingBalance,
  ending_balance: entry.endingBalance,
  description: entry.description,
  invoice: entry.invoiceId === null ? null : { id: entry.invoiceId },
  credit_note: entry.creditNoteId === null ? null : { id: entry.creditNoteId },
  created_at: entry.createdAt.toISOString(),
});

/** Before tax. */
function subtotalOf({ lines, total }: CreditNote): string {
  const places = total.split('.')[1]?.length ?? 0;
  return printAmount(sumOf(lines.map((line) => decimal(String(line['subtotal'])))), places);
}

export const toCreditNote = (note: CreditNote, customer: InvoiceParts['customer']): Fields => ({
  id: note.id,
  credit_note_number: note.number,
  invoice_id: note.invoiceId,
  type: note.type,
  reason: note.reason,
  memo: note.memo,
  subtotal: subtotalOf(note),
  total: note.total,
  customer,
  created_at: note.createdAt.toISOString(),
  voided_at: note.voidedAt?.toISOString() ?? null,
  ...{
    credit_note_pdf: note.pdfUrl,
    minimum_amount_refunded: null,
    maximum_amount_adjustment: null,
  },
  discounts: [],
  line_items: note.lines,
});
