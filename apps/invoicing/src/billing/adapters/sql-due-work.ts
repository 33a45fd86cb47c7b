import { Prisma, type PrismaClient } from '@orbit/persistence';
import type { CreditToReturn } from '../../draws/domain/draw-plan.js';
import type { DueCollections, DueDraft, DueWork, OpenPayments } from '../application/ports.js';
import { SqlInvoices } from './sql-invoices.js';
import { SqlSubscriptions } from './sql-subscriptions.js';

/** Rows that one look takes. */
const BATCH_MAX = 500;

const NOBODY_PAYS = Prisma.sql`AND NOT EXISTS (
  SELECT 1 FROM invoicing.payment_attempt p WHERE p.invoice_id = i.id AND p.status = 'open')`;

export class SqlDueWork implements DueWork, OpenPayments, DueCollections {
  private readonly invoices: SqlInvoices;
  private readonly owners: SqlSubscriptions;

  constructor(
    private readonly prisma: PrismaClient,
    publicUrl: string,
  ) {
    this.invoices = new SqlInvoices(prisma, publicUrl);
    this.owners = new SqlSubscriptions(prisma);
  }

  async accounts(): Promise<readonly string[]> {
    const rows = await this.prisma.$queryRaw<{ account_id: string }[]>`
      SELECT account_id FROM invoicing.orb_subscription WHERE next_due_at IS NOT NULL
      UNION SELECT account_id FROM invoicing.orb_invoice WHERE stage <> 'issued' AND will_auto_issue
      UNION SELECT account_id FROM invoicing.orb_invoice WHERE stage IN ('priced', 'drawn')
      UNION SELECT account_id FROM invoicing.credit_return WHERE returned_at IS NULL`;
    return rows.map((row) => row.account_id);
  }

  async nextDueMs(accountId: string): Promise<number | null> {
    const [row] = await this.prisma.$queryRaw<{ due: Date | null }[]>`
      SELECT least(
        (SELECT min(next_due_at) FROM invoicing.orb_subscription WHERE account_id = ${accountId}),
        (SELECT min(eligible_at) FROM invoicing.orb_invoice
         WHERE account_id = ${accountId} AND stage <> 'issued' AND will_auto_issue),
        (SELECT min(eligible_at) FROM invoicing.orb_invoice
         WHERE account_id = ${accountId} AND stage IN ('priced', 'drawn')),
        (SELECT min(due_at) FROM invoicing.credit_return
         WHERE account_id = ${accountId} AND returned_at IS NULL)) AS due`;
    return row?.due?.getTime() ?? null;
  }

  async subscriptions(accountId: string, untilMs: number): Promise<readonly string[]> {
    const rows = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT id FROM invoicing.orb_subscription
      WHERE account_id = ${accountId} AND next_due_at <= ${new Date(untilMs)}
      ORDER BY next_due_at, id LIMIT ${BATCH_MAX}`;
    return rows.map((row) => row.id);
  }

  async drafts(accountId: string, untilMs: number): Promise<readonly string[]> {
    const rows = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT id FROM invoicing.orb_invoice
      WHERE account_id = ${accountId} AND stage <> 'issued' AND (will_auto_issue OR stage IN ('priced', 'drawn'))
        AND eligible_at <= ${new Date(untilMs)}
      ORDER BY eligible_at, invoice_date, id LIMIT ${BATCH_MAX}`;
    return rows.map((row) => row.id);
  }

  async list(): Promise<readonly { readonly accountId: string; readonly invoiceId: string }[]> {
    return this.prisma.$queryRaw`
      SELECT i.account_id AS "accountId", i.id AS "invoiceId"
      FROM invoicing.payment_attempt p JOIN invoicing.orb_invoice i ON i.id = p.invoice_id
      WHERE p.status = 'open' AND p.begun_at < now() - interval '30 seconds'
      ORDER BY p.begun_at LIMIT ${BATCH_MAX}`;
  }

