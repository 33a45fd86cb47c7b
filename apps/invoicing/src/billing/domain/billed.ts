import { Decimal } from '@orbit/pricing';
import type { BilledByKey } from './settle.js';
import type { BilledLine } from './invoice.js';
import type { BillingCustomer } from './subscription.js';
import { CURRENCIES, isIsoCurrency } from '@orbit/money';

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

/** Decimals of the minor unit in which documents are written. */
export const placesOf = (currency: string): number =>
  isIsoCurrency(currency) ? CURRENCIES[currency] : 2;
