import { isCurrency, type Currency } from '@orbit/money';
import { inMinorUnits, inWalletUnit } from './refunds/domain/clawbacks.js';
import { checkPurchase } from './topups/domain/purchase.js';
import type { TopUp } from './topups/domain/topup.js';
import { parseUnitPrices, type UnitPrices } from './topups/domain/unit-price.js';

const prices = (text: string): UnitPrices => {
  const parsed = parseUnitPrices(text);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
};
const PRICES = prices('credits=0.02 USD, tokens=0.003 USD,yen_points=1 JPY');
const unit = (text: string): Currency => {
  if (!isCurrency(text)) throw new Error(text);
  return text;
};
const buy = (amount: unknown, currency: unknown, wallet?: unknown) =>
  checkPurchase(amount, currency, wallet, PRICES);
const bought = (amount: number, currency: string, wallet: string) => {
  const check = buy(amount, currency, wallet);
  if (!check.ok) throw new Error(check.message);
  const { amountMinor, paymentCurrency, amountMicros } = check.purchase;
  return [amountMinor, paymentCurrency, amountMicros];
};

test('T20 $10 buys 500 credits, said as money or as units', () => {
  expect(bought(1_000, 'USD', 'credits')).toEqual([1_000n, 'USD', 500_000_000n]);
  expect(bought(500, 'credits', 'credits')).toEqual([1_000n, 'USD', 500_000_000n]);
});

test('units are rounded down to a millionth, what they cost is rounded up to a cent', () => {
  expect(bought(1_000, 'USD', 'tokens')).toEqual([1_000n, 'USD', 3_333_333_333n]);
  expect(bought(1_001, 'tokens', 'tokens')).toEqual([301n, 'USD', 1_001_000_000n]);
  expect(bought(700, 'JPY', 'yen_points')).toEqual([700n, 'JPY', 700_000_000n]);
});

test('a wallet in money is topped up by that money, at par', () => {
  expect(bought(10_000, 'usd', 'USD')).toEqual([10_000n, 'USD', 100_000_000n]);
  expect(buy(10_000, 'USD')).toMatchObject({ ok: true });
  expect(buy(10_000, 'EUR', 'USD')).toMatchObject({ ok: false, param: 'currency' });
  expect(buy(10_000, 'credits', 'USD')).toMatchObject({ ok: false, param: 'currency' });
  expect(buy(10_000, 'credits')).toMatchObject({ ok: false, param: 'currency' });
});

test.each([
  ['a unit without a price', 100, 'points', 'points', 'currency'],
  ['other money than it is sold for', 1_000, 'EUR', 'credits', 'currency'],
  ['another unit', 1_000, 'tokens', 'credits', 'currency'],
  ['a wallet that is none', 1_000, 'USD', 7, 'currency'],
  ['less than Stripe takes', 24, 'credits', 'credits', 'amount'],
  ['less money than Stripe takes', 49, 'USD', 'credits', 'amount'],
  ['more than Stripe takes', 99_999_999, 'USD', 'nanos', 'amount'],
  ['no units', 0, 'credits', 'credits', 'amount'],
  ['a fraction', 2.5, 'credits', 'credits', 'amount'],
  ['text', '500', 'credits', 'credits', 'amount'],
  ['too many', 100_000_000, 'credits', 'credits', 'amount'],
])('%s is refused by name', (_title, amount, currency, wallet, param) => {
  const cheap = prices('credits=0.02 USD, tokens=0.003 USD, nanos=0.000001 USD');
  expect(checkPurchase(amount, currency, wallet, cheap)).toMatchObject({ ok: false, param });
});

test('a part of a payment is the same part of its units, by the terms of that top-up', () => {
  const terms = (amountMinor: bigint, amountMicros: bigint, name: string): TopUp =>
    ({ amountMinor, amountMicros, currency: unit(name), receivedMinor: null }) as unknown as TopUp;
  const credits = terms(1_000n, 500_000_000n, 'credits');
  expect(inWalletUnit(credits, 1_000n)).toBe(500_000_000n);
  expect(inWalletUnit(credits, 250n)).toBe(125_000_000n);
  expect(inMinorUnits(credits, 500_000_000n)).toBe(1_000n);
  // A fraction of a cent is not paid out.
  expect(inMinorUnits(credits, 499_999_999n)).toBe(999n);
  // Thirds: parts are rounded down, so three of them are never more than the whole.
  const tokens = terms(1_000n, 3_333_333_333n, 'tokens');
  expect(inWalletUnit(tokens, 333n)).toBe(1_109_999_999n);
  expect(3n * inWalletUnit(tokens, 333n) + inWalletUnit(tokens, 1n)).toBeLessThanOrEqual(
    3_333_333_333n,
  );
  for (let minor = 1n; minor <= 1_000n; minor++) {
    expect(inMinorUnits(tokens, inWalletUnit(tokens, minor))).toBeLessThanOrEqual(minor);
  }
});

test('of what an operator credited, a part is a part of what came', () => {
  const parked = {
    amountMinor: 1_000n,
    amountMicros: 500_000_000n,
    receivedMinor: 800n,
    resolution: 'credit_received',
  } as unknown as TopUp;
  expect(inWalletUnit(parked, 800n)).toBe(400_000_000n);
  expect(inMinorUnits(parked, 400_000_000n)).toBe(800n);
});

test.each([
  ['credits', '"credits" is not of the form "credits=0.02 USD"'],
  ['credits=0.02', '"credits=0.02" is not of the form "credits=0.02 USD"'],
  ['USD=1 USD', '"USD" is no custom unit, such as "credits"'],
  ['Credits=1 USD', '"Credits" is no custom unit, such as "credits"'],
  ['credits=0 USD', '"0" is no price'],
  ['credits=-1 USD', '"-1" is no price'],
  ['credits=1e2 USD', '"1e2" is no price'],
  ['credits=0.0000001 USD', '"0.0000001" is no price'],
  ['credits=0.02 usd', '"usd" is no currency, such as "USD"'],
  ['credits=0.02 credits', '"credits" is no currency, such as "USD"'],
  ['credits=0.02 USD, credits=0.03 USD', '"credits" has two prices'],
])('the list of prices %s is refused at start', (text, fault) => {
  expect(parseUnitPrices(text)).toBe(fault);
});

test('no list is no price', () => {
  expect(parseUnitPrices('')).toEqual(new Map());
});
