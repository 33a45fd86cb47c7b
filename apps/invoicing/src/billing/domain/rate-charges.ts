import { FULL_PERIOD, type Decimal, type Usage } from '@orbit/pricing';
import type { Charge } from '../../timeline/domain/charges.js';
import { converted } from './units.js';
import { fitsFilters } from './applies-to.js';
import { fractionOf, rateCharge, type RatedCharge } from './rate-charge.js';

type Filters = Parameters<typeof fitsFilters>[0];

/** Rates charges; what stands on other prices comes last, on what those of the same day make. */
export function rateCharges(
  charges: readonly Charge[],
  usageOfKey: ReadonlyMap<string, Usage>,
  timezone: string,
): readonly RatedCharge[] {
  const plain = charges
    .filter(({ terms }) => terms.kind !== 'composite')
    .map((charge) => rateCharge(charge, usageOfKey.get(charge.key) ?? [], timezone));
  const composite = charges
    .filter(({ terms }) => terms.kind === 'composite')
    .map((charge) => rateComposite(charge, plain, timezone));
  return [...plain, ...composite];
}

/** What a component is to a price on top of it: as it is where both count in one unit, else in money. */
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
