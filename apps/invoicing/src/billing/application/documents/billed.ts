import { Decimal } from '@orbit/pricing';
import type { BilledByKey } from '../../domain/invoice/settle.js';
import type { BilledLine } from '../invoice-ports.js';
import type { BillingCustomer } from '../ports.js';

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
