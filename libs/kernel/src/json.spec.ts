// Goal: what JSON.parse would change without a word is refused, wherever it stands, and nothing else is. Method: texts
// by hand, and doubles by chance in every way of writing them.
import { seededRandom } from '@orbit/testing';
import { readJson } from './json.js';

const read = (text: string | Buffer) => {
  const answer = readJson(Buffer.from(text));
  if (answer.ok) return answer.value;
  const { fault } = answer;
  return fault.kind === 'not_json' ? fault.kind : [fault.kind, fault.path];
};

test.each([
  ['{"metadata":{"order":9007199254740993}}', 'metadata.order'],
  ['{"order":123456789012345678}', 'order'],
  ['{"a":[1,[2,{"b":0.1234567890123456789}]]}', 'a.1.1.b'],
  ['[1e400]', '0'],
  ['[-1E+400]', '0'],
  ['{"tiny":1e-400}', 'tiny'],
  ['{"list":["9007199254740993",{},[],9007199254740993]}', 'list.3'],
  ['{"a\\"b":{"c\\\\":9007199254740993}}', 'a"b.c\\'],
  ['{"\\u006frder":9007199254740993}', 'order'],
  ['{"a":"\\\\","b":9007199254740993}', 'b'],
  ['{"order":9007199254740993,"order":1}', 'order'],
  ['0.30000000000000001', ''],
  [' 1.7976931348623157e+309 ', ''],
  [`${'['.repeat(50_000)}9007199254740993${']'.repeat(50_000)}`, Array(50_000).fill('0').join('.')],
])('a number that a double does not keep is found where it stands: %s', (text, path) => {
  expect(read(text)).toEqual(['number', path]);
});

test.each([
  '9007199254740992',
  '9007199254740994',
  '0.1',
  '1.10',
  '1E+2',
  '-0',
  '-0.0e999',
  '0e400',
  '1e-7',
  '1.000000000000000000000000',
  '100000000000000000000000',
  '1e22',
  '5e-324',
  '1.7976931348623157e308',
  '0.30000000000000004',
  '123456789.123456',
  '["12345678901234567890","1e999","\\"9007199254740993"]',
  '{"9007199254740993":1}',
])('%s comes out as it is written, and is taken', (text) => {
  expect(read(text)).toEqual(JSON.parse(text));
});

test('every double is taken as JavaScript writes it, and refused with one more digit that it cannot hold', () => {
  const random = seededRandom(7);
  const view = new DataView(new ArrayBuffer(8));
  for (let n = 0; n < 20_000; n++) {
    for (let at = 0; at < 8; at++) view.setUint8(at, random.integer(0, 255));
    const double = view.getFloat64(0);
    if (!Number.isFinite(double) || double === 0) continue;
    const [mantissa = '', exponent] = String(double).split('e');
    const tail = exponent === undefined ? '' : `e${exponent}`;
    expect(read(`[${double}]`)).toEqual([double]);
    const longer = `${mantissa}${mantissa.includes('.') ? '' : '.'}00000000000000000001${tail}`;
    expect(read(`{"n":${longer}}`)).toEqual(['number', 'n']);
  }
});

test.each([
  ['{"metadata":{"__proto__":1}}', ['name', 'metadata.__proto__']],
  ['{"metadata":{"__pr\\u006fto__":1}}', ['name', 'metadata.__proto__']],
  ['[{"a":{"__proto__":{}}}]', ['name', '0.a.__proto__']],
  ['{"note":"a\\u0000b"}', ['text', 'note']],
  ['{"note":"\\ud800"}', ['text', 'note']],
  ['\ufeff{}', 'not_json'],
  ['', 'not_json'],
  ['{"a":1,}', 'not_json'],
  ['NaN', 'not_json'],
  [Buffer.from([0x22, 0xff, 0x22]), 'not_json'],
])('%s is refused', (text, fault) => {
  expect(read(text)).toEqual(fault);
});

test.each(['{"note":"__proto__"}', '{"note":"\\ufeff"}', '{"a":1,"a":2}', '"\\ud83d\\ude00"'])(
  '%s is taken; of a field that stands twice the last one counts',
  (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  },
);
