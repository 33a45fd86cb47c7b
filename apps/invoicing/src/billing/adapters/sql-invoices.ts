import { decimal } from '@orbit/pricing';
import { rowsAfter, Prisma } from '@orbit/persistence';
import type {
  Between,
  BilledLine,
  Invoice,
  InvoiceParts,
  InvoiceQuery,
  InvoiceTransaction,
} from '../application/invoice-ports.js';
import type { InvoiceLine } from '../domain/print-line.js';
import { partsFromRow, type InvoiceRow } from './invoice-rows.js';
import { SqlMirroredInvoices } from './sql-mirrored-invoices.js';
import { SqlCredits } from './sql-credits.js';

/** An invoice with its lines, credit notes and what it took from the customer's balance, in one read. */
const INVOICE = Prisma.sql`
  SELECT i.*, i.subtotal::text AS subtotal_text, i.total::text AS total_text, i.amount_due::text AS amount_due_text,
    c.external_customer_id,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'charge_key', l.charge_key, 'amount', l.amount::text,
       'tax', l.tax::text,
       'body', l.body, 'prior', l.prior) ORDER BY l.position), '[]')
     FROM invoicing.orb_invoice_line l WHERE l.invoice_id = i.id) AS lines,
    (SELECT coalesce(jsonb_agg(to_jsonb(n) || jsonb_build_object('total_text', n.total::text,
       'position', n.position::text) ORDER BY n.position), '[]')
     FROM invoicing.orb_credit_note n WHERE n.invoice_id = i.id) AS notes,
    (SELECT coalesce(jsonb_agg(to_jsonb(b) || jsonb_build_object('amount_text', b.amount::text,
       'starting_text', b.starting_balance::text, 'ending_text', b.ending_balance::text,
       'position', b.position::text) ORDER BY b.position), '[]')
     FROM invoicing.balance_transaction b WHERE b.invoice_id = i.id) AS balance
    , (SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'amount', p.amount::text, 'status', p.status,
       'payment_intent_id', p.payment_intent_id, 'failure', p.failure, 'created_at', p.created_at,
       'is_automatic', p.is_automatic)
       ORDER BY p.position), '[]')
     FROM invoicing.payment_attempt p WHERE p.invoice_id = i.id) AS attempts
  FROM invoicing.orb_invoice i JOIN invoicing.customer c ON c.id = i.customer_id`;

/** On a connection: reads. In a transaction: all of it. */
export class SqlInvoices extends SqlCredits implements InvoiceTransaction {
  private readonly mirrored = new SqlMirroredInvoices(this.sql);

  async read(accountId: string, id: string): Promise<InvoiceParts | null> {
    const [row] = await this.sql.$queryRaw<InvoiceRow[]>`
      ${INVOICE} WHERE i.id = ${id} AND i.account_id = ${accountId}`;
    return row ? partsFromRow(row, this.publicUrl) : this.mirrored.read(accountId, id);
  }

  async lock(accountId: string, id: string): Promise<InvoiceParts | null> {
    const rows = await this.sql.$queryRaw<unknown[]>`
      SELECT 1 FROM invoicing.orb_invoice WHERE id = ${id} AND account_id = ${accountId}
      FOR NO KEY UPDATE`;
    return rows.length === 0 ? null : this.read(accountId, id);
  }

  /** In no order; unknown ones and Stripe's are left out. */
  async readAll(accountId: string, ids: readonly string[]): Promise<readonly InvoiceParts[]> {
    if (ids.length === 0) return [];
    const rows = await this.sql.$queryRaw<InvoiceRow[]>`
      ${INVOICE} WHERE i.id = ANY(${[...ids]}::text[]) AND i.account_id = ${accountId}`;
    return rows.map((row) => partsFromRow(row, this.publicUrl));
  }

  /** As `readAll`; their locks are taken in the order of their ids. */
  async lockAll(accountId: string, ids: readonly string[]): Promise<readonly InvoiceParts[]> {
    if (ids.length === 0) return [];
    await this.sql.$queryRaw<unknown[]>`
      SELECT 1 FROM invoicing.orb_invoice
      WHERE id = ANY(${[...ids]}::text[]) AND account_id = ${accountId}
      ORDER BY id FOR NO KEY UPDATE`;
    return this.readAll(accountId, ids);
  }

