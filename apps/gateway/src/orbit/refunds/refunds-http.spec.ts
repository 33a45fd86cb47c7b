// Goal: what a client sees of refunds, and an operator of disputes and of the comparison with Stripe; for each wrong
// field a refusal that names it and a checkout that was never asked.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';

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
  world.refunds.next = {};
});

const R = '/api/v1/billing/refunds';
const idempotent = { 'idempotency-key': 'refund-0001' };

interface Body {
  readonly data?: unknown;
  readonly error?: { code: string; param?: string; details?: Record<string, unknown> };
  readonly meta?: Record<string, unknown>;
}

async function send(
  method: 'GET' | 'POST',
  url: string,
  payload?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Readonly<Record<string, unknown>>; body: Body }> {
  const type = payload === undefined ? {} : { 'content-type': 'application/json' };
  const response = await app.inject({
    method,
    url,
    headers: { 'x-api-key': key, ...type, ...headers },
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
  });
  return { status: response.statusCode, headers: response.headers, body: response.json() };
}

test('T17: a refund answers 201 with its state; a repeat says so; above the maximum is 422 naming it', async () => {
  const wanted = { topup_id: 'tu_1', amount: 7_500, reason: 'duplicate' };
  const first = await send('POST', R, wanted, idempotent);
  expect(first.status).toBe(201);
  expect(first.body.data).toEqual({
    id: 'ref_1',
    topup_id: 'tu_1',
    payment_id: 'pi_1',
    state: 'succeeded',
    amount_minor: 7_500,
    amount: '75.00',
    currency: 'usd',
    unit: 'usd',
    reason: null,
    failure_reason: null,
    origin: 'api',
    created_at: '2026-05-16T12:00:00.000Z',
    refunded_at: '2026-05-16T12:00:01.000Z',
  });
  expect(world.calls).toEqual([
    {
      name: 'refunds.create',
      payload: {
        organization_id: 'org_a',
        topup_id: 'tu_1',
        amount_minor: 7_500,
        reason: 'duplicate',
        idempotency_key: 'refund-0001',
      },
    },
  ]);
  world.refunds.next = { replayed: true };
  const again = await send('POST', R, wanted, idempotent);
  expect(again.headers['idempotency-replayed']).toBe('true');
  const above = await send('POST', R, { ...wanted, amount: 8_000 }, idempotent);
  expect(above.status).toBe(422);
  expect(above.body.error).toMatchObject({
    code: 'refund_exceeds_unspent',
    details: { max_refundable: '75.00', max_refundable_minor: 7_500 },
  });
});

test('every wrong field of a refund is refused by name, and checkout is not asked', async () => {
  const wanted = { topup_id: 'tu_1', amount: 7_500 };
  for (const [change, param] of [
    [{ amount: 0 }, 'amount'],
    [{ amount: -5 }, 'amount'],
    [{ amount: 1.5 }, 'amount'],
    [{ amount: '75' }, 'amount'],
    [{ amount: 100_000_000 }, 'amount'],
    [{ topup_id: 5 }, 'topup_id'],
    [{ topup_id: '' }, 'topup_id'],
    [{ topup_id: 'x'.repeat(256) }, 'topup_id'],
    [{ payment_id: [] }, 'payment_id'],
    [{ reason: 'because' }, 'reason'],
    [{ currency: 'usd' }, 'currency'],
  ] as const) {
    const answer = await send('POST', R, { ...wanted, ...change }, idempotent);
    expect([answer.status, answer.body.error?.param]).toEqual([400, param]);
  }
  for (const header of ['', 'short', 'x'.repeat(256)]) {
    const answer = await send('POST', R, wanted, { 'idempotency-key': header });
    expect([answer.status, answer.body.error?.param]).toEqual([400, 'Idempotency-Key']);
  }
  expect((await send('POST', R, wanted)).body.error?.param).toBe('Idempotency-Key');
  expect(world.calls).toEqual([]);
});

test('refunds are listed page by page and read one by one, by their own organization alone', async () => {
  // covers: GET /api/v1/billing/refunds
  const page = await send('GET', `${R}?limit=1&topup_id=tu_1`);
  expect(page.body.data).toMatchObject([{ id: 'ref_1' }]);
  expect(page.body.meta?.['pagination']).toEqual({ cursor: 'ref_1', has_more: true });
  await send('GET', `${R}?cursor=ref_1`);
  expect(world.calls.at(-1)?.payload).toEqual({
    organization_id: 'org_a',
    limit: 30,
    after_id: 'ref_1',
  });
  expect((await send('GET', `${R}/ref_1`)).status).toBe(200);
  const other = await send('GET', `${R}/ref_1`, undefined, { 'x-api-key': strangerKey });
  expect([other.status, other.body.error?.code]).toEqual([404, 'not_found']);
  for (const query of ['limit=0', 'limit=101', 'limit=x', 'cursor=', 'topup_id=', 'state=x']) {
    const answer = await send('GET', `${R}?${query}`);
    expect([answer.status, answer.body.error?.param]).toEqual([400, query.split('=')[0]]);
  }
});

test('operators list disputes and compare Stripe with the ledger; nobody else does', async () => {
  const O = '/api/v1/operator';
  const headers = { 'x-api-key': OPERATOR_KEY };
  expect((await send('GET', `${O}/disputes?state=open`, undefined, headers)).body.data).toEqual([]);
  const since = '2026-05-15T00:00:00Z';
  const report = await send('POST', `${O}/reconcile/stripe`, { since, fix: true }, headers);
  expect(report.body.data).toMatchObject({ differences: [], replayed_events: 0 });
  expect(world.calls.at(-1)?.payload).toEqual({ since, fix: true });
  world.calls.length = 0;
  for (const [body, param] of [
    [{ since: 'yesterday' }, 'since'],
    [{ since: 5 }, 'since'],
    [{ fix: 'yes' }, 'fix'],
    [{ until: since }, 'until'],
  ] as const) {
    const answer = await send('POST', `${O}/reconcile/stripe`, body, headers);
    expect([answer.status, answer.body.error?.param]).toEqual([400, param]);
  }
  const wrong = await send('GET', `${O}/disputes?state=lostt`, undefined, headers);
  expect(wrong.body.error?.param).toBe('state');
  expect((await send('GET', `${O}/disputes`)).status).toBe(401);
  expect((await send('POST', `${O}/reconcile/stripe`, {})).status).toBe(401);
  expect(world.calls).toEqual([]);
});
