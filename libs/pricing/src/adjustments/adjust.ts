import { allocate } from '@orbit/money';
import { Decimal, sumOf } from '../decimal.js';

/** A line of an invoice before adjustments. */
export interface AdjustableLine {
  readonly priceId: string;
  readonly quantity: Decimal;
  readonly amount: Decimal;
  /** The line's amount at another quantity: what a usage discount leaves is rated anew. */
  readonly rateAt: (quantity: Decimal) => Decimal;
}

export interface DiscountTier {
  /** Exclusive; of what the lines cost before this discount. */
  readonly lowerBound: Decimal;
  /** Inclusive; null: no end. */
  readonly upperBound: Decimal | null;
  /** A fraction: 0.1 is a tenth. */
  readonly fraction: Decimal;
}

/** Kinds of adjustments, in the order in which adjustments of one invoice are applied. */
export type Adjustment = {
  readonly id: string;
  /** Prices whose lines it changes. */
  readonly priceIds: ReadonlySet<string>;
} & (
  | { readonly type: 'usage_discount'; readonly quantity: Decimal }
  | { readonly type: 'amount_discount'; readonly amount: Decimal }
  | { readonly type: 'percentage_discount'; readonly fraction: Decimal }
  | { readonly type: 'tiered_percentage_discount'; readonly tiers: readonly DiscountTier[] }
  | { readonly type: 'minimum'; readonly amount: Decimal }
  | { readonly type: 'maximum'; readonly amount: Decimal }
);

const ORDER: readonly Adjustment['type'][] = [
  'usage_discount',
  'amount_discount',
  'percentage_discount',
  'tiered_percentage_discount',
  'minimum',
  'maximum',
];

/** How much one adjustment changed one line; negative for a discount. */
export interface AdjustmentEffect {
  readonly adjustmentId: string;
  readonly amount: Decimal;
}

export interface AdjustedLine {
  readonly priceId: string;
  /** As rated. */
  readonly subtotal: Decimal;
  readonly effects: readonly AdjustmentEffect[];
  readonly amount: Decimal;
}

/** The amount missing to a minimum: a line of its own, because no usage stands behind it. */
export interface Shortfall {
  readonly adjustmentId: string;
  readonly amount: Decimal;
}

export interface AdjustedLines {
  readonly lines: readonly AdjustedLine[];
  readonly shortfalls: readonly Shortfall[];
}

/**
 * Applies adjustments in their fixed order. What one adjustment takes off several lines is split by their
 * amounts at `places` decimals of the currency, by largest remainder, so that the parts add up to the whole.
 */
export function adjust(
  lines: readonly AdjustableLine[],
  adjustments: readonly Adjustment[],
  places: number,
): AdjustedLines {
  const drafts = lines.map((each) => new LineDraft(each));
  const shortfalls: Shortfall[] = [];
  const sorted = [...adjustments].sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type));
  for (const adjustment of sorted) {
    const targets = drafts.filter(({ line }) => adjustment.priceIds.has(line.priceId));
    const missing = apply(adjustment, targets, places);
    if (missing) shortfalls.push({ adjustmentId: adjustment.id, amount: missing });
  }
  return { lines: drafts.map((draft) => draft.result()), shortfalls };
}

class LineDraft {
  amount: Decimal;
  private readonly effects: AdjustmentEffect[] = [];

  constructor(readonly line: AdjustableLine) {
    this.amount = line.amount;
  }

  change(adjustmentId: string, by: Decimal): void {
    if (by.isZero) return;
    this.amount = this.amount.plus(by);
    this.effects.push({ adjustmentId, amount: by });
  }

  result(): AdjustedLine {
    const { line, effects, amount } = this;
    return { priceId: line.priceId, subtotal: line.amount, effects, amount };
  }
}

/** The amount missing to a minimum; null otherwise. */
function apply(
  adjustment: Adjustment,
  targets: readonly LineDraft[],
  places: number,
): Decimal | null {
  const { id } = adjustment;
  const total = sumOf(targets.map(({ amount }) => amount));
  switch (adjustment.type) {
    case 'usage_discount': {
      let left = adjustment.quantity;
      for (const target of targets) {
        const free = target.line.quantity.min(left);
        if (free.isZero) continue;
        left = left.minus(free);
        const rated = target.line.rateAt(target.line.quantity.minus(free));
        target.change(id, rated.minus(target.line.amount));
      }
      return null;
    }
    case 'amount_discount':
      takeOff(id, targets, adjustment.amount.min(total), places);
      return null;
    case 'percentage_discount':
      for (const target of targets) {
        target.change(id, target.amount.times(adjustment.fraction).negated());
      }
      return null;
    case 'tiered_percentage_discount':
      takeOff(id, targets, tieredDiscount(total, adjustment.tiers), places);
      return null;
    case 'minimum':
      return total.isBelow(adjustment.amount) ? adjustment.amount.minus(total) : null;
    case 'maximum':
      if (total.isAbove(adjustment.amount)) {
        takeOff(id, targets, total.minus(adjustment.amount), places);
      }
      return null;
  }
}

/** Each part of the total at the rate of the tier it falls into. */
function tieredDiscount(total: Decimal, tiers: readonly DiscountTier[]): Decimal {
  return sumOf(
    tiers.map(({ lowerBound, upperBound, fraction }) => {
      const end = upperBound === null ? total : total.min(upperBound);
      return end.minus(lowerBound).max(Decimal.ZERO).times(fraction);
    }),
  );
}

function takeOff(id: string, targets: readonly LineDraft[], amount: Decimal, places: number): void {
  if (amount.digits <= 0n) return;
  const scale = Math.max(places, amount.scale);
  const weightScale = Math.max(...targets.map((target) => target.amount.scale));
  const weights = targets.map((target) => target.amount.max(Decimal.ZERO).digitsAt(weightScale));
  const parts = allocate(amount.digitsAt(scale), weights);
  for (const [index, target] of targets.entries()) {
    target.change(id, Decimal.scaled(-(parts[index] ?? 0n), scale));
  }
}
