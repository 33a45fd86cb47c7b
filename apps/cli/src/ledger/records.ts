/** The rows of a ledger in one order, from PostgreSQL or from an export: what the verifier reads. */
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type pg from 'pg';
import type { Context } from '../cli/context.js';
import { Interrupted, OrbitCliError } from '../cli/faults.js';
import type { RowCounts, TableKind } from '../proof/record.js';
import { FORMAT } from '../proof/verifier.js';

type Row = Readonly<Record<string, string>>;
/** A row with its kind, as an export carries it; nobody has looked at its columns yet. */
export type RawRecord = Readonly<Record<string, unknown>>;
type ParseText = (text: string) => unknown;

const FETCH_SIZE = 2_000;
const TIMESTAMPTZ = 1184;
const BYTEA = 17;
const NUMERIC = 1700;

/** Not by `new Date(text)`, which takes the year 1 for 2001 and cannot read one before Christ. */
const isoOf =
  (parse: ParseText): ParseText =>
  (text) =>
    (parse(text) as Date).toISOString();

/** Values as an export carries them: integers of 64 bits as text, instants in ISO, bytes in hex. */
const types = (pgTypes: typeof pg.types): pg.CustomTypesConfig => ({
  getTypeParser: ((oid: number, format: 'text' | 'binary') => {
    if (format !== 'text') return pgTypes.getTypeParser(oid, format);
    if (oid === TIMESTAMPTZ) return isoOf(pgTypes.getTypeParser(oid, format) as ParseText);
    if (oid === BYTEA) return (text: string) => text.slice(2);
    if (oid === NUMERIC) return (text: string) => text;
    return pgTypes.getTypeParser(oid, format) as ParseText;
  }) as pg.CustomTypesConfig['getTypeParser'],
});

const TABLES: Readonly<Record<TableKind, string>> = {
  root: 'SELECT * FROM wallet_ledger.seal_root ORDER BY root_no',
  wallet: 'SELECT * FROM wallet_ledger.wallet ORDER BY wallet_no',
  block: 'SELECT * FROM wallet_ledger.credit_block ORDER BY wallet_no, sequence',
  escrow: 'SELECT * FROM wallet_ledger.escrow ORDER BY wallet_no, escrow_id',
  seal: 'SELECT * FROM wallet_ledger.seal ORDER BY wallet_no, first_sequence',
  entry: 'SELECT * FROM wallet_ledger.entry ORDER BY wallet_no, sequence',
};

/** One ordered table behind a server-side cursor, a row at a time and one row ahead. */
class Cursor {
  #rows: readonly Row[] = [];
  #at = 0;
  #isDone = false;

  constructor(
    private readonly client: pg.ClientBase,
    private readonly kind: TableKind,
  ) {}

  async open(): Promise<this> {
    await this.client.query(
      `DECLARE ledger_${this.kind} NO SCROLL CURSOR FOR ${TABLES[this.kind]}`,
    );
    return this;
  }

  async peek(): Promise<Row | null> {
    if (this.#at === this.#rows.length && !this.#isDone) {
      const { rows } = await this.client.query(`FETCH ${FETCH_SIZE} FROM ledger_${this.kind}`);
      this.#rows = rows;
      this.#at = 0;
      this.#isDone = rows.length === 0;
    }
    return this.#rows[this.#at] ?? null;
  }

