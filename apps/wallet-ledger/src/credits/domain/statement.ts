import type { Entry } from '../../books/domain/wallet.js';
import { DELETE_PREFIX } from './delete-block.js';
import { DRAW_PREFIX } from './draw-document.js';
import { RETURN_PREFIX } from './return-draw.js';
import { deltaOf, effectOf, type StatementType } from './statement-effects.js';

/** One row of the credit ledger as Orb's contract shows it: a reading of the books, never a second balance. */
export interface StatementRow {
  /** The contract's ledger_sequence_number: rises within a wallet, with gaps. */
  readonly number: bigint;
  readonly type: StatementType;
  readonly amountMicros: bigint;
  readonly startingMicros: bigint;
  readonly endingMicros: bigint;
  /** Null: what no block covered. */
  readonly blockSequence: bigint | null;
  readonly createdAtMs: number;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly newExpiryAtMs: number | null;
  readonly voidReason: string | null;
  /** Of a draw for a document. */
  readonly priceId: string | null;
  readonly invoiceId: string | null;
  /** Of both rows of a void: what it took. */
  readonly voidMicros: bigint | null;
  /** Of real-time charges: the local day and the channel whose charges this row is. */
  readonly day: string | null;
  readonly channel: string | null;
  /** The last entry of the books in this row. */
  readonly lastSequence: bigint;
}

/** The position of a statement: behind the last entry that it contains. */
export interface StatementState {
  readonly sequence: bigint;
  readonly balanceMicros: bigint;
  /** Rows of charges that the next charge may still join: nothing else stands after them. */
  readonly open: readonly StatementRow[];
}

/** Blocks that were deleted: the statement is made as if they had never been. */
export interface Deletions {
  readonly blocks: ReadonlySet<bigint>;
  /** By the number of the entry that drew on such a block: what stands for it now. */
  readonly redraws: ReadonlyMap<bigint, readonly Entry[]>;
}

export const NO_DELETIONS: Deletions = { blocks: new Set(), redraws: new Map() };

export const EMPTY_STATEMENT: StatementState = { sequence: 0n, balanceMicros: 0n, open: [] };

export interface Projected {
  /** New rows, and open ones that changed. */
  readonly rows: readonly StatementRow[];
  readonly state: StatementState;
}

/**
 * Adds further entries, in the order of their sequence. Pure, and the same whether entries come at once or one by
 * one.
 *
 * Charges of one local day, channel and block are one row. A row of another kind, and another day, ends all rows of
 * charges before it, so that its balances, once read, never change. `dayOf` is the local day of an instant.
 */
export function projectStatement(
  before: StatementState,
  entries: readonly Entry[],
  dayOf: (atMs: number) => string,
  deletions: Deletions = NO_DELETIONS,
): Projected {
  const rows = new Map<bigint, StatementRow>();
  let { sequence, balanceMicros } = before;
  let open = [...before.open];
  for (const entry of entries) {
    sequence = entry.sequence;
    const { blockSequence } = entry;
    if (entry.reference.startsWith(DELETE_PREFIX)) continue;
    if (blockSequence !== null && deletions.blocks.has(blockSequence)) {
      const redrawn = redrawnRows(entry, deletions.redraws.get(sequence) ?? [], balanceMicros);
      if (redrawn.length > 0) open = [];
      for (const row of redrawn) rows.set(row.number, row);
      balanceMicros = redrawn.at(-1)?.endingMicros ?? balanceMicros;
      continue;
    }
    const delta = deltaOf(entry);
    if (isGrouped(entry)) {
      const day = dayOf(entry.bookedAtMs);
      // A day that is over gets no more charges.
      if (open[0]?.day !== day) open = [];
      open = joined(open, entry, day, balanceMicros);
      balanceMicros += delta;
      for (const row of open) rows.set(row.number, row);
      continue;
    }
    for (const row of rowsOf(entry, balanceMicros)) {
      open = [];
      rows.set(row.number, row);
    }
    balanceMicros += delta;
  }
  return { rows: [...rows.values()], state: { sequence, balanceMicros, open } };
}

