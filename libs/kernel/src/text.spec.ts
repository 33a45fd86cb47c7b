import { mayHoldUnstorableText, unstorableTextAt } from './text.js';

const at = (json: string): string | null => {
  expect(mayHoldUnstorableText(Buffer.from(json))).toBe(json.includes('\\u'));
  return unstorableTextAt(JSON.parse(json));
};

test('text that PostgreSQL cannot store is found where it stands', () => {
  expect(at('{"metadata":{"note":"a\\u0000b"}}')).toBe('metadata.note');
  expect(at('{"metadata":{"note":"\\ud800"}}')).toBe('metadata.note');
  expect(at('{"metadata":{"no\\u0000te":1}}')).toBe('metadata');
  expect(at('{"list":["x",["\\udc00x"]]}')).toBe('list.1.0');
  expect(at('"\\u0000"')).toBe('');
});

test('every other text is fine, pairs and depth without end too', () => {
  expect(at('{"note":"\\ud83d\\ude00 \\u0001 😀","n":[1,null,true]}')).toBeNull();
  expect(at(`${'['.repeat(50_000)}"\\u0041"${']'.repeat(50_000)}`)).toBeNull();
});
