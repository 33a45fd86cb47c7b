// Goal: what a client sees of each kind of bad input and of the envelope. Method: the whole HTTP app,
// injected, over ports in memory.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';

const world = new FakeWorld();
const key = world.addOrganization('org_a');
const yenKey = world.addOrganization('org_yen', 'JPY');
let app: NestFastifyApplication;

beforeAll(async () => {
  app = await world.start();
});
afterAll(() => app.close());
beforeEach(() => {
  world.isAllowed = true;
  world.calls.length = 0;
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: {
    data?: unknown;
    error?: { type: string; code: string; message: string; param?: string };
    meta?: { request_id: string; timestamp: string };
  };
}

async function send(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  payload?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const isRaw = typeof payload === 'string';
  const response = await app.inject({
    method,
    url,
    headers: {
      'x-api-key': key,
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload: isRaw ? payload : JSON.stringify(payload) }),
  });
  const isJson = String(response.headers['content-type']).includes('json');
  const body = isJson ? (response.json() as Answer['body']) : {};
  return { status: response.statusCode, headers: response.headers, body };
}

const charge = { charge_id: 'c1', amount: '0.0075', currency: 'USD', channel: 'sms' };
const topUp = {
  amount: 10_000,
  currency: 'usd',
  successUrl: 'https://a.b/ok',
  cancelUrl: 'https://a.b/no',
};
const B = '/api/v1/billing';

test('GET balance and GET credits give one answer, in the envelope', async () => {
  const balance = await send('GET', `${B}/balance`);
  expect(balance.status).toBe(200);
  expect(balance.body.data).toEqual({
    balance_usd: 100,
    balance_cents: 10_000,
    credits: 10_000,
    balance: 10_000,
    balance_exact: '100.0075',
    held_cents: 100,
    held: '1.00',
    available_cents: 9_900,
    available: '99.0075',
    currency: 'usd',
    outbound_paused: false,
    outbound_block_reason: null,
    auto_reload: { enabled: false, threshold: null, amount: null },
    last_topped_up_at: null,
  });
  expect(balance.body.meta?.timestamp).toBe('2026-05-16T12:00:00.000Z');
  expect((await send('GET', `${B}/credits`)).body.data).toEqual(balance.body.data);
  expect((await send('GET', '/v1/billing/credits')).body.data).toEqual(balance.body.data);
});

test('a sane request id is taken, another is replaced; both are echoed', async () => {
  const own = await send('GET', `${B}/status`, undefined, { 'x-request-id': 'my-id.1' });
  expect(own.headers['x-request-id']).toBe('my-id.1');
  expect(own.body.meta?.request_id).toBe('my-id.1');
  const odd = await send('GET', `${B}/status`, undefined, { 'x-request-id': 'two words' });
  expect(odd.body.meta?.request_id).toMatch(/^req_[0-9A-Z]{26}$/);
  expect(odd.headers['x-request-id']).toBe(odd.body.meta?.request_id);
});

test.each([
  ['no key', '', 'missing_api_key'],
  ['a key of another shape', 'nonsense', 'invalid_api_key'],
  ['an unknown key', `dv_live_sk_${'a'.repeat(40)}`, 'invalid_api_key'],
])('%s answers 401', async (_title, value, code) => {
  const answer = await send('POST', `${B}/charges`, '{broken', { 'x-api-key': value });
  expect(answer.status).toBe(401);
  expect(answer.body.error).toMatchObject({ type: 'authentication_error', code });
});

test('a bearer token is a key too', async () => {
  const headers = { 'x-api-key': '', authorization: `Bearer ${key}` };
  expect((await send('GET', `${B}/status`, undefined, headers)).status).toBe(401);
  const response = await app.inject({
    url: `${B}/status`,
    headers: { authorization: `Bearer ${key}` },
  });
  expect(response.statusCode).toBe(200);
});

