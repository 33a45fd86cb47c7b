import type { Sql } from '@orbit/persistence';
import type { Invoice } from '../application/invoice-ports.js';
import type { InvoiceLine } from '../domain/print-line.js';
import type { NewInvoice } from './batch-state.js';

const textOr = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();

/** Drafts without lines. */
export async function insertInvoices(sql: Sql, drafts: readonly NewInvoice[]): Promise<void> {
  if (drafts.length === 0) return;
  const rows = drafts.map(({ invoice, linkToken }) => ({
    id: invoice.id,
    account_id: invoice.accountId,
    customer_id: invoice.customerId,
    subscription_id: invoice.subscriptionId,
    ...{ source: invoice.source, stage: 'due', status: 'draft' },
    currency: invoice.currency,
    invoice_date: textOr(invoice.invoiceDateMs),
    created_at: invoice.createdAt.toISOString(),
    eligible_at: textOr(invoice.eligibleMs),
    will_auto_issue: invoice.willAutoIssue,
    net_terms: invoice.netTerms,
    due_at: textOr(invoice.dueMs),
    has_usage: invoice.hasUsage,
    metadata: invoice.metadata,
    document: invoice.document,
    link_token: linkToken,
  }));
  await sql.$executeRaw`
    INSERT INTO invoicing.orb_invoice
      (id, account_id, customer_id, subscription_id, source, stage, status, currency, invoice_date, created_at,
       eligible_at, will_auto_issue, net_terms, due_at, has_usage, metadata, document, link_token)
    SELECT id, account_id, customer_id, subscription_id, source, stage, status, currency, invoice_date, created_at,
      eligible_at, will_auto_issue, net_terms, due_at, has_usage, metadata, document, link_token
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      AS r(id text, account_id text, customer_id text, subscription_id text, source text, stage text, status text,
        currency text, invoice_date timestamptz, created_at timestamptz, eligible_at timestamptz,
        will_auto_issue boolean, net_terms integer, due_at timestamptz, has_usage boolean, metadata jsonb,
        document jsonb, link_token text)`;
}

/** The changes of a billing run to its drafts. */
export async function saveInvoices(sql: Sql, invoices: readonly Invoice[]): Promise<void> {
  if (invoices.length === 0) return;
  const rows = invoices.map((invoice) => ({
    ...{ id: invoice.id, stage: invoice.stage, status: invoice.status, number: invoice.number },
    currency: invoice.currency,
    eligible_at: textOr(invoice.eligibleMs),
    due_at: textOr(invoice.dueMs),
    issued_at: textOr(invoice.issuedMs),
    paid_at: textOr(invoice.paidMs),
    collect_at: textOr(invoice.collectMs),
    subtotal: invoice.subtotal,
    total: invoice.total,
    amount_due: invoice.amountDue,
    closed: invoice.closed,
    draw: invoice.draw,
    document: invoice.document,
  }));
  await sql.$executeRaw`
    UPDATE invoicing.orb_invoice i SET stage = r.stage, status = r.status, number = r.number,
      eligible_at = r.eligible_at, due_at = r.due_at, issued_at = r.issued_at, paid_at = r.paid_at,
      collect_at = r.collect_at, subtotal = r.subtotal::numeric, total = r.total::numeric,
      amount_due = r.amount_due::numeric, closed = nullif(r.closed, 'null'::jsonb), draw = nullif(r.draw, 'null'::jsonb),
      document = r.document
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      AS r(id text, stage text, status text, number text, currency text, eligible_at timestamptz, due_at timestamptz,
        issued_at timestamptz, paid_at timestamptz, collect_at timestamptz, subtotal text, total text, amount_due text,
        closed jsonb, draw jsonb, document jsonb)
    WHERE i.id = r.id`;
}

export interface LinesOfInvoice {
  readonly invoiceId: string;
  readonly subscriptionId: string | null;
  /** It had some before. */
  readonly hadLines: boolean;
  readonly lines: readonly InvoiceLine[];
}

/** In place of those that the drafts had. */
export async function putLines(sql: Sql, documents: readonly LinesOfInvoice[]): Promise<void> {
  const cleared = documents.filter(({ hadLines }) => hadLines).map(({ invoiceId }) => invoiceId);
  if (cleared.length > 0) {
    await sql.$executeRaw`
      DELETE FROM invoicing.orb_invoice_line WHERE invoice_id = ANY(${cleared}::text[])`;
  }
  const rows = documents.flatMap(({ invoiceId, subscriptionId, lines }) =>
    lines.map((line, position) => ({
      ...{ id: line.id, invoice_id: invoiceId, subscription_id: subscriptionId },
      charge_key: line.chargeKey,
      position,
      ...{ amount: line.amount, tax: line.tax, body: line.body, prior: line.prior ?? null },
    })),
  );
  if (rows.length === 0) return;
  await sql.$executeRaw`
    INSERT INTO invoicing.orb_invoice_line (id, invoice_id, subscription_id, charge_key, position, amount, tax, body,
      prior)
    SELECT r.id, r.invoice_id, r.subscription_id, r.charge_key, r.position, r.amount::numeric, r.tax::numeric, r.body,
      nullif(r.prior, 'null'::jsonb)
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      AS r(id text, invoice_id text, subscription_id text, charge_key text, position integer, amount text, tax text,
        body jsonb, prior jsonb)`;
}
