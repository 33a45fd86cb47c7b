import { decimal, type Usage } from '@orbit/pricing';
import type { Metadata } from '@orbit/orb-api';
import type {
  BalanceTransaction,
  CreditNote,
  Invoice,
  InvoiceDocument,
  InvoiceParts,
} from '../application/invoice-ports.js';
import type { PaymentAttempt } from '../domain/invoice.js';
import type { DrawPlan } from '../../draws/domain/draw-plan.js';
import type { InvoiceLinks } from '../domain/invoice.js';
import type { InvoiceLine, LinePrior } from '../domain/print-line.js';

type Fields = Readonly<Record<string, unknown>>;

/** Below it the gateway serves documents to whoever has their link. */
export const DOCUMENTS_PATH = '/documents';
type StoredUsage = readonly { values: Record<string, string | null>; quantity: string }[];

export interface InvoiceRow {
  readonly id: string;
  readonly account_id: string;
  readonly customer_id: string;
  readonly subscription_id: string | null;
  readonly position: bigint;
  readonly source: Invoice['source'];
  readonly stage: Invoice['stage'];
  readonly status: Invoice['status'];
  readonly number: string | null;
  readonly link_token: string;
  readonly currency: string;
  readonly invoice_date: Date;
  readonly created_at: Date;
  readonly eligible_at: Date | null;
  readonly will_auto_issue: boolean;
  readonly net_terms: number;
  readonly due_at: Date | null;
  readonly issued_at: Date | null;
  readonly paid_at: Date | null;
  readonly payment_received_at: Date | null;
  readonly voided_at: Date | null;
  readonly collect_at: Date | null;
  readonly subtotal_text: string;
  readonly total_text: string;
  readonly amount_due_text: string;
  readonly has_usage: boolean;
  readonly closed: Readonly<Record<string, StoredUsage>> | null;
  readonly draw: DrawPlan | null;
  readonly metadata: Metadata;
  readonly document: InvoiceDocument;
  readonly external_customer_id: string | null;
  readonly lines: readonly LineRow[];
  readonly notes: readonly JsonRow[];
  readonly balance: readonly JsonRow[];
  readonly attempts: readonly JsonRow[];
}

interface LineRow {
  readonly id: string;
  readonly charge_key: string | null;
  readonly amount: string;
  readonly tax: string;
  readonly body: Fields;
  readonly prior: LinePrior | null;
}

/** A row as to_jsonb writes it, with numbers as text where they are amounts. */
export type JsonRow = Readonly<Record<string, unknown>>;

const msOf = (date: Date | null): number | null => date?.getTime() ?? null;

/** `publicUrl`: where customers reach the gateway. */
export function partsFromRow(row: InvoiceRow, publicUrl: string): InvoiceParts {
  return {
    links: linksOf(row, publicUrl),
    invoice: invoiceFromRow(row),
    customer: { id: row.customer_id, external_customer_id: row.external_customer_id },
    lines: row.lines.map(
      ({ id, charge_key: chargeKey, amount, tax, body, prior }): InvoiceLine => ({
        id,
        chargeKey,
        amount,
        tax,
        body,
        ...(prior ? { prior } : {}),
      }),
    ),
    notes: row.notes.map((note) => noteFromJson(note, publicUrl)),
    balance: row.balance.map(balanceFromJson),
    attempts: row.attempts.map(attemptFromJson),
  };
}

function invoiceFromRow(row: InvoiceRow): Invoice {
  return {
    id: row.id,
    accountId: row.account_id,
    customerId: row.customer_id,
    subscriptionId: row.subscription_id,
    position: row.position,
    source: row.source,
    stage: row.stage,
    status: row.status,
    number: row.number,
    currency: row.currency,
    invoiceDateMs: row.invoice_date.getTime(),
    createdAt: row.created_at,
    eligibleMs: msOf(row.eligible_at),
    willAutoIssue: row.will_auto_issue,
    netTerms: row.net_terms,
    dueMs: msOf(row.due_at),
    issuedMs: msOf(row.issued_at),
    paidMs: msOf(row.paid_at),
    paymentReceivedMs: msOf(row.payment_received_at),
    voidedMs: msOf(row.voided_at),
    collectMs: msOf(row.collect_at),
    subtotal: row.subtotal_text,
    total: row.total_text,
    amountDue: row.amount_due_text,
    hasUsage: row.has_usage,
    closed: row.closed && usageFromJson(row.closed),
    draw: row.draw,
    metadata: row.metadata,
    document: row.document,
  };
}

const usageFromJson = (closed: Readonly<Record<string, StoredUsage>>): Record<string, Usage> =>
  Object.fromEntries(
    Object.entries(closed).map(([key, rows]) => [
      key,
      rows.map(({ values, quantity }) => ({ values, quantity: decimal(quantity) })),
    ]),
  );

const attemptFromJson = (row: JsonRow): PaymentAttempt => ({
  id: row['id'] as string,
  amount: row['amount'] as string,
  status: row['status'] as PaymentAttempt['status'],
  paymentIntentId: row['payment_intent_id'] as string | null,
  failure: row['failure'] as string | null,
  createdMs: Date.parse(row['created_at'] as string),
  isAutomatic: row['is_automatic'] as boolean,
});

/** A credit note of one row of JSON. */
export function noteFromJson(row: JsonRow, publicUrl: string): CreditNote {
  const voided = row['voided_at'] as string | null;
  return {
    id: row['id'] as string,
    accountId: row['account_id'] as string,
    customerId: row['customer_id'] as string,
    invoiceId: row['invoice_id'] as string,
    position: BigInt(row['position'] as string),
    number: row['number'] as string,
    type: row['type'] as CreditNote['type'],
    reason: row['reason'] as string,
    memo: row['memo'] as string | null,
    total: row['total_text'] as string,
    lines: row['lines'] as readonly Fields[],
    createdAt: new Date(row['created_at'] as string),
    voidedAt: voided === null ? null : new Date(voided),
    pdfUrl: `${publicUrl}${DOCUMENTS_PATH}/${String(row['link_token'])}/credit-note.pdf`,
  };
}

const linksOf = (row: InvoiceRow, publicUrl: string): InvoiceLinks =>
  linksAt(pageOf(row.link_token, publicUrl), row);

export const pageOf = (linkToken: string, publicUrl: string): string =>
  `${publicUrl}${DOCUMENTS_PATH}/${linkToken}`;

/** Drafts have a page, and no file: their amounts still move. */
export const linksAt = (
  page: string,
  { number, status }: Pick<Invoice, 'number' | 'status'>,
): InvoiceLinks => ({
  page,
  pdf: number === null ? null : `${page}/invoice.pdf`,
  receipt: status === 'paid' ? `${page}/receipt.pdf` : null,
});

/** A transaction of a customer's balance of one row of JSON. */
export const balanceFromJson = (row: JsonRow): BalanceTransaction => ({
  id: row['id'] as string,
  accountId: row['account_id'] as string,
  customerId: row['customer_id'] as string,
  position: BigInt(row['position'] as string),
  type: row['type'] as BalanceTransaction['type'],
  action: row['action'] as string,
  amount: row['amount_text'] as string,
  startingBalance: row['starting_text'] as string,
  endingBalance: row['ending_text'] as string,
  description: row['description'] as string | null,
  invoiceId: row['invoice_id'] as string | null,
  creditNoteId: row['credit_note_id'] as string | null,
  createdAt: new Date(row['created_at'] as string),
});
