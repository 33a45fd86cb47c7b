// Goal: whatever is changed in an export, the verifier says which row, and which column where that can be known.
// Method: an export made with the hashes of the ledger's own code; one change at a time; the first finding.
import { describe, expect, test } from '@jest/globals';
import { exportRows, type Row } from './ledger-export.fake.js';
import { merkle, rootOf } from './hashes.js';
import { LedgerVerifier } from './verifier.js';

interface Finding {
  table: string;
  wallet_id?: string;
  sequence?: string;
  root_no?: string;
  field: string | null;
  problem: string;
  was?: unknown;
  suspects?: string;
}
interface Result {
  isClean: boolean;
  findings: Finding[];
  counts: Record<string, number>;
  currencies: { currency: string; sum: bigint }[];
}

function verify(rows: readonly Row[], published = new Map<string, string>()): Result {
  const verifier = new LedgerVerifier({ published });
  for (const row of rows) verifier.accept(structuredClone(row));
  return verifier.finish() as unknown as Result;
}
/** Changes the rows and answers the first finding. */
function tampered(change: (rows: Row[]) => unknown): Finding | undefined {
  const rows = exportRows();
  change(rows);
  return verify(rows).findings[0];
}
const find = (rows: readonly Row[], kind: string, match: Record<string, unknown>): Row => {
  const found = rows.find(
    (row) =>
      row.row === kind && Object.entries(match).every(([name, value]) => row[name] === value),
  );
  if (!found) throw new Error(`no ${kind} like ${JSON.stringify(match)}`);
  return found;
};
const entryOf = (rows: readonly Row[], wallet_no: string, sequence: string): Row =>
  find(rows, 'entry', { wallet_no, sequence });

test('T30 a clean export passes: two implementations of the same hashes agree from the first entry on', () => {
  const { isClean, findings, counts, currencies } = verify(exportRows());
  expect(findings).toEqual([]);
  expect(isClean).toBe(true);
  expect(counts).toMatchObject({ wallets: 3, entries: 43, seals: 9, roots: 3, sealed_entries: 41 });
  expect(currencies.map(({ sum }) => sum)).toEqual([0n, 0n]);
});

describe('a changed column of an entry is named, with what stood there', () => {
  const columns: [column: string, value: unknown, was: unknown][] = [
    ['amount_micros', '750001', '750000'],
    ['balance_after_micros', '1', '7750000'],
    ['type', 9, 2],
    ['from_account', 5, 1],
    ['to_account', 9, 2],
    ['slice', 3, 0],
    ['notices', 2, 0],
    ['block_sequence', null, '1'],
    ['quantity', 900, 1],
    ['channel', 'fax', 'sms'],
    ['authorized_by', null, 'hold'],
    ['authorized_by', 'lease_1', 'hold'],
    ['booked_at', '2026-05-16T12:00:03.500Z', '2026-05-16T12:00:03.000Z'],
  ];
  test.each(columns)('%s', (field, value, was) => {
    const finding = tampered((rows) => (entryOf(rows, '1', '4')[field] = value));
    expect(finding).toMatchObject({
      table: 'entry',
      wallet_id: 'wal_1',
      sequence: '4',
      field,
      was,
    });
  });

  const unknown: [column: string, value: unknown][] = [
    ['reference', 'charge:other'],
    ['metadata', { country: '2', n: 3 }],
    ['occurred_at', '2020-01-01T00:00:00.000Z'],
  ];
  test.each(unknown)('%s: the row is named, the column is among the suspects', (column, value) => {
    const finding = tampered((rows) => (entryOf(rows, '1', '4')[column] = value));
    expect(finding).toMatchObject({
      table: 'entry',
      wallet_id: 'wal_1',
      sequence: '4',
      field: null,
    });
    expect(finding?.suspects).toContain(column);
  });

  test.each(['1', '5', '6', '7', '17', '18'])('in entry %s, wherever it lies in its seal', (at) => {
    const finding = tampered((rows) => (entryOf(rows, '1', at)['amount_micros'] = '42'));
    expect(finding).toMatchObject({ table: 'entry', sequence: at, field: 'amount_micros' });
  });

  test('the direction of a movement', () => {
    const finding = tampered((rows) => {
      Object.assign(entryOf(rows, '2', '3'), { from_account: 2, to_account: 1 });
    });
    expect(finding).toMatchObject({ wallet_id: 'wal_2', sequence: '3' });
    expect(finding?.field).toContain('from_account');
  });

  test('amount and all balances behind it, so that the sums are right again', () => {
    const finding = tampered((rows) => {
      entryOf(rows, '1', '4')['amount_micros'] = '250000';
      const later = rows.filter(
        (row) => row.row === 'entry' && row['wallet_no'] === '1' && Number(row['sequence']) >= 4,
      );
      for (const row of [...later, find(rows, 'wallet', { wallet_no: '1' })]) {
        const name = row.row === 'wallet' ? 'balance_micros' : 'balance_after_micros';
        row[name] = String(BigInt(row[name] as string) + 500_000n);
      }
    });
    expect(finding).toMatchObject({ table: 'entry', wallet_id: 'wal_1', sequence: '4' });
  });
});

