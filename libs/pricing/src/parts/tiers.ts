import type { ConfigReader } from '../config.js';
import { Decimal } from '../decimal.js';
import { line, product, type RatedLine, type RatedTier } from '../rating.js';

/** Lower bound exclusive, upper bound inclusive; the last tier has no end. Fractions are continuous. */
export type Tier = RatedTier & {
  /** Least amount once this tier is reached, where the model has one. */
  readonly minimumAmount: Decimal | null;
};

interface TierFields {
  readonly list?: string;
  readonly countMin?: number;
  readonly rate?: string;
  readonly minimum?: string;
}

/** `{first_unit, last_unit}`: 0–10, 10– and 1–10, 11– mean the same. */
export function readRangedTiers(config: ConfigReader): readonly Tier[] {
  const entries = config.entries('tiers');
  let lowerBound = Decimal.ZERO;
  return entries.map((entry, index) => {
    const first = entry.amount('first_unit');
    const isLast = index === entries.length - 1;
    if (!first.equals(lowerBound) && !first.equals(lowerBound.plus(Decimal.ONE))) {
      const which = first.isBelow(lowerBound) ? 'overlaps the tier before it' : 'leaves a gap';
      entry.fault('first_unit', `${which}: it must be ${lowerBound.toString()}`);
    }
    const upperBound = entry.amountOr('last_unit', null);
    checkEnd(entry, 'last_unit', lowerBound, upperBound, isLast);
    const tier = tierOf(lowerBound, upperBound, entry.amount('unit_amount'));
    lowerBound = upperBound ?? lowerBound;
    return tier;
  });
}

/** `{maximum_units}`, inclusive; the last one has none. */
export function readBoundedTiers(config: ConfigReader): readonly Tier[] {
  const entries = config.entries('tiers');
  let lowerBound = Decimal.ZERO;
  return entries.map((entry, index) => {
    const upperBound = entry.amountOr('maximum_units', null);
    checkEnd(entry, 'maximum_units', lowerBound, upperBound, index === entries.length - 1);
    const tier = tierOf(lowerBound, upperBound, entry.amount('unit_amount'));
    lowerBound = upperBound ?? lowerBound;
    return tier;
  });
}

/** `{tier_lower_bound}`, exclusive, from 0 on and rising; 1, 11, 101 is read as 0, 10, 100. */
export function readLowerBoundTiers(
  config: ConfigReader,
  { list = 'tiers', countMin = 1, rate = 'unit_amount', minimum }: TierFields = {},
): readonly Tier[] {
  return tiersFrom(config.entries(list, countMin), rate, minimum);
}

/** The tiers that these entries are, in their order. `below` prices what lies under the first bound. */
export function tiersFrom(
  entries: readonly ConfigReader[],
  rate = 'unit_amount',
  minimum?: string,
  below: Decimal | null = null,
): readonly Tier[] {
  const written = entries.map(
    (entry, index) =>
      entry.amountOr('tier_lower_bound', index === 0 ? Decimal.ZERO : null) ??
      entry.amount('tier_lower_bound'),
  );
  const first = written[0] ?? Decimal.ZERO;
  const startsAtOne = first.equals(Decimal.ONE);
  const hasBase = below !== null && !first.isZero && !startsAtOne;
  if (!first.isZero && !startsAtOne && !hasBase) {
    entries[0]?.fault('tier_lower_bound', 'leaves a gap: the first tier begins at 0');
  }
  const bounds = startsAtOne ? written.map((bound) => bound.minus(Decimal.ONE)) : written;
  const base = hasBase ? [tierOf(Decimal.ZERO, first, below)] : [];
  const tiers = entries.map((entry, index) => {
    const lowerBound = bounds[index] ?? Decimal.ZERO;
    const upperBound = bounds[index + 1] ?? null;
    if (upperBound && !upperBound.isAbove(lowerBound)) {
      const message = 'overlaps the tier before it: bounds must rise';
      entries[index + 1]?.fault('tier_lower_bound', message);
    }
    const minimumAmount = minimum === undefined ? null : entry.amount(minimum);
    return { ...tierOf(lowerBound, upperBound, entry.amount(rate)), minimumAmount };
  });
  return [...base, ...tiers];
}

