import type { PrismaClient } from '@orbit/persistence';
import { correctionsOf } from '../application/apply-corrections.js';
import type {
  CorrectedInvoice,
  InvoicePageQuery,
  InvoicePageRows,
  ListedInvoice,
} from '../application/ports.js';
import { standingOf } from '../domain/correction.js';
import type { Invoice } from '../domain/invoice.js';
import { correctionFromRow, creditNoteFromRow, invoiceFromRow } from './invoice-store.mapping.js';

/** The part of a connection that reading needs. */
export type Sql = Pick<
  PrismaClient,
  'invoice' | 'subscriptionInvoice' | 'receiptCorrection' | 'creditNote'
>;

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
  const take = limit + 1; // One more than asked for shows whether there are more.
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
    ...receipts.map((row) => ({ ...placeOf(row), receipt: row, subscription: null })),
    ...subscriptions.map((row) => ({ ...row, ...NOWHERE, receipt: null, subscription: row })),
  ]
    .sort((a, b) => comparePlaces(b, a))
    .slice(0, limit + 1);
  const shown = rows.slice(0, limit);
  const corrected = await readCorrected(
    sql,
    shown.flatMap(({ receipt }) => (receipt === null ? [] : [invoiceFromRow(receipt)])),
  );
  const byId = new Map(corrected.map((one) => [one.invoice.id, one]));
  return {
    invoices: shown.flatMap(({ id, subscription }) => {
      if (subscription !== null) return [ofSubscription(subscription)];
      const receipt = byId.get(id);
      return receipt === undefined ? [] : [ofReceipt(receipt)];
    }),
    hasMore: rows.length > limit,
    total: receiptCount + subscriptionCount,
  };
}

/** Corrections of the payments of these receipts, in two statements, in the order of the receipts. */
export async function readCorrected(
  sql: Pick<Sql, 'receiptCorrection' | 'creditNote'>,
  invoices: readonly Invoice[],
): Promise<readonly CorrectedInvoice[]> {
  const [corrections, notes] = await Promise.all([
    sql.receiptCorrection.findMany({
      where: { topupId: { in: invoices.map(({ topupId }) => topupId) } },
      orderBy: [{ occurredAt: 'asc' }, { correctionId: 'asc' }],
    }),
    sql.creditNote.findMany({
      where: { invoiceId: { in: invoices.map(({ id }) => id) } },
      orderBy: [{ year: 'asc' }, { sequence: 'asc' }],
    }),
  ]);
  const known = corrections.map(correctionFromRow);
  return invoices.map((invoice) => ({
    invoice,
    corrections: correctionsOf(invoice, known),
    creditNotes: notes.filter(({ invoiceId }) => invoiceId === invoice.id).map(creditNoteFromRow),
  }));
}

/** Invoices of subscriptions are not numbered by us. */
const NOWHERE = { year: 0, sequence: 0 } as const;
const placeOf = ({ createdAt, year, sequence, id }: Place): Place => ({
  createdAt,
  year,
  sequence,
  id,
});

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

interface SubscriptionRow {
  readonly id: string;
  readonly createdAt: Date;
  readonly number: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly status: string;
  readonly periodStart: Date;
  readonly periodEnd: Date;
  readonly pdfUrl: string | null;
}

const ofSubscription = (row: SubscriptionRow): ListedInvoice => ({
  id: row.id,
  number: row.number ?? '',
  amountMinor: row.amountMinor,
  currency: row.currency,
  status: row.status as ListedInvoice['status'],
  periodStartMs: row.periodStart.getTime(),
  // Stored as the first instant after it; documents show its last second.
  periodEndMs: row.periodEnd.getTime() - 1_000,
  pdfUrl: row.pdfUrl,
  createdAtMs: row.createdAt.getTime(),
  standing: null,
  creditNotes: [],
});

function ofReceipt({ invoice, corrections, creditNotes }: CorrectedInvoice): ListedInvoice {
  return { ...invoice, pdfUrl: null, standing: standingOf(invoice, corrections), creditNotes };
}
