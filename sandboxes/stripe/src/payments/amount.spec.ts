import { checkAmount, checkCurrency, displayMinor, formatMinor } from './amount.js';

test.each([
  [0, 'usd', '$0.00'],
  [5, 'usd', '$0.05'],
  [1_234_500, 'usd', '$12,345.00'],
  [99_999_999, 'usd', '$999,999.99'],
  [10_000, 'jpy', '¥10,000'],
  [12_345, 'kwd', 'KWD 12.345'],
  [-250, 'eur', '-€2.50'],
])('displayMinor: %i %s is %s', (amount, currency, text) => {
  expect(displayMinor(amount, currency)).toBe(text);
});

test('formatMinor: every amount up to the limit survives its own digits', () => {
  for (const amount of [1, 99, 100, 101, 999_999, 10_000_000]) {
    expect(formatMinor(amount, 'usd').replace(/[,.]/g, '').replace(/^0+/, '')).toBe(String(amount));
  }
});

test('checkAmount: refuses what Stripe would not charge', () => {
  expect(() => checkAmount(49, 'usd', 'amount')).toThrow('at least 0.50 usd');
  expect(() => checkAmount(50, 'usd', 'amount')).not.toThrow();
  expect(() => checkAmount(100_000_000, 'usd', 'amount')).toThrow('no more than');
});

test('checkCurrency: lower case, and no currency that does not exist', () => {
  expect(checkCurrency('USD', 'currency')).toBe('usd');
  expect(() => checkCurrency('xxx', 'currency')).toThrow('Invalid currency');
});