test.each([
  ['malformed JSON', 'POST', 'charges', '{"charge_id":', 400, 'malformed_json', undefined],
  ['an array', 'POST', 'charges', [charge], 400, 'invalid_field', 'body'],
  ['an unknown field', 'POST', 'charges', { ...charge, x: 1 }, 400, 'unknown_field', 'x'],
  [
    'a number as amount',
    'POST',
    'charges',
    { ...charge, amount: 1 },
    400,
    'invalid_field',
    'amount',
  ],
  ['amount zero', 'POST', 'charges', { ...charge, amount: '0' }, 400, 'invalid_field', 'amount'],
  [
    'a currency without wallet',
    'POST',
    'charges',
    { ...charge, currency: 'EUR' },
    400,
    'unsupported_currency',
    'currency',
  ],
  [
    'no currency at all',
    'POST',
    'charges',
    { ...charge, currency: 'XYZ' },
    400,
    'unsupported_currency',
    'currency',
  ],
  ['a wait of another kind', 'POST', 'charges?wait=forever', charge, 400, 'invalid_field', 'wait'],
  [
    'a ttl too long',
    'POST',
    'authorizations',
    { ...charge, ttl_seconds: 86_401 },
    400,
    'invalid_field',
    'ttl_seconds',
  ],
  [
    'a capture of zero',
    'POST',
    'authorizations/auth_1/capture',
    { amount: '0.00' },
    400,
    'invalid_field',
    'amount',
  ],
  [
    'a capture of nothing known',
    'POST',
    'authorizations/auth_1/capture',
    {},
    404,
    'not_found',
    undefined,
  ],
  [
    'a body for release',
    'POST',
    'authorizations/auth_1/release',
    { amount: '1' },
    400,
    'unknown_field',
    'amount',
  ],
  ['a limit of 0', 'GET', 'transactions?limit=0', undefined, 400, 'invalid_field', 'limit'],
  ['a limit of 201', 'GET', 'transactions?limit=201', undefined, 400, 'invalid_field', 'limit'],
  ['a limit of words', 'GET', 'transactions?limit=all', undefined, 400, 'invalid_field', 'limit'],
  ['two limits', 'GET', 'transactions?limit=1&limit=2', undefined, 400, 'invalid_field', 'limit'],
  [
    'half a cursor',
    'GET',
    'transactions?cursor_id=ct_1',
    undefined,
    400,
    'invalid_field',
    'cursor_ts',
  ],
  [
    'a cursor of nobody',
    'GET',
    'transactions?cursor=abc',
    undefined,
    400,
    'invalid_field',
    'cursor',
  ],
  ['a type of nobody', 'GET', 'transactions?type=gift', undefined, 400, 'invalid_field', 'type'],
  [
    'a date of nobody',
    'GET',
    'transactions?from=2026-02-30',
    undefined,
    400,
    'invalid_field',
    'from',
  ],
  [
    'a range backwards',
    'GET',
    'transactions?from=2026-02-02&to=2026-02-01',
    undefined,
    400,
    'invalid_field',
    'to',
  ],
  ['an unknown query', 'GET', 'transactions?page=2', undefined, 400, 'unknown_field', 'page'],
  ['days 0', 'GET', 'usage-by-channel?days=0', undefined, 400, 'invalid_field', 'days'],
  ['days 366', 'GET', 'usage-by-channel?days=366', undefined, 400, 'invalid_field', 'days'],
  ['no reports', 'POST', 'delivery-reports', { reports: [] }, 400, 'invalid_field', 'reports'],
  [
    'a report of another status',
    'POST',
    'delivery-reports',
    { reports: [{ charge_id: 'c', status: 'lost', occurred_at: '2026-05-16T11:00:00Z' }] },
    400,
    'invalid_field',
    'reports.0.status',
  ],
  [
    'an unknown credit note',
    'GET',
    'credit-notes/cn_2/pdf',
    undefined,
    404,
    'not_found',
    undefined,
  ],
  ['an unknown invoice', 'GET', 'invoices/inv_2/pdf', undefined, 404, 'not_found', undefined],
  ['an unknown charge', 'GET', 'charges/nobody', undefined, 404, 'not_found', undefined],
  ['an unknown route', 'GET', 'nothing', undefined, 404, 'unknown_route', undefined],
  ['a wrong method', 'DELETE', 'balance', undefined, 405, 'method_not_allowed', undefined],
] as const)('%s: %s %s', async (_title, method, path, payload, status, code, param) => {
  const answer = await send(method, `${B}/${path}`, payload);
  expect({ status: answer.status, code: answer.body.error?.code }).toEqual({ status, code });
  expect(answer.body.error?.param).toBe(param);
  expect(answer.body.meta?.request_id).toMatch(/^req_/);
});

test.each(['short77', 'x'.repeat(256), undefined])(
  'a top-up with the Idempotency-Key %p answers 400 (T07)',
  async (value) => {
    const headers = value === undefined ? {} : { 'idempotency-key': value };
    const answer = await send(
      'POST',
      `${B}/balance/top-up`,
      topUp,
      headers as Record<string, string>,
    );
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ code: 'invalid_field', param: 'Idempotency-Key' });
    expect(world.calls).toEqual([]);
  },
);

test.each(['balance/top-up', 'credits/purchase'])('POST %s answers the page', async (path) => {
  const answer = await send('POST', `${B}/${path}`, topUp, { 'idempotency-key': '12345678' });
  expect(answer.status).toBe(200);
  expect(answer.body.data).toEqual({ checkoutUrl: 'https://pay.test/1' });
  expect(world.calls[0]?.payload).toMatchObject({ organization_id: 'org_a', amount_minor: 10_000 });
});

