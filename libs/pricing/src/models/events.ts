import { Decimal, parseDecimal, sumOf } from '../decimal.js';
import type { ReadModel } from '../model.js';
import { readMatrix } from '../parts/matrix.js';
import { line, product, summed, type RatedLine } from '../rating.js';
import { groupBy, quantityOf, type Usage } from '../usage.js';

/** Models in which each event says more than its quantity: its own rate, or the day that it belongs to. */

/** The event carries its rate. Without one the default counts, and without that the event costs nothing. */
export const eventOutput: ReadModel = (config) => {
  const rateKey = config.text('unit_rating_key');
  const groupingKey = config.textOr('grouping_key', null);
  const defaultRate = config.amountOr('default_unit_rate', null);
  const keys = [...(groupingKey === null ? [] : [groupingKey]), rateKey];
  const rateOf = (text: string | null): Decimal | null => {
    const rate = text === null ? null : parseDecimal(text.trim());
    return rate && !rate.isNegative ? rate : defaultRate;
  };
  return {
    dimensions: keys,
    rate: (usage) => {
      const lines = groupBy(usage, keys).flatMap(({ values, quantity }): RatedLine[] => {
        const rate = rateOf(values.at(-1) ?? null);
        if (rate === null) return [];
        const amount = quantity.times(rate);
        const value = groupingKey === null ? null : (values[0] ?? null);
        return [
          line({
            kind: 'group',
            name: value ?? `at ${rate.toString()}`,
            quantity,
            amount,
            grouping: groupingKey === null ? null : { key: groupingKey, value },
            formula: () => `${product(quantity, rate)} = ${amount.toString()}`,
          }),
        ];
      });
      return summed(sumOf(lines.map(({ quantity }) => quantity)), lines);
    },
  };
};

/** Each day has its own credits, to be used on that day; usage without a day is a day of its own. */
export const dailyCreditAllowance: ReadModel = (config) => {
  const dayKey = config.text('event_day_property');
  const table = readMatrix(config);
  const allowance = config.amount('daily_allowance');
  const dayLine = (day: string | null, rows: Usage): RatedLine => {
    const used = sumOf(table.rate(rows).map(({ amount }) => amount));
    const amount = used.minus(allowance).max(Decimal.ZERO);
    return line({
      kind: 'group',
      name: day ?? 'without a day',
      quantity: quantityOf(rows),
      amount,
      grouping: { key: dayKey, value: day },
      formula: () => `max(${used.toString()} − ${allowance.toString()}, 0) = ${amount.toString()}`,
    });
  };
  return {
    dimensions: [dayKey, ...table.dimensions],
    rate: (usage) => {
      const days = groupBy(usage, [dayKey]);
      const lines = days.map(({ values, rows }) => dayLine(values[0] ?? null, rows));
      return summed(quantityOf(usage), lines);
    },
  };
};
