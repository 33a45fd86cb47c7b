import { sumOf, type Decimal } from './decimal.js';

/** One tier, matrix cell or group of a rating: a line under the invoice's line. */
export interface RatedLine {
  readonly kind: 'total' | 'tier' | 'matrix' | 'group' | 'credit';
  /** Text for people: `first 10,000`, `eu / gpu`, a display name. */
  readonly name: string;
  readonly quantity: Decimal;
  readonly amount: Decimal;
  /** The group that this line belongs to, when the price groups. */
  readonly grouping: { readonly key: string; readonly value: string | null } | null;
  readonly tier: RatedTier | null;
  /** Values of a matrix cell in the order of the price's dimensions. */
  readonly cell: readonly (string | null)[] | null;
  /** With numbers: `10000 × 0.001 = 10`. Made when somebody asks, because rating is a hot path. */
  readonly formula: () => string;
}

export interface RatedTier {
  /** Exclusive. */
  readonly lowerBound: Decimal;
  /** Inclusive; null: no end. */
  readonly upperBound: Decimal | null;
  readonly unitAmount: Decimal;
}

/** Result of a price for usage. Exact: it is rounded where it is posted or printed, and nowhere before. */
export interface Rating {
  /** Counted quantity: after filters, before allowances. */
  readonly quantity: Decimal;
  readonly amount: Decimal;
  readonly lines: readonly RatedLine[];
  /** How the lines make the amount, with numbers. */
  readonly formula: () => string;
}

export const line = (
  fields: Pick<RatedLine, 'kind' | 'name' | 'quantity' | 'amount' | 'formula'> & Partial<RatedLine>,
): RatedLine => ({ grouping: null, tier: null, cell: null, ...fields });

/** A rating that is the sum of its lines. */
export function summed(quantity: Decimal, lines: readonly RatedLine[]): Rating {
  const amount = sumOf(lines.map((each) => each.amount));
  return {
    quantity,
    amount,
    lines,
    formula: () =>
      lines.length === 1
        ? (lines[0]?.formula() ?? '')
        : `${lines.map((each) => each.amount.toString()).join(' + ')} = ${amount.toString()}`,
  };
}

/** The same lines, another amount: a minimum, a maximum, a discount, a proration of the whole. */
export const changed = (rating: Rating, amount: Decimal, formula: () => string): Rating => ({
  ...rating,
  amount,
  formula,
});

export const product = (...factors: readonly (Decimal | string)[]): string => factors.join(' × ');
