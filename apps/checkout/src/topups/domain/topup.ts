import { PAYMENT_MINOR_MAX } from '@orbit/contracts';
import {
  readIsoCurrency,
  microsFromMinor,
  type Currency,
  type IsoCurrency,
  type Micros,
} from '@orbit/money';
import type { TopUpState } from './topup-state.js';

/** How the money is asked for: at Stripe's page, or from the saved payment method by a client or by ourselves. */
export const TOPUP_KINDS = ['hosted', 'off_session', 'auto_reload'] as const;
export type TopUpKind = (typeof TOPUP_KINDS)[number];

/** The request (never changes) and its present state. */
export interface TopUp {
  readonly id: string;
  readonly kind: TopUpKind;
  readonly organizationId: string;
  readonly idempotencyKey: string;
  readonly bodyHash: string;
  /** The amount asked for at Stripe, in minor units of `paymentCurrency`. */
  readonly amountMinor: bigint;
  readonly paymentCurrency: IsoCurrency;
  /** The unit of the wallet: the same currency, or a custom unit. */
  readonly currency: Currency;
  /** The wallet's credit for it, in the wallet's unit. With `amountMinor` the terms of this top-up, for ever. */
  readonly amountMicros: Micros;
  /** Of the hosted page; for a saved payment method `successUrl` is where an authentication returns to. */
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly state: TopUpState;
  readonly reason: string | null;
  readonly sessionId: string | null;
  readonly checkoutUrl: string | null;
  readonly sessionExpiresAtMs: number | null;
  readonly paymentIntentId: string | null;
  /** The saved payment method that is charged; null for a hosted page. */
  readonly paymentMethodId: string | null;
  /** Where the payer finishes an authentication. */
  readonly actionUrl: string | null;
  /** The money received, in minor units of `receivedCurrency`; known once money came. */
  readonly receivedMinor: bigint | null;
  readonly receivedCurrency: string | null;
  /** The operator's decision while it was parked. */
  readonly resolution: 'credit_received' | 'dismiss' | null;
  readonly attempt: number;
  readonly createdAtMs: number;
}

/**
 * The smallest amount per currency, in minor units. Source: docs.stripe.com/currencies, "Minimum and
 * maximum charge amounts"; for currencies without an entry there, about 0.50 USD.
 */
export const AMOUNT_MINOR_MIN: Readonly<Record<IsoCurrency, number>> = {
  USD: 50,
  EUR: 50,
  GBP: 30,
  CHF: 50,
  CAD: 50,
  AUD: 50,
  SEK: 300,
  NOK: 300,
  DKK: 250,
  PLN: 200,
  INR: 50,
  BRL: 50,
  MXN: 1_000,
  SGD: 50,
  JPY: 50,
  KRW: 700,
  CLP: 500,
  KWD: 200,
  BHD: 200,
  JOD: 400,
  TND: 2_000,
};

/** Stripe takes three-decimal currencies only in steps of ten of their minor unit. */
const THREE_DECIMAL_STEP = 10;
const THREE_DECIMAL: readonly IsoCurrency[] = ['KWD', 'BHD', 'JOD', 'TND'];

export type AmountCheck =
  | {
      readonly ok: true;
      readonly amountMinor: bigint;
      readonly amountMicros: Micros;
      readonly currency: IsoCurrency;
    }
  | { readonly ok: false; readonly param: 'amount' | 'currency'; readonly message: string };

/** Checks an amount of minor units against the limits of its currency. */
export function checkAmount(amountMinor: unknown, currencyCode: unknown): AmountCheck {
  const currency = readIsoCurrency(currencyCode);
  if (currency === null) {
    return { ok: false, param: 'currency', message: 'currency is not one that a wallet can hold.' };
  }
  const refuse = (message: string): AmountCheck => ({ ok: false, param: 'amount', message });
  if (typeof amountMinor !== 'number' || !Number.isSafeInteger(amountMinor)) {
    return refuse('amount is a whole number of minor units.');
  }
  const minimum = AMOUNT_MINOR_MIN[currency];
  if (amountMinor < minimum) {
    return refuse(`amount is at least ${minimum} minor units of ${currency}.`);
  }
  if (amountMinor > PAYMENT_MINOR_MAX) {
    return refuse(`amount is at most ${PAYMENT_MINOR_MAX} minor units.`);
  }
  if (THREE_DECIMAL.includes(currency) && amountMinor % THREE_DECIMAL_STEP !== 0) {
    return refuse(`amount is a multiple of ${THREE_DECIMAL_STEP} minor units of ${currency}.`);
  }
  const minor = BigInt(amountMinor);
  return { ok: true, amountMinor: minor, amountMicros: microsFromMinor(minor, currency), currency };
}
