import { decodeForm } from './form.js';
import {
  flag,
  integer,
  list,
  metadata,
  object,
  oneOf,
  readParams,
  required,
  text,
  url,
  type Shape,
} from './params.js';
import { StripeError } from './stripe-error.js';

function refusal(
  shape: Shape,
  form: string,
): { code: string | undefined; param: string | undefined } {
  try {
    readParams(shape, decodeForm(form));
  } catch (error) {
    if (error instanceof StripeError)
      return { code: error.details.code, param: error.details.param };
    throw error;
  }
  throw new Error(`${form} was taken`);
}

const shape = {
  mode: required(oneOf('payment')),
  quantity: integer(1, 10),
  confirm: flag(),
  success_url: url(),
  items: list(required(object({ name: required(text(5)) }))),
  metadata: metadata(),
} as const;

test('readParams: reads what fits and leaves the rest undefined', () => {
  const form = 'mode=payment&quantity=3&confirm=true&items[0][name]=abc&metadata[k]=v';
  expect(readParams(shape, decodeForm(form))).toEqual({
    mode: 'payment',
    quantity: 3,
    confirm: true,
    success_url: undefined,
    items: [{ name: 'abc' }],
    metadata: { k: 'v' },
  });
});

test.each([
  ['mode=payment&colour=red', 'parameter_unknown', 'colour'],
  ['mode=payment&items[0][name]=a&items[0][size]=1', 'parameter_unknown', 'items[0][size]'],
  ['quantity=1', 'parameter_missing', 'mode'],
  ['mode=', 'parameter_invalid_empty', 'mode'],
  ['mode=payment&items[0][x]=', 'parameter_unknown', 'items[0][x]'],
  ['mode=payment&quantity=1.5', 'parameter_invalid_integer', 'quantity'],
  ['mode=payment&quantity=1e3', 'parameter_invalid_integer', 'quantity'],
  ['mode=payment&quantity=0', 'parameter_invalid_integer', 'quantity'],
  ['mode=payment&quantity=11', 'parameter_invalid_integer', 'quantity'],
  ['mode=payment&quantity=99999999999999999999', 'parameter_invalid_integer', 'quantity'],
  ['mode=subscription', undefined, 'mode'],
  ['mode=payment&confirm=yes', undefined, 'confirm'],
  ['mode=payment&success_url=nowhere', 'url_invalid', 'success_url'],
  ['mode=payment&success_url=javascript:alert(1)', 'url_invalid', 'success_url'],
  ['mode=payment&items[0][name]=abcdef', undefined, 'items[0][name]'],
  ['mode=payment&items=x', undefined, 'items'],
])('readParams: %s is refused', (form, code, param) => {
  expect(refusal(shape, form)).toEqual({ code, param });
});

test('readParams: a URL may carry {CHECKOUT_SESSION_ID}', () => {
  const given = { mode: 'payment', success_url: 'https://a.test/ok?s={CHECKOUT_SESSION_ID}' };
  expect(readParams(shape, given).success_url).toBe(given.success_url);
});

test('readParams: metadata is at most 50 keys of 40 characters with values of 500', () => {
  const many = Array.from({ length: 51 }, (_, i) => `metadata[k${i}]=v`).join('&');
  expect(refusal(shape, `mode=payment&${many}`).param).toBe('metadata');
  expect(refusal(shape, `mode=payment&metadata[${'k'.repeat(41)}]=v`).param).toContain(
    'metadata[k',
  );
  expect(refusal(shape, `mode=payment&metadata[k]=${'v'.repeat(501)}`).param).toBe('metadata[k]');
});
