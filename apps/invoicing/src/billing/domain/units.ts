import { CURRENCIES, isIsoCurrency } from '@orbit/money';
import type { Decimal } from '@orbit/pricing';
import type { PriceTerms } from '../../timeline/domain/terms.js';

const MICROS_PLACES = 6;

/** Decimals in which amounts are written: of the minor unit of a currency; credit in other units is kept in micros. */
export function placesOf(currency: string): number {
  if (isIsoCurrency(currency)) return CURRENCIES[currency];
  return /^[A-Z]{3}$/.test(currency) ? 2 : MICROS_PLACES;
}

/** An amount in the unit of a price, converted to the currency of the invoice: exact. */
export const converted = (
  amount: Decimal,
  { conversionRate }: Pick<PriceTerms, 'conversionRate'>,
): Decimal => (conversionRate === null ? amount : amount.times(conversionRate));
