import { CURRENCIES } from '@orbit/money';
import { Decimal, decimal } from '@orbit/pricing';
import { Prisma, rowsAfter, type Sql } from '@orbit/persistence';
import type { Between, InvoiceParts, InvoiceQuery } from '../application/invoice-ports.js';
import { emptyDocument } from '../application/advance.js';
import { printAmount } from '../domain/print-line.js';
import { placesOf } from '../domain/units.js';
import { writeLine } from '../domain/written-lines.js';

interface Row {
  readonly id: string;
  readonly account_id: string;
  readonly customer_id: string;
  readonly external_customer_id: string | null;
  readonly subscription_id: string;
  readonly position: bigint;
  readonly number: string | null;
  readonly total: string;
  readonly currency: string;
  readonly status: 'draft' | 'issued' | 'paid' | 'void';
  readonly created_at: Date;
  readonly period_start: Date;
  readonly period_end: Date;
  readonly pdf_url: string | null;
  readonly plan_name: string;
  readonly item_id: string;
  readonly item_name: string;
}

/** Stripe's words in Orb's; what cannot be collected is still owed. */
const MIRRORED = Prisma.sql`
  SELECT i.*, i.amount::text AS total FROM (
    SELECT s.id, c.account_id, c.id AS customer_id, c.external_customer_id, s.subscription_id, s.position, s.number,
      trim(s.currency) AS currency,
      s.amount_minor * power(10::numeric, -coalesce((${JSON.stringify(CURRENCIES)}::jsonb->>trim(s.currency))::integer, 2))
        AS amount, s.created_at, s.period_start, s.period_end, s.pdf_url,
      CASE s.status WHEN 'open' THEN 'issued' WHEN 'uncollectible' THEN 'issued' ELSE s.status END AS status,
      coalesce(p.name, s.plan_id) AS plan_name, coalesce(t.id, s.plan_id) AS item_id,
      coalesce(t.name, p.name, s.plan_id) AS item_name
    FROM invoicing.subscription_invoice s
    JOIN invoicing.customer c ON c.id = s.organization_id
    LEFT JOIN invoicing.plan p ON p.id = s.plan_id
    LEFT JOIN LATERAL (
      SELECT i.id, i.name FROM invoicing.price r JOIN invoicing.item i ON i.id = r.item_id
      WHERE r.plan_id = s.plan_id ORDER BY r.id LIMIT 1) t ON true
  ) i`;

/** Invoices that Stripe made for plans that were bought at its checkout: shown as they are there, changed by nobody here. */
export class SqlMirroredInvoices {
  constructor(private readonly sql: Sql) {}

  async read(accountId: string, id: string): Promise<InvoiceParts | null> {
    const [row] = await this.sql.$queryRaw<Row[]>`
      ${MIRRORED} WHERE i.id = ${id} AND i.account_id = ${accountId}`;
    return row ? partsOf(row) : null;
  }

  /** In the order of `Invoices.list`. */
  async list(query: InvoiceQuery): Promise<readonly InvoiceParts[]> {
    // They recur, and have no due date but the day on which they were made.
    if (query.isRecurring === false) return [];
    const rows = await this.sql.$queryRaw<Row[]>`
      ${MIRRORED}
      WHERE i.account_id = ${query.accountId} ${rowsAfter(query.after, 'i')}
        AND i.status = ANY(${[...query.statuses]}::text[])
        AND (${query.customerId}::text IS NULL OR i.customer_id = ${query.customerId})
        AND (${query.externalCustomerId}::text IS NULL OR i.external_customer_id = ${query.externalCustomerId})
        AND (${query.subscriptionId}::text IS NULL OR i.subscription_id = ${query.subscriptionId})
        ${within('created_at', query.invoiceDate)} ${within('created_at', query.dueDate)}
        ${within('amount', query.amount)}
      ORDER BY i.created_at DESC, i.position DESC LIMIT ${query.limit + 1}`;
    return rows.map(partsOf);
  }
}

const OPERATORS = { gte: '>=', gt: '>', lt: '<', lte: '<=' } as const;

function within(
  column: 'created_at' | 'amount',
  bounds: Between<Date> | Between<string>,
): Prisma.Sql {
  const cast = Prisma.raw(column === 'amount' ? '::text::numeric' : '::timestamptz');
  const parts = (['gte', 'gt', 'lt', 'lte'] as const).flatMap((name) => {
    const value = bounds[name];
    if (value === null) return [];
    const compared = Prisma.raw(`i.${column} ${OPERATORS[name]}`);
    return [Prisma.sql`AND ${compared} ${value}${cast}`];
  });
  return parts.length === 0 ? Prisma.empty : Prisma.join(parts, ' ');
}

function partsOf(row: Row): InvoiceParts {
  const { id, currency, status, created_at: createdAt, pdf_url: pdf } = row;
  const places = placesOf(currency);
  const amount = decimal(row.total);
  const total = printAmount(amount, places);
  const madeMs = createdAt.getTime();
  const input = {
    ...{ name: row.plan_name, item: { id: row.item_id, name: row.item_name } },
    ...{ quantity: Decimal.ONE, amount, unitAmount: total },
    ...{ startMs: row.period_start.getTime(), endMs: row.period_end.getTime() },
  };
  const lineId = id.replace(/^inv_/, 'line_');
  return {
    invoice: {
      ...{ id, accountId: row.account_id, customerId: row.customer_id, biller: 'stripe' },
      ...{ subscriptionId: row.subscription_id, position: row.position, source: 'subscription' },
      ...{ stage: 'issued', status, number: row.number, currency, createdAt },
      ...{ invoiceDateMs: madeMs, eligibleMs: null, willAutoIssue: false, netTerms: 0 },
      ...{ dueMs: madeMs, issuedMs: status === 'draft' ? null : madeMs, paidMs: null },
      ...{ paymentReceivedMs: null, voidedMs: null, collectMs: null },
      ...{ subtotal: total, total, amountDue: total, hasUsage: false, closed: null, draw: null },
      metadata: {},
      // Stripe collects it.
      document: emptyDocument(null, false),
    },
    links: pdf === null ? null : { page: pdf, pdf, receipt: null },
    customer: { id: row.customer_id, external_customer_id: row.external_customer_id },
    lines: [writeLine(lineId, currency, input, amount, null, places, createdAt)],
    ...{ notes: [], balance: [], attempts: [] },
  };
}
