import { newId } from '@orbit/kernel';
import { standingOf, type Correction } from '../domain/correction.js';
import {
  creditYearOf,
  dueCreditNotes,
  issueCreditNotes,
  voidedCreditNotes,
} from '../domain/credit-note.js';
import { countByYear, numbersOf } from '../../numbering/domain/document-number.js';
import type { Invoice } from '../domain/invoice.js';
import type { InvoiceTransaction } from './ports.js';

/**
 * Brings receipts up to all that is known of their payments: credit notes that they lack, those whose
 * money stayed after all, and their status. Under the lock of the series; repeating it changes nothing.
 */
export async function applyCorrections(
  tx: InvoiceTransaction,
  account: string,
  invoices: readonly Invoice[],
  nowMs: number,
): Promise<void> {
  const known = await tx.readCorrections(invoices.map(({ topupId }) => topupId));
  const corrected = invoices
    .map((invoice) => ({ invoice, corrections: correctionsOf(invoice, known) }))
    .filter(({ corrections }) => corrections.length > 0);
  if (corrected.length === 0) return;
  const notes = await tx.readCreditNotes(corrected.map(({ invoice }) => invoice.id));
  const due = corrected.flatMap(({ invoice, corrections }) =>
    dueCreditNotes(
      invoice,
      corrections,
      notes.filter(({ invoiceId }) => invoiceId === invoice.id),
    ),
  );
  if (due.length > 0) {
    const years = due.map(creditYearOf);
    const last = await tx.takeNumbers(account, 'credit_note', countByYear(years));
    const numbers = numbersOf('credit_note', years, last);
    const ids = due.map(() => newId('cn', nowMs));
    await tx.insertCreditNotes(issueCreditNotes(due, ids, numbers, nowMs));
  }
  const voided = corrected.flatMap(({ invoice, corrections }) =>
    voidedCreditNotes(
      corrections,
      notes.filter(({ invoiceId }) => invoiceId === invoice.id),
    ),
  );
  if (voided.length > 0) await tx.voidCreditNotes(voided.map(({ id }) => id));
  const changed = corrected
    .map(({ invoice, corrections }) => ({
      id: invoice.id,
      before: invoice.status,
      status: standingOf(invoice, corrections).status,
    }))
    .filter(({ before, status }) => before !== status);
  if (changed.length > 0) await tx.saveStatuses(changed);
}

export const correctionsOf = (
  { topupId, organizationId }: Pick<Invoice, 'topupId' | 'organizationId'>,
  known: readonly Correction[],
): readonly Correction[] =>
  known.filter((one) => one.topupId === topupId && one.organizationId === organizationId);
