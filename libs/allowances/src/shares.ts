import { formatAmount, isIsoCurrency, parseAmount, type Currency, type Micros } from '@orbit/money';
import { allowanceShareMicros, walletShareMicros, type AllowanceSplit } from './split.js';
import {
  ALLOWANCE_KEY,
  allowanceChargeId,
  allowanceText,
  PRICE_KEYS,
  readAllowance,
  type AllowancePart,
} from './tags.js';
import { unitMicros, type AllowanceUnit } from './unit.js';

/** Fields of a charge that the rule reads and writes; both ends carry more in theirs. */
export interface SplittableCharge {
  readonly chargeId: string;
  readonly amountMicros: Micros;
  /** Whole units, at least 1. */
  readonly quantity: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** How a charge of money is paid when an allowance covers so many of its units. */
export const splitOf = (
  { quantity, amountMicros: priceMicros }: SplittableCharge,
  unit: AllowanceUnit,
  covered: number,
): AllowanceSplit => ({ unit, covered, quantity, priceMicros });

/**
 * The charge as the allowance pays its covered units. Their price goes along: it is part of the charge's identity, and
 * says what they were worth.
 */
export const allowanceShare = <C extends SplittableCharge>(
  charge: C,
  currency: string,
  split: AllowanceSplit,
): C => ({
  ...charge,
  amountMicros: unitMicros(split.covered),
  metadata: {
    ...charge.metadata,
    [PRICE_KEYS.amount]: formatAmount(allowanceShareMicros(split), currency),
    [PRICE_KEYS.currency]: currency,
  },
});

/**
 * The charge as the wallet pays it beside the allowance; it says what the allowance pays. Null when nothing falls on
 * the wallet, or when it cannot be split: its id has no room for that of the other part, or the key none for the units.
 */
export function walletShare<C extends SplittableCharge>(
  charge: C,
  currency: string,
  split: AllowanceSplit,
): C | null {
  const amountMicros = walletShareMicros(split);
  const text = allowanceText({ unit: split.unit, quantity: split.covered });
  if (amountMicros <= 0n || readAllowance(text) === null) return null;
  if (allowanceChargeId(charge.chargeId) === null) return null;
  return {
    ...charge,
    amountMicros,
    quantity: split.quantity - split.covered,
    metadata: {
      ...charge.metadata,
      [ALLOWANCE_KEY]: text,
      [PRICE_KEYS.amount]: formatAmount(charge.amountMicros, currency),
      [PRICE_KEYS.currency]: currency,
    },
  };
}

/** The plan's part of a charge that says that it has one, under its own id; null: it has none. */
export function namedShare<C extends SplittableCharge>(
  charge: C,
): { readonly part: AllowancePart; readonly charge: C } | null {
  if (!namesShare(charge)) return null;
  const { [ALLOWANCE_KEY]: text, ...metadata } = charge.metadata;
  const part = readAllowance(text);
  const chargeId = part === null ? null : allowanceChargeId(charge.chargeId);
  if (part === null || chargeId === null) return null;
  const price = parseAmount(metadata[PRICE_KEYS.amount]);
  const { unit, quantity: covered } = part;
  const quantity = covered + charge.quantity;
  const worth = price.ok
    ? {
        [PRICE_KEYS.amount]: formatAmount(
          allowanceShareMicros({ unit, covered, quantity, priceMicros: price.amountMicros }),
          String(metadata[PRICE_KEYS.currency]),
        ),
      }
    : {};
  const own = { chargeId, amountMicros: unitMicros(covered), quantity: covered };
  return { part, charge: { ...charge, ...own, metadata: { ...metadata, ...worth } } };
}

/** Whether a charge says that an allowance pays a part of it. */
export const namesShare = ({ metadata }: Pick<SplittableCharge, 'metadata'>): boolean =>
  ALLOWANCE_KEY in metadata;

/** The same charge, saying nothing of an allowance. */
export function withoutShare<C extends SplittableCharge>(charge: C): C {
  const { [ALLOWANCE_KEY]: _, ...metadata } = charge.metadata;
  return { ...charge, metadata };
}

/**
 * A charge of units in money, for where the allowance turns out not to have them: at the price that its message
 * names. Null: no price is named.
 */
export function inMoney<C extends SplittableCharge>(
  charge: C,
): { readonly currency: Currency; readonly charge: C } | null {
  const {
    [PRICE_KEYS.amount]: amount,
    [PRICE_KEYS.currency]: currency,
    ...metadata
  } = charge.metadata;
  const price = parseAmount(amount);
  if (!price.ok || price.amountMicros <= 0n || !isIsoCurrency(currency)) return null;
  return { currency, charge: { ...charge, amountMicros: price.amountMicros, metadata } };
}
