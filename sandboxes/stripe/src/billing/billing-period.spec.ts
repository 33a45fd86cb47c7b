import { addIntervals, periodEnd, prorate } from './billing-period.js';

const at = (text: string): number => Date.parse(text) / 1_000;
const day = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(0, 10);

test('T25: an anchor on the 31st clamps to short months and comes back', () => {
  const anchor = at('2026-01-31T10:00:00Z');
  const days = [1, 2, 3].map((count) => day(addIntervals(anchor, 'month', count)));
  expect(days).toEqual(['2026-02-28', '2026-03-31', '2026-04-30']);
  const leap = at('2028-02-29T00:00:00Z');
  const years = [1, 4].map((count) => day(addIntervals(leap, 'year', count)));
  expect(years).toEqual(['2029-02-28', '2032-02-29']);
});

test('periodEnd: the first boundary after the start, counted from the anchor', () => {
  const anchor = at('2026-01-31T10:00:00Z');
  const monthly = { interval: 'month', interval_count: 1 } as const;
  expect(day(periodEnd(anchor, monthly, anchor))).toBe('2026-02-28');
  expect(day(periodEnd(anchor, monthly, at('2026-02-28T10:00:00Z')))).toBe('2026-03-31');
  const quarterly = { interval: 'month', interval_count: 3 } as const;
  expect(day(periodEnd(anchor, quarterly, anchor))).toBe('2026-04-30');
});

test('T24: 49 to 199 on March 16 of 31 days: credit 25.29, charge 102.71', () => {
  const seconds = at('2026-04-01T00:00:00Z') - at('2026-03-16T00:00:00Z');
  const whole = at('2026-04-01T00:00:00Z') - at('2026-03-01T00:00:00Z');
  expect(prorate(-4_900, seconds, whole)).toBe(-2_529);
  expect(prorate(19_900, seconds, whole)).toBe(10_271);
});
