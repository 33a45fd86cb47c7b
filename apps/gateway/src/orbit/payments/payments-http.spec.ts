// Goal: what a client sees of top-ups without a page, payment methods and auto-reload: each answer, and for
// each wrong field a refusal that names it and a checkout that was never asked. Method: the whole HTTP app,
// injected, over ports in memory.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { TransactionView } from '@orbit/contracts';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';

const world = new FakeWorld();
const key = world.addOrganization('org_a');
const strangerKey = world.addOrganization('org_b');
const creditsKey = world.addOrganization('org_credits', 'credits');
let app: NestFastifyApplication;

beforeAll(async () => {
  app = await world.start();
});
afterAll(() => app.close());
beforeEach(() => {
  world.calls.length = 0;
  world.payments.next = {};
  world.payments.isAway = false;
  world.transactions = [BOOKED];
});

const BOOKED: TransactionView = {
  id: 'ct_1',
  type: 'topup',
  amount_minor: 10_000,
  amount: '100.00',
  balance_after: '100.0075',
  reference: 'payment_intent:pi_1',
  channel: null,
  metadata: {},
  sequence: '1',
  created_at: '2026-05-16T12:00:00.000Z',
  expires_at: null,
  refunded_at: null,
};

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: {
    data?: unknown;
    error?: { type: string; code: string; param?: string; details?: Record<string, unknown> };
    meta?: Record<string, unknown>;
  };
}

