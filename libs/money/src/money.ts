import { invariant } from '@orbit/kernel';
import { currencyExponent, isCurrency, type Currency } from './currency.js';

/** 1e-6 of a currency unit: 1 USD = 1_000_000n. Signed. Never a float, never `number`. */
export type Micros = bigint & { readonly __unit: 'micros' };

export const micros = (value: bigint): Micros => value as Micros;
export const ZERO_MICROS = micros(0n);

/** 2^53: the largest amount that Redis Lua (IEEE doubles) holds exactly; about 9.0 billion USD. */
export const MICROS_MAX = micros(9_007_199_254_740_992n);

const MICRO_DIGITS = 6;
/** Micros in one unit of any currency or custom unit. */
export const MICROS_PER_UNIT = 1_000_000n;

export const addMicros = (a: Micros, b: Micros): Micros => micros(a + b);

/** Why a decimal string is not an amount. */
export type AmountFault = 'not_a_decimal' | 'too_many_decimals' | 'too_large';

/**
 * Parses a decimal string ("0.0075", "-12", "100.00") to micros, exactly.
 * No exponent, no sign but '-', no spaces. More than six decimals is a fault even when they are zeros.
 */
export function parseAmount(
  text: unknown,
): { ok: true; amountMicros: Micros } | { ok: false; fault: AmountFault } {
  const parsed = parseSum(text);
  if (!parsed.ok) return parsed;
  const isTooLarge = parsed.amountMicros > MICROS_MAX || parsed.amountMicros < -MICROS_MAX;
  return isTooLarge ? { ok: false, fault: 'too_large' } : parsed;
}

/** As `parseAmount`, of any size. */
function parseSum(text: unknown): ReturnType<typeof parseAmount> {
  if (typeof text !== 'string' || text.length > 40) return { ok: false, fault: 'not_a_decimal' };
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) return { ok: false, fault: 'not_a_decimal' };
  const [, sign, whole = '', decimals = ''] = match;
  if (decimals.length > MICRO_DIGITS) return { ok: false, fault: 'too_many_decimals' };
  const magnitude = BigInt(whole) * MICROS_PER_UNIT + BigInt(decimals.padEnd(MICRO_DIGITS, '0'));
  return { ok: true, amountMicros: micros(sign === '-' ? -magnitude : magnitude) };
}

/** Micros of a decimal string that a service of ours wrote. Errors: InvariantViolation for anything else. */
export function requireAmount(text: string): Micros {
  const parsed = parseAmount(text);
  invariant(parsed.ok, 'our services write amounts as exact decimal strings');
  return parsed.amountMicros;
}

/** As `requireAmount`, for what was added up: the charges of a month may pass what one amount may be. */
export function requireSum(text: string): Micros {
  const parsed = parseSum(text);
  invariant(parsed.ok, 'our services write sums as exact decimal strings');
  return parsed.amountMicros;
}

/**
 * How an amount is written everywhere: exact, with at least the decimals of its currency, and more only where digits
 * are. USD "150.00" and "0.0075", JPY "500", KWD "5.000", a custom unit "12". The only way from micros to text.
 */
export function formatAmount(amountMicros: Micros, currency: string): string {
  const decimalsMin = isCurrency(currency) ? currencyExponent(currency) : 0;
  const magnitude = amountMicros < 0n ? -amountMicros : amountMicros;
  const fraction = (magnitude % MICROS_PER_UNIT).toString().padStart(MICRO_DIGITS, '0');
  let end = MICRO_DIGITS;
  while (end > decimalsMin && fraction[end - 1] === '0') end--;
  const text = `${magnitude / MICROS_PER_UNIT}${end > 0 ? '.' : ''}${fraction.slice(0, end)}`;
  return amountMicros < 0n ? `-${text}` : text;
}

/** Micros in one minor unit of the currency: USD cent 10_000n, JPY yen 1_000_000n, KWD fils 1_000n. */
function microsPerMinor(currency: Currency): bigint {
  return 10n ** BigInt(MICRO_DIGITS - currencyExponent(currency));
}

/** An integer of minor units (cents) as micros. */
export function microsFromMinor(minor: bigint, currency: Currency): Micros {
  return micros(minor * microsPerMinor(currency));
}

/** Whole minor units when the amount is a whole number of them; otherwise the caller has a bug. */
export function minorFromMicros(amountMicros: Micros, currency: Currency): bigint {
  const unit = microsPerMinor(currency);
  invariant(
    amountMicros % unit === 0n,
    `${formatAmount(amountMicros, currency)} ${currency} is whole minor units`,
  );
  return amountMicros / unit;
}

/** Floor to whole minor units, towards minus infinity: what `balance_cents` shows (docs/design.md, 2). */
export function centsFloor(amountMicros: Micros, currency: Currency): bigint {
  const unit = microsPerMinor(currency);
  const quotient = amountMicros / unit;
  return amountMicros % unit < 0n ? quotient - 1n : quotient;
}
