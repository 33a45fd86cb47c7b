import { invariant } from '@orbit/kernel';
import { isCurrency } from '@orbit/money';
import type { Invoice } from '../domain/invoice.js';

/** A row of invoicing.invoice, as Prisma's model returns it. */
export interface InvoiceRow {
  readonly id: string;
  readonly organizationId: string;
  readonly year: number;
  readonly sequence: number;
  readonly number: string;
  readonly topupId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly status: string;
  readonly periodStart: Date;
  readonly periodEnd: Date;
  readonly paidAt: Date;
  readonly reference: string;
  readonly paymentIntentId: string;
  readonly cardBrand: string | null;
  readonly cardLast4: string | null;
  readonly receiptEmail: string | null;
  readonly createdAt: Date;
}

const STATUSES: readonly string[] = ['paid', 'refunded', 'void'];

export function invoiceFromRow(row: InvoiceRow): Invoice {
  const { currency, status, cardBrand: brand, cardLast4: last4 } = row;
  invariant(isCurrency(currency), 'an invoice is in a currency that wallets hold');
  invariant(STATUSES.includes(status), 'the status of an invoice is one of its CHECK');
  return {
    id: row.id,
    organizationId: row.organizationId,
    year: row.year,
    sequence: row.sequence,
    number: row.number,
    topupId: row.topupId,
    amountMinor: row.amountMinor,
    currency,
    status: status as Invoice['status'],
    periodStartMs: row.periodStart.getTime(),
    periodEndMs: row.periodEnd.getTime(),
    paidAtMs: row.paidAt.getTime(),
    reference: row.reference,
    paymentIntentId: row.paymentIntentId,
    card: brand === null || last4 === null ? null : { brand, last4 },
    receiptEmail: row.receiptEmail,
    createdAtMs: row.createdAt.getTime(),
  };
}

export const invoiceToRow = (invoice: Invoice): InvoiceRow => ({
  id: invoice.id,
  organizationId: invoice.organizationId,
  year: invoice.year,
  sequence: invoice.sequence,
  number: invoice.number,
  topupId: invoice.topupId,
  amountMinor: invoice.amountMinor,
  currency: invoice.currency,
  status: invoice.status,
  periodStart: new Date(invoice.periodStartMs),
  periodEnd: new Date(invoice.periodEndMs),
  paidAt: new Date(invoice.paidAtMs),
  reference: invoice.reference,
  paymentIntentId: invoice.paymentIntentId,
  cardBrand: invoice.card?.brand ?? null,
  cardLast4: invoice.card?.last4 ?? null,
  receiptEmail: invoice.receiptEmail,
  createdAt: new Date(invoice.createdAtMs),
});
