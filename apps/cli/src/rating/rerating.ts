import { rateAsk, readPriceTag, type PriceAsk, type ReadyCard } from '@orbit/contracts';
import { Decimal, parseDecimal } from '@orbit/pricing';

/** A charge as the books have it, its slices together. */
export interface BookedByPrice {
  readonly organizationId: string;
  readonly currency: string;
  readonly amountMicros: bigint;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** An organization's cost by another card, in one currency; decimal strings, exact. */
export interface RerateRow {
  readonly organization_id: string;
  readonly currency: string;
  readonly charges: number;
  readonly charged: string;
  readonly rerated: string;
  readonly difference: string;
  /** Left as they are: the card has no such price, or not in this currency and for these quantities. */
  readonly unrated: number;
  /** Left as they are: a plan paid some of it in units. */
  readonly paid_by_plan: number;
}

interface Sum {
  charges: number;
  charged: Decimal;
  difference: Decimal;
  unrated: number;
  paidByPlan: number;
}

const MICROS_PLACES = 6;
const PART_PLACES = 18;

/**
 * Charges by price, rated again by a card: sums by organization and currency. A charge counts with its exact amount,
 * not the whole micros that were posted; one that was captured in part with that part of both.
 */
export class Rerating {
  private readonly sums = new Map<string, Sum & { organizationId: string; currency: string }>();

  /** `isOwnPrice`: whether the charge was rated by its organization's own price, which an account's card leaves. */
  constructor(private readonly card: ReadyCard) {}

  add(charge: BookedByPrice, isOwnPrice: boolean): void {
    const view = readPriceTag(charge.metadata);
    const rated = view && parseDecimal(view.rated);
    if (!view || !rated || rated.isNegative) return;
    const sum = this.sumOf(charge);
    const posted = Decimal.scaled(charge.amountMicros, MICROS_PLACES);
    if (isPaidByPlan(charge)) {
      sum.paidByPlan += 1;
      return;
    }
    const whole = wholeOf(rated);
    const isPart = posted.isBelow(whole);
    sum.charges += 1;
    sum.charged = sum.charged.plus(isPart ? posted : rated);
    if (isOwnPrice) return;
    const now = rateAsk(this.card, askOf(view));
    if ('fault' in now || now.currency !== charge.currency) {
      sum.unrated += 1;
      return;
    }
    const exact = parseDecimal(now.view.rated) ?? Decimal.ZERO;
    const difference = exact.minus(rated);
    sum.difference = sum.difference.plus(
      isPart && !difference.isZero
        ? difference.times(posted).dividedBy(whole, PART_PLACES)
        : difference,
    );
  }

  /** By organization, then currency. */
  rows(): readonly RerateRow[] {
    return [...this.sums.values()]
      .sort(
        (a, b) => compare(a.organizationId, b.organizationId) || compare(a.currency, b.currency),
      )
      .map(({ organizationId, currency, charges, charged, difference, unrated, paidByPlan }) => ({
        ...{ organization_id: organizationId, currency, charges },
        charged: charged.toString(),
        rerated: charged.plus(difference).toString(),
        difference: difference.toString(),
        ...{ unrated, paid_by_plan: paidByPlan },
      }));
  }

  private sumOf({ organizationId, currency }: BookedByPrice): Sum {
    const key = `${organizationId} ${currency}`;
    const known = this.sums.get(key);
    if (known) return known;
    const none = { charged: Decimal.ZERO, difference: Decimal.ZERO };
    const sum = { organizationId, currency, charges: 0, unrated: 0, paidByPlan: 0, ...none };
    this.sums.set(key, sum);
    return sum;
  }
}

/** All organizations together, by currency. */
export function totalsOf(
  rows: readonly RerateRow[],
): readonly Omit<RerateRow, 'organization_id'>[] {
  const totals = new Map<string, Omit<RerateRow, 'organization_id'>>();
  for (const { organization_id: _, ...row } of rows) {
    const before = totals.get(row.currency);
    totals.set(row.currency, before ? plus(before, row) : row);
  }
  return [...totals.values()].sort((a, b) => compare(a.currency, b.currency));
}

function plus(
  a: Omit<RerateRow, 'organization_id'>,
  b: Omit<RerateRow, 'organization_id'>,
): Omit<RerateRow, 'organization_id'> {
  const add = (x: string, y: string): string =>
    (parseDecimal(x) ?? Decimal.ZERO).plus(parseDecimal(y) ?? Decimal.ZERO).toString();
  return {
    currency: a.currency,
    charges: a.charges + b.charges,
    charged: add(a.charged, b.charged),
    rerated: add(a.rerated, b.rerated),
    difference: add(a.difference, b.difference),
    unrated: a.unrated + b.unrated,
    paid_by_plan: a.paid_by_plan + b.paid_by_plan,
  };
}

/** As the caller asked: a price without dimensions keeps its one quantity under that name. */
function askOf({ price, quantities }: NonNullable<ReturnType<typeof readPriceTag>>): PriceAsk {
  const { quantity, ...others } = quantities;
  const isSingle = quantity !== undefined && Object.keys(others).length === 0;
  return isSingle ? { price, quantity } : { price, quantities };
}

const isPaidByPlan = ({ metadata }: BookedByPrice): boolean =>
  'orbit_allowance' in metadata || 'price_amount' in metadata;

/** As the doors post it: one micro at least. */
function wholeOf(rated: Decimal): Decimal {
  const whole = rated.round(MICROS_PLACES, 'HALF_EVEN').digitsAt(MICROS_PLACES);
  return Decimal.scaled(whole < 1n ? 1n : whole, MICROS_PLACES);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
