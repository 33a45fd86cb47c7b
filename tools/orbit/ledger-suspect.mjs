/**
 * Which column of an entry was changed? Its hash is known from the seal, so every guess can be tried:
 * the one that gives the sealed hash is right, and says what stood there.
 */
import { chain, deltaOf } from './ledger-proof.mjs';

const NUMBERS_MAX = { type: 64, from_account: 32, to_account: 32, slice: 256, notices: 64 };
const QUANTITY_MAX = 1_000;
const TIME_GUESSES_MS = 500;
/** What no guess can bring back: too many values are possible. */
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

const upTo = (max) => Array.from({ length: max + 1 }, (_, n) => n);
const shifted = (instant) => {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) return [];
  return upTo(TIME_GUESSES_MS).flatMap((n) =>
    [ms - n, ms + n].map((other) => new Date(other).toISOString()),
  );
};

/**
 * `near`: what the neighbours say: `balanceBefore` (bigint), `blocks` and `channels` of the wallet, `others` (the
 * entries before and after, where known). Answers `{field, was}` or `{field: null, suspects}`.
 */
export function nameField(entry, previousHash, sealedHash, near) {
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

function* guesses(entry, { balanceBefore, blocks, channels, others }) {
  const after = BigInt(entry.balance_after_micros);
  const moved = after - balanceBefore;
  yield ['amount_micros', [String(moved < 0n ? -moved : moved)]];
  const amount = BigInt(entry.amount_micros);
  yield [
    'balance_after_micros',
    [balanceBefore + amount, balanceBefore - amount, balanceBefore].map(String),
  ];
  for (const [field, max] of Object.entries(NUMBERS_MAX)) yield [field, upTo(max)];
  yield ['block_sequence', [null, entry.sequence, ...blocks]];
  yield ['quantity', [null, ...upTo(QUANTITY_MAX)]];
  yield ['channel', [null, ...channels]];
  yield ['metadata', [null, {}, ...others.map(({ metadata }) => metadata)]];
  yield ['authorized_by', [null, 'hold', ...others.map((other) => other.authorized_by)]];
  yield ['reference', others.map(({ reference }) => reference)];
  for (const [field, twin] of [
    ['occurred_at', 'booked_at'],
    ['booked_at', 'occurred_at'],
  ]) {
    const known = others.flatMap((other) => [other.booked_at, other.occurred_at]);
    yield [field, [entry[twin], ...known, ...shifted(entry[field])]];
  }
}