/** Bounds of tiers that are filled by packages must be whole packages. */
export function requireWholePackages(
  config: ConfigReader,
  tiers: readonly Tier[],
  size: Decimal,
): void {
  for (const [index, { lowerBound }] of tiers.entries()) {
    if (lowerBound.isMultipleOf(size)) continue;
    const message = `must be a multiple of the package size ${size.toString()}`;
    config.fault(`tiers[${String(index)}].tier_lower_bound`, message);
  }
}

/** Each unit at the rate of the tier it falls into. The first tier shows also when nothing was used. */
export function graduated(quantity: Decimal, tiers: readonly Tier[]): readonly RatedLine[] {
  const lines: RatedLine[] = [];
  for (const tier of tiers) {
    if (lines.length > 0 && !quantity.isAbove(tier.lowerBound)) break;
    const end = tier.upperBound === null ? quantity : quantity.min(tier.upperBound);
    const units = end.minus(tier.lowerBound).max(Decimal.ZERO);
    lines.push(tierLine(tier, units, units.times(tier.unitAmount), units.toString()));
  }
  return lines;
}

/** All units at the rate of the tier that the total reaches. */
export function volume(quantity: Decimal, tiers: readonly Tier[]): readonly RatedLine[] {
  const tier = tierAt(quantity, tiers);
  return tier
    ? [tierLine(tier, quantity, quantity.times(tier.unitAmount), quantity.toString())]
    : [];
}

/** As `graduated`, after `quantity` was rounded up to packages; a tier's rate is for a package. */
export function graduatedPackages(
  quantity: Decimal,
  tiers: readonly Tier[],
  size: Decimal,
): readonly RatedLine[] {
  const whole = Decimal.of(quantity.ceiledBy(size)).times(size);
  return graduated(whole, tiers).map((each) => {
    const { tier } = each;
    const packages = Decimal.of(each.quantity.ceiledBy(size));
    const amount = packages.times(tier?.unitAmount ?? Decimal.ZERO);
    const rate = tier?.unitAmount ?? Decimal.ZERO;
    return {
      ...each,
      amount,
      formula: () => `${product(`${packages.toString()} packages`, rate)} = ${amount.toString()}`,
    };
  });
}

/** The tier that a total falls into; the first one for nothing. */
export const tierAt = (quantity: Decimal, tiers: readonly Tier[]): Tier | undefined =>
  tiers.find(({ upperBound }) => upperBound === null || !quantity.isAbove(upperBound));

function tierLine(tier: Tier, quantity: Decimal, amount: Decimal, units: string): RatedLine {
  return line({
    kind: 'tier',
    name: `${tier.lowerBound.toString()}–${tier.upperBound?.toString() ?? ''}`,
    quantity,
    amount,
    tier,
    formula: () => `${product(units, tier.unitAmount)} = ${amount.toString()}`,
  });
}

const tierOf = (lowerBound: Decimal, upperBound: Decimal | null, unitAmount: Decimal): Tier => ({
  lowerBound,
  upperBound,
  unitAmount,
  minimumAmount: null,
});

function checkEnd(
  entry: ConfigReader,
  name: string,
  lowerBound: Decimal,
  upperBound: Decimal | null,
  isLast: boolean,
): void {
  if (isLast && upperBound !== null) entry.fault(name, 'the last tier has no end: leave it out');
  else if (!isLast && upperBound === null) entry.fault(name, 'only the last tier has no end');
  else if (upperBound !== null && !upperBound.isAbove(lowerBound)) {
    entry.fault(name, `must be above ${lowerBound.toString()}, where the tier begins`);
  }
}
