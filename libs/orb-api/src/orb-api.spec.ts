// Goal: the contract is served as data: every operation has a route, requests are judged by the document alone.
import { describe, expect, test } from '@jest/globals';
import { decodeCursor, encodeCursor, fingerprintOf } from './cursor.js';
import { ORB_ERRORS, problemOf } from './errors.js';
import { matchOperation } from './match-operation.js';
import { findOperation, ORB_OPERATIONS, type OrbOperation } from './operations.js';
import { readQuery } from './read-query.js';
import { bodyFaults, queryFaults, responseFaults } from './validate.js';

function operation(id: string): OrbOperation {
  const found = findOperation(id);
  if (!found) throw new Error(`no operation ${id}`);
  return found;
}
const matched = (method: string, path: string): string => {
  const match = matchOperation(method, path);
  return match.status === 'found'
    ? `${match.operation.id} ${JSON.stringify(match.pathValues)}`
    : match.status;
};

describe('routes', () => {
  test('158 operations with different ids; creating ones answer 201', () => {
    expect(new Set(ORB_OPERATIONS.map(({ id }) => id)).size).toBe(158);
    expect(operation('create-customer').successStatus).toBe(201);
    expect(operation('list-customers').isPaginated).toBe(true);
    expect(operation('fetch-customer').isPaginated).toBe(false);
  });

  test('each operation is found under its own path', () => {
    for (const { id, method, path } of ORB_OPERATIONS) {
      const filled = path.replace(/\{\w+\}/g, 'some%2Fid');
      expect(matched(method, filled)).toContain(`${id} `);
    }
  });

  test.each([
    ['GET', '/customers/a%2Fb%20c%40d', 'fetch-customer {"customer_id":"a/b c@d"}'],
    [
      'GET',
      '/customers/external_customer_id/e1',
      'fetch-customer-external-id {"external_customer_id":"e1"}',
    ],
    ['GET', '/customers/', 'list-customers {}'],
    ['PUT', '/events/e1/amend', 'amend-event {"event_id":"e1"}'],
    ['GET', '/customers/%', 'unknown_path'],
    ['GET', '/nothing', 'unknown_path'],
    ['PATCH', '/customers', 'wrong_method'],
  ])('%s %s is %s', (method, path, expected) => {
    expect(matched(method, path)).toBe(expected);
  });
});

describe('queries', () => {
  const read = (id: string, query: string): unknown => readQuery(operation(id), query);
  test('brackets are literal, empty is absent, lists come in both spellings', () => {
    const created = 'created_at%5Bgte%5D=2026-01-01T00:00:00Z&created_at[lt]=&limit=5';
    expect(read('list-customers', created)).toEqual({
      values: { limit: 5, 'created_at[gte]': '2026-01-01T00:00:00Z' },
      faults: [],
    });
    expect(read('list-invoices', 'status[]=draft&status[]=issued')).toMatchObject({
      values: { 'status[]': ['draft', 'issued'] },
    });
    expect(read('list-invoices', 'status=draft')).toMatchObject({
      values: { 'status[]': ['draft'] },
    });
  });

  test('what is no number or not in bounds is named', () => {
    expect(read('list-customers', 'limit=ten')).toMatchObject({
      faults: ['limit must be a whole number'],
    });
    const { values } = readQuery(operation('list-customers'), 'limit=101');
    expect(queryFaults(operation('list-customers'), values)).toEqual(['limit must be <= 100']);
  });
});

describe('bodies', () => {
  const customer = operation('create-customer');
  test.each<[string, unknown, readonly string[]]>([
    ['a field that is missing', { name: 'A' }, ['email is required']],
    ['a field of another type', { name: 1, email: 'a@b.c' }, ['name must be string']],
    [
      'a field that nobody knows',
      { name: 'A', email: 'a@b.c', nickname: 'x' },
      ['nickname is not a field of this request'],
    ],
    ['no object', [], ['body must be object']],
  ])('%s', (_, body, faults) => {
    expect(bodyFaults(customer, body)).toEqual(faults);
  });

  test('of 36 price models only the one that was meant is judged', () => {
    const price = operation('create-price');
    const base = { name: 'P', item_id: 'i', cadence: 'monthly', currency: 'USD' };
    const unit = { ...base, model_type: 'unit', unit_config: { unit_amount: '0.01' } };
    expect(bodyFaults(price, unit)).toEqual([]);
    const wrong = { ...unit, unit_config: { unit_amount: 1 } };
    expect(bodyFaults(price, wrong)).toEqual(['unit_config.unit_amount must be string']);
    expect(bodyFaults(price, { ...base, model_type: 'guess' }).join()).toContain('model_type');
  });

  test.each([[[]], ['x'], [null], [1]])(
    '%j is no entry of a ledger: a union asks for an object',
    (body) => {
      const faults = bodyFaults(operation('create-ledger-entry'), body);
      expect(faults.length).toBeGreaterThan(0);
      expect(faults[0]).toMatch(/^(body|entry_type) must/);
    },
  );

  test('an answer is judged by the same document', () => {
    expect(responseFaults(operation('ping'), { response: 'pong' })).toEqual([]);
    expect(responseFaults(operation('ping'), {})).toEqual(['response is required']);
  });
});

test('errors carry the type URI by which the SDKs tell them apart', () => {
  const refusal = { code: 'feature_not_available', detail: 'Not built yet.' } as const;
  expect(problemOf(refusal)).toEqual({
    type: 'https://docs.withorb.com/reference/error-responses#404-feature-not-available',
    status: 400,
    title: ORB_ERRORS.feature_not_available[2],
    detail: 'Not built yet.',
  });
  const invalid = { code: 'request_validation_errors', detail: 'email is required' } as const;
  expect(problemOf(invalid).validation_errors).toEqual(['email is required']);
});

test('a cursor belongs to its list and its filters', () => {
  const list = fingerprintOf('list-customers', {}, { limit: 5, 'created_at[gte]': 'x' });
  const cursor = encodeCursor(list, ['2026-01-01', 'cus_1']);
  expect(decodeCursor(list, cursor)).toEqual(['2026-01-01', 'cus_1']);
  const otherLimit = fingerprintOf('list-customers', {}, { 'created_at[gte]': 'x' });
  expect(decodeCursor(otherLimit, cursor)).not.toBeNull();
  expect(decodeCursor(fingerprintOf('list-customers', {}, {}), cursor)).toBeNull();
  expect(decodeCursor(fingerprintOf('list-items', {}, {}), cursor)).toBeNull();
  expect(decodeCursor(list, 'garbage')).toBeNull();
});
