import { invariant } from '@orbit/kernel';
import { yearOf } from '../../subscriptions/domain/billing-period.js';
import { isMoneyBack, minorOf, type Correction } from './correction.js';
import type { DocumentNumber } from '../../numbering/domain/document-number.js';
import type { Invoice } from './invoice.js';

export type CreditReason = 'refund' | 'dispute';

/**
 * The document of money of a receipt that went back to its payer: one per refund or lost dispute. It never changes but
 * for its status: `void` when the refund failed at the bank after all. Its number stays.
 */
export interface CreditNote extends DocumentNumber {
  readonly id: string;
  readonly account: string;
  readonly organizationId: string;
  readonly invoiceId: string;
  readonly reason: CreditReason;
  /** refund_id or dispute_id. */
  readonly correctionId: string;
  /** Minor units of the receipt's currency; positive. */
  readonly amountMinor: bigint;
  readonly status: 'issued' | 'void';
  /** When the money went back; decides the year of the number. */
  readonly creditedAtMs: number;
  readonly createdAtMs: number;
}

export type DueCreditNote = Pick<
  CreditNote,
  | 'account'
  | 'organizationId'
  | 'invoiceId'
  | 'reason'
  | 'correctionId'
  | 'amountMinor'
  | 'creditedAtMs'
>;

type Noted = Pick<CreditNote, 'reason' | 'correctionId'>;
const isOf = (note: Noted, { kind, correctionId }: Correction): boolean =>
  note.reason === kind && note.correctionId === correctionId;

/** Credit notes that this receipt lacks; a correction that comes to less than a minor unit gets none. */
export function dueCreditNotes(
  invoice: Invoice,
  corrections: readonly Correction[],
  notes: readonly Noted[],
): readonly DueCreditNote[] {
  return corrections.flatMap((one) => {
    if (!isMoneyBack(one) || notes.some((note) => isOf(note, one))) return [];
    const amountMinor = minorOf(invoice, one);
    if (amountMinor === null || amountMinor <= 0n) return [];
    return [
      {
        account: invoice.account,
        organizationId: invoice.organizationId,
        invoiceId: invoice.id,
        reason: one.kind as CreditReason,
        correctionId: one.correctionId,
        amountMinor,
        creditedAtMs: one.occurredAtMs,
      },
    ];
  });
}

/** Credit notes whose money stayed after all. */
export const voidedCreditNotes = (
  corrections: readonly Correction[],
  notes: readonly CreditNote[],
): readonly CreditNote[] =>
  notes.filter(
    (note) =>
      note.status === 'issued' && corrections.some((one) => isOf(note, one) && !isMoneyBack(one)),
  );

export const creditYearOf = ({ creditedAtMs }: DueCreditNote): number => yearOf(creditedAtMs);

export function issueCreditNotes(
  due: readonly DueCreditNote[],
  ids: readonly string[],
  numbers: readonly DocumentNumber[],
  createdAtMs: number,
): readonly CreditNote[] {
  return due.map((one, i) => {
    const [id, number] = [ids[i], numbers[i]];
    invariant(id !== undefined && number !== undefined, 'every credit note has an id and a number');
    return { ...one, ...number, id, status: 'issued', createdAtMs };
  });
}
