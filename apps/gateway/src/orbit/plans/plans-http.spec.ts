// Goal: what a client sees of plans, checkout and usage: each answer as the first seed has it, and for each wrong field
// a refusal that names it and a checkout that was never asked. Method: the whole HTTP app over ports in memory.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld } from '../../gateway.fake.js';

const world = new FakeWorld();
const key = world.addOrganization('org_a');
const strangerKey = world.addOrganization('org_b');
let app: NestFastifyApplication;
beforeAll(async () => {
  app = await world.start();
});
afterAll(() => app.close());
beforeEach(() => {
  world.calls.length = 0;
  world.plans.used = [];
  world.plans.buckets = [];
});

async function send(method: 'GET' | 'POST', url: string, payload?: unknown, apiKey = key) {
  const response = await app.inject({
    method,
    url: `/api/v1/billing${url}`,
    headers: {
      'x-api-key': apiKey,
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
  });
  const body = response.json() as { data?: unknown; error?: { code: string; param?: string } };
  return { status: response.statusCode, ...body };
}

test('GET plans is the view of the first seed, under its base path too', async () => {
  const answer = await send('GET', '/plans');
  expect(answer.data).toEqual([
    {
      id: 'plan_growth',
      name: 'Growth',
      price_id: 'price_growth_monthly',
      price_monthly: 199,
      currency: 'usd',
      features: {
        messages_included: 25_000,
        channels: ['sms', 'email'],
        agents: 5,
        voice_minutes: 500,
        support: 'priority',
      },
    },
    {
      id: 'plan_enterprise',
      name: 'Enterprise',
      price_id: 'price_enterprise_monthly',
      price_monthly: null,
      currency: 'usd',
      features: {
        messages_included: 'unlimited',
        channels: ['sms'],
        agents: 'unlimited',
        voice_minutes: 'unlimited',
        support: 'dedicated',
      },
    },
  ]);
  const alias = await app.inject({ url: '/v1/billing/plans', headers: { 'x-api-key': key } });
  expect((alias.json() as { data: unknown }).data).toEqual(answer.data);
});

test('GET plan shows the last second of the period; null without a plan', async () => {
  expect((await send('GET', '/plan')).data).toEqual({
    plan_id: 'plan_growth',
    name: 'Growth',
    status: 'active',
    current_period_start: '2026-05-01T00:00:00Z',
    current_period_end: '2026-05-31T23:59:59Z',
    cancel_at_period_end: false,
    pending_plan_id: null,
    payment_method: { type: 'card', last4: '4242', brand: 'visa' },
  });
  const stranger = await send('GET', '/plan', undefined, strangerKey);
  expect([stranger.status, stranger.data]).toEqual([200, null]);
});

test('GET usage counts the period of the plan, or the calendar month with nothing included', async () => {
  world.plans.used = [
    { channel: 'sms', quantity: 3_420 },
    { channel: 'voice', quantity: 142 },
    { channel: 'agents', quantity: 2_340 },
    { channel: 'other', quantity: 9 },
  ];
  const none = { sent: 0, included: 25_000 };
  expect((await send('GET', '/usage')).data).toEqual({
    billing_period: { start: '2026-05-01T00:00:00Z', end: '2026-05-31T23:59:59Z' },
    messages: {
      sms: { sent: 3_420, included: 25_000 },
      whatsapp: none,
      email: none,
      rcs: none,
      viber: none,
    },
    voice: { minutes_used: 142, minutes_included: 500 },
    agents: { invocations: 2_340, invocations_included: 10_000 },
  });
  const without = (await send('GET', '/usage', undefined, strangerKey)).data;
  expect(without).toMatchObject({
    billing_period: { start: '2026-05-01T00:00:00Z', end: '2026-05-31T23:59:59Z' },
    messages: { sms: { sent: 3_420, included: 0 } },
  });
  expect(world.calls.at(-1)?.payload).toMatchObject({ organization_id: 'org_b' });
});

test('GET usage/history has every day or month of a half-open range', async () => {
  world.plans.buckets = [{ bucket: '2026-03-01', channel: 'sms', quantity: 7 }];
  const days = await send('GET', '/usage/history?start_date=2026-03-01&end_date=2026-03-03');
  const messages = { sms: 0, whatsapp: 0, email: 0, rcs: 0, viber: 0 };
  const zero = { messages, voice_minutes: 0, agent_invocations: 0 };
  expect(days.data).toEqual([
    { period: '2026-03-01', ...zero, messages: { ...messages, sms: 7 } },
    { period: '2026-03-02', ...zero },
  ]);
  const range = 'start_date=2026-03-31&end_date=2026-05-01T00:00:00Z&granularity=month';
  const months = (await send('GET', `/usage/history?${range}`)).data as { period: string }[];
  expect(months.map(({ period }) => period)).toEqual(['2026-03', '2026-04']);
});

test('a wrong date, order, length or granularity is refused by name, and nobody is asked', async () => {
  const faults = [
    ['', 'start_date'],
    ['start_date=2026-02-30&end_date=2026-03-01', 'start_date'],
    ['start_date=2026-03-01', 'end_date'],
    ['start_date=2026-03-01&end_date=soon', 'end_date'],
    ['start_date=2026-03-01&end_date=2026-03-01', 'end_date'],
    ['start_date=2026-03-02&end_date=2026-03-01', 'end_date'],
    ['start_date=2024-01-01&end_date=2026-03-01', 'end_date'],
    ['start_date=1990-01-01&end_date=2026-03-01&granularity=month', 'end_date'],
    ['start_date=2026-03-01&end_date=2026-03-02&granularity=hour', 'granularity'],
    ['start_date=2026-03-01&end_date=2026-03-02&by=day', 'by'],
  ];
  for (const [query, param] of faults) {
    const answer = await send('GET', `/usage/history?${query}`);
    expect([query, answer.status, answer.error?.param]).toEqual([query, 400, param]);
  }
  expect(world.calls).toEqual([]);
});

const ORDER = {
  priceId: 'price_growth_monthly',
  successUrl: 'https://app.test/ok',
  cancelUrl: 'https://app.test/no',
};

test('POST checkout answers the page for our price and for the one at Stripe that stands for it', async () => {
  for (const priceId of ['price_growth_monthly', 'price_1Stripe']) {
    const answer = await send('POST', '/checkout', { ...ORDER, priceId });
    expect([answer.status, answer.data]).toEqual([200, { checkoutUrl: 'https://pay.test/plan' }]);
    expect(world.calls.at(-1)?.payload).toMatchObject({
      organization_id: 'org_a',
      plan: { price_id: 'price_growth_monthly', amount_minor: 19_900 },
    });
  }
});

test('POST checkout and plan/change name every wrong field, and checkout is not asked', async () => {
  const faults: [string, object, string][] = [
    ['/checkout', { priceId: undefined }, 'priceId'],
    ['/checkout', { priceId: 7 }, 'priceId'],
    ['/checkout', { priceId: 'price_nobody' }, 'priceId'],
    ['/checkout', { successUrl: 'javascript:alert(1)' }, 'successUrl'],
    ['/checkout', { successUrl: undefined }, 'successUrl'],
    ['/checkout', { cancelUrl: 'ftp://a.test' }, 'cancelUrl'],
    ['/checkout', { quantity: 2 }, 'quantity'],
  ];
  for (const [url, change, param] of faults) {
    const answer = await send('POST', url, { ...ORDER, ...change });
    expect([param, answer.status, answer.error?.param]).toEqual([param, 400, param]);
  }
  const changed = await send('POST', '/plan/change', { priceId: 'price_nobody' });
  expect([changed.status, changed.error?.param]).toEqual([400, 'priceId']);
  expect(world.calls).toEqual([]);
});

test('POST checkout with an idempotency key that is none names the header, and checkout is not asked', async () => {
  for (const idempotencyKey of ['', '1234567', 'with a blank', 'x'.repeat(256)]) {
    const response = await app.inject({
      method: 'POST',
      url: '/api/v1/billing/checkout',
      headers: { 'x-api-key': key, 'idempotency-key': idempotencyKey },
      payload: ORDER,
    });
    const { error } = response.json<{ error: { param: string } }>();
    expect([response.statusCode, error.param]).toEqual([400, 'Idempotency-Key']);
  }
  expect(world.calls).toEqual([]);
});

test('cancel and resume act on the plan of the key alone', async () => {
  expect((await send('POST', '/plan/cancel')).data).toMatchObject({ cancel_at_period_end: true });
  expect((await send('POST', '/plan/resume')).data).toMatchObject({ cancel_at_period_end: false });
  const stranger = await send('POST', '/plan/cancel', undefined, strangerKey);
  expect([stranger.status, stranger.error?.code]).toEqual([404, 'not_found']);
});

test('a range by day is at most 366 days, by month 120 months, both ends of it', async () => {
  const ask = async (range: string) => (await send('GET', `/usage/history?${range}`)).status;
  expect(await ask('start_date=2024-01-01&end_date=2025-01-01')).toBe(200);
  expect(await ask('start_date=2024-01-01&end_date=2025-01-02')).toBe(400);
  expect(await ask('start_date=2016-01-01&end_date=2026-01-01&granularity=month')).toBe(200);
  expect(await ask('start_date=2016-01-01&end_date=2026-01-02&granularity=month')).toBe(400);
});

test('each field of each plan endpoint wrong in turn is named under both base paths, and nothing happens', async () => {
  const long = 'p'.repeat(256);
  const bodies: [string, unknown, string | undefined][] = [
    ...['', 7, null, [], {}, true, long].map((priceId): [string, unknown, string] => [
      ...(['/plan/change', { priceId }, 'priceId'] as [string, unknown, string]),
    ]),
    ['/plan/change', {}, 'priceId'],
    ['/plan/change', { priceId: 'price_growth_monthly', quantity: 2 }, 'quantity'],
    ['/plan/change', [], undefined],
    ['/plan/cancel', { immediately: true }, 'immediately'],
    ['/plan/resume', { at: 'now' }, 'at'],
    ...['', 7, null, long].map((priceId): [string, unknown, string] => [
      ...(['/checkout', { ...ORDER, priceId }, 'priceId'] as [string, unknown, string]),
    ]),
    ...['', 7, null, 'app.test/ok', 'data:text/html,x', '//app.test'].flatMap(
      (url): [string, unknown, string][] => [
        ['/checkout', { ...ORDER, successUrl: url }, 'successUrl'],
        ['/checkout', { ...ORDER, cancelUrl: url }, 'cancelUrl'],
      ],
    ),
  ];
  for (const base of ['/api/v1/billing', '/v1/billing']) {
    for (const [url, payload, param] of bodies) {
      const answer = await app.inject({
        ...{ method: 'POST', url: `${base}${url}`, payload: JSON.stringify(payload) },
        headers: { 'x-api-key': key, 'content-type': 'application/json' },
      });
      const body = answer.json() as { error?: { param?: string; message: string } };
      const shown = [url, JSON.stringify(payload), answer.statusCode];
      expect(shown).toEqual([url, JSON.stringify(payload), 400]);
      if (param !== undefined) expect([url, body.error?.param]).toEqual([url, param]);
    }
  }
  expect(world.calls).toEqual([]);
});

test('every plan endpoint answers under the base path of the first seed, and asks for a key there', async () => {
  const range = 'start_date=2026-03-01&end_date=2026-03-03';
  const gets = ['/plans', '/plan', '/usage', `/usage/history?${range}`, '/invoices'];
  const posts: [string, object][] = [
    ['/checkout', ORDER],
    ['/plan/change', { priceId: 'price_growth_monthly' }],
    ['/plan/cancel', {}],
    ['/plan/resume', {}],
  ];
  const asked = [
    ...gets.map((url) => ({ method: 'GET' as const, url: `/v1/billing${url}` })),
    ...posts.map(([url, body]) => ({
      ...{ method: 'POST' as const, url: `/v1/billing${url}`, payload: JSON.stringify(body) },
    })),
  ];
  for (const one of asked) {
    const headers = { 'content-type': 'application/json' };
    const answer = await app.inject({ ...one, headers: { ...headers, 'x-api-key': key } });
    expect([one.url, answer.statusCode]).toEqual([one.url, 200]);
    const stranger = await app.inject({ ...one, headers });
    expect([one.url, stranger.statusCode]).toEqual([one.url, 401]);
  }
});
