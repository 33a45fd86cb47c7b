import { Decimal, FULL_PERIOD, usageOf, type Usage } from '@orbit/pricing';
import { LicensePools } from '../../licenses/domain/license-pools.js';
import type { Charge } from '../../timeline/domain/charges.js';
import type { Timeline } from '../../timeline/domain/timeline.js';
import { converted } from './units.js';
import { fitsFilters } from './applies-to.js';
import { fractionOf, rateCharge, type RatedCharge } from './rate-charge.js';

type Filters = Parameters<typeof fitsFilters>[0];

/** Rates charges; what stands on other prices comes last, on what those of the same day make. */
export function rateCharges(
  charges: readonly Charge[],
  usageOfKey: ReadonlyMap<string, Usage>,
  { timezone, prices }: Pick<Timeline, 'timezone' | 'prices'>,
): readonly RatedCharge[] {
  const rated = charges
    .filter(({ terms }) => terms.kind !== 'composite')
    .map((charge) => rateCharge(charge, usageOfKey.get(charge.key) ?? [], timezone));
  const plain = withoutLicensed(rated, new LicensePools(prices));
  const composite = charges
    .filter(({ terms }) => terms.kind === 'composite')
    .map((charge) => rateComposite(charge, plain, timezone));
  return [...plain, ...composite];
}

/** Less what allocations to licenses pay. */
function withoutLicensed(
  rated: readonly RatedCharge[],
  pools: LicensePools,
): readonly RatedCharge[] {
  if (pools.areEmpty) return rated;
  const inOrder = [...rated].sort((a, b) => a.charge.dueMs - b.charge.dueMs);
  const paid = new Map(
    inOrder.map(({ charge, usage }) => {
      const priceOf = (quantity: Decimal): Decimal =>
        charge.terms.model.rate(usageOf(quantity), FULL_PERIOD).amount;
      return [charge.key, pools.take(charge, usage, priceOf)] as const;
    }),
  );
  return rated.map((one) => {
    const licensed = paid.get(one.charge.key)?.min(one.amount.max(Decimal.ZERO));
    if (!licensed || licensed.isZero) return one;
    return { ...one, licensed, amount: one.amount.minus(licensed) };
  });
}

/** The amount of a component in a price on top of it: unchanged where both count in one unit, else in money. */
const inCurrencyOf = ({ terms }: Charge, other: Charge, amount: Decimal): Decimal =>
  terms.currency === other.terms.currency ? amount : converted(amount, other.terms);

function rateComposite(
  charge: Charge,
  others: readonly RatedCharge[],
  timezone: string,
): RatedCharge {
  const filters = (charge.interval.price['composite_price_filters'] ?? []) as Filters;
  const components = others
    .filter((other) => other.charge.dueMs === charge.dueMs)
    .filter((other) => fitsFilters(filters, other.charge.interval.price))
    .map(({ charge: other, amount }) => inCurrencyOf(charge, other, amount));
  const proration = fractionOf(charge, charge, timezone);
  const rating = charge.terms.model.rate([], { ...FULL_PERIOD, proration, components });
  return {
    charge,
    usage: [],
    quantity: rating.quantity,
    amount: rating.amount,
    lines: rating.lines,
  };
}