  async collecting(): Promise<readonly string[]> {
    const rows = await this.prisma.$queryRaw<{ account_id: string }[]>`
      SELECT DISTINCT account_id FROM invoicing.orb_invoice
      WHERE collect_at IS NOT NULL AND status = 'issued'`;
    return rows.map((row) => row.account_id);
  }

  async nextCollectionMs(accountId: string): Promise<number | null> {
    const [row] = await this.prisma.$queryRaw<{ due: Date | null }[]>`
      SELECT min(i.collect_at) AS due FROM invoicing.orb_invoice i
      WHERE i.account_id = ${accountId} AND i.collect_at IS NOT NULL AND i.status = 'issued' ${NOBODY_PAYS}`;
    return row?.due?.getTime() ?? null;
  }

  async collections(accountId: string, untilMs: number): Promise<readonly string[]> {
    const rows = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT i.id FROM invoicing.orb_invoice i
      WHERE i.account_id = ${accountId} AND i.collect_at <= ${new Date(untilMs)} AND i.status = 'issued' ${NOBODY_PAYS}
      ORDER BY i.collect_at, i.id LIMIT ${BATCH_MAX}`;
    return rows.map((row) => row.id);
  }

  async returns(accountId: string, untilMs: number): Promise<readonly CreditToReturn[]> {
    return this.prisma.$queryRaw<CreditToReturn[]>`
      SELECT id, customer_id AS "customerId", invoice_id AS "documentId", line_id AS "lineId", currency,
        amount::text AS amount
      FROM invoicing.credit_return
      WHERE account_id = ${accountId} AND returned_at IS NULL AND due_at <= ${new Date(untilMs)}
      ORDER BY due_at, id LIMIT ${BATCH_MAX}`;
  }

  async returned(id: string): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE invoicing.credit_return SET returned_at = now() WHERE id = ${id}`;
  }

  async partials(accountId: string, subscriptionId: string): Promise<readonly string[]> {
    const rows = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT id FROM invoicing.orb_invoice
      WHERE account_id = ${accountId} AND subscription_id = ${subscriptionId} AND source = 'partial'
        AND stage <> 'issued' AND (will_auto_issue OR stage IN ('priced', 'drawn'))
      ORDER BY invoice_date, id`;
    return rows.map((row) => row.id);
  }

  async ready(accountId: string, invoiceIds: readonly string[]): Promise<readonly DueDraft[]> {
    const parts = await this.invoices.readAll(accountId, invoiceIds);
    const known = new Map(parts.map(({ invoice }) => [invoice.id, invoice]));
    const ids = [...new Set(parts.flatMap(({ invoice }) => invoice.subscriptionId ?? []))];
    const waiting = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT DISTINCT subscription_id AS id FROM invoicing.orb_invoice
      WHERE account_id = ${accountId} AND subscription_id = ANY(${ids}::text[]) AND source = 'partial'
        AND stage <> 'issued' AND (will_auto_issue OR stage IN ('priced', 'drawn'))`;
    const isWaiting = new Set(waiting.map(({ id }) => id));
    const owners = new Map(
      (await this.owners.readAll(accountId, ids)).map((owner) => [owner.id, owner]),
    );
    const billed = await this.invoices.billedLinesOf(ids);
    return invoiceIds.flatMap((id): DueDraft[] => {
      const invoice = known.get(id);
      const subscription = owners.get(invoice?.subscriptionId ?? '');
      if (!invoice || !subscription || invoice.stage === 'issued') return [];
      if (isWaiting.has(subscription.id)) return [];
      return [{ invoice, subscription, billed: billed.get(subscription.id) ?? [] }];
    });
  }

  async draft(accountId: string, invoiceId: string): Promise<DueDraft | null> {
    const parts = await this.invoices.read(accountId, invoiceId);
    if (!parts || parts.invoice.stage === 'issued') return null;
    const { invoice } = parts;
    if (invoice.subscriptionId === null) return null;
    const subscription = await this.owners.read(accountId, invoice.subscriptionId);
    if (!subscription) return null;
    const billed = await this.invoices.billedLines(subscription.id);
    return { invoice, subscription, billed };
  }
}