  async list(query: InvoiceQuery): Promise<readonly InvoiceParts[]> {
    const { after } = query;
    const rows = await this.sql.$queryRaw<InvoiceRow[]>`
      ${INVOICE}
      WHERE i.account_id = ${query.accountId}
        ${rowsAfter(after, 'i', 'invoice_date')}
        AND i.status = ANY(${[...query.statuses]}::text[])
        AND (${query.customerId}::text IS NULL OR i.customer_id = ${query.customerId})
        AND (${query.externalCustomerId}::text IS NULL OR c.external_customer_id = ${query.externalCustomerId})
        AND (${query.subscriptionId}::text IS NULL OR i.subscription_id = ${query.subscriptionId})
        AND (${query.isRecurring}::boolean IS NULL OR (i.source <> 'one_off') = ${query.isRecurring})
        ${between(Prisma.sql`i.invoice_date`, query.invoiceDate, 'timestamptz')}
        ${between(Prisma.sql`i.due_at`, query.dueDate, 'timestamptz')}
        ${between(Prisma.sql`i.total`, query.amount, 'numeric')}
      ORDER BY i.invoice_date DESC, i.position DESC LIMIT ${query.limit + 1}`;
    const mirrored = await this.mirrored.list(query);
    return [...rows.map((row) => partsFromRow(row, this.publicUrl)), ...mirrored]
      .sort(({ invoice: a }, { invoice: b }) => {
        return b.invoiceDateMs - a.invoiceDateMs || (b.position > a.position ? 1 : -1);
      })
      .slice(0, query.limit + 1);
  }

  async insert(invoice: Omit<Invoice, 'position'>): Promise<boolean> {
    const inserted = await this.sql.$executeRaw`
      INSERT INTO invoicing.orb_invoice
        (id, account_id, customer_id, subscription_id, source, stage, status, currency, invoice_date, created_at,
         eligible_at, will_auto_issue, net_terms, due_at, has_usage, metadata, document)
      VALUES (${invoice.id}, ${invoice.accountId}, ${invoice.customerId}, ${invoice.subscriptionId}, ${invoice.source},
        ${invoice.stage}, ${invoice.status}, ${invoice.currency}, ${new Date(invoice.invoiceDateMs)},
        ${invoice.createdAt}, ${dateOr(invoice.eligibleMs)}, ${invoice.willAutoIssue}, ${invoice.netTerms},
        ${dateOr(invoice.dueMs)}, ${invoice.hasUsage}, ${JSON.stringify(invoice.metadata)}::jsonb,
        ${JSON.stringify(invoice.document)}::jsonb)
      ON CONFLICT (id) DO NOTHING`;
    return inserted === 1;
  }

  async save(invoice: Invoice): Promise<void> {
    const closed = invoice.closed === null ? null : JSON.stringify(invoice.closed);
    const draw = invoice.draw === null ? null : JSON.stringify(invoice.draw);
    await this.sql.$executeRaw`
      UPDATE invoicing.orb_invoice SET stage = ${invoice.stage}, status = ${invoice.status}, number = ${invoice.number},
        invoice_date = ${new Date(invoice.invoiceDateMs)}, eligible_at = ${dateOr(invoice.eligibleMs)},
        will_auto_issue = ${invoice.willAutoIssue}, net_terms = ${invoice.netTerms}, due_at = ${dateOr(invoice.dueMs)},
        issued_at = ${dateOr(invoice.issuedMs)}, paid_at = ${dateOr(invoice.paidMs)},
        payment_received_at = ${dateOr(invoice.paymentReceivedMs)}, voided_at = ${dateOr(invoice.voidedMs)},
        collect_at = ${dateOr(invoice.collectMs)},
        subtotal = ${invoice.subtotal}::text::numeric, total = ${invoice.total}::text::numeric,
        amount_due = ${invoice.amountDue}::text::numeric, closed = ${closed}::text::jsonb, draw = ${draw}::text::jsonb,
        metadata = ${JSON.stringify(invoice.metadata)}::jsonb, document = ${JSON.stringify(invoice.document)}::jsonb
      WHERE id = ${invoice.id}`;
  }

  async putLines(
    { id, subscriptionId }: Pick<Invoice, 'id' | 'subscriptionId'>,
    lines: readonly InvoiceLine[],
  ): Promise<void> {
    await this.sql.$executeRaw`DELETE FROM invoicing.orb_invoice_line WHERE invoice_id = ${id}`;
    const rows = lines.map((line, position) => ({
      ...{
        id: line.id,
        charge_key: line.chargeKey,
        amount: line.amount,
        tax: line.tax,
        body: line.body,
        prior: line.prior ?? null,
        position,
      },
    }));
    await this.sql.$executeRaw`
      INSERT INTO invoicing.orb_invoice_line (id, invoice_id, subscription_id, charge_key, position, amount, tax, body,
        prior)
      SELECT r.id, ${id}, ${subscriptionId}, r.charge_key, r.position, r.amount::numeric, r.tax::numeric, r.body,
        nullif(r.prior, 'null'::jsonb)
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS r(id text, charge_key text, position integer, amount text, tax text, body jsonb,
          prior jsonb)`;
  }

