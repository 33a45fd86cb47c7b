import { OrbitError } from '@orbit/contracts';
import { isCurrency, readIsoCurrency, type Currency } from '@orbit/money';
import type { Principal } from '../ports.js';

/** A currency in either case, or a custom unit such as "credits". */
export function readUnit(value: unknown): Currency {
  if (typeof value !== 'string' || value === '') {
    throw new OrbitError('invalid_field', 'currency is "USD" or a custom unit, "credits".', {
      param: 'currency',
    });
  }
  const iso = readIsoCurrency(value);
  if (iso !== null) return iso;
  if (isCurrency(value)) return value;
  throw new OrbitError('unsupported_currency', `The currency ${value.slice(0, 12)} is unknown.`, {
    param: 'currency',
  });
}

/** An organization has one wallet; an amount in another currency has nowhere to go. */
export function requireCurrency({ currency }: Principal, requested: Currency): void {
  if (requested === currency) return;
  const message = `The wallet of this organization is in ${currency}.`;
  throw new OrbitError('unsupported_currency', message, { param: 'currency' });
}

/** As answers show it: currencies in lower case, like the rest of the API. */
export const shownUnit = (currency: string): string => currency.toLowerCase();

/** Answers show currencies in lower case, like the rest of the API. */
export const withShownUnit = <T extends { readonly currency: string }>(view: T): T => ({
  ...view,
  currency: shownUnit(view.currency),
});
