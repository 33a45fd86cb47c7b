// Goal: each endpoint that moves money refuses each of its fields in turn, naming it, before
// anything is asked of another service; so do ids of other organizations, keys that are missing and
// bodies that are too large. Method: the whole HTTP app, injected, over ports in memory that write
// down what they are asked.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';

const B = '/api/v1/billing';
const O = '/api/v1/operator';
const world = new FakeWorld();
const key = world.addOrganization('org_a');
const stranger = world.addOrganization('org_b');
let app: NestFastifyApplication;

beforeAll(async () => {
  app = await world.start();
});
afterAll(() => app.close());
beforeEach(() => {
  world.calls.length = 0;
});

type Body = Readonly<Record<string, unknown>>;
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

async function send(method: Method, url: string, body?: unknown, headers: object = {}) {
  const response = await app.inject({
    method,
    url,
    headers: {
      'x-api-key': url.startsWith(O) ? OPERATOR_KEY : key,
      'idempotency-key': 'bad-input-0001',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined
      ? {}
      : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const { error } = response.json<{ error?: { code: string; param?: string } }>();
  return { status: response.statusCode, code: error?.code, param: error?.param };
}

const ABSENT = undefined;
const NO_AMOUNT = [ABSENT, null, 0, -1, 1.5, '100', 100_000_000, 1e21, true, [], {}];
const NO_AMOUNT_GIVEN = NO_AMOUNT.slice(1);
const NO_URL = [
  ...[null, '', 5, '/relative', 'example.com', 'http://', 'ftp://a.b/c', 'file:///etc/passwd'],
  ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'https://user:pw@a.b/'],
  ...['https://a.b/\n', ' https://a.b/', 'https://a.b\\c', `https://a.b/${'x'.repeat(2_048)}`],
];
const NO_CURRENCY = ['', 'XXX!', 'eur', 'credits', 5, ['usd'], {}];
const NO_ID = ['', 5, [], {}, 'x'.repeat(256)];
const NO_COUNT = [0, -1, 1.5, '3', 1e9, []];
const PAGE = { amount: 10_000, successUrl: 'https://a.b/ok', cancelUrl: 'https://a.b/no' };
const PAGE_FIELDS = {
  amount: NO_AMOUNT,
  currency: NO_CURRENCY,
  successUrl: [ABSENT, ...NO_URL],
  cancelUrl: [ABSENT, ...NO_URL],
};
const CAP = [0, -1, 1.5, '9', 1e21];

interface Endpoint {
  readonly method: Method;
  readonly path: string;
  readonly good: Body;
  /** Of each field what it is not. */
  readonly wrong: Readonly<Record<string, readonly unknown[]>>;
}
const ENDPOINTS: readonly Endpoint[] = [
  { method: 'POST', path: `${B}/balance/top-up`, good: PAGE, wrong: PAGE_FIELDS },
  { method: 'POST', path: `${B}/credits/purchase`, good: PAGE, wrong: PAGE_FIELDS },
  {
    method: 'POST',
    path: `${B}/credits/topup`,
    good: { amount: 10_000 },
    wrong: { amount: NO_AMOUNT, currency: NO_CURRENCY, returnUrl: NO_URL },
  },
  {
    method: 'PUT',
    path: `${B}/credits/auto-reload`,
    good: { enabled: true, threshold: 5_000, amount: 10_000 },
    wrong: {
      enabled: [ABSENT, null, 'true', 1, []],
      threshold: [null, -1, 1.5, '50', 100_000_000],
      amount: NO_AMOUNT_GIVEN,
      target: [...CAP, 100_000_000],
      max_reloads_per_day: NO_COUNT,
      max_reloads_per_month: NO_COUNT,
      max_amount_per_day: CAP,
      max_amount_per_month: CAP,
    },
  },
  {
    method: 'POST',
    path: `${B}/payment-methods/setup`,
    good: { successUrl: PAGE.successUrl, cancelUrl: PAGE.cancelUrl },
    wrong: { successUrl: [ABSENT, ...NO_URL], cancelUrl: [ABSENT, ...NO_URL] },
  },
  {
    method: 'POST',
    path: `${B}/refunds`,
    good: { topup_id: 'tu_1', amount: 7_500 },
    wrong: {
      topup_id: NO_ID,
      payment_id: NO_ID,
      amount: NO_AMOUNT_GIVEN.slice(1),
      reason: ['', 'because', 5, []],
    },
  },
  {
    method: 'POST',
    path: `${O}/topups/tu_1/resolve`,
    good: { action: 'dismiss', reason: 'agreed' },
    wrong: {
      action: [ABSENT, null, '', 'credit', 5],
      reason: [ABSENT, null, '', 5, 'x'.repeat(501)],
    },
  },
  {
    method: 'POST',
    path: `${O}/reconcile/stripe`,
    good: { fix: true },
    wrong: { since: ['', 'yesterday', 5, '2026-02-30T00:00:00Z'], fix: ['yes', 1, []] },
  },
];

describe.each(ENDPOINTS)('$method $path', ({ method, path, good, wrong }) => {
  test('takes what is right: what follows is refused for its one fault', async () => {
    expect((await send(method, path, good)).status).toBeLessThan(300);
    expect(world.calls.length).toBeGreaterThan(0);
  });

  test('refuses every field wrong in turn, by its name', async () => {
    const unknown = { surprise: [1], ['__proto__']: [{}], constructor: [{}] };
    for (const [field, values] of Object.entries({ ...wrong, ...unknown })) {
      for (const value of values) {
        const { [field]: _right, ...rest } = good;
        const body = value === ABSENT ? rest : { ...rest, [field]: value };
        const { status, param } = await send(method, path, body);
        expect({ field, value, status, param }).toEqual({
          field,
          value,
          status: 400,
          param: field,
        });
      }
    }
    expect(world.calls).toEqual([]);
  });

  test('refuses what is no body, too much of one, and whoever has no key', async () => {
    for (const body of ['', '[]', '"x"', 'null', '{"amount":', '7'])
      expect((await send(method, path, body)).status).toBe(400);
    const large = { ...good, surprise: 'x'.repeat(1_048_577) };
    expect((await send(method, path, large)).status).toBe(413);
    expect((await send(method, path, good, { 'content-type': 'text/xml' })).status).toBe(415);
    const nobody = await send(method, path, good, { 'x-api-key': 'dv_live_sk_nobody' });
    expect(nobody.status).toBe(401);
    expect(world.calls).toEqual([]);
  });
});

test.each([
  ['GET', `${B}/topups/tu_1`],
  ['GET', `${B}/refunds/ref_1`],
  ['POST', `${B}/payment-methods/pm_1/default`],
  ['DELETE', `${B}/payment-methods/pm_1`],
] as const)('%s %s is 404 to another organization, and changes nothing', async (method, path) => {
  expect((await send(method, path)).status).toBe(200);
  world.calls.length = 0;
  const theirs = await send(method, path, undefined, { 'x-api-key': stranger });
  expect([theirs.status, theirs.code]).toEqual([404, 'not_found']);
  expect(world.calls.filter(({ name }) => !/read|list/.test(name))).toEqual([]);
});

test.each([
  [`${B}/refunds`, ['limit=0', 'limit=101', 'limit=1e1', 'limit=', 'cursor=', 'topup_id=', 'x=1']],
  [`${O}/topups`, ['limit=0', 'limit=101', 'state=lost', 'cursor=', 'organization_id=', 'x=1']],
  [`${O}/disputes`, ['limit=0', 'limit=101', 'state=lose', 'cursor=', 'organization_id=', 'x=1']],
])('GET %s refuses every wrong parameter by its name', async (path, queries) => {
  for (const query of queries) {
    const { status, param } = await send('GET', `${path}?${query}`);
    expect({ query, status, param }).toEqual({ query, status: 400, param: query.split('=')[0] });
  }
  expect(world.calls).toEqual([]);
});

test('webhooks without a signature or a body, and larger ones than Stripe sends, go no further', async () => {
  const signed = { 'stripe-signature': 't=1,v1=a' };
  const raw = (payload: string | undefined, headers: Record<string, string>) =>
    app.inject({
      method: 'POST',
      url: '/webhooks/stripe',
      headers: { 'content-type': 'application/json', ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
  expect((await raw('{}', {})).statusCode).toBe(400);
  expect((await raw('', signed)).statusCode).toBe(400);
  expect((await raw(undefined, signed)).statusCode).toBe(400);
  expect((await raw('x'.repeat(1_048_577), signed)).statusCode).toBe(413);
  expect(world.calls).toEqual([]);
});
