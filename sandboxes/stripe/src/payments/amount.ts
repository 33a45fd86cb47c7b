import { invariant } from '@orbit/kernel';
import {
  CURRENCIES,
  formatAmount,
  isIsoCurrency,
  microsFromMinor,
  readIsoCurrency,
} from '@orbit/money';
import { invalidRequest } from '../http/stripe-error.js';

/** Stripe's largest charge: eight digits of minor units. */
const AMOUNT_MAX = 99_999_999;

/** Smallest charges that Stripe takes, in minor units; others from 1 on. */
const AMOUNT_MIN: Readonly<Record<string, number>> = {
  usd: 50,
  eur: 50,
  gbp: 30,
  chf: 50,
  cad: 50,
  aud: 50,
  sek: 300,
  nok: 300,
  dkk: 250,
  pln: 200,
  mxn: 1_000,
  sgd: 50,
  jpy: 50,
};

/** The currency in Stripe's lower case, or a refusal that names the parameter. */
export function checkCurrency(given: string, param: string): string {
  const iso = readIsoCurrency(given);
  if (iso !== null) return iso.toLowerCase();
  throw invalidRequest(
    `Invalid currency: ${given}. Stripe currently supports these currencies: ` +
      Object.keys(CURRENCIES).join(', ').toLowerCase(),
    { param },
  );
}

/** Refuses an amount that Stripe would not charge. */
export function checkAmount(amount: number, currency: string, param: string): void {
  const min = AMOUNT_MIN[currency] ?? 1;
  if (amount < min) {
    throw invalidRequest(
      `The amount must be at least ${formatMinor(min, currency)} ${currency}, given were ` +
        `${formatMinor(amount, currency)}.`,
      { code: 'amount_too_small', param },
    );
  }
  if (amount > AMOUNT_MAX) {
    throw invalidRequest(
      `Amount must be no more than ${formatMinor(AMOUNT_MAX, currency)} ${currency}`,
      { code: 'amount_too_large', param },
    );
  }
}

const SYMBOLS: Readonly<Record<string, string>> = {
  usd: '$',
  eur: '€',
  gbp: '£',
  jpy: '¥',
  inr: '₹',
  krw: '₩',
};

/** Minor units as exact text with thousands marked: 1234500 usd → "12,345.00". */
export function formatMinor(amount: number, currency: string): string {
  const code = currency.toUpperCase();
  invariant(isIsoCurrency(code), 'the sandbox holds currencies that checkCurrency let in');
  const exact = formatAmount(microsFromMinor(BigInt(amount), code), code);
  return exact.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',');
}

/** For people: "$100.00", "CHF 12.50". */
export function displayMinor(amount: number, currency: string): string {
  const symbol = SYMBOLS[currency] ?? `${currency.toUpperCase()} `;
  return amount < 0
    ? `-${symbol}${formatMinor(-amount, currency)}`
    : `${symbol}${formatMinor(amount, currency)}`;
}
