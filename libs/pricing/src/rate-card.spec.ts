import { decimal } from './decimal.js';
import { ratePrice, readCardPrices, readQuantities, type CardPrice } from './rate-card.js';

const unit = (unit_amount: string) => ({ model_type: 'unit', unit_config: { unit_amount } });
const CHAT = {
  ...{ currency: 'USD', channel: 'ai' },
  dimensions: { input: unit('0.0000025'), output: unit('0.00001') },
};
const priceOf = (value: unknown): CardPrice => {
  const { prices, faults } = readCardPrices({ p: value });
  expect(faults).toEqual([]);
  return prices.get('p')!;
};
function rate(price: CardPrice, quantity: unknown, quantities?: unknown): [string, string] {
  const read = readQuantities(price, quantity, quantities);
  if ('fault' in read) throw new Error(`${read.fault.path} ${read.fault.message}`);
  const { amount, formula } = ratePrice(price, read.quantities);
  return [amount.toString(), formula()];
}

test('T01: 1,234 input and 567 output tokens at 2.50 and 10 a million cost 0.008755 exactly', () => {
  expect(rate(priceOf(CHAT), undefined, { input: 1234, output: '567' })).toEqual([
    '0.008755',
    'input: 1234 × 0.0000025 = 0.003085; output: 567 × 0.00001 = 0.00567',
  ]);
});

test('a quantity of one dimension, of a fraction and of nothing', () => {
  const sms = priceOf({ currency: 'USD', channel: 'sms', ...unit('0.0075') });
  expect(rate(sms, 2)[0]).toBe('0.015');
  expect(rate(sms, '0.1')[0]).toBe('0.00075');
  expect(rate(sms, 0)[0]).toBe('0');
  expect(rate(priceOf(CHAT), undefined, { output: 1 })[0]).toBe('0.00001');
  expect(ratePrice(sms, { '': decimal('0.0001') }).amount.toString()).toBe('0.00000075');
});

test('T08 graduated tiers rate one charge: 11 of 0–10 at 0.50 and above at 0.10 cost 5.10', () => {
  const tiers = [
    { first_unit: '0', last_unit: '10', unit_amount: '0.50' },
    { first_unit: '10', last_unit: null, unit_amount: '0.10' },
  ];
  const tiered = priceOf({
    ...{ currency: 'USD', channel: 'ai', model_type: 'tiered', tiered_config: { tiers } },
  });
  expect(rate(tiered, 11)[0]).toBe('5.1');
});

test.each([
  [7, 'prices'],
  [{ Chat: CHAT }, 'prices.Chat'],
  [{ p: null }, 'prices.p'],
  [{ p: { ...CHAT, currency: 7 } }, 'prices.p.currency'],
  [{ p: { ...CHAT, channel: 'A' } }, 'prices.p.channel'],
  [{ p: { ...CHAT, dimensions: {} } }, 'prices.p.dimensions'],
  [{ p: { ...CHAT, unit_config: {} } }, 'prices.p.unit_config'],
  [{ p: { currency: 'USD', channel: 'ai', ...unit('-1') } }, 'prices.p.unit_config.unit_amount'],
  [{ p: { currency: 'USD', channel: 'ai', ...unit('x') } }, 'prices.p.unit_config.unit_amount'],
  [{ p: { currency: 'USD', channel: 'ai', model_type: 'free' } }, 'prices.p.model_type'],
  [{ p: { currency: 'USD', channel: 'ai', ...unit('1'), tax: 1 } }, 'prices.p.tax'],
])('%j is refused at %s', (value, path) => {
  const { faults } = readCardPrices(value);
  expect(faults.map((fault) => fault.path)).toContain(path);
});

test.each([
  [-1, undefined, 'quantity'],
  [0.5, undefined, 'quantity'],
  ['1e3', undefined, 'quantity'],
  [undefined, undefined, 'quantity'],
  ['1000000000000001', undefined, 'quantity'],
  [1, { input: 1 }, 'quantities'],
])('quantity %j and quantities %j are refused', (quantity, quantities, path) => {
  const sms = priceOf({ currency: 'USD', channel: 'sms', ...unit('1') });
  expect(readQuantities(sms, quantity, quantities)).toMatchObject({ fault: { path } });
});

test.each([
  [1, undefined, 'quantity'],
  [undefined, {}, 'quantities'],
  [undefined, { cached: 1 }, 'quantities.cached'],
  [undefined, { input: -1 }, 'quantities.input'],
])(
  'of a price with dimensions quantity %j and quantities %j are refused',
  (quantity, quantities, path) => {
    expect(readQuantities(priceOf(CHAT), quantity, quantities)).toMatchObject({ fault: { path } });
  },
);
