import { expect, test } from '@jest/globals';
import { readInstant, toInstant } from './instants.js';
import { isBackwards, parsePosition } from '../kafka/kafka-range.js';

const ELEVEN_MS = Date.UTC(2026, 4, 16, 11);

test.each([
  '2026-05-16T11:00:00Z',
  '2026-05-16T11:00Z',
  '2026-05-16t11:00:00.000z',
  '2026-05-16 11:00:00Z',
  '2026-05-16 11:00:00 +00:00',
  '2026-05-16T13:00:00+02:00',
  '2026-05-16T13:00:00+0200',
  '2026-05-16T13:00:00,000+02',
  '-1h',
])('%s is an instant on every command', (text) => {
  const nowMs = Date.UTC(2026, 4, 16, 12);
  expect(readInstant(text, nowMs)).toBe(ELEVEN_MS);
  expect(parsePosition(text, nowMs)).toEqual({ kind: 'time', ms: ELEVEN_MS });
  expect(toInstant(text, nowMs)).toBe('2026-05-16T11:00:00.000Z');
});

test('a date is its beginning in UTC, and now is now', () => {
  expect(toInstant('2026-05-16')).toBe('2026-05-16T00:00:00.000Z');
  expect(toInstant('now', 0)).toBe('1970-01-01T00:00:00.000Z');
  expect(parsePosition('now', 7)).toEqual({ kind: 'time', ms: 7 });
});

test.each(['2026-05-16T13:00:00', 'yesterday', '16.05.2026', '2026-02-30T00:00:00Z', '2026-13-01'])(
  '%s is no instant',
  (text) => {
    expect(() => toInstant(text)).toThrow(/no instant/);
    expect(() => parsePosition(text, 0)).toThrow(/no position/);
  },
);

test('what lies before 1970 is the beginning of a topic, and no instant of the books when no calendar has it', () => {
  for (const early of ['0001-01-01', '1969-12-31T23:59:59.999Z', '-99999999999d']) {
    expect(parsePosition(early, ELEVEN_MS)).toEqual({ kind: 'time', ms: 0 });
  }
  expect(() => toInstant('-99999999999d')).toThrow(/no instant/);
});

test.each([
  ['-1h', '-2h', true],
  ['2026-05-17', '2026-05-16', true],
  ['20', '10', true],
  ['latest', 'earliest', true],
  ['-2h', '-1h', false],
  ['10', '10', false],
  ['0:20', '2:30', false],
  ['20', '2026-05-16', false],
])('--from %s --to %s is backwards: %s', (from, to, expected) => {
  const [start, end] = [from, to].map((text) => parsePosition(text, ELEVEN_MS));
  expect(isBackwards(start!, end!)).toBe(expected);
});
