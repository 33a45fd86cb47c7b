import { correctableFromMs, type BillingPeriod } from './correction-window.js';

const HOUR_MS = 3_600_000;
const period = (
  start: string,
  end: string,
  change: Partial<BillingPeriod> = {},
): BillingPeriod => ({
  startMs: Date.parse(start),
  endMs: Date.parse(end),
  subscriptionStartMs: Date.parse('2025-01-01T00:00:00Z'),
  anchorDay: 1,
  timezone: 'UTC',
  ...change,
});
const from = (periods: readonly BillingPeriod[], now: string): string | null => {
  const ms = correctableFromMs(periods, Date.parse(now));
  return ms === null ? null : new Date(ms).toISOString();
};

const NOVEMBER = period('2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z');

test('events of the current period may be corrected, and those of the one before until its grace of 12 hours ends', () => {
  expect(from([NOVEMBER], '2026-11-20T00:00:00Z')).toBe('2026-11-01T00:00:00.000Z');
  expect(from([NOVEMBER], '2026-11-01T12:00:00Z')).toBe('2026-11-01T00:00:00.000Z');
  expect(from([NOVEMBER], '2026-11-01T11:59:59.999Z')).toBe('2026-10-01T00:00:00.000Z');
});

test('the first period has none before it, and the second one that begins with the subscription', () => {
  const first = { ...NOVEMBER, subscriptionStartMs: NOVEMBER.startMs };
  expect(from([first], '2026-11-01T01:00:00Z')).toBe('2026-11-01T00:00:00.000Z');
  const second = { ...NOVEMBER, subscriptionStartMs: Date.parse('2026-10-17T00:00:00Z') };
  expect(from([second], '2026-11-01T01:00:00Z')).toBe('2026-10-17T00:00:00.000Z');
});

test('an anchor on the 31st is kept over a short month, and midnight is the local one', () => {
  const short = { anchorDay: 31 };
  const march = period('2026-02-28T00:00:00Z', '2026-03-31T00:00:00Z', short);
  expect(from([march], '2026-02-28T01:00:00Z')).toBe('2026-01-31T00:00:00.000Z');
  const timezone = 'America/New_York';
  const winter = period('2026-11-15T05:00:00Z', '2026-12-15T05:00:00Z', {
    anchorDay: 15,
    timezone,
  });
  expect(from([winter], '2026-11-15T06:00:00Z')).toBe('2026-10-15T04:00:00.000Z');
});

test('a year, a week and a day have the one before them', () => {
  const year = period('2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z');
  expect(from([year], '2026-01-01T01:00:00Z')).toBe('2025-01-01T00:00:00.000Z');
  const week = period('2026-11-02T00:00:00Z', '2026-11-09T00:00:00Z', { anchorDay: 2 });
  expect(from([week], '2026-11-02T01:00:00Z')).toBe('2026-10-26T00:00:00.000Z');
});

test('of several subscriptions the widest counts; without an active one nothing limits', () => {
  const year = period('2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z');
  expect(from([NOVEMBER, year], '2026-11-20T00:00:00Z')).toBe('2026-01-01T00:00:00.000Z');
  expect(correctableFromMs([], 13 * HOUR_MS)).toBeNull();
});
