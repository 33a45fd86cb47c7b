import {
  allocate,
  centsFloor,
  formatAmount,
  micros,
  microsFromMinor,
  parseAmount,
  readIsoCurrency,
  roundHalfEven,
  roundHalfUp,
} from './index.js';

const parsed = (text: string): bigint | string => {
  const result = parseAmount(text);
  return result.ok ? result.amountMicros : result.fault;
};

test('parseAmount: reads decimals exactly and names each fault', () => {
  expect(parsed('0.0075')).toBe(7_500n);
  expect(parsed('-12.5')).toBe(-12_500_000n);
  expect(parsed('9007199254.740992')).toBe(9_007_199_254_740_992n);
  expect(parsed('9007199254.740993')).toBe('too_large');
  expect(parsed('0.0000001')).toBe('too_many_decimals');
  for (const text of ['', '1e3', '.5', '5.', '+1', ' 1', 'NaN', 'Infinity', '1,000', '0x1']) {
    expect(parsed(text)).toBe('not_a_decimal');
  }
});

test.each([
  [7_500n, 'USD', '0.0075'],
  [150_000_000n, 'USD', '150.00'],
  [-1n, 'USD', '-0.000001'],
  [0n, 'USD', '0.00'],
  [500_000_000n, 'JPY', '500'],
  [-500_000_000n, 'JPY', '-500'],
  [500_250_000n, 'JPY', '500.25'],
  [0n, 'KRW', '0'],
  [5_000_000n, 'KWD', '5.000'],
  [5_000_100n, 'KWD', '5.0001'],
  [-1_000n, 'BHD', '-0.001'],
  [12_000_000n, 'credits', '12'],
  [500_000n, 'credits', '0.5'],
])(
  'formatAmount: %s micros of %s are %s, exact, with the decimals of the currency',
  (amount, currency, text) => {
    expect(formatAmount(micros(amount), currency)).toBe(text);
  },
);

test("centsFloor: floors towards minus infinity, in the currency's own minor unit", () => {
  expect(centsFloor(micros(19_999n), 'USD')).toBe(1n);
  expect(centsFloor(micros(-1n), 'USD')).toBe(-1n);
  expect(centsFloor(micros(1_999_999n), 'JPY')).toBe(1n);
  expect(microsFromMinor(1n, 'KWD')).toBe(1_000n);
});

test('rounding: half even for wallets, half up for invoices', () => {
  expect([5n, 15n, 25n, -5n, -15n].map((n) => roundHalfEven(n, 10n))).toEqual([
    0n,
    2n,
    2n,
    0n,
    -2n,
  ]);
  expect([5n, 15n, -5n].map((n) => roundHalfUp(n, 10n))).toEqual([1n, 2n, -1n]);
});

test('T27 split of 100 cents by 1:1:1 is 34/33/33, discount 1,000 over 3333/3333/3334 is 333/333/334', () => {
  expect(allocate(100n, [1n, 1n, 1n])).toEqual([34n, 33n, 33n]);
  expect(allocate(1_000n, [3_333n, 3_333n, 3_334n])).toEqual([333n, 333n, 334n]);
});

test('T01 1,234 tokens at 2.50/M and 567 at 10/M cost 8,755 micros exactly; a thousand calls cost 8.755', () => {
  // Rates per million tokens, so the product over a million is already micros of the unit price's micros.
  const call = roundHalfEven(1_234n * 2_500_000n + 567n * 10_000_000n, 1_000_000n);
  expect(call).toBe(8_755n);
  expect(formatAmount(micros(call * 1_000n), 'USD')).toBe('8.755');
});

test.each([
  'u\u017fd',
  '\u0131nr',
  'İNR',
  '\u212arw',
  'ＵＳＤ',
  'usd ',
  ' usd',
  'us',
  'usdt',
  'USD\n',
  '',
  null,
  840,
])('readIsoCurrency: %j is no currency, whatever toUpperCase makes of it', (code) => {
  expect(readIsoCurrency(code)).toBeNull();
});

test.each(['usd', 'USD', 'uSd'])('readIsoCurrency: %s is USD', (code) => {
  expect(readIsoCurrency(code)).toBe('USD');
});
