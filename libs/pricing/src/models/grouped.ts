import type { ConfigReader } from '../config.js';
import { Decimal, sumOf } from '../decimal.js';
import { portionOf, type PriceModel, type RatingTerms, type ReadModel } from '../model.js';
import { above, Allocation } from '../parts/allocation.js';
import { lineWithin } from '../parts/bounds.js';
import { groupLine, groupName, rateGroups } from '../parts/groups.js';
import {
  graduated,
  graduatedPackages,
  readLowerBoundTiers,
  requireWholePackages,
  type Tier,
} from '../parts/tiers.js';
import { line, product, summed, type RatedLine } from '../rating.js';
import { groupBy, quantityOf, type UsageGroup } from '../usage.js';

/** Models that split usage by one property and rate each part alone. */

type RateGroup = (group: UsageGroup, terms: RatingTerms) => readonly RatedLine[];

function byGroup(config: ConfigReader, rate: RateGroup): PriceModel {
  const key = config.text('grouping_key');
  return {
    dimensions: [key],
    rate: (usage, terms) => rateGroups(usage, key, (group) => rate(group, terms)),
  };
}

export const groupedTiered: ReadModel = (config) => {
  const tiers = readLowerBoundTiers(config, { countMin: 2 });
  return byGroup(config, (group) => graduated(group.quantity, tiers));
};

export const groupedTieredPackage: ReadModel = (config) => {
  const { size, tiers } = readPackages(config, 'per_unit');
  return byGroup(config, (group) => graduatedPackages(group.quantity, tiers, size));
};

/** Only the largest group costs something; of two equal ones the first by name. */
export const maxGroupTieredPackage: ReadModel = (config) => {
  const { size, tiers } = readPackages(config, 'unit_amount');
  const key = config.text('grouping_key');
  return {
    dimensions: [key],
    rate: (usage) => {
      const groups = groupBy(usage, [key]);
      const largest = groups.reduce<UsageGroup | null>(
        (best, group) => (best && !group.quantity.isAbove(best.quantity) ? best : group),
        null,
      );
      const lines = graduatedPackages(largest?.quantity ?? Decimal.ZERO, tiers, size);
      const grouping = { key, value: largest?.values[0] ?? null };
      return summed(
        quantityOf(usage),
        lines.map((each) => ({ ...each, grouping })),
      );
    },
  };
};

function readPackages(
  config: ConfigReader,
  rate: string,
): { readonly size: Decimal; readonly tiers: readonly Tier[] } {
  const size = config.positive('package_size');
  const tiers = readLowerBoundTiers(config, { countMin: 2, rate });
  requireWholePackages(config, tiers, size);
  return { size, tiers };
}

export const groupedAllocation: ReadModel = (config) => {
  const allocation = config.amount('allocation');
  const rate = config.amount('overage_unit_rate');
  return byGroup(config, (group) => [overage(group, above(group.quantity, allocation), rate)]);
};

/** Each group has its own allocation; what is above it takes from one that all groups share, by group name. */
export const cumulativeGroupedAllocation: ReadModel = (config) => {
  const allocation = config.amount('group_allocation');
  const shared = config.amount('cumulative_allocation');
  const rate = config.amount('unit_amount');
  const key = config.text('grouping_key');
  return {
    dimensions: [key],
    rate: (usage) => {
      const pool = new Allocation(shared);
      return rateGroups(usage, key, (group) => [
        overage(group, pool.take(above(group.quantity, allocation)), rate),
      ]);
    },
  };
};

function overage(group: UsageGroup, billable: Decimal, rate: Decimal): RatedLine {
  const amount = billable.times(rate);
  return groupLine(group, {
    amount,
    formula: () => `${product(billable, rate)} = ${amount.toString()}`,
  });
}

/** The minimum is for a full period; a part of it has its part. */
export const groupedWithProratedMinimum: ReadModel = (config) => {
  const rate = config.amount('unit_rate');
  const minimum = config.amount('minimum');
  return byGroup(config, (group, { proration }) => [
    lineWithin(overage(group, group.quantity, rate), portionOf(minimum, proration), null),
  ]);
};

export const groupedWithMinMaxThresholds: ReadModel = (config) => {
  const rate = config.amount('per_unit_rate');
  const minimum = config.amount('minimum_charge');
  const maximum = config.amount('maximum_charge');
  if (maximum.isBelow(minimum)) config.fault('maximum_charge', 'must not be below minimum_charge');
  return byGroup(config, (group) => [
    lineWithin(overage(group, group.quantity, rate), minimum, maximum),
  ]);
};

/**
 * The rate comes from one property, a factor on it from another. A group costs at least the minimum unit
 * amount for each of its units, which is also the rate of values that have none.
 */
