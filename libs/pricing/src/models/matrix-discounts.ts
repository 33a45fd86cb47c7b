import type { ConfigReader } from '../config.js';
import { Decimal, sumOf } from '../decimal.js';
import type { ReadModel } from '../model.js';
import { keyOf, readTwoDimensions, type Matrix } from '../parts/matrix.js';
import { line, summed, type RatedLine } from '../rating.js';
import { quantityOf } from '../usage.js';

interface DiscountGroup {
  readonly name: string;
  readonly cells: ReadonlySet<string>;
  readonly threshold: Decimal;
  readonly below: Decimal;
  readonly above: Decimal;
}

/**
 * A matrix, then discounts on what groups of cells cost together: one rate up to a threshold, another above.
 * Rates are fractions, as Orb's percentage discounts are: 0.1 is a tenth.
 */
export const matrixWithThresholdDiscounts: ReadModel = (config) => {
  const table = readTwoDimensions(
    config,
    'matrix_values',
    (entry) => ({ rate: entry.amount('unit_amount'), scaling: Decimal.ONE }),
    { rate: config.amount('default_unit_amount'), scaling: Decimal.ONE },
  );
  const groups = config.has('threshold_discount_groups')
    ? config.entries('threshold_discount_groups', 0).map((entry) => readGroup(entry, table))
    : [];
  return {
    dimensions: table.dimensions,
    rate: (usage) => {
      const cells = table.rate(usage);
      const discounts = groups.map((group) => discountOf(group, cells));
      return summed(quantityOf(usage), [...cells, ...discounts]);
    },
  };
};

/** `blue,circle;green,triangle`: cells of the matrix, each in one group at most is not required. */
function readGroup(entry: ConfigReader, table: Matrix): DiscountGroup {
  const known = new Set(table.cells.map(({ values }) => keyOf(values)));
  const cells = entry
    .text('cell_coordinates')
    .split(';')
    .map((coordinates) => keyOf(coordinates.split(',').map((value) => value.trim())));
  if (!cells.every((cell) => known.has(cell))) {
    entry.fault('cell_coordinates', 'names a cell that is not in matrix_values');
  }
  return {
    name: entry.textOr('description', 'threshold discount'),
    cells: new Set(cells),
    threshold: entry.amount('threshold_amount'),
    below: fraction(entry, 'below_threshold_discount_percentage'),
    above: fraction(entry, 'above_threshold_discount_percentage'),
  };
}

function fraction(entry: ConfigReader, name: string): Decimal {
  const value = entry.amount(name);
  if (value.isAbove(Decimal.ONE)) entry.fault(name, 'is a fraction from 0 to 1: 0.1 is a tenth');
  return value;
}

function discountOf(group: DiscountGroup, cells: readonly RatedLine[]): RatedLine {
  const spend = sumOf(
    cells.filter(({ cell }) => cell && group.cells.has(keyOf(cell))).map(({ amount }) => amount),
  );
  const below = spend.min(group.threshold);
  const above = spend.minus(below);
  const amount = below.times(group.below).plus(above.times(group.above)).negated();
  return line({
    kind: 'credit',
    name: group.name,
    quantity: Decimal.ZERO,
    amount,
    formula: () =>
      `−(${below.toString()} × ${group.below.toString()} + ${above.toString()} × ${group.above.toString()}) = ${amount.toString()}`,
  });
}
