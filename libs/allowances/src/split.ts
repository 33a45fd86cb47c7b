import { invariant } from '@orbit/kernel';
import { micros, parseAmount, roundHalfEven, type Micros } from '@orbit/money';
import { ALLOWANCE_KEY, PRICE_KEYS, readAllowance } from './tags.js';
import { isAllowanceUnit, type AllowanceUnit } from './unit.js';

/**
 * How a charge is paid that an allowance covers, whole or in part: the covered units are free, the rest of
 * the price falls on the wallet (decision 0012).
 */
export interface AllowanceSplit {
  readonly unit: AllowanceUnit;
  /** Units of `quantity` that the allowance pays; at least 1. */
  readonly covered: number;
  readonly quantity: number;
  /** Price of all of it without a plan. */
  readonly priceMicros: Micros;
}

export const isCoveredWhole = ({ covered, quantity }: AllowanceSplit): boolean =>
  covered === quantity;

/** Price of the covered units, half even. */
export const allowanceShareMicros = ({ priceMicros, covered, quantity }: AllowanceSplit): Micros =>
  micros(roundHalfEven(priceMicros * BigInt(covered), BigInt(quantity)));

/** The rest, which falls on the wallet: both shares are the price, to the micro. */
export const walletShareMicros = (split: AllowanceSplit): Micros =>
  micros(split.priceMicros - allowanceShareMicros(split));

/** How a charge is paid that was split before, from what its request says; null when the wallet pays alone. */
export function readSplit(known: {
  readonly currency: string;
  readonly quantity: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}): AllowanceSplit | null {
  const { currency, quantity, metadata } = known;
  const price = parseAmount(metadata[PRICE_KEYS.amount]);
  if (!price.ok || price.amountMicros <= 0n) return null;
  const priceMicros = price.amountMicros;
  if (isAllowanceUnit(currency)) {
    return { unit: currency, covered: quantity, quantity, priceMicros };
  }
  const part = readAllowance(metadata[ALLOWANCE_KEY]);
  if (part === null) return null;
  const covered = part.quantity;
  return { unit: part.unit, covered, quantity: quantity + covered, priceMicros };
}

export type CapturedShares =
  | { readonly of: 'all' }
  | { readonly of: 'too_much' }
  /** Units of the allowance alone. */
  | { readonly of: 'units'; readonly quantity: number }
  /** All of the allowance, and so much of the wallet. */
  | { readonly of: 'money'; readonly amountMicros: Micros };

/**
 * The part of each side that a capture of `amountMicros` of the price takes: as many units as it pays for, begun ones whole, of the
 * allowance first.
 */
export function capturedShares(
  split: AllowanceSplit,
  amountMicros: Micros | undefined,
): CapturedShares {
  const { priceMicros, quantity, covered } = split;
  if (amountMicros === undefined || amountMicros === priceMicros) return { of: 'all' };
  invariant(amountMicros > 0n, 'a captured amount is positive');
  if (amountMicros > priceMicros) return { of: 'too_much' };
  const units = Number((amountMicros * BigInt(quantity) + priceMicros - 1n) / priceMicros);
  if (units <= covered) return { of: 'units', quantity: units };
  const money = amountMicros - allowanceShareMicros(split);
  return { of: 'money', amountMicros: micros(money > 0n ? money : 1n) };
}
