import type { ConfigReader } from '../config.js';
import { Decimal, sumOf } from '../decimal.js';
import type { PriceModel, ReadModel } from '../model.js';
import { Allocation } from '../parts/allocation.js';
import {
  cellName,
  checkedMatrix,
  keyOf,
  readMatrix,
  readTwoDimensions,
  type Matrix,
} from '../parts/matrix.js';
import { proratedIf } from '../parts/proration.js';
import { graduated, readLowerBoundTiers, tiersFrom, type Tier } from '../parts/tiers.js';
import { line, product, summed, type RatedLine } from '../rating.js';
import { groupBy, quantityOf, type Usage } from '../usage.js';

/** Models that look their rate up by one or two properties of the events. */

const over = (matrix: Matrix, rate: (usage: Usage) => readonly RatedLine[]): PriceModel => ({
  dimensions: matrix.dimensions,
  rate: (usage) => summed(quantityOf(usage), rate(usage)),
});

export const matrix: ReadModel = (config) => {
  const table = readMatrix(config);
  return over(table, (usage) => table.rate(usage));
};

/** One free quantity for all cells, taken in the order in which they are configured, the default last. */
export const matrixWithAllocation: ReadModel = (config) => {
  const table = readMatrix(config);
  const allocation = config.amount('allocation');
  return over(table, (usage) => {
    const pool = new Allocation(allocation);
    return table.rate(usage, (quantity) => pool.take(quantity));
  });
};

/** A value that has no unit amount costs nothing, and shows. */
export const matrixWithDisplayName: ReadModel = (config) => {
  const dimension = config.text('dimension');
  const cells = config.entries('unit_amounts').map((entry) => ({
    values: [entry.text('dimension_value')],
    rate: entry.amount('unit_amount'),
    scaling: Decimal.ONE,
    name: entry.text('display_name'),
    at: entry,
  }));
  const otherwise = { rate: Decimal.ZERO, scaling: Decimal.ONE, name: null };
  const table = checkedMatrix([dimension], cells, 'dimension_value', otherwise);
  return over(table, (usage) => table.rate(usage));
};

/** The pool is spent first, cell by cell in configured order; what is left of a cell is graduated from 0. */
export const tieredMatrixWithAllocation: ReadModel = (config) => {
  const dimensions = config.texts('dimensions', 2);
  const allocation = config.amount('allocation');
  const tiersOf = readCellTiers(config, config.amount('default_unit_amount'), (entry) =>
    entry.cell('dimension_values', dimensions.length),
  );
  return {
    dimensions,
    rate: (usage) => {
      const pool = new Allocation(allocation);
      const groups = groupBy(usage, dimensions);
      const ordered = [...groups].sort((a, b) => tiersOf.place(a.values) - tiersOf.place(b.values));
      const lines = ordered.flatMap((group) =>
        graduated(pool.take(group.quantity), tiersOf.get(group.values)).map((each) => ({
          ...each,
          name: `${cellName(group.values)}: ${each.name}`,
          cell: group.values,
        })),
      );
      return summed(quantityOf(usage), lines);
    },
  };
};

export const groupedTieredMatrix: ReadModel = (config) => {
  const dimension = config.text('dimension');
  const tiersOf = readCellTiers(config, config.amount('default_unit_amount'), (entry) => [
    entry.text('dimension_value'),
  ]);
  return {
    dimensions: [dimension],
    rate: (usage) => {
      const lines = groupBy(usage, [dimension]).flatMap((group) => {
        const grouping = { key: dimension, value: group.values[0] ?? null };
        return graduated(group.quantity, tiersOf.get(group.values)).map((each) => ({
          ...each,
          grouping,
          cell: group.values,
        }));
      });
      return summed(quantityOf(usage), lines);
    },
  };
};

/** Graduated rows that belong to cells; below a cell's first row, and without rows, the default rate. */
function readCellTiers(
  config: ConfigReader,
  defaultRate: Decimal,
  valuesOf: (entry: ConfigReader) => readonly (string | null)[],
): {
  get(values: readonly (string | null)[]): readonly Tier[];
  place(values: readonly (string | null)[]): number;
} {
  const byCell = new Map<string, ConfigReader[]>();
  for (const entry of config.entries('tiers')) {
    const key = keyOf(valuesOf(entry));
    byCell.set(key, [...(byCell.get(key) ?? []), entry]);
  }
  const order = [...byCell.keys()];
  const tiers = new Map(
    [...byCell].map(([key, entries]) => [
      key,
      tiersFrom(entries, 'unit_amount', undefined, defaultRate),
    ]),
  );
  const rest = (): readonly Tier[] => [
    { lowerBound: Decimal.ZERO, upperBound: null, unitAmount: defaultRate, minimumAmount: null },
  ];
  return {
    get: (values) => tiers.get(keyOf(values)) ?? rest(),
    place: (values) => {
      const index = order.indexOf(keyOf(values));
      return index === -1 ? order.length : index;
    },
  };
}

const factorCells = (config: ConfigReader): Matrix =>
  readTwoDimensions(
    config,
    'matrix_scaling_factors',
    (entry) => ({ rate: Decimal.ONE, scaling: entry.amount('scaling_factor') }),
    { rate: Decimal.ONE, scaling: Decimal.ONE },
  );

/** Quantities scaled by their cell, then one unit price; a cell without a factor counts once. */
export const scalableMatrixWithUnitPricing: ReadModel = (config) => {
  const table = factorCells(config);
  const price = config.amount('unit_price');
  const groupingKey = config.textOr('grouping_key', null);
  const lines = (usage: Usage): readonly RatedLine[] =>
    table.groupsOf(usage).map(({ group, cell }) => {
      const amount = group.quantity.times(cell.scaling).times(price);
      return line({
        kind: 'matrix',
        name: cellName(group.values),
        quantity: group.quantity,
        amount,
        cell: group.values,
        formula: () => `${product(group.quantity, cell.scaling, price)} = ${amount.toString()}`,
      });
    });
  const model: PriceModel = {
    dimensions: [...table.dimensions, ...(groupingKey === null ? [] : [groupingKey])],
    rate: (usage) => {
      if (groupingKey === null) return summed(quantityOf(usage), lines(usage));
      const grouped = groupBy(usage, [groupingKey]).flatMap((group) => {
        const grouping = { key: groupingKey, value: group.values[0] ?? null };
        return lines(group.rows).map((each) => ({ ...each, grouping }));
      });
      return summed(quantityOf(usage), grouped);
    },
  };
  return proratedIf(config.flag('prorate'), model);
};

/** The scaled quantities of all cells together are graduated. */
export const scalableMatrixWithTieredPricing: ReadModel = (config) => {
  const table = factorCells(config);
  const tiers = readLowerBoundTiers(config, { countMin: 2 });
  return over(table, (usage) => {
    const scaled = table
      .groupsOf(usage)
      .map(({ group, cell }) => group.quantity.times(cell.scaling));
    return graduated(sumOf(scaled), tiers);
  });
};
