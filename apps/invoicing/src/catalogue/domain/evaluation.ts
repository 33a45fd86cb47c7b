import type { GroupUsage, UsageDefinition } from '@orbit/contracts';
import { decimal, FULL_PERIOD, groupBy, usageOf, type Usage } from '@orbit/pricing';
import { modelOf, type PriceDefinition } from './price.js';

/** A price with the question how its usage is narrowed and split. */
export interface Evaluation {
  readonly price: Pick<
    PriceDefinition,
    'modelType' | 'config' | 'metricId' | 'fixedQuantity' | 'dimensional'
  >;
  readonly filter: string | null;
  readonly groupingKeys: readonly string[];
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

/** One group's usage, priced; decimals are texts, exact and unrounded. */
export interface EvaluatedGroup {
  readonly groupingValues: readonly string[];
  readonly quantity: string;
  readonly amount: string;
}

/** The definition that usage-metering must count; null: the price has no metric. */
export function definitionOf(evaluation: Evaluation): UsageDefinition | null {
  const { price, filter, parameters } = evaluation;
  if (price.metricId === null) return null;
  const { dimensions = [], values = [] } = price.dimensional ?? {};
  const bound = dimensions.map(
    (dimension, index) => `properties->>${quoted(dimension)} = ${quoted(values[index] ?? '')}`,
  );
  const conditions = [...(filter === null ? [] : [`(${filter})`]), ...bound];
  return {
    metric_id: price.metricId,
    parameters,
    filter: bound.length === 0 ? filter : conditions.join(' AND '),
    grouping_keys: keysOf(evaluation),
  };
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The caller's keys first, then those the model groups usage by. */
function keysOf({ price, groupingKeys }: Evaluation): readonly string[] {
  return [...new Set([...groupingKeys, ...modelOf(price).dimensions])];
}

/**
 * Each group is rated alone, over a whole period. Without grouping keys there is always one group. Events without one
 * of the keys are in no group: the contract has no value for them.
 */
export function evaluate(
  evaluation: Evaluation,
  groups: readonly GroupUsage[],
): readonly EvaluatedGroup[] {
  const { price, groupingKeys } = evaluation;
  const model = modelOf(price);
  const rated = (usage: Usage, groupingValues: readonly string[]): EvaluatedGroup => {
    const { quantity, amount } = model.rate(usage, FULL_PERIOD);
    return { groupingValues, quantity: quantity.toString(), amount: amount.toString() };
  };
  if (price.metricId === null) return [rated(usageOf(decimal(price.fixedQuantity ?? '0')), [])];
  const keys = keysOf(evaluation);
  const usage = groups.map(({ values, quantity }): Usage[number] => ({
    values: Object.fromEntries(keys.map((key, index) => [key, values[index] ?? null])),
    quantity: decimal(quantity),
  }));
  if (groupingKeys.length === 0) return [rated(usage, [])];
  return groupBy(usage, groupingKeys).flatMap(({ values, rows }) => {
    const given = values.filter((value) => value !== null);
    return given.length === values.length ? [rated(rows, given)] : [];
  });
}
