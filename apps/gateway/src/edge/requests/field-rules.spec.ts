import { expect, test } from '@jest/globals';
import { toInstant, VISIBLE_NAME } from './field-rules.js';

test.each(['2026-02-30T10:00:00Z', '2026-02-29', '2026-04-31T00:00:00+02:00', '2100-02-29T00:00Z'])(
  '%s exists in no calendar and is no instant over HTTP, whatever JavaScript makes of it',
  (text) => {
    expect(toInstant(text)).toBeNull();
  },
);

test('a day keeps its own when its zone puts the instant into the next or the one before', () => {
  expect(toInstant('2028-02-29T23:30:00-02:00')).toBe('2028-03-01T01:30:00.000Z');
  expect(toInstant('2026-03-01T00:30:00+01:00')).toBe('2026-02-28T23:30:00.000Z');
});

test.each([
  '9999-12-31T23:59:59-05:00',
  '0001-01-01T00:00:00+01:00',
  '0000-01-01T00:00:00Z',
  '0000-02-29',
])('%s has no year of four digits in UTC, which PostgreSQL could not give back to us', (text) => {
  expect(toInstant(text)).toBeNull();
});

test('the first and the last instant that are stored are instants', () => {
  expect(toInstant('0001-01-01T00:00:00Z')).toBe('0001-01-01T00:00:00.000Z');
  expect(toInstant('9999-12-31T23:59:59.999Z')).toBe('9999-12-31T23:59:59.999Z');
});

test.each([
  ...['Ac\u202eme', '\u2066Acme\u2069', '\u200fAcme', '\u061cAcme', 'Ac\u200bme', '\ufeffAcme'],
  ...[
    'Ac\u00adme',
    'Ac\u2060me',
    'Ac\u200dme',
    '\u3164',
    'a\u3164',
    '\u2800',
    'A1\ufe0f',
    'A\u{e0041}',
  ],
  ...['a\u2028b', 'a\nb', 'a\tb', 'a\0b', ' ', '', '\u3000', 'A\ue000', 'A\u034fB', 'A\u180eB'],
])('a name with what is not seen, or what turns text, is none: %j', (name) => {
  expect(VISIBLE_NAME.test(name)).toBe(false);
});

test.each([
  'Acme',
  'Ünïçødé & Søn, S.à r.l.',
  '日本 電気',
  'می\u200cخواهم',
  'क\u094d\u200dष',
  'I ❤\ufe0f NY',
  '😀',
])('%j is a name', (name) => {
  expect(VISIBLE_NAME.test(name)).toBe(true);
});
