/** ISO 4217 currencies that a wallet may hold, with the number of decimals of the minor unit. */
export const CURRENCIES = {
  USD: 2,
  EUR: 2,
  GBP: 2,
  CHF: 2,
  CAD: 2,
  AUD: 2,
  SEK: 2,
  NOK: 2,
  DKK: 2,
  PLN: 2,
  INR: 2,
  BRL: 2,
  MXN: 2,
  SGD: 2,
  JPY: 0,
  KRW: 0,
  CLP: 0,
  KWD: 3,
  BHD: 3,
  JOD: 3,
  TND: 3,
} as const;

export type IsoCurrency = keyof typeof CURRENCIES;

declare const customUnit: unique symbol;
/** A unit that an operator counts in instead of money, such as `credits`: lower case, so that it is never taken for a currency. */
export type CustomUnit = string & { readonly [customUnit]: true };

/** The unit of a wallet: money of one currency, or a custom unit. */
export type Currency = IsoCurrency | CustomUnit;

/** The form of a wallet's currency or custom unit, as schemas and validators use it. */
export const CURRENCY_PATTERN = '^([A-Z]{3}|[a-z][a-z0-9_]{3,31})$';
const CUSTOM_UNIT = /^[a-z][a-z0-9_]{3,31}$/;

export function isIsoCurrency(code: unknown): code is IsoCurrency {
  return typeof code === 'string' && Object.hasOwn(CURRENCIES, code);
}

export function isCurrency(code: unknown): code is Currency {
  return isIsoCurrency(code) || (typeof code === 'string' && CUSTOM_UNIT.test(code));
}

const LETTERS = /^[A-Za-z]{3}$/;

/**
 * The currency that a code in either case names, or null. Of ASCII letters alone: `toUpperCase` makes S of the long s
 * (U+017F) and I of the dotless i, so that what only looks like a code would be one.
 */
export function readIsoCurrency(code: unknown): IsoCurrency | null {
  if (typeof code !== 'string' || !LETTERS.test(code)) return null;
  const upper = code.toUpperCase();
  return isIsoCurrency(upper) ? upper : null;
}

/** Decimals of the minor unit; a custom unit has none: its minor unit is the unit itself. */
export function currencyExponent(currency: Currency): number {
  return isIsoCurrency(currency) ? CURRENCIES[currency] : 0;
}
