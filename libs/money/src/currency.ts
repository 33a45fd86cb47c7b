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

export type Currency = keyof typeof CURRENCIES;

export function isCurrency(code: unknown): code is Currency {
  return typeof code === 'string' && Object.hasOwn(CURRENCIES, code);
}

export function currencyExponent(currency: Currency): number {
  return CURRENCIES[currency];
}
