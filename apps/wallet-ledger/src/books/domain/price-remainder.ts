import { PRICE_TAG } from '@orbit/contracts';
import { micros } from '@orbit/money';
import { Decimal, parseDecimal } from '@orbit/pricing';
import { drawDown } from './draw-down.js';
import { timesOf } from './times.js';
import type { Line, WalletDraft } from './wallet-draft.js';
import type { Entry } from './wallet.js';

/**
 * The difference between the exact cost of one wallet's charges by a price and the whole micros that were posted. In
 * micros, exact.
 */
export interface PriceRemainder {
  readonly walletNo: bigint;
  readonly price: string;
  /** Between −1 and 1. */
  readonly fraction: Decimal;
}

const remainderKey = ({ walletNo, price }: Omit<PriceRemainder, 'fraction'>): string =>
  `${walletNo} ${price}`;

/** The remainder that one batch adds to a price, and the block that paid its last charge. */
interface Added {
  readonly walletNo: bigint;
  readonly price: string;
  readonly micros: Decimal;
  readonly blockSequence: bigint | null;
  readonly channel: string | null;
}

const MICROS_PLACES = 6;
const MICRO = Decimal.ONE;

/** A tag that does not fit the amount says nothing of it: a part was captured, or somebody wrote it by hand. */
function rest(entries: readonly Entry[], rated: Decimal): Decimal | null {
  const posted = entries.reduce((sum, { amountMicros }) => sum + amountMicros, 0n);
  const exact = Decimal.scaled(
    rated.digitsAt(Math.max(rated.scale, MICROS_PLACES)),
    Math.max(rated.scale, MICROS_PLACES) - MICROS_PLACES,
  );
  const left = exact.minus(Decimal.of(posted));
  return left.isAbove(MICRO) || left.isBelow(MICRO.negated()) ? null : left;
}

/** The remainders that the charges of a draft add, price by price. */
function addedBy(draft: WalletDraft): readonly Added[] {
  const charges = new Map<string, Entry[]>();
  for (const entry of draft.entries) {
    if (entry.type !== 'spend' || entry.metadata === null) continue;
    if (!(PRICE_TAG.rated in entry.metadata)) continue;
    const lines = charges.get(entry.reference);
    if (lines) lines.push(entry);
    else charges.set(entry.reference, [entry]);
  }
  const added = new Map<string, Added>();
  for (const entries of charges.values()) {
    const last = entries.at(-1);
    const { [PRICE_TAG.price]: price, [PRICE_TAG.rated]: text } = last?.metadata ?? {};
    const rated = typeof text === 'string' ? parseDecimal(text) : null;
    const left = rated && !rated.isNegative ? rest(entries, rated) : null;
    if (!last || typeof price !== 'string' || left === null || left.isZero) continue;
    added.set(price, {
      ...{ walletNo: draft.walletNo, price, blockSequence: last.blockSequence },
      channel: last.channel,
      micros: left.plus(added.get(price)?.micros ?? Decimal.ZERO),
    });
  }
  return [...added.values()];
}

/**
 * Adds to the remainder and books the whole micros of it: wallet → rounding, or back to the block that paid too
 * much. So the wallet is exact to less than a micro at any time.
 */
function bookRemainder(
  draft: WalletDraft,
  added: Added,
  before: Decimal,
  nowMs: number,
): PriceRemainder {
  const { walletNo, price } = added;
  const sum = before.plus(added.micros);
  const whole = wholeOf(sum);
  if (whole !== 0n) draft.book(linesOf(draft, whole, added, nowMs), nowMs);
  return { walletNo, price, fraction: sum.minus(Decimal.of(whole)) };
}

/** Towards zero. */
const wholeOf = (value: Decimal): bigint => value.digits / 10n ** BigInt(value.scale);

function linesOf(
  draft: WalletDraft,
  whole: bigint,
  { price, channel, blockSequence }: Added,
  nowMs: number,
): Line[] {
  const common = {
    type: 'adjustment' as const,
    reference: `rounding:${draft.nextSequence}`,
    ...{ channel: null, quantity: null, metadata: { price, channel }, occurredAtMs: nowMs },
  };
  if (whole < 0n) {
    const back = { from: 'rounding' as const, to: 'wallet' as const };
    return [{ ...common, ...back, slice: 0, amountMicros: micros(-whole), blockSequence }];
  }
  const slices = drawDown(draft.blocks, micros(whole), nowMs, draft.pinned);
  return slices.map((slice, index) => ({
    ...common,
    ...{ from: 'wallet' as const, to: 'rounding' as const, slice: index },
    ...{ amountMicros: slice.amountMicros, blockSequence: slice.blockSequence },
  }));
}

/** Reads remainders; those without anything are absent. */
export type ReadRemainders = (
  keys: readonly Pick<PriceRemainder, 'walletNo' | 'price'>[],
) => Promise<readonly PriceRemainder[]>;

/**
 * Carries what charges by price of a batch cost beyond whole micros; answers what is to be kept. `read` is asked once
 * when a batch has such charges, and not at all when it has not. The wallet's fence keeps two writers from one remainder.
 */
export async function bookRemainders(
  read: ReadRemainders,
  drafts: Iterable<WalletDraft>,
  realMs: number,
): Promise<readonly PriceRemainder[]> {
  const added = [...drafts].flatMap((draft) => addedBy(draft).map((one) => ({ draft, one })));
  if (added.length === 0) return [];
  const kept = await read(added.map(({ one }) => one));
  const before = new Map(kept.map((one) => [remainderKey(one), one.fraction]));
  return added.map(({ draft, one }) => {
    const { accountMs } = timesOf(draft.settings, realMs);
    return bookRemainder(draft, one, before.get(remainderKey(one)) ?? Decimal.ZERO, accountMs);
  });
}
