import { expect, test } from '@jest/globals';
import { applyMarks, toLetter, toMark, toRetry } from './dead-letters.js';

const letterMessage = (offset: number, headers: Record<string, unknown> = {}): object => ({
  key: null,
  value: Buffer.from('{}'),
  offset: String(offset),
  timestamp: '0',
  headers: {
    ...headers,
    orbit_error_code: Buffer.from('not_json'),
    orbit_source_partition: Buffer.from('2'),
    orbit_source_offset: Buffer.from('40'),
  },
});

test('toRetry gives back what came, headers without a value and those named as marks of ours included', () => {
  const came = { none: null, twice: [null, Buffer.from('b')], orbit_dlq_mark: Buffer.from('x') };
  expect(toRetry(toLetter(0, letterMessage(7, came)))).toEqual({
    key: null,
    value: Buffer.from('{}'),
    headers: { ...came, orbit_retry_of: '0:7' },
    partition: 2,
  });
});

test('a letter whose sender named a header as our marks is a letter, and is open until a mark names it', () => {
  const named = letterMessage(0, { orbit_dlq_mark: Buffer.from('retry') });
  const [open] = applyMarks(0, [named]);
  expect(open).toMatchObject({ offset: 0n, reason: 'not_json', handled: null });
  const { value, headers } = toMark('discard', [open!], undefined, 0);
  const mark = { ...letterMessage(1), value: Buffer.from(value), headers };
  expect(applyMarks(0, [named, mark])).toMatchObject([
    { offset: 0n, handled: { action: 'discard' } },
  ]);
});