test.each([
  ['amount', '100'],
  ['amount', 0],
  ['amount', 1.5],
  ['successUrl', 'javascript:alert(1)'],
  ['cancelUrl', 'ftp://a.b'],
  ['cancelUrl', undefined],
])('a top-up with %s = %p answers 400', async (param, value) => {
  const body = { ...topUp, [param]: value };
  const answer = await send('POST', `${B}/balance/top-up`, body, { 'idempotency-key': '12345678' });
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatchObject({ code: 'invalid_field', param });
});

test('a top-up in a currency that the wallet is not in answers 400', async () => {
  const headers = { 'idempotency-key': '12345678', 'x-api-key': yenKey };
  const answer = await send('POST', `${B}/balance/top-up`, topUp, headers);
  expect(answer.body.error).toMatchObject({ code: 'unsupported_currency', param: 'currency' });
});

test('a body past 1 MiB answers 413, another media type 415', async () => {
  const big = await send('POST', `${B}/charges`, JSON.stringify({ a: 'x'.repeat(1_048_577) }));
  expect(big.status).toBe(413);
  expect(big.body.error?.code).toBe('body_too_large');
  const text = await send('POST', `${B}/charges`, 'x', { 'content-type': 'text/plain' });
  expect(text.body.error?.code).toBe('unsupported_media_type');
  expect(text.status).toBe(415);
});

test('a charge answers 201; the same again says that it is replayed', async () => {
  const first = await send('POST', `${B}/charges`, charge);
  expect(first.status).toBe(201);
  expect(first.body.data).toEqual({
    charge_id: 'c1',
    status: 'accepted',
    amount: '0.0075',
    currency: 'USD',
    authorization_id: 'auth_c1',
    available_after: '99.9925',
  });
  expect(first.headers['idempotency-replayed']).toBeUndefined();
  const { charge: charging } = world;
  world.charge = async (intent) => ({ ...(await charging(intent)), replayed: true }) as never;
  const second = await send('POST', `${B}/charges`, charge);
  world.charge = charging;
  expect(second.headers['idempotency-replayed']).toBe('true');
  expect(second.body.data).toEqual(first.body.data);
});

test.each([
  ['insufficient_funds', 402, 'insufficient_funds', 'payment_required_error'],
  ['paused', 402, 'outbound_paused', 'payment_required_error'],
  ['charge_id_conflict', 409, 'charge_id_conflict', 'conflict_error'],
  ['unknown_wallet', 400, 'unsupported_currency', 'invalid_request_error'],
  ['unavailable', 503, 'unavailable', 'unavailable_error'],
] as const)('the refusal %s answers %d', async (reason, status, code, type) => {
  const { charge: charging } = world;
  const rest = { availableMicros: null, pausedReason: null, endedAs: null };
  world.charge = () => Promise.resolve({ status: 'refused', reason, ...rest });
  const answer = await send('POST', `${B}/charges`, charge);
  world.charge = charging;
  expect(answer.status).toBe(status);
  expect(answer.body.error).toMatchObject({ code, type });
  if (status === 503) expect(answer.headers['retry-after']).toBe('1');
});

test('?wait=posted answers the result of the ledger with the new balance', async () => {
  world.posted = {
    charge_id: 'c1',
    status: 'posted',
    reason: null,
    amount: '0.0075',
    currency: 'USD',
    balance_after: '99.9925',
    sequence: '2',
    slices: [{ block_id: 'blk_1', amount: '0.0075' }],
  };
  const answer = await send('POST', `${B}/charges?wait=posted`, charge);
  expect(answer.status).toBe(201);
  expect(answer.body.data).toEqual({ ...world.posted, balance_after_cents: 9_999 });
  world.posted = null;
});

test('a limited key answers 429 with Retry-After and the standard headers', async () => {
  world.isAllowed = false;
  const answer = await send('GET', `${B}/balance`);
  expect(answer.status).toBe(429);
  expect(answer.body.error?.code).toBe('rate_limited');
  expect(answer.headers).toMatchObject({
    'retry-after': '2',
    'ratelimit-limit': '4000',
    'ratelimit-remaining': '0',
    'ratelimit-reset': '2',
  });
});

test('delivery reports are accepted and carry the organization of the key', async () => {
  const reports = [
    { charge_id: 'c1', status: 'delivered', occurred_at: '2026-05-16T13:00:00+02:00' },
  ];
  const answer = await send('POST', `${B}/delivery-reports`, { reports });
  expect(answer.status).toBe(202);
  expect(world.published).toEqual([
    {
      organization_id: 'org_a',
      charge_id: 'c1',
      status: 'delivered',
      occurred_at: '2026-05-16T11:00:00.000Z',
    },
  ]);
});

