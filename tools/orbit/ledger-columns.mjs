/** Whether a line of an export can be read at all: who tampers need not keep to the types of columns. */

/** What is computed with. Texts that are hashed may be anything: the hash tells. */
const INTEGERS = {
  header: [],
  footer: [],
  root: ['root_no'],
  wallet: ['wallet_no', 'sequence', 'balance_micros'],
  block: ['sequence', 'amount_micros', 'remaining_micros', 'expired_micros', 'repaid_micros'],
  escrow: ['granted_micros', 'spent_micros'],
  seal: ['first_sequence', 'last_sequence'],
  entry: ['sequence', 'amount_micros', 'balance_after_micros'],
};
const TEXTS = { root: 'leaves', seal: 'hashes' };
const TABLES = { root: 'seal_root', block: 'credit_block' };

/** The finding for a line that cannot be read; null for one that can. */
export function columnFault(record) {
  const kind = record?.row;
  if (!Object.hasOwn(INTEGERS, kind ?? '')) {
    const problem = `a line is of no known kind: ${JSON.stringify(kind ?? record)}`;
    return { table: 'export', field: 'row', problem };
  }
  const { wallet_no, wallet_id, sequence, first_sequence, root_no, escrow_id } = record;
  const fault = (field, what) => ({
    table: TABLES[kind] ?? kind,
    ...(kind === 'root' ? { root_no } : { wallet_no, wallet_id }),
    ...(kind === 'escrow' ? { escrow_id } : { sequence: sequence ?? first_sequence }),
    field,
    problem: `is ${JSON.stringify(record[field])}, which is no ${what}`,
  });
  const wrong = INTEGERS[kind].find((field) => !isInteger(record[field]));
  if (wrong !== undefined) return fault(wrong, 'whole number');
  const text = TEXTS[kind];
  if (text !== undefined && typeof record[text] !== 'string') return fault(text, 'row of hashes');
  if (kind === 'escrow' && !isSlices(record.slices)) return fault('slices', 'list of slices');
  return null;
}

const isInteger = (value) => /^-?\d+$/.test(String(value));
const isSlices = (slices) =>
  Array.isArray(slices) && slices.every((slice) => isInteger(slice?.amount));
