import { Decimal } from '../decimal.js';
import type { PriceModel, ReadModel } from '../model.js';
import { atLeast } from '../parts/bounds.js';
import { proratedIf } from '../parts/proration.js';
import {
  graduated,
  graduatedPackages,
  readBoundedTiers,
  readLowerBoundTiers,
  readRangedTiers,
  requireWholePackages,
  tierAt,
  volume,
  type Tier,
} from '../parts/tiers.js';
import { line, summed, type RatedLine } from '../rating.js';
import { quantityOf, type Usage } from '../usage.js';

/** Models whose rate depends on how much was used, without grouping usage. */

type RateTiers = (quantity: Decimal, tiers: readonly Tier[]) => readonly RatedLine[];

const over = (tiers: readonly Tier[], rate: RateTiers): PriceModel => ({
  dimensions: [],
  rate: (usage) => {
    const quantity = quantityOf(usage);
    return summed(quantity, rate(quantity, tiers));
  },
});

export const tiered: ReadModel = (config) =>
  proratedIf(config.flag('prorated'), over(readRangedTiers(config), graduated));

export const tieredWithProration: ReadModel = (config) =>
  proratedIf(true, over(readLowerBoundTiers(config), graduated));

export const bulk: ReadModel = (config) => over(readBoundedTiers(config), volume);

export const bulkWithProration: ReadModel = (config) =>
  proratedIf(true, over(readLowerBoundTiers(config, { countMin: 2 }), volume));

/** Only events that have every one of the named values count. */
export const bulkWithFilters: ReadModel = (config) => {
  const filters = config
    .entries('filters')
    .map((entry) => [entry.text('property_key'), entry.text('property_value')] as const);
  const model = over(readLowerBoundTiers(config, { countMin: 2 }), volume);
  const passes = (row: Usage[number]): boolean =>
    filters.every(([key, value]) => row.values[key] === value);
  return {
    dimensions: [...new Set(filters.map(([key]) => key))],
    rate: (usage, terms) => model.rate(usage.filter(passes), terms),
  };
};

export const tieredPackage: ReadModel = (config) => {
  const size = config.positive('package_size');
  const tiers = readLowerBoundTiers(config, { countMin: 2, rate: 'per_unit' });
  requireWholePackages(config, tiers, size);
  return over(tiers, (quantity) => graduatedPackages(quantity, tiers, size));
};

/** The tier that the whole quantity reaches carries the least amount of the whole. */
export const tieredPackageWithMinimum: ReadModel = (config) => {
  const size = config.positive('package_size');
  const fields = { countMin: 2, rate: 'per_unit', minimum: 'minimum_amount' };
  const tiers = readLowerBoundTiers(config, fields);
  requireWholePackages(config, tiers, size);
  const model = over(tiers, (quantity) => graduatedPackages(quantity, tiers, size));
  return withTierMinimum(model, tiers);
};

export const tieredWithMinimum: ReadModel = (config) => {
  const tiers = readLowerBoundTiers(config, { countMin: 2, minimum: 'minimum_amount' });
  const hidesZero = config.flag('hide_zero_amount_tiers');
  const model = withTierMinimum(over(tiers, graduated), tiers);
  const shown: PriceModel = {
    ...model,
    rate: (usage, terms) => {
      const rating = model.rate(usage, terms);
      if (!hidesZero) return rating;
      return { ...rating, lines: rating.lines.filter(({ amount }) => !amount.isZero) };
    },
  };
  return proratedIf(config.flag('prorate'), shown);
};

const withTierMinimum = (model: PriceModel, tiers: readonly Tier[]): PriceModel => ({
  ...model,
  rate: (usage, terms) => {
    const rating = model.rate(usage, terms);
    return atLeast(rating, tierAt(rating.quantity, tiers)?.minimumAmount ?? Decimal.ZERO);
  },
});

/** The total of the highest threshold that the quantity has passed; nothing before the first. */
export const thresholdTotalAmount: ReadModel = (config) => {
  let last: Decimal | null = null;
  const table = config.entries('consumption_table', 2).map((entry) => {
    const threshold = entry.amount('threshold');
    if (last && !threshold.isAbove(last)) entry.fault('threshold', 'must be above the one before');
    last = threshold;
    return { threshold, total: entry.amount('total_amount') };
  });
  const model: PriceModel = {
    dimensions: [],
    rate: (usage) => {
      const quantity = quantityOf(usage);
      const passed = table.filter(({ threshold }) => quantity.isAbove(threshold)).at(-1);
      const amount = passed?.total ?? Decimal.ZERO;
      const name = passed ? `above ${passed.threshold.toString()}` : 'below all thresholds';
      const formula = (): string => `${quantity.toString()} is ${name}: ${amount.toString()}`;
      return summed(quantity, [line({ kind: 'tier', name, quantity, amount, formula })]);
    },
  };
  return proratedIf(config.flag('prorate'), model);
};
