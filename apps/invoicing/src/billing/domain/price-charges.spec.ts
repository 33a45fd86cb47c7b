import { decimal, usageOf } from '@orbit/pricing';
import { chargesUntil, nextDueMs } from '../../timeline/domain/charges.js';
import type { AdjustmentInterval, Timeline } from '../../timeline/domain/timeline.js';
import {
  at,
  intervalOf,
  priceOf,
  timelineOf,
  usagePriceOf,
} from '../../timeline/domain/test-timeline.js';
import { adjustCharges } from './adjust-charges.js';
import { rateCharge } from './rate-charge.js';

/** Printed amounts of everything due at `until`, by price and start. */
function amounts(timeline: Timeline, until: string, used: Record<string, string> = {}): string[] {
  const rated = chargesUntil(timeline, at(until)).map((charge) =>
    rateCharge(charge, usageOf(decimal(used[charge.interval.id] ?? '0')), timeline.timezone),
  );
  return adjustCharges(rated, timeline.adjustments, () => 2)
    .map(({ rated: { charge }, amount }) =>
      [new Date(charge.startMs).toISOString().slice(5, 10), charge.interval.price.id, amount].join(
        ' ',
      ),
    )
    .sort();
}
const feeOf = (id: string, amount: string, fields = {}) =>
  priceOf({ id, unit_config: { unit_amount: amount }, ...fields });
const minimum = (amount: string, endMs: number | null = null): AdjustmentInterval => ({
  id: 'adj_1',
  startMs: 0,
  endMs,
  phaseOrder: null,
  couponId: null,
  adjustment: { id: 'a', adjustment_type: 'minimum', minimum_amount: amount },
});

test('T24: 49 → 199 on Mar 16 of 31 days: 25.29 of the old are not used, the new costs 102.71', () => {
  const kept = timelineOf([intervalOf(feeOf('old', '49.00'), '2026-03-01', null)]);
  expect(amounts(kept, '2026-03-01')).toEqual(['03-01 old 49']);
  const changed = timelineOf([
    intervalOf(feeOf('old', '49.00'), '2026-03-01', '2026-03-16'),
    intervalOf(feeOf('new', '199.00'), '2026-03-16', null),
  ]);
  expect(amounts(changed, '2026-03-16')).toEqual(['03-01 old 23.71', '03-16 new 102.71']);
});

test('T24: 42 of 91 days of a quarter at 300 are 138.46', () => {
  const quarterly = feeOf('q', '300.00', { cadence: 'quarterly', billing_mode: 'in_arrear' });
  // April to June has 91 days; 42 of them are left on May 20.
  const anchor = { day: 1, month: 4, year: 2026 };
  const timeline = timelineOf([intervalOf(quarterly, '2026-05-20', null, { anchor })]);
  expect(amounts(timeline, '2026-07-01')).toEqual(['05-20 q 138.46']);
});

test('$100 given up on the 4th of a month of 31 days keeps 3 of them: 90.32 come back', () => {
  const timeline = timelineOf([
    intervalOf(feeOf('f', '100.00'), '2026-03-01', '2026-03-04T15:30:00Z'),
  ]);
  expect(amounts(timeline, '2026-03-04')).toEqual(['03-01 f 9.68']);
});

test('usage is due at the end of its part of the period, a fee in advance at its start', () => {
  const timeline = timelineOf([
    intervalOf(usagePriceOf(), '2026-01-15', null),
    intervalOf(feeOf('fee', '31.00'), '2026-01-15', null),
  ]);
  expect(nextDueMs(timeline, at('2026-01-14'))).toBe(at('2026-01-15'));
  expect(nextDueMs(timeline, at('2026-01-15'))).toBe(at('2026-02-01'));
  expect(amounts(timeline, '2026-02-01', { pi_price_usage: '7' })).toEqual([
    ...['01-15 fee 17', '01-15 price_usage 70', '02-01 fee 31'],
  ]);
});

test('150,000 calls in tiers of 0.001, 0.0008 and 0.0005 are 107.00', () => {
  const tiers = [
    { first_unit: 0, last_unit: 10_000, unit_amount: '0.001' },
    { first_unit: 10_000, last_unit: 100_000, unit_amount: '0.0008' },
    { first_unit: 100_000, last_unit: null, unit_amount: '0.0005' },
  ];
  const price = usagePriceOf({ model_type: 'tiered', tiered_config: { tiers } });
  const timeline = timelineOf([intervalOf(price, '2026-01-01', '2026-02-01')]);
  expect(amounts(timeline, '2026-02-01', { pi_price_usage: '150000' })).toEqual([
    '01-01 price_usage 107',
  ]);
});

test.each([
  ['9', '50'],
  ['20', '50'],
  ['28', '70'],
  ['36', '90'],
])('a minimum of 50 over %s calls at 2.50 makes %s', (quantity, amount) => {
  const price = usagePriceOf({ unit_config: { unit_amount: '2.50' } });
  const timeline = timelineOf([intervalOf(price, '2026-01-01', '2026-02-01')], {
    adjustments: [minimum('50.00')],
  });
  expect(amounts(timeline, '2026-02-01', { pi_price_usage: quantity })).toEqual([
    `01-01 price_usage ${amount}`,
  ]);
});

test('what lacks to a minimum is spread over its lines, in whole cents', () => {
  const three = ['a', 'b', 'c'].map((id) =>
    intervalOf(usagePriceOf({ id }), '2026-01-01', '2026-02-01'),
  );
  const timeline = timelineOf(three, { adjustments: [minimum('1.00')] });
  expect(amounts(timeline, '2026-02-01')).toEqual(['01-01 a 0.34', '01-01 b 0.33', '01-01 c 0.33']);
});

test('more seats on the 16th of a month of 31 days count for 16 of them', () => {
  const price = feeOf('seats', '10.00');
  const steps = [
    { fromMs: at('2026-03-01'), quantity: '2' },
    { fromMs: at('2026-03-16'), quantity: '5' },
  ];
  const timeline = timelineOf([intervalOf(price, '2026-03-01', null, { steps })]);
  // 20 × 15/31 + 50 × 16/31
  expect(amounts(timeline, '2026-03-01')).toEqual(['03-01 seats 35.48']);
  expect(amounts(timeline, '2026-04-01')).toEqual(['03-01 seats 35.48', '04-01 seats 50']);
});

test('a fee that is charged once is charged once, and whole', () => {
  const price = feeOf('setup', '99.00', { cadence: 'one_time' });
  const timeline = timelineOf([intervalOf(price, '2026-01-20', null)]);
  expect(amounts(timeline, '2027-01-20')).toEqual(['01-20 setup 99']);
});
