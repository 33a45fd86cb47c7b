// Goal: an export whose lines cannot even be read is a finding that names the line, never a stack trace.
import { expect, test } from '@jest/globals';
import { exportRows, type Row } from './ledger-export.fake.js';
import { LedgerVerifier } from './verifier.js';

interface Finding {
  table: string;
  problem: string;
}

function findings(change: (rows: Row[]) => unknown): Finding[] {
  const rows = exportRows();
  change(rows);
  const verifier = new LedgerVerifier();
  for (const row of rows) verifier.accept(structuredClone(row));
  return verifier.finish().findings as Finding[];
}
const indexOf = (rows: readonly Row[], kind: string): number =>
  rows.findIndex((row) => row.row === kind);

test.each([
  ['root', 'root_no', 'seal_root'],
  ['root', 'leaves', 'seal_root'],
  ['wallet', 'balance_micros', 'wallet'],
  ['block', 'remaining_micros', 'credit_block'],
  ['escrow', 'slices', 'escrow'],
  ['seal', 'hashes', 'seal'],
  ['seal', 'last_sequence', 'seal'],
  ['entry', 'amount_micros', 'entry'],
])('a %s without %s is named', (kind, field, table) => {
  for (const value of [undefined, null, {}, '1.5']) {
    if (typeof value === 'string' && (field === 'hashes' || field === 'leaves')) continue;
    const [first] = findings((rows) => {
      const row = rows[indexOf(rows, kind)];
      if (row) row[field] = value;
    });
    expect(first).toMatchObject({ table, field });
  }
});

test('a seal whose place under its root is none is named: its hashes would be proven by nothing', () => {
  for (const place of [99, -1, null]) {
    const [first] = findings((rows) => {
      const row = rows[indexOf(rows, 'seal')];
      if (row) row['leaf_index'] = place;
    });
    expect(first).toMatchObject({ table: 'seal', field: 'leaf_index' });
  }
});

test.each([
  ['a first line that is missing', (rows: Row[]) => rows.shift(), 'its first line is missing'],
  ['a line of no kind', (rows: Row[]) => rows.splice(4, 0, null as never), 'no known kind: null'],
  [
    'a last line without counts',
    (rows: Row[]) => delete rows.at(-1)?.['counts'],
    'its last line has no counts',
  ],
])('%s is told', (_title, change, problem) => {
  const [first] = findings(change);
  expect(first?.table).toBe('export');
  expect(first?.problem).toContain(problem);
});
