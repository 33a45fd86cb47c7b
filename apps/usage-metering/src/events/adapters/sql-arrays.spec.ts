import { plainArray, textArray } from './sql-arrays.js';

test('texts keep their quotes, backslashes, commas, braces and the word NULL', () => {
  expect(textArray(['a', null, '', 'NULL', 'x"y', '\\', '{,}', ' ü\n'])).toBe(
    '{"a",NULL,"","NULL","x\\"y","\\\\","{,}"," ü\n"}',
  );
  expect([textArray([]), textArray([null])]).toEqual(['{}', '{NULL}']);
});

test('plain values stand as they are', () => {
  expect(plainArray([1, 2n, 'c0ffee'])).toBe('{1,2,c0ffee}');
  expect(plainArray([])).toBe('{}');
});
