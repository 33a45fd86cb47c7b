import { decodeForm } from './form.js';
import { StripeError } from './stripe-error.js';

const refusalOf = (text: string): unknown => {
  try {
    return decodeForm(text);
  } catch (error) {
    return error instanceof StripeError ? error.details.param : error;
  }
};

test('decodeForm: reads nested brackets as the SDK writes them', () => {
  const text =
    'line_items[0][price_data][currency]=usd&line_items[0][quantity]=1&metadata[a%5Bb]=x&mode=payment';
  expect(refusalOf(text)).toBe('metadata[a[b]');
  expect(
    decodeForm('line_items[0][price_data][currency]=usd&line_items[0][quantity]=1&mode=payment'),
  ).toEqual({
    line_items: [{ price_data: { currency: 'usd' }, quantity: '1' }],
    mode: 'payment',
  });
});

test('decodeForm: lists keep the order of their numbers, and [] appends', () => {
  expect(decodeForm('a[1]=y&a[0]=x')).toEqual({ a: ['x', 'y'] });
  expect(decodeForm('expand[]=one&expand[]=two')).toEqual({ expand: ['one', 'two'] });
});

test('decodeForm: decodes percent signs, plus and UTF-8; an empty value stays empty', () => {
  expect(decodeForm('name=Zo%C3%AB+M&email=')).toEqual({ name: 'Zoë M', email: '' });
  expect(decodeForm('')).toEqual({});
});

test('decodeForm: the last of two equal names wins', () => {
  expect(decodeForm('a=1&a=2')).toEqual({ a: '2' });
});

test('decodeForm: refuses a name that is a value and an object, and names without balance', () => {
  expect(refusalOf('a=1&a[b]=2')).toBe('a[b]');
  expect(refusalOf('a[b]=2&a=1')).toBe('a');
  expect(refusalOf('a[b=2')).toBe('a[b');
  expect(refusalOf('[b]=2')).toBe('[b]');
});

test('decodeForm: a bound on depth and on the number of pairs', () => {
  expect(refusalOf(`a${'[b]'.repeat(10)}=1`)).toBe(`a${'[b]'.repeat(10)}`);
  expect(() => decodeForm('a=1&'.repeat(2_001))).toThrow('too many');
});

test('decodeForm: names of Object.prototype are ordinary names', () => {
  const form = decodeForm('__proto__[x]=1&constructor=2');
  expect(Object.keys(form)).toEqual(['__proto__', 'constructor']);
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});
