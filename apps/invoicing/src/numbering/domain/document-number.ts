import { invariant } from '@orbit/kernel';

/** Documents that a seller numbers, each kind in a series of its own per year. */
export type DocumentKind = 'receipt' | 'invoice' | 'credit_note';

/** Whoever sells: there is one per installation. */
export const LIVE_ACCOUNT = 'acct_live';

const PREFIXES: Readonly<Record<DocumentKind, string>> = {
  receipt: 'INV',
  invoice: 'ORB',
  credit_note: 'CN',
};
const SEQUENCE_DIGITS_MIN = 3;

/** INV-2026-003, CN-2026-001; from the thousandth on it simply grows: INV-2026-1000. */
export const documentNumber = (kind: DocumentKind, year: number, sequence: number): string =>
  `${PREFIXES[kind]}-${year}-${sequence.toString().padStart(SEQUENCE_DIGITS_MIN, '0')}`;

export interface DocumentNumber {
  readonly year: number;
  /** 1, 2, 3 … without gaps per seller, kind and UTC year. */
  readonly sequence: number;
  readonly number: string;
}

/** How many numbers of each year are needed. */
export function countByYear(years: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const year of years) counts.set(year, (counts.get(year) ?? 0) + 1);
  return counts;
}

/**
 * The numbers of documents of these years, in the order given. `last` is the last number of each year after as many
 * were taken as `countByYear` said. Pure.
 */
export function numbersOf(
  kind: DocumentKind,
  years: readonly number[],
  last: ReadonlyMap<number, number>,
): readonly DocumentNumber[] {
  const counts = countByYear(years);
  const given = new Map<number, number>();
  return years.map((year) => {
    const end = last.get(year);
    invariant(end !== undefined, 'numbers were taken for the year of every document');
    const nth = (given.get(year) ?? 0) + 1;
    given.set(year, nth);
    const sequence = end - (counts.get(year) ?? 0) + nth;
    return { year, sequence, number: documentNumber(kind, year, sequence) };
  });
}
