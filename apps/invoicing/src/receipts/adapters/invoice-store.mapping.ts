import { invariant } from '@orbit/kernel';
import { isCurrency } from '@orbit/money';
import {
  CORRECTION_STATES,
  type Correction,
  type CorrectionKind,
  type CorrectionState,
} from '../domain/correction.js';
import type { CreditNote } from '../domain/credit-note.js';
import type { Invoice, InvoiceStatus } from '../domain/invoice.js';

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
  readonly account: string;
  readonly isNumberedBySeller: boolean;
  readonly creditedMicros: bigint | null;
  readonly creditedUnit: string | null;
}

const STATUSES: readonly InvoiceStatus[] = [
  'paid',
  'partially_refunded',
  'refunded',
  'disputed',
  'charged_back',
  'partially_void',
  'void',
];

export function invoiceFromRow(row: InvoiceRow): Invoice {
  const { currency, cardBrand: brand, cardLast4: last4 } = row;
  const { creditedMicros, creditedUnit } = row;
  const status = STATUSES.find((one) => one === row.status);
  invariant(isCurrency(currency), 'an invoice is in a currency that wallets hold');
  invariant(status !== undefined, 'the status of an invoice is one of its CHECK');
  return {
    id: row.id,
    organizationId: row.organizationId,
    year: row.year,
    sequence: row.sequence,
    number: row.number,
    topupId: row.topupId,
    amountMinor: row.amountMinor,
    currency,
    credited:
      creditedMicros === null || creditedUnit === null
        ? null
        : { micros: creditedMicros, unit: creditedUnit },
    account: row.account,
    isNumberedBySeller: row.isNumberedBySeller,
    status,
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
  account: invoice.account,
  isNumberedBySeller: invoice.isNumberedBySeller,
  creditedMicros: invoice.credited?.micros ?? null,
  creditedUnit: invoice.credited?.unit ?? null,
});

/** A row of invoicing.receipt_correction. */
export interface CorrectionRow {
  readonly organizationId: string;
  readonly kind: string;
  readonly correctionId: string;
  readonly topupId: string;
  readonly state: string;
  readonly amountMicros: bigint;
  readonly unit: string;
  readonly occurredAt: Date;
}

export function correctionFromRow({ occurredAt, ...row }: CorrectionRow): Correction {
  const kind = row.kind as CorrectionKind;
  const states: readonly CorrectionState[] = CORRECTION_STATES[kind];
  const state = states.find((one) => one === row.state);
  invariant(state !== undefined, 'the state of a correction is one of its CHECK');
  const { organizationId, correctionId, topupId, amountMicros, unit } = row;
  const occurredAtMs = occurredAt.getTime();
  return { kind, state, organizationId, correctionId, topupId, amountMicros, unit, occurredAtMs };
}

/** A row of invoicing.credit_note. */
export interface CreditNoteRow {
  readonly id: string;
  readonly account: string;
  readonly organizationId: string;
  readonly invoiceId: string;
  readonly year: number;
  readonly sequence: number;
  readonly number: string;
  readonly reason: string;
  readonly correctionId: string;
  readonly amountMinor: bigint;
  readonly status: string;
  readonly creditedAt: Date;
  readonly createdAt: Date;
}

export const creditNoteFromRow = (row: CreditNoteRow): CreditNote => ({
  id: row.id,
  account: row.account,
  organizationId: row.organizationId,
  invoiceId: row.invoiceId,
  year: row.year,
  sequence: row.sequence,
  number: row.number,
  reason: row.reason as CreditNote['reason'],
  correctionId: row.correctionId,
  amountMinor: row.amountMinor,
  status: row.status as CreditNote['status'],
  creditedAtMs: row.creditedAt.getTime(),
  createdAtMs: row.createdAt.getTime(),
});

export const creditNoteToRow = ({
  creditedAtMs,
  createdAtMs,
  ...note
}: CreditNote): CreditNoteRow => ({
  ...note,
  creditedAt: new Date(creditedAtMs),
  createdAt: new Date(createdAtMs),
});
