import {
  isCurrency,
  isIsoCurrency,
  micros,
  microsFromMinor,
  parseAmount,
  type Currency,
  type CustomUnit,
  type IsoCurrency,
  type Micros,
} from '@orbit/money';

/** Today's price of one unit. A top-up keeps the terms that it was made at; see `inWalletUnit`. */
export interface UnitPrice {
  readonly unit: CustomUnit;
  /** Micros of `currency` for one unit; positive. */
  readonly priceMicros: bigint;
  readonly currency: IsoCurrency;
}

export type UnitPrices = ReadonlyMap<string, UnitPrice>;

const MICROS = 1_000_000n;
const ENTRY = /^([^\s=]+)\s*=\s*(\S+)\s+(\S+)$/;

/**
 * Reads an operator's list, `credits=0.02 USD, tokens=0.000001 USD`: one price a unit, at most six decimals.
 * Returns the first fault as a sentence instead.
 */
export function parseUnitPrices(text: string): UnitPrices | string {
  const prices = new Map<string, UnitPrice>();
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [, unit, amount, currency] = ENTRY.exec(entry) ?? [];
    if (unit === undefined) return `"${entry}" is not of the form "credits=0.02 USD"`;
    if (!isCustomUnit(unit)) return `"${unit}" is no custom unit, such as "credits"`;
    if (!isIsoCurrency(currency)) return `"${currency ?? ''}" is no currency, such as "USD"`;
    const price = parseAmount(amount);
    if (!price.ok || price.amountMicros <= 0n) return `"${amount ?? ''}" is no price`;
    if (prices.has(unit)) return `"${unit}" has two prices`;
    prices.set(unit, { unit, priceMicros: price.amountMicros, currency });
  }
  return prices;
}

const isCustomUnit = (unit: string): unit is CustomUnit =>
  isCurrency(unit) && !isIsoCurrency(unit as Currency);

/** The units that money buys, to a millionth of a unit and never more than it is worth: $10 at $0.02 buy 500. */
export function unitsFor({ priceMicros, currency }: UnitPrice, paidMinor: bigint): Micros {
  return micros((microsFromMinor(paidMinor, currency) * MICROS) / priceMicros);
}

/** The price of units in minor units of money: rounded up, so that none is sold below its price. */
export function costOf({ priceMicros, currency }: UnitPrice, unitsMicros: bigint): bigint {
  const minor = microsFromMinor(1n, currency) * MICROS;
  return (unitsMicros * priceMicros + minor - 1n) / minor;
}
