/**
 * Which column of an entry was changed? Its hash is known from the seal, so every guess can be tried:
 * the one that gives the sealed hash is right, and says what stood there.
 */
import { chain, deltaOf } from './hashes.js';
import type { EntryRecord } from './record.js';

/** The values that the neighbours of an entry imply. */
export interface Near {
  readonly balanceBefore: bigint;
  readonly blocks: readonly string[];
  readonly channels: readonly string[];
  /** The entries before and after, where known. */
  readonly others: readonly EntryRecord[];
}

export interface NamedField {
  readonly field: string | null;
  readonly was?: unknown;
  readonly suspects?: readonly string[];
}
type Guess = readonly [keyof EntryRecord, readonly unknown[]];

const NUMBERS_MAX = {
  type: 64,
  from_account: 32,
  to_account: 32,
  slice: 256,
  notices: 64,
} as const;
const QUANTITY_MAX = 1_000;
const TIME_GUESSES_MS = 500;
/** Columns that no guess can bring back: too many values are possible. */
const UNGUESSABLE = [
  'reference',
  'metadata',
  'channel',
  'occurred_at',
  'booked_at',
  'quantity',
  'authorized_by',
  'or several at once',
];

const keysOf = <T extends object>(record: T): (keyof T)[] => Object.keys(record) as (keyof T)[];
const upTo = (max: number): number[] => Array.from({ length: max + 1 }, (_, n) => n);
const shifted = (instant: string): string[] => {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) return [];
  return upTo(TIME_GUESSES_MS).flatMap((n) =>
    [ms - n, ms + n].map((other) => new Date(other).toISOString()),
  );
};

/** The field and what it was; or no field, and which it may be. */
export function nameField(
  entry: EntryRecord,
  previousHash: string,
  sealedHash: string | null,
  near: Near,
): NamedField {
  for (const [field, values] of guesses(entry, near)) {
    for (const was of values) {
      if (was === entry[field]) continue;
      if (chain(previousHash, { ...entry, [field]: was }) === sealedHash) return { field, was };
    }
  }
  const swapped = {
    ...entry,
    from_account: entry.to_account,
    to_account: entry.from_account,
  };
  if (chain(previousHash, swapped) === sealedHash) {
    return { field: 'from_account and to_account', was: 'exchanged' };
  }
  const isArithmetic = near.balanceBefore + deltaOf(entry) !== BigInt(entry.balance_after_micros);
  const sums = isArithmetic ? ['amount_micros', 'balance_after_micros'] : [];
  return { field: null, suspects: [...sums, ...UNGUESSABLE] };
}

function* guesses(
  entry: EntryRecord,
  { balanceBefore, blocks, channels, others }: Near,
): Generator<Guess> {
  const after = BigInt(entry.balance_after_micros);
  const moved = after - balanceBefore;
  yield ['amount_micros', [String(moved < 0n ? -moved : moved)]];
  const amount = BigInt(entry.amount_micros);
  yield [
    'balance_after_micros',
    [balanceBefore + amount, balanceBefore - amount, balanceBefore].map(String),
  ];
  for (const field of keysOf(NUMBERS_MAX)) yield [field, upTo(NUMBERS_MAX[field])];
  yield ['block_sequence', [null, entry.sequence, ...blocks]];
  yield ['quantity', [null, ...upTo(QUANTITY_MAX)]];
  yield ['channel', [null, ...channels]];
  yield ['metadata', [null, {}, ...others.map(({ metadata }) => metadata)]];
  yield ['authorized_by', [null, 'hold', ...others.map((other) => other.authorized_by)]];
  yield ['reference', others.map(({ reference }) => reference)];
  for (const [field, twin] of [
    ['occurred_at', 'booked_at'],
    ['booked_at', 'occurred_at'],
  ] as const) {
    const known = others.flatMap((other) => [other.booked_at, other.occurred_at]);
    yield [field, [entry[twin], ...known, ...shifted(entry[field])]];
  }
}
