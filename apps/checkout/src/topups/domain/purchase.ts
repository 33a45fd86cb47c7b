import { PAYMENT_MINOR_MAX } from '@orbit/contracts';
import {
  formatAmount,
  isIsoCurrency,
  micros,
  MICROS_MAX,
  readIsoCurrency,
  type Currency,
} from '@orbit/money';
import type { IsoCurrency, Micros } from '@orbit/money';
import { checkAmount } from './topup.js';
import { costOf, unitsFor, type UnitPrice, type UnitPrices } from './unit-price.js';

/** The amount that a top-up asks for at Stripe, and the credit that the wallet gets for it. */
export interface Purchase {
  /** Minor units of `paymentCurrency`. */
  readonly amountMinor: bigint;
  readonly paymentCurrency: IsoCurrency;
  /** The unit of the wallet, as is `amountMicros`. */
  readonly currency: Currency;
  readonly amountMicros: Micros;
}

export type PurchaseCheck =
  | { readonly ok: true; readonly purchase: Purchase }
  | { readonly ok: false; readonly param: 'amount' | 'currency'; readonly message: string };

const MICROS = 1_000_000n;

/**
 * Checks what is to be bought. A wallet in money takes money of its currency. For one in a custom unit `currency` says
 * what `amount` counts: units to be had, or the money to be paid for as many as it buys.
 */
export function checkPurchase(
  amount: unknown,
  currency: unknown,
  wallet: unknown,
  prices: UnitPrices,
): PurchaseCheck {
  if (wallet === undefined || isIsoCurrency(wallet)) return inMoney(amount, currency, wallet);
  const price = prices.get(String(wallet));
  if (price === undefined) {
    return refuse('currency', `Nothing says what ${String(wallet)} cost: they cannot be bought.`);
  }
  if (currency === price.unit) return byUnits(price, amount);
  if (readIsoCurrency(currency) === price.currency) return byMoney(price, amount);
  return refuse('currency', `currency is ${price.unit}, or ${price.currency} to be paid for them.`);
}

function inMoney(amount: unknown, currency: unknown, wallet: unknown): PurchaseCheck {
  const check = checkAmount(amount, currency);
  if (!check.ok) return check;
  if (wallet !== undefined && check.currency !== wallet) {
    return refuse('currency', `The wallet is in ${String(wallet)}.`);
  }
  const { amountMinor, amountMicros } = check;
  const purchase = { amountMinor, amountMicros, paymentCurrency: check.currency };
  return { ok: true, purchase: { ...purchase, currency: check.currency } };
}

/** So many units, at what they cost. */
function byUnits(price: UnitPrice, amount: unknown): PurchaseCheck {
  const isWhole = Number.isSafeInteger(amount) && Number(amount) >= 1;
  if (!isWhole || Number(amount) > PAYMENT_MINOR_MAX) {
    return refuse(
      'amount',
      `amount is a whole number of ${price.unit}, 1 to ${PAYMENT_MINOR_MAX}.`,
    );
  }
  const amountMicros = micros(BigInt(Number(amount)) * MICROS);
  const paid = checkAmount(Number(costOf(price, amountMicros)), price.currency);
  if (!paid.ok) return refuse('amount', `${costs(price)}: ${paid.message}`);
  return bought(price, paid.amountMinor, amountMicros);
}

/** So much money, and the units that it buys. */
function byMoney(price: UnitPrice, amount: unknown): PurchaseCheck {
  const paid = checkAmount(amount, price.currency);
  if (!paid.ok) return paid;
  const amountMicros = unitsFor(price, paid.amountMinor);
  if (amountMicros > 0n && amountMicros <= MICROS_MAX)
    return bought(price, paid.amountMinor, amountMicros);
  return refuse('amount', `${costs(price)}: amount buys more or less than a wallet can hold.`);
}

const bought = (price: UnitPrice, amountMinor: bigint, amountMicros: Micros): PurchaseCheck => ({
  ok: true,
  purchase: { amountMinor, amountMicros, paymentCurrency: price.currency, currency: price.unit },
});

const costs = ({ unit, priceMicros, currency }: UnitPrice): string =>
  `One of ${unit} costs ${formatAmount(micros(priceMicros), currency)} ${currency}`;

const refuse = (param: 'amount' | 'currency', message: string): PurchaseCheck => ({
  ok: false,
  param,
  message,
});
