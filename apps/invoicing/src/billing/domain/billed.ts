import { Decimal } from '@orbit/pricing';
import type { BilledByKey } from './settle.js';
import type { BilledLine } from './invoice.js';
import type { BillingCustomer } from './subscription.js';

export { converted, placesOf } from './units.js';

/** What documents say of each charge. */
export function billedByKey(lines: readonly BilledLine[]): BilledByKey {
  const billed = new Map<string, Decimal>();
  for (const { chargeKey, left } of lines) {
    billed.set(chargeKey, (billed.get(chargeKey) ?? Decimal.ZERO).plus(left));
  }
  return billed;
}

/** The customer's own currency, as every invoice of it. */
export const currencyOf = ({ currency }: Pick<BillingCustomer, 'currency'>): string =>
  currency ?? 'USD';