  /** The row that `peek` showed. */
  take(): RawRecord {
    return { row: this.kind, ...this.#rows[this.#at++] };
  }
}

/** Every row of one instant (REPEATABLE READ), wallet by wallet; seals stand before their first entry. */
export async function* databaseRecords(
  context: Pick<Context, 'postgres'>,
): AsyncGenerator<RawRecord> {
  const { default: pg } = await import('pg');
  const client = await context.postgres({ types: types(pg.types) });
  await client.query("SET TIME ZONE 'UTC'");
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const counts: RowCounts = { wallets: 0, blocks: 0, escrows: 0, seals: 0, roots: 0, entries: 0 };
  const { rows } = await client.query(
    'SELECT now() AS at, pg_current_snapshot()::text AS snapshot',
  );
  yield { row: 'header', format: FORMAT, exported_at: rows[0].at, snapshot: rows[0].snapshot };
  const open = (kind: TableKind): Promise<Cursor> => new Cursor(client, kind).open();
  const roots = await open('root');
  while ((await roots.peek()) !== null) {
    counts.roots += 1;
    yield roots.take();
  }
  const wallets = await open('wallet');
  const [blocks, escrows, seals, entries] = [
    await open('block'),
    await open('escrow'),
    await open('seal'),
    await open('entry'),
  ];
  /** All rows up to this wallet: those of wallets that are not there too. */
  const upTo = async function* (
    cursor: Cursor,
    walletNo: bigint | null,
    name: 'blocks' | 'escrows',
  ): AsyncGenerator<RawRecord> {
    for (let row = await cursor.peek(); row !== null; row = await cursor.peek()) {
      if (walletNo !== null && BigInt(row['wallet_no'] ?? '') > walletNo) return;
      counts[name] += 1;
      yield cursor.take();
    }
  };
  for (;;) {
    const wallet = await wallets.peek();
    const walletNo = wallet === null ? null : BigInt(wallet['wallet_no'] ?? '');
    if (wallet !== null) {
      counts.wallets += 1;
      yield wallets.take();
    }
    yield* upTo(blocks, walletNo, 'blocks');
    yield* upTo(escrows, walletNo, 'escrows');
    yield* merged(seals, entries, walletNo, counts);
    if (wallet === null) break;
  }
  await client.query('COMMIT');
  yield { row: 'footer', counts };
}

async function* merged(
  seals: Cursor,
  entries: Cursor,
  walletNo: bigint | null,
  counts: RowCounts,
): AsyncGenerator<RawRecord> {
  const within = (row: Row | null): row is Row =>
    row !== null && (walletNo === null || BigInt(row['wallet_no'] ?? '') <= walletNo);
  for (;;) {
    const seal = await seals.peek();
    const entry = await entries.peek();
    if (within(seal) && (!within(entry) || isBefore(seal, entry))) {
      counts.seals += 1;
      yield seals.take();
    } else if (within(entry)) {
      counts.entries += 1;
      yield entries.take();
    } else return;
  }
}

function isBefore(seal: Row, entry: Row): boolean {
  const number = (row: Row, column: string): bigint => BigInt(row[column] ?? '');
  const [a, b] = [number(seal, 'wallet_no'), number(entry, 'wallet_no')];
  return a < b || (a === b && number(seal, 'first_sequence') <= number(entry, 'sequence'));
}

/** The lines of an export, packed or not. */
export async function* fileRecords(path: string): AsyncGenerator<RawRecord> {
  if (!fs.existsSync(path) || !fs.statSync(path).isFile()) {
    throw new OrbitCliError(`There is no file ${path}.`);
  }
  const bytes = fs.createReadStream(path);
  const input = isPacked(path) ? bytes.pipe(createGunzip()) : bytes;
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      number += 1;
      if (line === '') continue;
      yield readLine(line, `${path}:${number}`);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!/^Z_/.test(code ?? '')) throw error;
    throw new OrbitCliError(
      `${path} cannot be unpacked behind line ${number} (${message}): it was damaged or cut off.`,
    );
  }
}

function readLine(line: string, place: string): RawRecord {
  try {
    return JSON.parse(line) as RawRecord;
  } catch {
    throw new OrbitCliError(`${place} is not JSON: the export was damaged.`);
  }
}

function isPacked(path: string): boolean {
  const head = Buffer.alloc(2);
  const file = fs.openSync(path, 'r');
  fs.readSync(file, head, 0, 2, 0);
  fs.closeSync(file);
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** About how many, as PostgreSQL remembers: for a progress line. */
export async function estimateRows(context: Context): Promise<number> {
  const client = await context.postgres();
  const { rows } = await client.query<{ readonly count: string }>(
    `SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint AS count FROM pg_class
     WHERE relnamespace = 'wallet_ledger'::regnamespace AND relkind = 'r'
       AND relname IN ('wallet', 'credit_block', 'escrow', 'entry', 'seal', 'seal_root')`,
  );
  return Number(rows[0]?.count);
}

export function stopWhenAsked(context: Context, consequence: string): void {
  if (context.interruption.aborted) throw new Interrupted(`Interrupted. ${consequence}`);
}
