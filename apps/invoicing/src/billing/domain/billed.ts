import { Decimal } from '@orbit/pricing';
import type { BilledByKey, PartlyBilled } from './billing-difference.js';
import type { BilledLine } from './invoice.js';
import type { BillingCustomer } from './subscription.js';

export { converted, placesOf } from './units.js';

/** The sum billed for each charge whose period was billed, partial invoices of it included. */
export function billedByKey(lines: readonly BilledLine[]): BilledByKey {
  const whole = wholeKeys(lines);
  const billed = new Map<string, Decimal>();
  for (const { chargeKey, left } of lines) {
    if (!whole.has(chargeKey)) continue;
    billed.set(chargeKey, (billed.get(chargeKey) ?? Decimal.ZERO).plus(left));
  }
  return billed;
}

/** The sums that partial invoices took of charges whose period was not billed yet. */
export function partlyByKey(lines: readonly BilledLine[]): ReadonlyMap<string, PartlyBilled> {
  const whole = wholeKeys(lines);
  const partly = new Map<string, PartlyBilled>();
  for (const { chargeKey, left, credit } of lines) {
    if (whole.has(chargeKey)) continue;
    const before = partly.get(chargeKey) ?? { gross: Decimal.ZERO, credit: Decimal.ZERO };
    partly.set(chargeKey, {
      gross: before.gross.plus(left),
      credit: before.credit.plus(credit),
    });
  }
  return partly;
}

const wholeKeys = (lines: readonly BilledLine[]): ReadonlySet<string> =>
  new Set(lines.filter(({ isPartial }) => !isPartial).map(({ chargeKey }) => chargeKey));

/** The customer's own currency, as every invoice of it. */
export const currencyOf = ({ currency }: Pick<BillingCustomer, 'currency'>): string =>
  currency ?? 'USD';
