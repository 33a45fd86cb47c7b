// Goal: what a client of Orb sees below /v1: the door, the form of every refusal, and that the owner's bytes come back
// as they are. Method: the whole HTTP app, injected, over accounts and owners in memory.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { OrbitError } from '@orbit/contracts';
import { ORB_ERRORS, ORB_OPERATIONS } from '@orbit/orb-api';
import { FakeWorld } from '../gateway.fake.js';
import { SERVED_OPERATIONS } from './operations.js';

const world = new FakeWorld();
const { orb } = world;
const key = orb.add('acct_a', 'live');
const otherKey = orb.add('acct_b', 'test');
let app: NestFastifyApplication;

beforeAll(async () => {
  app = await world.start();
});
afterAll(() => app.close());
beforeEach(() => {
  orb.isAllowed = true;
  orb.calls.length = 0;
  orb.customers.clear();
  orb.owner = (operation) =>
    Promise.resolve({ status: operation === 'create-customer' ? 201 : 200, body: '{"id":"x"}' });
});

interface Problem {
  readonly type: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly validation_errors?: readonly string[];
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
async function send(
  method: Method,
  url: string,
  payload?: unknown,
  headers: Record<string, string> = {},
) {
  const isRaw = typeof payload === 'string';
  const answer = await app.inject({
    method,
    url: `/v1${url}`,
    headers: {
      authorization: `Bearer ${key}`,
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload: isRaw ? payload : JSON.stringify(payload) }),
  });
  const body = answer.body === '' ? null : (JSON.parse(answer.body) as Problem);
  return { status: answer.statusCode, headers: answer.headers, text: answer.body, body };
}

/** The fragment of a refusal, after its form was checked. */
function fragmentOf({ status, headers, body }: Awaited<ReturnType<typeof send>>): string {
  expect(headers['content-type']).toMatch(/^application\/json/);
  expect(body).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  const [base, fragment = ''] = body!.type.split('#');
  expect(base).toBe('https://docs.withorb.com/reference/error-responses');
  const known = Object.values(ORB_ERRORS).map(([, name]) => name as string);
  expect(known).toContain(fragment);
  if (fragment === '400-request-validation-errors') {
    expect(body!.validation_errors!.length).toBeGreaterThan(0);
  }
  return fragment;
}

