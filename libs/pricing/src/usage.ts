import { Decimal, sumOf } from './decimal.js';

/** Quantity of all events that agree in the properties by which a price groups usage by a property. */
export interface UsageRow {
  /** By property; null or absent where the events do not have it. */
  readonly values: Readonly<Record<string, string | null>>;
  readonly quantity: Decimal;
}

/** Usage that one price is rated on: the metric's quantity in a window, split by the price's dimensions. */
export type Usage = readonly UsageRow[];

/** Usage that is not split: a price without dimensions needs no more. */
export const usageOf = (quantity: Decimal): Usage => [{ values: {}, quantity }];

/** Corrections may take back more than a window has; less than nothing costs nothing. */
const notNegative = (quantity: Decimal): Decimal => (quantity.isNegative ? Decimal.ZERO : quantity);

export const quantityOf = (usage: Usage): Decimal =>
  notNegative(sumOf(usage.map(({ quantity }) => quantity)));

/** Usage whose values of some properties are the same. */
export interface UsageGroup {
  /** In the order of the properties asked for. */
  readonly values: readonly (string | null)[];
  readonly quantity: Decimal;
  readonly rows: Usage;
}

/** By the values of `properties`, sorted, so that the same usage always rates in the same order; null comes last. */
export function groupBy(usage: Usage, properties: readonly string[]): readonly UsageGroup[] {
  const groups = new Map<string, { values: readonly (string | null)[]; rows: UsageRow[] }>();
  for (const row of usage) {
    const values = properties.map((property) => row.values[property] ?? null);
    const key = JSON.stringify(values);
    const known = groups.get(key);
    if (known) known.rows.push(row);
    else groups.set(key, { values, rows: [row] });
  }
  return [...groups.values()]
    .sort((a, b) => compareValues(a.values, b.values))
    .map(({ values, rows }) => ({ values, rows, quantity: quantityOf(rows) }));
}

function compareValues(a: readonly (string | null)[], b: readonly (string | null)[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? null;
    if (left === right) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    return left < right ? -1 : 1;
  }
  return 0;
}