test('a credit note is a PDF of its organization alone', async () => {
  // covers: GET /api/v1/billing/credit-notes/{credit_note_id}/pdf
  const url = `${B}/credit-notes/cn_1/pdf`;
  const own = await app.inject({ url, headers: { 'x-api-key': key } });
  expect(own.statusCode).toBe(200);
  expect(own.headers).toMatchObject({
    'content-type': 'application/pdf',
    'content-disposition': 'inline; filename="CN-2026-001.pdf"',
  });
  const other = world.addOrganization('org_other_payer', 'USD');
  expect((await send('GET', url, undefined, { 'x-api-key': other })).status).toBe(404);
});

test('the PDF of another organization answers 404', async () => {
  const own = await app.inject({ url: `${B}/invoices/inv_1/pdf`, headers: { 'x-api-key': key } });
  expect(own.statusCode).toBe(200);
  expect(own.headers['content-type']).toBe('application/pdf');
  expect(own.body).toBe('%PDF-1.7');
  const headers = { 'x-api-key': yenKey };
  expect((await send('GET', `${B}/invoices/inv_1/pdf`, undefined, headers)).status).toBe(404);
});

test('the webhook hands on the very bytes, also when they are no JSON', async () => {
  const raw = '{"id" :  "evt_1"}\n';
  const signed = await send('POST', '/webhooks/stripe', raw, { 'stripe-signature': 't=1,v1=a' });
  expect(signed.status).toBe(200);
  expect(world.calls).toEqual([
    { name: 'stripe.webhook', payload: { body: raw, signature: 't=1,v1=a' } },
  ]);
  const unsigned = await send('POST', '/webhooks/stripe', raw);
  expect(unsigned.status).toBe(400);
  expect(unsigned.body.error?.code).toBe('invalid_signature');
});

test('the operator makes an organization whose key works until it is revoked', async () => {
  const operator = { 'x-api-key': OPERATOR_KEY };
  const made = await send('POST', '/api/v1/operator/organizations', { name: 'Acme' }, operator);
  expect(made.status).toBe(201);
  const { organization, api_key } = made.body.data as {
    organization: { id: string; currency: string };
    api_key: { id: string; key: string };
  };
  expect(organization).toMatchObject({ name: 'Acme', currency: 'usd' });
  expect(api_key.key).toMatch(/^dv_live_sk_[0-9A-Za-z]{46}$/);
  const as = { 'x-api-key': api_key.key };
  expect((await send('GET', `${B}/status`, undefined, as)).status).toBe(200);
  // covers: POST /api/v1/operator/organizations/{organization_id}/api-keys
  const keys = `/api/v1/operator/organizations/${organization.id}/api-keys`;
  expect((await send('POST', keys, { mode: 'live' }, operator)).status).toBe(201);
  const listed = await send('GET', '/api/v1/operator/organizations', undefined, operator);
  expect(listed.body.data).toContainEqual(expect.objectContaining({ id: organization.id }));
  const gone = await send('DELETE', `/api/v1/operator/api-keys/${api_key.id}`, undefined, operator);
  expect(gone.status).toBe(200);
  expect((await send('GET', `${B}/status`, undefined, as)).status).toBe(401);
});

test('the operator routes refuse an API key of an organization, and none at all', async () => {
  const path = '/api/v1/operator/organizations';
  expect((await send('GET', path)).body.error?.code).toBe('invalid_api_key');
  expect((await app.inject({ url: path })).statusCode).toBe(401);
  const odd = await send('POST', path, { name: '  ' }, { 'x-api-key': OPERATOR_KEY });
  expect(odd.body.error).toMatchObject({ code: 'invalid_field', param: 'name' });
  const lost = await send('POST', `${path}/org_none/pause`, undefined, {
    'x-api-key': OPERATOR_KEY,
  });
  expect(lost.status).toBe(404);
});

test('every answer carries the security headers, refusals too', async () => {
  for (const path of [`${B}/balance`, '/nowhere']) {
    expect((await send('GET', path)).headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    });
  }
});

test('the document of the API may be kept for five minutes', async () => {
  const answer = await send('GET', '/api/openapi.json');
  expect(answer.headers['cache-control']).toBe('public, max-age=300');
  const lost = await send('GET', '/api/docs/none');
  expect(lost).toMatchObject({ status: 404, headers: { 'cache-control': 'no-store' } });
});

test('an error that nobody foresaw answers 500 without telling what it was', async () => {
  const { charge: charging } = world;
  world.charge = () => Promise.reject(new Error('the secret inside'));
  const answer = await send('POST', `${B}/charges`, charge);
  world.charge = charging;
  expect(answer.status).toBe(500);
  expect(JSON.stringify(answer.body)).not.toContain('secret inside');
});
