import { isCurrency, microsFromMinor, type Currency, type Micros } from '@orbit/money';

/**
 * The states of a top-up. It only ever rises through the ranks below, so events may come late,
 * twice or in any order and the end is the same (see decide-topup.ts):
 *
 *   created → session_open → processing → failed | expired → succeeded | parked
 *
 * Any state may be skipped. `failed` and `expired` can still rise: proof of payment outweighs what
 * we believed. `succeeded` is credited once; `parked` waits for an operator and is never credited.
 * Refunds and disputes will rank above `succeeded`.
 */
export const TOPUP_STATES = [
  'created',
  'session_open',
  'processing',
  'failed',
  'expired',
  'succeeded',
  'parked',
] as const;
export type TopUpState = (typeof TOPUP_STATES)[number];

const RANK: Readonly<Record<TopUpState, number>> = {
  created: 0,
  session_open: 1,
  processing: 2,
  failed: 3,
  expired: 3,
  succeeded: 4,
  parked: 4,
};

/** Whether a top-up may go from one state to the other. Of two states of one rank the first stays. */
export function canRise(from: TopUpState, to: TopUpState): boolean {
  return RANK[to] > RANK[from];
}

/** What was asked for (never changes) and where it stands. */
export interface TopUp {
  readonly id: string;
  readonly organizationId: string;
  readonly idempotencyKey: string;
  readonly bodyHash: string;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly amountMicros: Micros;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly state: TopUpState;
  readonly reason: string | null;
  readonly sessionId: string | null;
  readonly checkoutUrl: string | null;
  readonly sessionExpiresAtMs: number | null;
  readonly paymentIntentId: string | null;
  readonly attempt: number;
  readonly createdAtMs: number;
}

/** The largest amount of one top-up in minor units: Stripe's own limit of eight digits. */
export const AMOUNT_MINOR_MAX = 99_999_999;

/**
 * The smallest amount per currency, in minor units. Source: docs.stripe.com/currencies, "Minimum and
 * maximum charge amounts"; for currencies without an entry there, about 0.50 USD.
 */
export const AMOUNT_MINOR_MIN: Readonly<Record<Currency, number>> = {
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
const THREE_DECIMAL: readonly Currency[] = ['KWD', 'BHD', 'JOD', 'TND'];

export type AmountCheck =
  | {
      readonly ok: true;
      readonly amountMinor: bigint;
      readonly amountMicros: Micros;
      readonly currency: Currency;
    }
  | { readonly ok: false; readonly param: 'amount' | 'currency'; readonly message: string };

/** Checks an amount of minor units against the limits of its currency. */
export function checkAmount(amountMinor: unknown, currencyCode: unknown): AmountCheck {
  const currency = typeof currencyCode === 'string' ? currencyCode.toUpperCase() : '';
  if (!isCurrency(currency)) {
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
  if (amountMinor > AMOUNT_MINOR_MAX) {
    return refuse(`amount is at most ${AMOUNT_MINOR_MAX} minor units.`);
  }
  if (THREE_DECIMAL.includes(currency) && amountMinor % THREE_DECIMAL_STEP !== 0) {
    return refuse(`amount is a multiple of ${THREE_DECIMAL_STEP} minor units of ${currency}.`);
  }
  const minor = BigInt(amountMinor);
  return { ok: true, amountMinor: minor, amountMicros: microsFromMinor(minor, currency), currency };
}