async function send(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  payload?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await app.inject({
    method,
    url,
    headers: {
      'x-api-key': key,
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
  });
  const body = response.json() as Answer['body'];
  return { status: response.statusCode, headers: response.headers, body };
}

const B = '/api/v1/billing';
const TOPUP = `${B}/credits/topup`;
const asked = (name: string) => world.calls.filter((call) => call.name === name);

test('POST credits/topup answers as the seed shows, under both base paths, without an idempotency key too', async () => {
  for (const url of [TOPUP, '/v1/billing/credits/topup']) {
    const answer = await send('POST', url, { amount: 10_000 });
    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual({
      balance: 10_000,
      topped_up: 10_000,
      currency: 'usd',
      payment_id: 'pi_1',
      topup_id: 'tu_1',
      state: 'succeeded',
    });
  }
  const keys = asked('topup.charge').map(({ payload }) => payload as Record<string, unknown>);
  // Without a key each request is a payment of its own.
  expect(keys[0]?.['idempotency_key']).not.toBe(keys[1]?.['idempotency_key']);
});

test('POST credits/topup: the same key goes on to checkout, and its replay says that it is one', async () => {
  world.payments.next = { replayed: true };
  const headers = { 'idempotency-key': 'topup-0001' };
  const answer = await send('POST', TOPUP, { amount: 10_000 }, headers);
  expect(answer.headers['idempotency-replayed']).toBe('true');
  expect(asked('topup.charge')[0]?.payload).toEqual({
    organization_id: 'org_a',
    amount_minor: 10_000,
    currency: 'USD',
    idempotency_key: 'topup-0001',
  });
});

test('POST credits/topup: what is under way, or paid and not booked in time, is 202 and processing', async () => {
  world.payments.next = { state: 'processing' };
  const slow = await send('POST', TOPUP, { amount: 10_000 });
  expect(slow.status).toBe(202);
  expect(slow.body.data).toMatchObject({ state: 'processing', topped_up: 0, balance: 10_000 });
  world.payments.next = {};
  world.transactions = [];
  const unbooked = await send('POST', TOPUP, { amount: 10_000 });
  expect(unbooked.status).toBe(202);
  expect(unbooked.body.data).toMatchObject({ state: 'processing', topped_up: 0, topup_id: 'tu_1' });
});

test('POST credits/topup: a decline and a question of the bank are 402, with what a program needs', async () => {
  world.payments.next = { state: 'failed', reason: 'insufficient_funds' };
  const declined = await send('POST', TOPUP, { amount: 10_000 });
  expect(declined.status).toBe(402);
  expect(declined.body.error).toMatchObject({
    code: 'payment_declined',
    details: { decline_code: 'insufficient_funds', payment_id: 'pi_1', topup_id: 'tu_1' },
  });
  world.payments.next = { state: 'requires_action', action_url: 'https://bank.test/3ds' };
  const waiting = await send('POST', TOPUP, { amount: 10_000 });
  expect(waiting.status).toBe(402);
  expect(waiting.body.error).toMatchObject({
    code: 'payment_action_required',
    details: { url: 'https://bank.test/3ds' },
  });
});

test.each([
  ['a missing amount', {}, 'amount'],
  ['an amount of zero', { amount: 0 }, 'amount'],
  ['a negative amount', { amount: -1 }, 'amount'],
  ['a fraction', { amount: 10.5 }, 'amount'],
  ['an amount as text', { amount: '10000' }, 'amount'],
  ['an amount beyond the limit', { amount: 100_000_000 }, 'amount'],
  ['null as amount', { amount: null }, 'amount'],
  ['a currency that is none', { amount: 100, currency: 'XXX!' }, 'currency'],
  ['another currency than the wallet has', { amount: 100, currency: 'eur' }, 'currency'],
  ['a number as currency', { amount: 100, currency: 5 }, 'currency'],
  ['a script as return address', { amount: 100, returnUrl: 'javascript:alert(1)' }, 'returnUrl'],
  ['a file as return address', { amount: 100, returnUrl: 'file:///etc/passwd' }, 'returnUrl'],
  ['an unknown field', { amount: 100, organization_id: 'org_b' }, 'organization_id'],
])(
  'POST credits/topup: %s is refused by name before checkout hears of it',
  async (_t, body, param) => {
    const answer = await send('POST', TOPUP, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error?.param).toBe(param);
    expect(world.calls).toEqual([]);
  },
);

test('T20: a wallet in credits is topped up by credits or by money; checkout is told which wallet it is', async () => {
  world.transactions = [];
  const urls = { successUrl: 'https://a.b/ok', cancelUrl: 'https://a.b/no' };
  const headers = { 'x-api-key': creditsKey, 'idempotency-key': 'topup-0020' };
  for (const [given, currency] of [
    [{}, 'credits'],
    [{ currency: 'credits' }, 'credits'],
    [{ currency: 'usd' }, 'USD'],
  ] as const) {
    world.calls.length = 0;
    expect((await send('POST', TOPUP, { amount: 1_000, ...given }, headers)).status).toBe(202);
    const page = { amount: 1_000, ...given, ...urls };
    expect((await send('POST', `${B}/balance/top-up`, page, headers)).status).toBe(200);
    const told = { organization_id: 'org_credits', currency, wallet_unit: 'credits' };
    const asks = world.calls.filter(({ name }) => name !== 'transactions.list');
    expect(asks.map(({ payload }) => payload)).toMatchObject([told, told]);
  }
});

test('T07 POST credits/topup: a key of 7 or 256 characters is refused', async () => {
  for (const length of [7, 256]) {
    const headers = { 'idempotency-key': 'k'.repeat(length) };
    const answer = await send('POST', TOPUP, { amount: 100 }, headers);
    expect(answer.body.error).toMatchObject({ code: 'invalid_field', param: 'Idempotency-Key' });
  }
  expect(world.calls).toEqual([]);
});

test('a top-up is read by its organization only', async () => {
  const own = await send('GET', `${B}/topups/tu_1`);
  expect(own.body.data).toMatchObject({ id: 'tu_1', state: 'succeeded', payment_id: 'pi_1' });
  const other = await send('GET', `${B}/topups/tu_1`, undefined, { 'x-api-key': strangerKey });
  expect(other.status).toBe(404);
});

test('payment methods: list, set default, detach and save another; a foreign id is 404', async () => {
  // covers: POST /api/v1/billing/payment-methods/{payment_method_id}/default
  const P = `${B}/payment-methods`;
  expect((await send('GET', P)).body.data).toMatchObject([{ id: 'pm_1', is_default: true }]);
  expect((await send('POST', `${P}/pm_1/default`)).body.data).toMatchObject({ is_default: true });
  const urls = { successUrl: 'https://a.b/ok', cancelUrl: 'https://a.b/no' };
  const page = await send('POST', `${P}/setup`, urls);
  expect(page.body.data).toEqual({ url: 'https://pay.test/setup' });
  expect((await send('DELETE', `${P}/pm_1`)).body.data).toEqual({ id: 'pm_1', detached: true });
  world.calls.length = 0;
  const stranger = { 'x-api-key': strangerKey };
  for (const id of ['pm_1', 'pm_2']) {
    const headers = id === 'pm_1' ? stranger : {};
    expect((await send('POST', `${P}/${id}/default`, undefined, headers)).status).toBe(404);
    expect((await send('DELETE', `${P}/${id}`, undefined, headers)).status).toBe(404);
  }
  expect(world.calls).toEqual([]);
});

test('payment-methods/setup: each address wrong in turn is refused by name', async () => {
  const good = { successUrl: 'https://a.b/ok', cancelUrl: 'https://a.b/no' };
  for (const param of ['successUrl', 'cancelUrl']) {
    for (const bad of [
      undefined,
      null,
      5,
      '',
      '/relative',
      'javascript:1',
      'data:,x',
      'ftp://a.b',
    ]) {
      const answer = await send('POST', `${B}/payment-methods/setup`, { ...good, [param]: bad });
      expect(answer.status).toBe(400);
      expect(answer.body.error?.param).toBe(param);
    }
  }
  expect(world.calls).toEqual([]);
});

test('PUT credits/auto-reload takes what the seed sends; GET shows the terms', async () => {
  const terms = { enabled: true, threshold: 5_000, amount: 10_000 };
  const answer = await send('PUT', `${B}/credits/auto-reload`, terms);
  expect(answer.status).toBe(200);
  expect(asked('auto_reload.configure')[0]?.payload).toEqual({
    ...terms,
    organization_id: 'org_a',
    currency: 'USD',
  });
  const limits = { enabled: false, target: null, max_reloads_per_day: 3 };
  await send('PUT', `${B}/credits/auto-reload`, limits);
  expect(asked('auto_reload.configure')[1]?.payload).toMatchObject(limits);
  const read = await send('GET', `${B}/credits/auto-reload`);
  expect(read.body.data).toMatchObject({ enabled: false, state: 'off' });
});

test.each([
  ['nothing', {}, 'enabled'],
  ['a text as enabled', { enabled: 'true' }, 'enabled'],
  ['null as enabled', { enabled: null }, 'enabled'],
  ['a negative threshold', { enabled: true, threshold: -1 }, 'threshold'],
  ['null as threshold', { enabled: true, threshold: null }, 'threshold'],
  ['a fraction as threshold', { enabled: true, threshold: 1.5 }, 'threshold'],
  ['an amount of zero', { enabled: true, amount: 0 }, 'amount'],
  ['a text as amount', { enabled: true, amount: '100' }, 'amount'],
  ['a target as text', { enabled: true, target: '1' }, 'target'],
  ['a ceiling of zero', { enabled: true, max_amount_per_payment: 0 }, 'max_amount_per_payment'],
  ['a ceiling as text', { enabled: true, max_amount_per_payment: '1' }, 'max_amount_per_payment'],
  ['no reload a day', { enabled: true, max_reloads_per_day: 0 }, 'max_reloads_per_day'],
  ['a fraction a month', { enabled: true, max_reloads_per_month: 0.5 }, 'max_reloads_per_month'],
  ['a cap of zero', { enabled: true, max_amount_per_day: 0 }, 'max_amount_per_day'],
  ['a cap as text', { enabled: true, max_amount_per_month: '9' }, 'max_amount_per_month'],
  ['an unknown field', { enabled: true, thresold: 5 }, 'thresold'],
])(
  'PUT credits/auto-reload: %s is refused by name before checkout hears of it',
  async (_t, body, param) => {
    const answer = await send('PUT', `${B}/credits/auto-reload`, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error?.param).toBe(param);
    expect(world.calls).toEqual([]);
  },
);

test('POST credits/auto-reload/resume goes on for the organization of the key, and takes no body', async () => {
  const answer = await send('POST', `${B}/credits/auto-reload/resume`);
  expect(answer.status).toBe(200);
  expect(answer.body.data).toMatchObject({ enabled: true, state: 'armed' });
  expect(asked('auto_reload.resume')).toMatchObject([{ payload: { organization_id: 'org_a' } }]);
});

test('status and balance tell the terms; while checkout is away they are null, and the rest is answered', async () => {
  const status = await send('GET', `${B}/status`);
  expect(status.body.data).toMatchObject({ auto_reload: { enabled: false, state: 'off' } });
  world.payments.isAway = true;
  expect((await send('GET', `${B}/status`)).body.data).toMatchObject({ auto_reload: null });
  const balance = await send('GET', `${B}/balance`);
  expect(balance.body.data).toMatchObject({ balance_cents: 10_000, auto_reload: null });
  expect((await send('GET', `${B}/credits/auto-reload`)).status).toBe(503);
});

test('operators list parked top-ups and resolve them; wrong values are refused by name', async () => {
  // covers: GET /api/v1/operator/topups
  // covers: POST /api/v1/operator/topups/{topup_id}/resolve
  const O = '/api/v1/operator/topups';
  const headers = { 'x-api-key': OPERATOR_KEY };
  const listed = await send('GET', `${O}?state=parked&limit=1`, undefined, headers);
  expect(listed.body.data).toMatchObject([{ id: 'tu_1', state: 'parked', received_minor: 9_999 }]);
  expect(listed.body.meta?.['pagination']).toEqual({ cursor: 'tu_1', has_more: true });
  const decision = { action: 'credit_received', reason: 'agreed' };
  const resolved = await send('POST', `${O}/tu_1/resolve`, decision, headers);
  expect(resolved.status).toBe(200);
  expect(asked('topup.resolve')[0]?.payload).toEqual({ topup_id: 'tu_1', ...decision });
  world.calls.length = 0;
  for (const [body, param] of [
    [{ reason: 'x' }, 'action'],
    [{ ...decision, action: 'credit' }, 'action'],
    [{ action: 'dismiss' }, 'reason'],
    [{ ...decision, reason: '' }, 'reason'],
    [{ ...decision, reason: 'x'.repeat(501) }, 'reason'],
    [{ ...decision, amount: 5 }, 'amount'],
  ] as const) {
    const answer = await send('POST', `${O}/tu_1/resolve`, body, headers);
    expect(answer.body.error?.param).toBe(param);
  }
  expect((await send('GET', `${O}?state=lost`, undefined, headers)).body.error?.param).toBe(
    'state',
  );
  expect((await send('GET', O)).status).toBe(401);
  expect(world.calls).toEqual([]);
});