describe('rows that are missing, moved or added', () => {
  const indexOf = (rows: readonly Row[], row: Row): number => rows.indexOf(row);

  test.each(['1', '4', '6', '18'])('entry %s deleted', (at) => {
    const finding = tampered((rows) => rows.splice(indexOf(rows, entryOf(rows, '1', at)), 1));
    expect(finding).toMatchObject({ table: 'entry', wallet_id: 'wal_1', sequence: at });
    expect(finding?.problem).toMatch(/missing/);
  });

  test('an entry that was not sealed yet deleted at the end', () => {
    const finding = tampered((rows) => rows.splice(indexOf(rows, entryOf(rows, '7', '14')), 1));
    expect(finding).toMatchObject({ table: 'entry', wallet_id: 'wal_7', sequence: '14' });
  });

  test('two lines exchanged', () => {
    const finding = tampered((rows) => {
      const [a, b] = ['8', '9'].map((at) => indexOf(rows, entryOf(rows, '1', at))) as [
        number,
        number,
      ];
      [rows[a], rows[b]] = [rows[b]!, rows[a]!];
    });
    expect(finding).toMatchObject({ table: 'entry', wallet_id: 'wal_1', sequence: '8' });
  });

  test('the contents of two rows exchanged', () => {
    const finding = tampered((rows) => {
      const [a, b] = [entryOf(rows, '1', '8'), entryOf(rows, '1', '9')];
      [a['reference'], b['reference']] = [b['reference'], a['reference']];
      [a['metadata'], b['metadata']] = [b['metadata'], a['metadata']];
    });
    expect(finding).toMatchObject({ table: 'entry', wallet_id: 'wal_1', sequence: '8' });
  });

  test('the metadata of two rows exchanged, told as text', () => {
    const finding = tampered((rows) => {
      const [a, b] = [entryOf(rows, '1', '8'), entryOf(rows, '1', '9')];
      [a['metadata'], b['metadata']] = [b['metadata'], a['metadata']];
    });
    expect(finding).toMatchObject({ table: 'entry', sequence: '8', field: 'metadata' });
    expect(finding?.problem).toMatch(/it was \{"country":"1","n":\d+\}$/);
  });

  test('a row inserted between two', () => {
    const finding = tampered((rows) => {
      const row = entryOf(rows, '1', '8');
      rows.splice(indexOf(rows, row) + 1, 0, { ...row, reference: 'charge:extra' });
    });
    expect(finding).toMatchObject({ table: 'entry', wallet_id: 'wal_1', sequence: '8' });
    expect(finding?.problem).toMatch(/inserted/);
  });

  test('a row added at the end', () => {
    const finding = tampered((rows) => {
      const row = entryOf(rows, '7', '14');
      const extra = {
        ...row,
        sequence: '15',
        balance_after_micros: String(
          BigInt(row['balance_after_micros'] as string) + BigInt(row['amount_micros'] as string),
        ),
      };
      rows.splice(indexOf(rows, row) + 1, 0, extra);
    });
    expect(finding).toMatchObject({ table: 'wallet', wallet_id: 'wal_7', field: 'sequence' });
  });

  test('a whole wallet removed: its roots know of it', () => {
    const finding = tampered((rows) => {
      const kept = rows.filter((row) => row['wallet_no'] !== '2');
      rows.splice(0, rows.length, ...kept);
    });
    expect(finding?.problem).toMatch(/seals were made|were exported/);
  });

  test('the rows of a wallet that is not there', () => {
    const finding = tampered((rows) => {
      rows.splice(indexOf(rows, find(rows, 'wallet', { wallet_no: '2' })), 1);
    });
    expect(finding).toMatchObject({ field: 'wallet_no', problem: 'no such wallet' });
  });

  test('the end of the file cut off', () => {
    const rows = exportRows().slice(0, -1);
    expect(verify(rows).findings[0]).toMatchObject({ table: 'export' });
  });
});

