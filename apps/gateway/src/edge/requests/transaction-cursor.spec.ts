import { decodeCursor, encodeCursor } from './transaction-cursor.js';

const cursor = { cursor_ts: '2026-05-16T11:21:18.901Z', cursor_id: 'ct_2vXq7p9yzAbCdEe' };

test('decodeCursor: reads back what encodeCursor wrote', () => {
  expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
});

test('encodeCursor: needs no escaping in a URL', () => {
  const text = encodeCursor(cursor);
  expect(encodeURIComponent(text)).toBe(text);
});

test.each(['', 'x', '%%%', 'bm90IGEgY3Vyc29y', encodeCursor({ ...cursor, cursor_ts: 'today' })])(
  'decodeCursor: refuses %p',
  (text) => {
    expect(decodeCursor(text)).toBeNull();
  },
);