/** A void is two rows; a draw of a deleted block is one for each block that it was drawn from anew (SLICES_MAX). */
const ROWS_PER_ENTRY = 100n;

/** Of the first row after those of an entry. */
export const numberAfter = (sequence: bigint): bigint => (sequence + 1n) * ROWS_PER_ENTRY;

/** Real-time charges, as the contract groups usage. */
const isGrouped = ({ type, reference }: Entry): boolean =>
  type === 'spend' && reference.startsWith('charge:');

/** The open rows with this charge in its own, and balances that run through all of them. */
function joined(
  open: readonly StatementRow[],
  entry: Entry,
  day: string,
  balanceMicros: bigint,
): StatementRow[] {
  const { blockSequence, sequence, channel, amountMicros } = entry;
  const isOwn = (row: StatementRow): boolean =>
    row.channel === channel && row.blockSequence === blockSequence;
  const found = open.some(isOwn);
  const grown = open.map((row) =>
    isOwn(row)
      ? { ...row, amountMicros: row.amountMicros - amountMicros, lastSequence: sequence }
      : row,
  );
  const added = {
    ...baseOf(entry, 'decrement', -amountMicros, balanceMicros),
    description: null,
    metadata: {},
    ...{ day, channel },
  };
  let running = open[0]?.startingMicros ?? balanceMicros;
  return (found ? grown : [...grown, added]).map((row) => {
    const startingMicros = running;
    running += row.amountMicros;
    return { ...row, startingMicros, endingMicros: running };
  });
}

/** The draws that stand for one of a deleted block, in its place. */
function redrawnRows(
  entry: Entry,
  redraws: readonly Entry[],
  balanceMicros: bigint,
): StatementRow[] {
  let running = balanceMicros;
  return redraws.map(({ blockSequence, amountMicros }, index) => {
    const base = baseOf(entry, 'decrement', -amountMicros, running);
    running -= amountMicros;
    const number = base.number + BigInt(index);
    return { ...base, number, blockSequence, endingMicros: running };
  });
}

function rowsOf(entry: Entry, balanceMicros: bigint): StatementRow[] {
  const effect = effectOf(entry);
  if (effect === null) return [];
  const { type, amountMicros } = effect;
  const row = {
    ...baseOf(entry, type, amountMicros, balanceMicros),
    newExpiryAtMs: effect.newExpiryAtMs,
    voidReason: effect.voidReason,
    voidMicros: type === 'void' ? -amountMicros : null,
  };
  if (type === 'expiration_change') return [row];
  const moved = { ...row, endingMicros: balanceMicros + amountMicros };
  if (type !== 'void') return [moved];
  // A void is two rows: that it began, with all that was left of the block then, and what it took.
  const begun = {
    ...row,
    ...({ type: 'void_initiated', amountMicros: effect.leftMicros } as const),
    newExpiryAtMs: entry.bookedAtMs,
  };
  return [begun, { ...moved, number: row.number + 1n }];
}

function baseOf(
  { sequence, blockSequence, bookedAtMs, metadata, reference }: Entry,
  type: StatementType,
  amountMicros: bigint,
  balanceMicros: bigint,
): StatementRow {
  const isOfDocument = [DRAW_PREFIX, RETURN_PREFIX].some((prefix) => reference.startsWith(prefix));
  return {
    number: sequence * ROWS_PER_ENTRY,
    type,
    amountMicros,
    startingMicros: balanceMicros,
    endingMicros: balanceMicros,
    blockSequence,
    createdAtMs: bookedAtMs,
    description: textOf(metadata?.['description']),
    metadata: (metadata?.['metadata'] ?? {}) as StatementRow['metadata'],
    newExpiryAtMs: null,
    voidReason: null,
    priceId: isOfDocument ? textOf(metadata?.['price_id']) : null,
    invoiceId: isOfDocument ? textOf(metadata?.['invoice_id']) : null,
    voidMicros: null,
    day: null,
    channel: null,
    lastSequence: sequence,
  };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
