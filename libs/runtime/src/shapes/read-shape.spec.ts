import { expect, test } from '@jest/globals';
import { BLOCKS, BlocksQuery, GrantBody, LEASES, shapes, type Shape } from '@orbit/contracts';
import { shapeReader } from './read-shape.js';

const bodyOf = <T>(shape: Shape<T>) => shapeReader(shape, { root: 'body', isClosed: true });
const queryOf = <T>(shape: Shape<T>) =>
  shapeReader(shape, { root: 'query', isClosed: true, isQuery: true });
const requestOf = <T>(shape: Shape<T>) => shapeReader(shape, { root: 'request', isClosed: false });

const grant = { amount: '25.00', kind: 'paid', reference: 'welcome' };
const wallet = { organization_id: 'org_a', currency: 'USD' };

test('a body goes on as it came: defaults of optional fields are for its readers', () => {
  expect(bodyOf(GrantBody)(grant)).toEqual(grant);
});

test.each([
  [{ ...grant, amount: '25,00' }, 'amount', /decimal string such as "25.00"/],
  [{ ...grant, amount: '0.00' }, 'amount', /above zero/],
  [{ ...grant, amount: '9999999999' }, 'amount', /decimal string/],
  [{ ...grant, kind: 'gift' }, 'kind', /^kind is one of paid, promotional\.$/],
  [{ ...grant, priority: 1_001 }, 'priority', /^priority is an integer from -1000 to 1000\.$/],
  [{ ...grant, priority: null }, 'priority', /integer/],
  [
    { ...grant, description: '' },
    'description',
    /^description is a text of 1 to 200 characters\.$/,
  ],
  [{ ...grant, expires_at: '2026-02-30T00:00:00Z' }, 'expires_at', /instant/],
  [{ kind: 'paid', reference: 'r' }, 'amount', /decimal string/],
  [[], 'body', /object/],
  [null, 'body', /object/],
])('%j is refused for %s, in words', (body, param, message) => {
  expect(() => bodyOf(GrantBody)(body)).toThrow(
    expect.objectContaining({
      code: 'invalid_field',
      param,
      message: expect.stringMatching(message),
    }),
  );
});

test('an unknown field is named before a wrong one', () => {
  const body = JSON.parse('{"amount":5,"more":1}') as unknown;
  const fault = expect.objectContaining({ code: 'unknown_field', param: 'more' });
  expect(() => bodyOf(GrantBody)(body)).toThrow(fault);
});

test('null is absence where the shape says so, and a value where it is nullable', () => {
  expect(bodyOf(GrantBody)({ ...grant, description: null, expires_at: null })).toEqual({
    ...grant,
    expires_at: null,
  });
});

test('a query gets its defaults, and integers from digits alone', () => {
  const read = queryOf(BlocksQuery);
  expect(read({})).toEqual({ include: 'open', limit: 100 });
  expect(read({ limit: '7' })).toEqual({ include: 'open', limit: 7 });
  for (const limit of ['1e2', ' 3', '', '0x1', ['1', '2']]) {
    expect(() => read({ limit })).toThrow(expect.objectContaining({ param: 'limit' }));
  }
});

test('a service passes over fields that it does not know, and refuses what is no request', () => {
  const read = requestOf(BLOCKS.grant.request);
  expect(read({ ...grant, ...wallet, newer: 1 })).toMatchObject(grant);
  for (const payload of [null, 'grant', 5, [], [grant]]) {
    expect(() => read(payload)).toThrow(expect.objectContaining({ param: 'request' }));
  }
  for (const currency of ['usd', 'US', 5, undefined]) {
    const fault = expect.objectContaining({ code: 'unsupported_currency', param: 'currency' });
    expect(() => read({ ...grant, ...wallet, currency })).toThrow(fault);
  }
});

test('a required field with a default is filled in for a caller of before', () => {
  const lease = { ...wallet, amount: '1', ttl_ms: 5_000, reference: 'r' };
  expect(requestOf(LEASES.open.request)(lease)).toEqual({ ...lease, holder: null });
});

test('the path of a fault goes through lists and objects', () => {
  const { integer, list, object } = shapes;
  const read = bodyOf(object({ rows: list(object({ n: integer({ minimum: 1 }) })) }));
  const param = (value: unknown): unknown => {
    try {
      return read(value);
    } catch (error) {
      return (error as { param?: string }).param;
    }
  };
  expect(param({ rows: [{ n: 1 }, { n: 0 }] })).toBe('rows.1.n');
  expect(param({ rows: [{ n: 1, m: 1 }] })).toBe('rows.0.m');
  expect(param({ rows: {} })).toBe('rows');
});

test('a fault names the field as the public API calls it, where that is another name', () => {
  const { integer, object } = shapes;
  const read = requestOf(object({ amount_minor: integer({ minimum: 1, param: 'amount' }) }));
  expect(() => read({ amount_minor: 0 })).toThrow(
    expect.objectContaining({
      param: 'amount',
      message: expect.stringMatching(/^amount is an integer/),
    }),
  );
  expect(() => read({})).toThrow(expect.objectContaining({ param: 'amount' }));
});
