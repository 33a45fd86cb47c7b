import { Decimal, sumOf } from '../decimal.js';
import { portionOf, WHOLE, type ReadModel } from '../model.js';
import { line, summed, type Rating } from '../rating.js';

/** Models that stand on what other prices of the same subscription cost. */

const fee = (name: string, amount: Decimal, formula: () => string): Rating =>
  summed(Decimal.ONE, [line({ kind: 'total', name, quantity: Decimal.ONE, amount, formula })]);

/** The amount missing to a minimum over all components; nothing when they reach it. */
export const minimumComposite: ReadModel = (config) => {
  const minimum = config.amount('minimum_amount');
  const isProrated = config.flag('prorated');
  return {
    dimensions: [],
    rate: (_usage, { components, proration }) => {
      const least = portionOf(minimum, isProrated ? proration : WHOLE);
      const spent = sumOf(components);
      const amount = least.minus(spent).max(Decimal.ZERO);
      return fee(
        'minimum',
        amount,
        () => `max(${least.toString()} − ${spent.toString()}, 0) = ${amount.toString()}`,
      );
    },
  };
};

/** A share of what the components cost, between two bounds. Only the lower one is prorated. */
export const percent: ReadModel = (config) => {
  const share = config.amount('percent');
  if (share.isZero || share.isAbove(Decimal.ONE))
    config.fault('percent', 'must be above 0 and at most 1');
  const minimum = config.amountOr('minimum_amount', Decimal.ZERO) ?? Decimal.ZERO;
  const maximum = config.amountOr('maximum_amount', null);
  const isProrated = config.flag('prorated');
  return {
    dimensions: [],
    rate: (_usage, { components, proration }) => {
      const base = sumOf(components);
      const least = portionOf(minimum, isProrated ? proration : WHOLE);
      const raised = base.times(share).max(least);
      const amount = maximum === null ? raised : raised.min(maximum);
      return fee(
        'share',
        amount,
        () =>
          `${base.toString()} × ${share.toString()}, at least ${least.toString()}` +
          `${maximum === null ? '' : `, at most ${maximum.toString()}`} = ${amount.toString()}`,
      );
    },
  };
};
