import { decimal, type Decimal } from '@orbit/pricing';
import type { Alert, BalanceAlertType, ThresholdOverride } from './alert.js';

/**
 * The threshold that a growing amount has reached and that was not reported in this period: of several the greatest.
 * Null: none. An amount fires at the threshold itself.
 */
export function exceeded(
  thresholds: readonly string[],
  amount: Decimal,
  reported: Decimal | null,
): string | null {
  const reached = thresholds.filter((threshold) => decimal(threshold).compare(amount) <= 0);
  const greatest = reached.at(-1);
  if (greatest === undefined) return null;
  return reported !== null && decimal(greatest).compare(reported) <= 0 ? null : greatest;
}

/** Thresholds of one group: of its closest override, which binds the most keys; else the alert's. */
export function thresholdsOf(
  { thresholds, groupingKeys, overrides }: Pick<Alert, 'thresholds' | 'groupingKeys' | 'overrides'>,
  values: readonly (string | null)[],
): readonly string[] {
  const keys = groupingKeys ?? [];
  const fits = ({ groupKeys, groupValues }: ThresholdOverride): boolean =>
    (groupKeys ?? keys).every((key, index) => values[keys.indexOf(key)] === groupValues[index]);
  const bound = ({ groupKeys }: ThresholdOverride): number => (groupKeys ?? keys).length;
  const closest = (overrides ?? [])
    .filter(fits)
    .reduce<ThresholdOverride | null>(
      (best, each) => (best === null || bound(each) > bound(best) ? each : best),
      null,
    );
  return closest?.thresholds ?? thresholds;
}

/** The threshold that a step of a balance crosses, the greatest of several; null: nothing is to be reported. */
export function crossed(
  type: BalanceAlertType,
  thresholds: readonly string[],
  before: Decimal,
  after: Decimal,
): string | null {
  const isLeft = (balance: Decimal): boolean => !balance.isZero && !balance.isNegative;
  switch (type) {
    case 'credit_balance_depleted':
      return isLeft(before) && !isLeft(after) ? '0' : null;
    case 'credit_balance_recovered':
      return !isLeft(before) && isLeft(after) ? '0' : null;
    case 'credit_balance_dropped':
      return (
        thresholds.findLast(
          (line) => before.compare(decimal(line)) > 0 && after.compare(decimal(line)) <= 0,
        ) ?? null
      );
  }
}

/** Whether a balance is beyond a line of an alert now. */
export function isInAlert(type: BalanceAlertType, threshold: string, balance: Decimal): boolean {
  const line = decimal(threshold);
  return type === 'credit_balance_recovered'
    ? balance.compare(line) > 0
    : balance.compare(line) <= 0;
}
