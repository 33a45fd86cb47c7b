// Goal: adjustments apply in their order, and what is taken off several lines adds up to the whole.
import { expect, test } from '@jest/globals';
import { decimal, sumOf, type Decimal } from '../decimal.js';
import { adjust, type AdjustableLine, type Adjustment } from './adjust.js';

const line = (priceId: string, quantity: string, unit = '1'): AdjustableLine => {
  const rateAt = (q: Decimal): Decimal => q.times(decimal(unit));
  return { priceId, quantity: decimal(quantity), amount: rateAt(decimal(quantity)), rateAt };
};
type Change = Adjustment extends infer A
  ? A extends Adjustment
    ? Omit<A, 'id' | 'priceIds'>
    : never
  : never;
const on = (ids: string, change: Change): Adjustment =>
  ({ id: change.type, priceIds: new Set(ids.split('')), ...change }) as Adjustment;
const amounts = (
  lines: readonly AdjustableLine[],
  ...adjustments: readonly Adjustment[]
): string[] => adjust(lines, adjustments, 2).lines.map(({ amount }) => amount.toString());

test('T27 a discount of 1,000 over 3333, 3333 and 3334 takes 333, 333 and 334', () => {
  const lines = [line('a', '3333'), line('b', '3333'), line('c', '3334')];
  const off = on('abc', { type: 'amount_discount', amount: decimal('1000') });
  const whole = adjust(lines, [off], 0).lines.map(({ effects }) => effects[0]?.amount.toString());
  expect(whole).toEqual(['-333', '-333', '-334']);
});

test('the order is usage, amount, percentage, tiered percentage, minimum, maximum, whatever was written first', () => {
  const changes = [
    on('a', { type: 'maximum', amount: decimal('50') }),
    on('a', { type: 'percentage_discount', fraction: decimal('0.1') }),
    on('a', { type: 'amount_discount', amount: decimal('10') }),
    on('a', { type: 'usage_discount', quantity: decimal('20') }),
  ];
  // (100 − 20) × 1 − 10 = 70; − 10 % = 63; at most 50.
  const [adjusted] = adjust([line('a', '100')], changes, 2).lines;
  expect(
    adjusted?.effects.map(({ adjustmentId, amount }) => `${adjustmentId} ${amount.toString()}`),
  ).toEqual(['usage_discount -20', 'amount_discount -10', 'percentage_discount -7', 'maximum -13']);
  expect(adjusted?.amount.toString()).toBe('50');
});

test('a usage discount runs over the lines until it is used up', () => {
  const off = on('ab', { type: 'usage_discount', quantity: decimal('15') });
  expect(amounts([line('a', '10', '2'), line('b', '10', '3')], off)).toEqual(['0', '15']);
});

test('a discount never takes more than there is', () => {
  const off = on('ab', { type: 'amount_discount', amount: decimal('99') });
  expect(amounts([line('a', '10'), line('b', '5')], off)).toEqual(['0', '0']);
  expect(amounts([line('a', '0'), line('b', '0')], off)).toEqual(['0', '0']);
});

test('each part of the spend has the rate of its tier', () => {
  const tiers = [
    { lowerBound: decimal('0'), upperBound: decimal('100'), fraction: decimal('0.1') },
    { lowerBound: decimal('100'), upperBound: null, fraction: decimal('0.5') },
  ];
  const off = on('ab', { type: 'tiered_percentage_discount', tiers });
  expect(amounts([line('a', '100'), line('b', '100')], off)).toEqual(['70', '70']);
});

test('what is missing to a minimum stands beside the lines', () => {
  const least = on('ab', { type: 'minimum', amount: decimal('50') });
  const { lines, shortfalls } = adjust([line('a', '10'), line('b', '22.5')], [least], 2);
  expect(sumOf(lines.map(({ amount }) => amount)).toString()).toBe('32.5');
  expect(shortfalls.map(({ amount }) => amount.toString())).toEqual(['17.5']);
  expect(adjust([line('a', '50')], [least], 2).shortfalls).toEqual([]);
});

test('lines of other prices stay as they are', () => {
  const off = on('a', { type: 'percentage_discount', fraction: decimal('1') });
  expect(amounts([line('a', '10'), line('b', '5')], off)).toEqual(['0', '5']);
});
