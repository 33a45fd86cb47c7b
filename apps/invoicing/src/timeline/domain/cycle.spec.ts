import { seededRandom } from '@orbit/testing';
import { civilDays } from './civil.js';
import { anchorAt, periodAt, type Anchor, type Cycle, type Period } from './cycle.js';
import { readInstant } from './read-instant.js';

const MONTH: Cycle = { unit: 'month', count: 1 };
const YEAR: Cycle = { unit: 'month', count: 12 };
const at = (text: string): number => Date.parse(text);

function starts(anchor: Anchor, cycle: Cycle, from: string, count: number, zone = 'UTC'): string[] {
  let period = periodAt(anchor, cycle, at(from), zone);
  return Array.from({ length: count }, () => {
    const { startMs, endMs } = period;
    period = periodAt(anchor, cycle, endMs, zone);
    return new Date(startMs).toISOString().slice(0, 10);
  });
}
const hours = ({ startMs, endMs }: Period): number => (endMs - startMs) / 3_600_000;

test('T25: an anchor on the 31st falls on Feb 28, Mar 31 and Apr 30, and never drifts to the 28th', () => {
  const anchor = { day: 31, month: 1, year: 2026 };
  expect(starts(anchor, MONTH, '2026-01-31T12:00:00Z', 5)).toEqual([
    ...['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31'],
  ]);
  expect(starts(anchor, MONTH, '2025-11-01T00:00:00Z', 2)).toEqual(['2025-10-31', '2025-11-30']);
});

test('T25: a year from 2028-02-29 ends on 2029-02-28, and 2032 has its 29th again', () => {
  const anchor = { day: 29, month: 2, year: 2028 };
  expect(starts(anchor, YEAR, '2028-03-01T00:00:00Z', 5)).toEqual([
    ...['2028-02-29', '2029-02-28', '2030-02-28', '2031-02-28', '2032-02-29'],
  ]);
});

test('T26: March in New York has 743 hours, November 721, and a day on Lord Howe 24.5', () => {
  const first = { day: 1, month: 1, year: 2026 };
  const march = periodAt(first, MONTH, at('2026-03-15T00:00:00Z'), 'America/New_York');
  expect(hours(march)).toBe(743);
  expect(hours(periodAt(first, MONTH, at('2026-11-15T00:00:00Z'), 'America/New_York'))).toBe(721);
  const day = periodAt(
    first,
    { unit: 'day', count: 1 },
    at('2026-04-04T16:00:00Z'),
    'Australia/Lord_Howe',
  );
  expect(hours(day)).toBe(24.5);
});

test('T26: 03:59:59.999Z of April 1 is March in New York, 04:00 is April', () => {
  const first = { day: 1, month: 1, year: 2026 };
  const startOf = (text: string): string =>
    new Date(periodAt(first, MONTH, at(text), 'America/New_York').startMs).toISOString();
  expect(startOf('2026-04-01T03:59:59.999Z')).toBe('2026-03-01T05:00:00.000Z');
  expect(startOf('2026-04-01T04:00:00.000Z')).toBe('2026-04-01T04:00:00.000Z');
});

test('periods of any cycle in any zone tile time: no gap, no overlap, each instant in the one that holds it', () => {
  const random = seededRandom();
  const zones = [
    'UTC',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
    'Pacific/Apia',
  ];
  for (let round = 0; round < 60; round++) {
    const zone = zones[random.integer(0, zones.length - 1)]!;
    const cycle: Cycle = {
      unit: random.integer(0, 3) === 0 ? 'day' : 'month',
      count: [1, 2, 3, 6, 12][random.integer(0, 4)]!,
    };
    const startMs = at('2010-01-01T00:00:00Z') + random.integer(0, 7_000 * 86_400) * 1_000;
    const anchor = { ...anchorAt(startMs, zone), day: random.integer(27, 31) };
    let before = periodAt(anchor, cycle, startMs, zone);
    for (let step = 0; step < 8; step++) {
      const next = periodAt(anchor, cycle, before.endMs, zone);
      expect(next.startMs).toBe(before.endMs);
      expect(next.endMs).toBeGreaterThan(next.startMs);
      const inside = random.integer(next.startMs, next.endMs - 1);
      expect(periodAt(anchor, cycle, inside, zone)).toEqual(next);
      before = next;
    }
  }
});

test('days are counted by the calendar of the customer, over changes of the clocks', () => {
  const zone = 'America/New_York';
  expect(civilDays(at('2026-03-01T05:00:00Z'), at('2026-04-01T04:00:00Z'), zone)).toBe(31);
  expect(civilDays(at('2026-03-04T20:30:00Z'), at('2026-04-01T04:00:00Z'), zone)).toBe(28);
});

test('a day is its midnight at the customer; a time that no calendar has is none', () => {
  expect(readInstant('2026-01-10', 'Asia/Kolkata')).toBe(at('2026-01-09T18:30:00Z'));
  expect(readInstant('2026-01-10T05:00:00+02:00', 'UTC')).toBe(at('2026-01-10T03:00:00Z'));
  expect(readInstant('2026-01-10T05:00:00', 'Asia/Kolkata')).toBe(at('2026-01-09T23:30:00Z'));
  expect(readInstant('2026-02-30', 'UTC')).toBeNull();
});
