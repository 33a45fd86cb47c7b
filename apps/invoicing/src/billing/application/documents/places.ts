import { CURRENCIES, isIsoCurrency } from '@orbit/money';

/** Decimals of the minor unit in which documents are written. */
export const placesOf = (currency: string): number =>
  isIsoCurrency(currency) ? CURRENCIES[currency] : 2;