  async billedLines(subscriptionId: string): Promise<readonly BilledLine[]> {
    return (await this.billedLinesOf([subscriptionId])).get(subscriptionId) ?? [];
  }

  /** `billedLines` of many subscriptions, by their ids; those without any are left out. */
  async billedLinesOf(ids: readonly string[]): Promise<ReadonlyMap<string, BilledLine[]>> {
    const rows = await this.sql.$queryRaw<BilledRow[]>`
      SELECT l.subscription_id, l.id, l.charge_key, l.invoice_id, i.stage, i.source = 'partial' AS partial,
        ((l.body->>'adjusted_subtotal')::numeric - coalesce((l.prior->>'gross')::numeric, 0) - l.undone)::text AS left,
        ((l.body->>'credits_applied')::numeric - l.returned)::text AS credit
      FROM invoicing.orb_invoice_line l JOIN invoicing.orb_invoice i ON i.id = l.invoice_id
      WHERE l.subscription_id = ANY(${[...ids]}::text[]) AND l.charge_key IS NOT NULL
        AND i.stage IN ('priced', 'drawn', 'issued')
      ORDER BY i.invoice_date, i.position, l.position`;
    return grouped(rows, (row) => [row.subscription_id, billedFromRow(row)]);
  }

  async datesOf(subscriptionId: string): Promise<readonly DocumentDate[]> {
    return (await this.datesOfAll([subscriptionId])).get(subscriptionId) ?? [];
  }

  /** `datesOf` many subscriptions, by their ids; those without any are left out. */
  async datesOfAll(ids: readonly string[]): Promise<ReadonlyMap<string, DocumentDate[]>> {
    const rows = await this.sql.$queryRaw<
      { subscription_id: string; invoice_date: Date; draft: boolean }[]
    >`
      SELECT subscription_id, invoice_date, stage <> 'issued' AS draft FROM invoicing.orb_invoice
      WHERE subscription_id = ANY(${[...ids]}::text[]) AND source = 'subscription'`;
    return grouped(rows, (row) => [
      row.subscription_id,
      { dateMs: row.invoice_date.getTime(), isDraft: row.draft },
    ]);
  }

  async partialsOf(
    subscriptionId: string,
  ): Promise<{ readonly count: number; readonly open: number }> {
    const [row] = await this.sql.$queryRaw<{ count: bigint; open: bigint }[]>`
      SELECT count(*) AS count, count(*) FILTER (WHERE stage <> 'issued') AS open
      FROM invoicing.orb_invoice WHERE subscription_id = ${subscriptionId} AND source = 'partial'`;
    return { count: Number(row?.count ?? 0), open: Number(row?.open ?? 0) };
  }

  async isDrawing(subscriptionId: string): Promise<boolean> {
    const [row] = await this.sql.$queryRaw<{ is_drawing: boolean }[]>`
      SELECT EXISTS (SELECT 1 FROM invoicing.orb_invoice
        WHERE subscription_id = ${subscriptionId} AND stage = 'priced') AS is_drawing`;
    return row?.is_drawing ?? false;
  }
}

/** A document of a subscription, by the day that it is for. */
export interface DocumentDate {
  readonly dateMs: number;
  readonly isDraft: boolean;
}

interface BilledRow {
  readonly subscription_id: string;
  readonly id: string;
  readonly charge_key: string;
  readonly invoice_id: string;
  readonly stage: Invoice['stage'];
  readonly left: string;
  readonly partial: boolean;
  readonly credit: string;
}

const billedFromRow = (row: BilledRow): BilledLine => ({
  id: row.id,
  chargeKey: row.charge_key,
  invoiceId: row.invoice_id,
  isIssued: row.stage === 'issued',
  left: decimal(row.left),
  isPartial: row.partial,
  credit: decimal(row.credit),
});

/** Values by key, in the order of their rows. */
function grouped<R, T>(
  rows: readonly R[],
  entryOf: (row: R) => [string, T],
): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const [key, value] = entryOf(row);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

const dateOr = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

const OPERATORS = { gte: '>=', gt: '>', lt: '<', lte: '<=' } as const;

function between<T extends Date | string>(
  column: Prisma.Sql,
  bounds: Between<T>,
  type: 'timestamptz' | 'numeric',
): Prisma.Sql {
  const parts = (['gte', 'gt', 'lt', 'lte'] as const).flatMap((name) => {
    const value = bounds[name];
    if (value === null) return [];
    const cast = type === 'numeric' ? Prisma.raw('::text::numeric') : Prisma.raw('::timestamptz');
    return [Prisma.sql`AND ${column} ${Prisma.raw(OPERATORS[name])} ${value}${cast}`];
  });
  return parts.length === 0 ? Prisma.empty : Prisma.join(parts, ' ');
}