test.each([
  ['no key', {}],
  ['a key that is none', { authorization: 'Bearer x' }],
  ['an unknown key', { authorization: `Bearer orb_live_${'a'.repeat(40)}` }],
  ['a key of an organization', { authorization: `Bearer ${world.addOrganization('org_key')}` }],
  ['a key in another header', { 'x-api-key': key }],
])('%s answers 401 in the form of Orb, whatever the path', async (_title, headers) => {
  for (const url of ['/v1/ping', '/v1/customers', '/v1/nonsense', '/v1', '/v1/%2e']) {
    const answer = await app.inject({ url, headers });
    expect({ url, status: answer.statusCode }).toEqual({ url, status: 401 });
    expect(answer.json<Problem>().type).toMatch(/#401-authentication-error$/);
  }
  expect(orb.calls).toEqual([]);
});

test('a key of an account opens nothing of the Orbit API, and the old base stays the Orbit API', async () => {
  for (const url of ['/api/v1/billing/balance', '/v1/billing/balance']) {
    const answer = await app.inject({ url, headers: { authorization: `Bearer ${key}` } });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
  }
  const own = world.addOrganization('org_old');
  const old = await app.inject({ url: '/v1/billing/balance', headers: { 'x-api-key': own } });
  expect(old.json()).toMatchObject({ data: { currency: 'usd' } });
});

test('ping answers, and says how many requests are left', async () => {
  const answer = await send('GET', '/ping');
  expect(answer).toMatchObject({ status: 200, body: { response: 'pong' } });
  expect(answer.headers).toMatchObject({ 'ratelimit-limit': '4000' });
  expect(answer.headers['x-request-id']).toMatch(/^req_/);
});

test.each([
  ['an unknown path', 'GET', '/nonsense', '404-url-not-found'],
  ['a wrong method', 'PUT', '/ping', '404-url-not-found'],
  ['half an escape', 'GET', '/customers/%zz', '404-url-not-found'],
  ['a NUL in an id', 'GET', '/customers/a%00b', '404-url-not-found'],
  ['an empty id', 'GET', '/customers//costs', '404-url-not-found'],
] as const)('%s is refused in the form of Orb', async (_title, method, url, fragment) => {
  expect(fragmentOf(await send(method, url))).toBe(fragment);
});

test.each([
  ['broken JSON', '{"name":', /valid JSON/],
  ['a number of too many digits', '{"name":"a","x":0.12345678901234567890}', /x: A number/],
  ['a list', '[]', /body must be object/],
  ['a missing field', '{"email":"a@b.c"}', /name is required/],
  ['an unknown field', '{"name":"a","email":"a@b.c","nme":1}', /nme is not a field/],
  ['a wrong type', '{"name":1,"email":"a@b.c"}', /name must be string/],
  ['a field of the prototype', '{"name":"a","email":"a@b.c","__proto__":{}}', /__proto__/],
])('%s names the fault and reaches nobody', async (_title, body, detail) => {
  const answer = await send('POST', '/customers', body);
  expect(fragmentOf(answer)).toBe('400-request-validation-errors');
  expect(answer.body!.detail).toMatch(detail);
  expect(orb.calls).toEqual([]);
  expect(orb.customers.size).toBe(0);
});

test('a form, a body that is too large and a bad Idempotency-Key are refused in the form of Orb', async () => {
  const form = await send('POST', '/items', 'name=a', { 'content-type': 'text/plain' });
  expect(fragmentOf(form)).toBe('400-request-validation-errors');
  const large = await send('POST', '/items', { name: 'a'.repeat(1_100_000) });
  expect(fragmentOf(large)).toBe('413-request-too-large');
  const long = await send('POST', '/items', { name: 'a' }, { 'idempotency-key': 'k'.repeat(65) });
  expect(fragmentOf(long)).toBe('400-request-validation-errors');
  expect(orb.calls).toEqual([]);
});

test('query parameters are checked by the contract, empty ones are absent', async () => {
  expect(fragmentOf(await send('GET', '/items?limit=0'))).toBe('400-request-validation-errors');
  expect(fragmentOf(await send('GET', '/items?limit=x'))).toBe('400-request-validation-errors');
  expect((await send('GET', '/items?limit=&cursor=')).status).toBe(200);
  await send('GET', '/customers?created_at%5Bgte%5D=2026-01-01');
  expect(orb.calls.map(({ call }) => call.query)).toEqual([
    { limit: 20 },
    { limit: 20, 'created_at[gte]': '2026-01-01' },
  ]);
});

test('an owner is told whose call it is, and its bytes, status and headers come back as they are', async () => {
  const body = '{"id":"item_1","exact":0.1000}';
  orb.owner = async () => ({ status: 201, body, is_replay: true });
  const answer = await send('POST', '/items', { name: 'A' }, { 'idempotency-key': 'k1' });
  expect(answer).toMatchObject({ status: 201, text: body });
  expect(answer.headers).toMatchObject({ 'idempotency-key': 'k1', 'idempotent-replayed': 'true' });
  const [sent] = orb.calls;
  expect(sent).toMatchObject({
    operation: 'create-item',
    call: {
      account: { id: 'acct_a', mode: 'live', default_currency: 'USD', timezone: 'UTC' },
      customer: null,
      body: { name: 'A' },
      idempotency: { key: 'k1' },
    },
  });
  orb.owner = async () => ({ status: 409, body: '{}', is_final: true });
  const refused = await send('POST', '/items', { name: 'B' }, { 'idempotency-key': 'k1' });
  expect(refused.headers).toMatchObject({ 'x-should-retry': 'false' });
  expect(orb.calls[1]!.call.idempotency).not.toEqual(sent!.call.idempotency);
});

test('an empty body is none, with and without a content type', async () => {
  for (const headers of [{}, { 'content-type': 'application/json' }]) {
    expect((await send('POST', '/items/item_1/archive', undefined, headers)).status).toBe(200);
  }
  expect((await send('POST', '/items/item_1/archive', {})).status).toBe(200);
  expect(orb.calls.map(({ call }) => call.path)).toEqual(Array(3).fill({ item_id: 'item_1' }));
});

test('what is away is a 500 that the SDKs repeat, and a fault of ours says nothing of itself', async () => {
  orb.owner = () => Promise.reject(new OrbitError('unavailable', 'invoicing is away'));
  const away = await send('GET', '/items');
  expect(fragmentOf(away)).toBe('500-internal-server-error');
  expect(away.headers).toMatchObject({ 'transient-error': 'true', 'retry-after': '1' });
  orb.owner = () => Promise.reject(new Error('secret'));
  const broken = await send('GET', '/items');
  expect(fragmentOf(broken)).toBe('500-internal-server-error');
  expect(broken.text).not.toContain('secret');
});

test('a key that asks too often answers 429 with the time to wait', async () => {
  orb.isAllowed = false;
  const answer = await send('GET', '/ping');
  expect(fragmentOf(answer)).toBe('429-too-many-requests');
  expect(answer.headers['retry-after']).toBe('2');
});

test('every operation of the contract is served, and nothing beside it; one that leaves the table says that it is not built', async () => {
  expect(Object.keys(SERVED_OPERATIONS).sort()).toEqual(ORB_OPERATIONS.map(({ id }) => id).sort());
  const table = SERVED_OPERATIONS as Record<string, (typeof SERVED_OPERATIONS)[string]>;
  const { ping } = table;
  delete table['ping'];
  try {
    const answer = await send('GET', '/ping');
    expect([answer.status, fragmentOf(answer)]).toEqual([400, '404-feature-not-available']);
  } finally {
    table['ping'] = ping!;
  }
  expect((await send('GET', '/ping')).status).toBe(200);
  expect(orb.calls).toEqual([]);
});

describe('customers', () => {
  const customer = { name: 'Acme', email: 'a@acme.test' };

  test('an organization is claimed, gets its wallet and its profile, and is found by both names', async () => {
    const external = 'crm/1 @x';
    const made = await send('POST', '/customers', { ...customer, external_customer_id: external });
    expect(made.status).toBe(201);
    const [row] = [...orb.customers.values()];
    expect(row).toMatchObject({ state: 'active', pending: null, externalCustomerId: external });
    expect(world.wallets.get(row!.id)).toMatchObject({ currency: 'USD' });
    expect(orb.calls[0]!.call.customer).toEqual({ id: row!.id, external_customer_id: external });
    orb.calls.length = 0;
    await send('GET', `/customers/${row!.id}`);
    const escaped = encodeURIComponent(external);
    await send('PUT', `/customers/external_customer_id/${escaped}`, { name: 'B' });
    expect(orb.calls.map(({ operation, call }) => [operation, call.customer?.id])).toEqual([
      ['fetch-customer', row!.id],
      ['update-customer', row!.id],
    ]);
  });

  test("another account's customer is not found, by no operation and by neither name", async () => {
    await send('POST', '/customers', { ...customer, external_customer_id: 'mine' });
    const [{ id } = { id: '' }] = [...orb.customers.values()];
    orb.calls.length = 0;
    const foreign = { authorization: `Bearer ${otherKey}` };
    const tries: readonly (readonly [Method, string, unknown?])[] = [
      ['GET', `/customers/${id}`],
      ['PUT', `/customers/${id}`, { name: 'Stolen' }],
      ['DELETE', `/customers/${id}`],
      ['GET', '/customers/external_customer_id/mine'],
      ['PUT', '/customers/external_customer_id/mine', { name: 'Stolen' }],
    ];
    for (const [method, url, body] of tries) {
      const answer = await send(method, url, body, foreign);
      expect(fragmentOf(answer)).toBe('404-resource-not-found');
    }
    expect(orb.calls).toEqual([]);
    // The same external id is free in another account.
    const own = await send(
      ...(['POST', '/customers', { ...customer, external_customer_id: 'mine' }, foreign] as const),
    );
    expect(own.status).toBe(201);
  });

  test('an external id is given once in an account, and cannot change', async () => {
    await send('POST', '/customers', { ...customer, external_customer_id: 'e1' });
    const twice = await send('POST', '/customers', { ...customer, external_customer_id: 'e1' });
    expect(fragmentOf(twice)).toBe('400-duplicate-resource-creation');
    const other = { external_customer_id: 'e2' };
    const changed = await send('PUT', '/customers/external_customer_id/e1', other);
    expect(fragmentOf(changed)).toBe('400-constraint-violation');
    await send('POST', '/customers', customer);
    const unnamed = [...orb.customers.values()].find((row) => row.externalCustomerId === null)!;
    const taken = await send('PUT', `/customers/${unnamed.id}`, { external_customer_id: 'e1' });
    expect(fragmentOf(taken)).toBe('400-duplicate-resource-creation');
    const empty = await send('PUT', `/customers/${unnamed.id}`, { external_customer_id: '' });
    expect(fragmentOf(empty)).toBe('400-request-validation-errors');
    expect((await send('PUT', `/customers/${unnamed.id}`, other)).status).toBe(200);
    expect(orb.customers.get(unnamed.id)).toMatchObject({ externalCustomerId: 'e2' });
  });

  test('an external id that the owner does not take is given back', async () => {
    await send('POST', '/customers', customer);
    const [{ id } = { id: '' }] = [...orb.customers.values()];
    orb.owner = async () => ({ status: 400, body: '{}' });
    await send('PUT', `/customers/${id}`, { external_customer_id: 'e3' });
    expect(orb.customers.get(id)).toMatchObject({ externalCustomerId: null });
  });

  test('a repeat with the same key goes on where an outage ended, with one organization', async () => {
    const headers = { 'idempotency-key': 'same' };
    orb.owner = () => Promise.reject(new OrbitError('timeout', 'no answer'));
    const cut = await send('POST', '/customers', customer, headers);
    expect(cut.status).toBe(500);
    const [{ id } = { id: '' }] = [...orb.customers.values()];
    expect(orb.customers.get(id)).toMatchObject({ state: 'creating' });
    expect((await send('GET', `/customers/${id}`)).status).toBe(404);
    orb.owner = async () => ({ status: 201, body: '{}' });
    expect((await send('POST', '/customers', customer, headers)).status).toBe(201);
    expect([...orb.customers.values()]).toMatchObject([{ id, state: 'active', pending: null }]);
  });

  test('a profile that is refused leaves no customer, and its external id is free', async () => {
    orb.owner = async () => ({ status: 400, body: '{}' });
    const wanted = { ...customer, external_customer_id: 'free' };
    expect((await send('POST', '/customers', wanted)).status).toBe(400);
    expect([...orb.customers.values()]).toMatchObject([{ state: 'failed' }]);
    orb.owner = async () => ({ status: 201, body: '{}' });
    expect((await send('POST', '/customers', wanted)).status).toBe(201);
  });

  test('a deleted customer is gone; one that may not be deleted stays', async () => {
    await send('POST', '/customers', customer);
    const [{ id } = { id: '' }] = [...orb.customers.values()];
    orb.owner = async () => ({ status: 400, body: '{}' });
    await send('DELETE', `/customers/${id}`);
    expect(orb.customers.get(id)).toMatchObject({ state: 'active' });
    orb.owner = async () => ({ status: 204, body: null });
    const gone = await send('DELETE', `/customers/${id}`);
    expect(gone).toMatchObject({ status: 204, text: '' });
    expect(fragmentOf(await send('GET', `/customers/${id}`))).toBe('404-resource-not-found');
  });
});

describe('a pending change of a subscription', () => {
  const headers = { 'create-pending-subscription-change': 'True', 'idempotency-key': 'k' };
  const url = '/subscriptions/sub_1/cancel';
  const body = { cancel_option: 'immediate' };

  test('goes to the owner as one that waits, and is another request than the change itself', async () => {
    await send('POST', url, body, headers);
    await send('POST', `${url}?include_changed_resources=true`, body, { 'idempotency-key': 'k' });
    const [held, plain] = orb.calls.map(({ call }) => call);
    expect(held).toMatchObject({ is_pending: true, body });
    expect(plain).toMatchObject({ shows_changes: true });
    expect(plain).not.toHaveProperty('is_pending');
    expect(held?.idempotency?.request_hash).not.toBe(plain?.idempotency?.request_hash);
  });

  test('an operation that cannot wait is refused under the header: nothing is done', async () => {
    const answer = await send('PUT', '/subscriptions/sub_1', {}, headers);
    expect(fragmentOf(answer)).toBe('400-constraint-violation');
    expect(orb.calls).toEqual([]);
  });
});
