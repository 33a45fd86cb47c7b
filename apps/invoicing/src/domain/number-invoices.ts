import { invariant } from '@orbit/kernel';
import { monthOf, yearOf } from './billing-period.js';
import type { Invoice, PaidTopUp } from './invoice.js';

/** The last number given to an organization in a year; 0 before the first. */
export interface Counter {
  readonly organizationId: string;
  readonly year: number;
  readonly lastSequence: number;
}

const SEQUENCE_DIGITS_MIN = 3;

/** INV-2026-003; from the thousandth on it simply grows: INV-2026-1000. */
export const invoiceNumber = (year: number, sequence: number): string =>
  `INV-${year}-${sequence.toString().padStart(SEQUENCE_DIGITS_MIN, '0')}`;

/** The counters that these top-ups count on, each once. */
export function countersOf(topUps: readonly PaidTopUp[]): readonly Omit<Counter, 'lastSequence'>[] {
  const counters = new Map<string, Omit<Counter, 'lastSequence'>>();
  for (const { organizationId, paidAtMs } of topUps) {
    const year = yearOf(paidAtMs);
    counters.set(`${year} ${organizationId}`, { organizationId, year });
  }
  return [...counters.values()];
}

/**
 * Gives each top-up the next number of its organization and year, in the order given.
 * `counters` holds the locked counter of every top-up; `ids` one id per top-up. Pure, safe to repeat.
 */
export function numberInvoices(
  counters: readonly Counter[],
  topUps: readonly PaidTopUp[],
  ids: readonly string[],
  createdAtMs: number,
): { readonly invoices: readonly Invoice[]; readonly counters: readonly Counter[] } {
  const last = new Map(counters.map((c) => [`${c.year} ${c.organizationId}`, c]));
  const invoices = topUps.map((topUp, i): Invoice => {
    const year = yearOf(topUp.paidAtMs);
    const key = `${year} ${topUp.organizationId}`;
    const counter = last.get(key);
    const id = ids[i];
    invariant(counter !== undefined, 'the counter of every top-up is locked');
    invariant(id !== undefined, 'every invoice has an id');
    const sequence = counter.lastSequence + 1;
    last.set(key, { ...counter, lastSequence: sequence });
    const period = monthOf(topUp.paidAtMs);
    return {
      ...topUp,
      id,
      year,
      sequence,
      number: invoiceNumber(year, sequence),
      status: 'paid',
      periodStartMs: period.startMs,
      periodEndMs: period.endMs,
      createdAtMs,
    };
  });
  return { invoices, counters: [...last.values()] };
}