export const groupedWithMeteredMinimum: ReadModel = (config) => {
  const [pricing, scaling] = [config.text('pricing_key'), config.text('scaling_key')];
  const rates = readPairs(config, 'unit_amounts', 'pricing_value', 'unit_amount');
  const factors = readPairs(config, 'scaling_factors', 'scaling_value', 'scaling_factor');
  const minimum = config.amount('minimum_unit_amount');
  const model = byGroup(config, (group) => {
    const parts = groupBy(group.rows, [pricing, scaling]).map(({ values, quantity }) => {
      const rate = rates.get(values[0] ?? '') ?? minimum;
      const factor = factors.get(values[1] ?? '') ?? Decimal.ONE;
      const amount = quantity.times(rate).times(factor);
      return { amount, text: product(quantity, rate, factor) };
    });
    const amount = sumOf(parts.map((part) => part.amount));
    const formula = (): string =>
      `${parts.map(({ text }) => text).join(' + ')} = ${amount.toString()}`;
    return [lineWithin(groupLine(group, { amount, formula }), group.quantity.times(minimum), null)];
  });
  return { ...model, dimensions: [...model.dimensions, pricing, scaling] };
};

function readPairs(
  config: ConfigReader,
  list: string,
  key: string,
  amount: string,
): ReadonlyMap<string, Decimal> {
  const pairs = new Map<string, Decimal>();
  for (const entry of config.entries(list)) {
    const value = entry.text(key);
    if (pairs.has(value)) entry.fault(key, 'stands twice');
    pairs.set(value, entry.amount(amount));
  }
  return pairs;
}

/**
 * All groups together choose the tier, each group has its own rate in it. Every tier names the same groups;
 * a group that none names costs nothing, and shows.
 */
export const cumulativeGroupedBulk: ReadModel = (config) => {
  const key = config.text('group');
  const rows = config.entries('dimension_values').map((entry) => ({
    entry,
    bound: entry.amount('tier_lower_bound'),
    value: entry.text('grouping_key'),
    rate: entry.amount('unit_amount'),
  }));
  const bounds = [...new Map(rows.map(({ bound }) => [bound.toString(), bound])).values()].sort(
    (a, b) => a.compare(b),
  );
  const values = new Set(rows.map(({ value }) => value));
  if (bounds[0] && !bounds[0].isZero) {
    rows[0]?.entry.fault('tier_lower_bound', 'leaves a gap: the first tier begins at 0');
  }
  const rateOf = new Map(
    rows.map(({ bound, value, rate }) => [`${bound.toString()} ${value}`, rate]),
  );
  if (rateOf.size < rows.length)
    config.fault('dimension_values', 'names a group twice in one tier');
  if (rateOf.size < bounds.length * values.size) {
    config.fault('dimension_values', 'must name the same groups in every tier');
  }
  return {
    dimensions: [key],
    rate: (usage) => {
      const total = quantityOf(usage);
      const bound =
        bounds.filter((each) => total.isAbove(each)).at(-1) ?? bounds[0] ?? Decimal.ZERO;
      return rateGroups(usage, key, (group) => {
        const rate = rateOf.get(`${bound.toString()} ${group.values[0] ?? ''}`) ?? Decimal.ZERO;
        return [overage(group, group.quantity, rate)];
      });
    },
  };
};

/** Consumption at a rate, less an allowance that was metered beside it; never more credit than consumption. */
export const meteredAllowance: ReadModel = (config) => {
  const key = config.text('grouping_key');
  const consumed = config.text('consumption_grouping_value');
  const allowed = config.text('allowance_grouping_value');
  if (consumed === allowed) {
    config.fault('allowance_grouping_value', 'must differ from consumption_grouping_value');
  }
  const rate = config.amount('unit_amount');
  const names = [
    config.textOr('consumption_display_name', 'Consumption'),
    config.textOr('allowance_display_name', 'Allowance credit'),
  ];
  return {
    dimensions: [key],
    rate: (usage) => {
      const of = (value: string): Decimal =>
        quantityOf(usage.filter((row) => row.values[key] === value));
      const consumption = of(consumed);
      const credit = of(allowed).min(consumption);
      const row = (index: number, quantity: Decimal, sign: Decimal): RatedLine => {
        const amount = quantity.times(rate).times(sign);
        return line({
          kind: index === 0 ? 'group' : 'credit',
          name: names[index] ?? groupName(null),
          quantity,
          amount,
          formula: () =>
            `${sign.isNegative ? '−' : ''}${product(quantity, rate)} = ${amount.toString()}`,
        });
      };
      const lines = [row(0, consumption, Decimal.ONE), row(1, credit, Decimal.ONE.negated())];
      return summed(consumption, lines);
    },
  };
};