describe('seals and roots', () => {
  const forge = (hex: string): string => `${hex[0] === 'f' ? '0' : 'f'}${hex.slice(1)}`;
  const sealOf = (rows: readonly Row[], wallet_no: string, root_no: string): Row =>
    find(rows, 'seal', { wallet_no, root_no });

  test.each([0, 3, 4])('hash %i of a seal changed: the seal is named, not the entry', (at) => {
    const finding = tampered((rows) => {
      const seal = sealOf(rows, '1', '1');
      const hashes = seal['hashes'] as string;
      seal['hashes'] = hashes.slice(0, at * 64) + forge(hashes.slice(at * 64));
    });
    expect(finding).toMatchObject({
      table: 'seal',
      wallet_id: 'wal_1',
      sequence: '1',
      field: 'hashes',
    });
  });

  test('a seal removed', () => {
    const finding = tampered((rows) => rows.splice(rows.indexOf(sealOf(rows, '1', '2')), 1));
    expect(finding).toMatchObject({ table: 'seal', wallet_id: 'wal_1', field: 'first_sequence' });
  });

  const columns: [field: string, value: unknown, named: string | null][] = [
    ['root', '0'.repeat(64), 'root'],
    ['merkle_root', '0'.repeat(64), 'merkle_root'],
    ['previous_root', '0'.repeat(64), 'previous_root'],
    ['wallet_count', 9, 'wallet_count'],
    ['entry_count', 9, null],
    ['sealed_at', '2026-05-16T12:00:01.000Z', null],
  ];
  test.each(columns)('%s of a root changed', (field, value, named) => {
    const finding = tampered((rows) => (find(rows, 'root', { root_no: '2' })[field] = value));
    expect(finding).toMatchObject({ table: 'seal_root', root_no: '2', field: named });
  });

  test('a leaf of a root changed', () => {
    const finding = tampered((rows) => {
      const root = find(rows, 'root', { root_no: '2' });
      root['leaves'] = forge(root['leaves'] as string);
    });
    expect(finding).toMatchObject({ table: 'seal_root', root_no: '2', field: 'leaves' });
  });

  test('a root removed', () => {
    const finding = tampered((rows) => {
      rows.splice(rows.indexOf(find(rows, 'root', { root_no: '2' })), 1);
    });
    expect(finding).toMatchObject({
      table: 'seal_root',
      root_no: '2',
      problem: expect.stringMatching(/missing/),
    });
  });

  /** What somebody can do who may write every table: make all hashes right again. */
  function rewrite(rows: Row[]): void {
    const root = find(rows, 'root', { root_no: '3' });
    const leaves = (root['leaves'] as string).match(/.{64}/g) ?? [];
    leaves[0] = forge(leaves[0] ?? '');
    root['leaves'] = leaves.join('');
    root['merkle_root'] = merkle(leaves);
    root['root'] = rootOf(root as never);
  }

  test('entry, seal and chain rewritten: the root knows another seal, and the range is named', () => {
    const rows = exportRows();
    const seal = sealOf(rows, '1', '3');
    seal['hashes'] = (seal['hashes'] as string).replace(/.{64}$/, 'a'.repeat(64));
    entryOf(rows, '1', '18')['reference'] = 'charge:other';
    const [finding] = verify(rows).findings;
    expect(finding).toMatchObject({ wallet_id: 'wal_1', table: 'entry' });
  });

  test('everything rewritten: a root that was noted when it was published shows it', () => {
    const rows = exportRows();
    const noted = find(rows, 'root', { root_no: '3' })['root'] as string;
    rewrite(rows);
    const [finding] = verify(rows, new Map([['3', noted]])).findings;
    expect(finding).toMatchObject({ table: 'seal_root', root_no: '3', field: 'root' });
    expect(verify(exportRows(), new Map([['3', noted]])).isClean).toBe(true);
    expect(verify(exportRows(), new Map([['9', noted]])).findings[0]?.problem).toMatch(/not there/);
  });
});

describe('balances', () => {
  const changes: [
    kind: string,
    match: Record<string, unknown>,
    field: string,
    value: unknown,
    expected: Record<string, unknown>,
  ][] = [
    [
      'wallet',
      { wallet_no: '1' },
      'balance_micros',
      '1',
      { table: 'wallet', field: 'balance_micros' },
    ],
    ['wallet', { wallet_no: '1' }, 'organization_id', 'org_9', { table: 'entry', sequence: '1' }],
    ['wallet', { wallet_no: '1' }, 'currency', 'EUR', { table: 'entry', sequence: '1' }],
    [
      'block',
      { wallet_no: '1', sequence: '18' },
      'remaining_micros',
      '5',
      { table: 'credit_block', sequence: '18', field: 'remaining_micros' },
    ],
    ['escrow', { wallet_no: '1' }, 'granted_micros', '5', { table: 'escrow', field: 'slices' }],
  ];
  test.each(changes)('%s %j: %s', (kind, match, field, value, expected) => {
    expect(tampered((rows) => (find(rows, kind, match)[field] = value))).toMatchObject(expected);
  });

  test('an entry that was not sealed yet: its sums tell', () => {
    const finding = tampered((rows) => (entryOf(rows, '7', '13')['amount_micros'] = '1'));
    expect(finding).toMatchObject({ table: 'entry', wallet_id: 'wal_7', sequence: '13' });
  });
});
