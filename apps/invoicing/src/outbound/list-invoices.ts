import type { PrismaClient } from '@orbit/persistence';
import type { InvoicePageQuery, InvoicePageRows, ListedInvoice } from '../application/ports.js';

type Sql = Pick<PrismaClient, 'invoice' | 'subscriptionInvoice'>;

/** The place of an invoice in the list; those of subscriptions have year and sequence 0. */
interface Place {
  readonly createdAt: Date;
  readonly year: number;
  readonly sequence: number;
  readonly id: string;
}

/**
 * Receipts and the invoices of subscriptions together, newest first. A page goes on behind the place of its cursor,
 * which never changes, so nothing that is added later shifts it. Drafts are nobody's business yet.
 */
export async function listInvoices(
  sql: Sql,
  query: InvoicePageQuery,
): Promise<InvoicePageRows | null> {
  const { organizationId, limit, afterId } = query;
  const after = afterId === null ? null : await readPlace(sql, organizationId, afterId);
  if (after === undefined) return null;
  const mine = { organizationId };
  const issued = { organizationId, status: { not: 'draft' } };
  const take = limit + 1; // One more than asked for tells whether there are more.
  const [receipts, subscriptions, receiptCount, subscriptionCount] = await Promise.all([
    sql.invoice.findMany({
      where: after === null ? mine : { ...mine, OR: receiptsBehind(after) },
      orderBy: [{ createdAt: 'desc' }, { year: 'desc' }, { sequence: 'desc' }],
      take,
    }),
    sql.subscriptionInvoice.findMany({
      where: after === null ? issued : { ...issued, OR: subscriptionsBehind(after) },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take,
    }),
    sql.invoice.count({ where: mine }),
    sql.subscriptionInvoice.count({ where: issued }),
  ]);
  const rows = [
    ...receipts.map((row) => ({ ...row, pdfUrl: null })),
    ...subscriptions.map((row) => ({ ...row, year: 0, sequence: 0 })),
  ].sort((a, b) => comparePlaces(b, a));
  return {
    invoices: rows.slice(0, limit).map(toListed),
    hasMore: rows.length > limit,
    total: receiptCount + subscriptionCount,
  };
}

async function readPlace(sql: Sql, organizationId: string, id: string): Promise<Place | undefined> {
  const where = { id, organizationId };
  const receipt = await sql.invoice.findFirst({
    where,
    select: { createdAt: true, year: true, sequence: true, id: true },
  });
  if (receipt !== null) return receipt;
  const row = await sql.subscriptionInvoice.findFirst({
    where,
    select: { createdAt: true, id: true },
  });
  return row === null ? undefined : { ...row, year: 0, sequence: 0 };
}

const receiptsBehind = ({ createdAt, year, sequence }: Place) => [
  { createdAt: { lt: createdAt } },
  { createdAt, year: { lt: year } },
  { createdAt, year, sequence: { lt: sequence } },
];

const subscriptionsBehind = ({ createdAt, year, id }: Place) => [
  { createdAt: { lt: createdAt } },
  year > 0 ? { createdAt } : { createdAt, id: { lt: id } },
];

function comparePlaces(a: Place, b: Place): number {
  const [x, y] = [a.createdAt.getTime(), b.createdAt.getTime()];
  return x - y || a.year - b.year || a.sequence - b.sequence || (a.id < b.id ? -1 : 1);
}

interface Row extends Place {
  readonly number: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly status: string;
  readonly periodStart: Date;
  readonly periodEnd: Date;
  readonly pdfUrl: string | null;
}

const toListed = (row: Row): ListedInvoice => ({
  id: row.id,
  number: row.number ?? '',
  amountMinor: row.amountMinor,
  currency: row.currency,
  status: row.status as ListedInvoice['status'],
  periodStartMs: row.periodStart.getTime(),
  // A receipt's period ends with its last second; a subscription's is told by the first instant after it.
  periodEndMs: row.year === 0 ? row.periodEnd.getTime() - 1_000 : row.periodEnd.getTime(),
  pdfUrl: row.pdfUrl,
  createdAtMs: row.createdAt.getTime(),
});
