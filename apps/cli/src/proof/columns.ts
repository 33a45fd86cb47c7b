/** Whether a line of an export can be read at all: who tampers need not keep to the types of columns. */

import type { Finding } from './record.js';

type Columns = Readonly<Record<string, unknown>>;

/** The columns that are computed with. Texts that are hashed may be anything: the hash shows a change. */
const INTEGERS: Readonly<Record<string, readonly string[]>> = {
  header: [],
  footer: [],
  root: ['root_no'],
  wallet: ['wallet_no', 'sequence', 'balance_micros'],
  block: ['sequence', 'amount_micros', 'remaining_micros', 'expired_micros', 'repaid_micros'],
  escrow: ['granted_micros', 'spent_micros'],
  seal: ['first_sequence', 'last_sequence'],
  entry: ['sequence', 'amount_micros', 'balance_after_micros'],
};
const TEXTS: Readonly<Record<string, string>> = { root: 'leaves', seal: 'hashes' };
const TABLES: Readonly<Record<string, string>> = { root: 'seal_root', block: 'credit_block' };

/** The finding for a line that cannot be read; null for one that can. */
export function columnFault(line: unknown): Finding | null {
  const record = (line ?? {}) as Columns;
  const kind = record['row'] as string;
  const integers = Object.hasOwn(INTEGERS, kind ?? '') ? INTEGERS[kind] : undefined;
  if (integers === undefined) {
    const problem = `a line is of no known kind: ${JSON.stringify(kind ?? line)}`;
    return { table: 'export', field: 'row', problem };
  }
  const { wallet_no, wallet_id, sequence, first_sequence, root_no, escrow_id } = record as Readonly<
    Record<string, string | undefined>
  >;
  const fault = (field: string, what: string): Finding => ({
    table: TABLES[kind] ?? kind,
    ...(kind === 'root' ? { root_no } : { wallet_no, wallet_id }),
    ...(kind === 'escrow' ? { escrow_id } : { sequence: sequence ?? first_sequence }),
    field,
    problem: `is ${JSON.stringify(record[field])}, which is no ${what}`,
  });
  const wrong = integers.find((field) => !isInteger(record[field]));
  if (wrong !== undefined) return fault(wrong, 'whole number');
  const text = TEXTS[kind];
  if (text !== undefined && typeof record[text] !== 'string') return fault(text, 'row of hashes');
  if (kind === 'escrow' && !isSlices(record['slices'])) return fault('slices', 'list of slices');
  return null;
}

const isInteger = (value: unknown): boolean => /^-?\d+$/.test(String(value as string));
const isSlices = (slices: unknown): boolean =>
  Array.isArray(slices) &&
  slices.every((slice: { amount?: unknown } | null) => isInteger(slice?.amount));
