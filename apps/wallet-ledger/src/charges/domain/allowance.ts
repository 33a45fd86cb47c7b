import {
  ALLOWANCE_KEY,
  ALLOWANCE_UNITS,
  allowanceChargeId,
  allowanceText,
  PRICE_KEYS,
  readAllowance,
  type AllowancePart,
} from '@orbit/contracts';
import {
  formatAmount,
  isIsoCurrency,
  micros,
  parseAmount,
  roundHalfEven,
  type Currency,
  type Micros,
} from '@orbit/money';
import type { Charge } from '../../books/domain/wallet.js';

/** Whether a wallet holds what plans include: units, which nobody can owe (decision 0026). */
export const isAllowance = (currency: string): boolean =>
  (ALLOWANCE_UNITS as readonly string[]).includes(currency);

export const MICROS_PER_UNIT = 1_000_000n;
export const unitsOf = (quantity: number): Micros => micros(BigInt(quantity) * MICROS_PER_UNIT);

/** What `part` units of `whole` cost of a price. */
const shareOf = (priceMicros: bigint, part: number, whole: number): Micros =>
  micros(roundHalfEven(priceMicros * BigInt(part), BigInt(whole)));

/** The charge taken from the allowance alone: its quantity in units, its price beside it. */
export function inUnits(charge: Charge, currency: string): Charge {
  const price = { [PRICE_KEYS.amount]: formatAmount(charge.amountMicros, currency) };
  return {
    ...charge,
    amountMicros: unitsOf(charge.quantity),
    metadata: { ...charge.metadata, ...price, [PRICE_KEYS.currency]: currency },
  };
}

/**
 * What it costs in money where the allowance turns out not to have the units: at the price that its message names, and
 * as a charge without authorization, because none of that money was held. Null: no price is named.
 */
export function inMoney(charge: Charge): { readonly currency: Currency; charge: Charge } | null {
  const {
    [PRICE_KEYS.amount]: amount,
    [PRICE_KEYS.currency]: currency,
    ...metadata
  } = charge.metadata;
  const price = parseAmount(amount);
  if (!price.ok || price.amountMicros <= 0n || !isIsoCurrency(currency)) return null;
  const { amountMicros } = price;
  return { currency, charge: { ...charge, amountMicros, metadata, isAuthorized: false } };
}

/** What falls on the wallet when the plan pays a part; null when that is nothing, or the id has no room for two. */
export function besidePlan(charge: Charge, currency: string, part: AllowancePart): Charge | null {
  const { amountMicros, quantity, chargeId } = charge;
  const rest = micros(amountMicros - shareOf(amountMicros, part.quantity, quantity));
  if (rest <= 0n || allowanceChargeId(chargeId) === null) return null;
  return {
    ...charge,
    amountMicros: rest,
    quantity: quantity - part.quantity,
    metadata: {
      ...charge.metadata,
      [ALLOWANCE_KEY]: allowanceText(part),
      [PRICE_KEYS.amount]: formatAmount(amountMicros, currency),
      [PRICE_KEYS.currency]: currency,
    },
  };
}

/** The plan's part of a charge that says that it has one. It was held, or its rest is booked: it always posts. */
export function planPart(charge: Charge): { readonly part: AllowancePart; charge: Charge } | null {
  if (!(ALLOWANCE_KEY in charge.metadata)) return null;
  const { [ALLOWANCE_KEY]: text, ...metadata } = charge.metadata;
  const part = readAllowance(text);
  const chargeId = part === null ? null : allowanceChargeId(charge.chargeId);
  if (part === null || chargeId === null) return null;
  const price = metadata[PRICE_KEYS.amount];
  const parsed = typeof price === 'string' ? parseAmount(price) : null;
  const whole = part.quantity + charge.quantity;
  const worth = parsed?.ok
    ? {
        [PRICE_KEYS.amount]: formatAmount(
          shareOf(parsed.amountMicros, part.quantity, whole),
          String(metadata[PRICE_KEYS.currency]),
        ),
      }
    : {};
  const own: Charge = {
    ...charge,
    chargeId,
    amountMicros: unitsOf(part.quantity),
    quantity: part.quantity,
    metadata: { ...metadata, ...worth },
    isAuthorized: true,
  };
  return { part, charge: own };
}
