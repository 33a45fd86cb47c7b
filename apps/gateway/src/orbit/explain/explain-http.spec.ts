// Goal: undecided is told apart from unknown, nobody sees another's charge, and health says no more than it may.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ChargeExplanation } from '@orbit/contracts';
import { micros } from '@orbit/money';
import type { ChargeState } from '@orbit/spend';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';
import { HEALTHY } from '../../proofs.fake.js';

let world: FakeWorld;
let app: NestFastifyApplication;
let key: string;
let otherKey: string;

beforeEach(async () => {
  world = new FakeWorld();
  key = world.addOrganization('org_a');
  otherKey = world.addOrganization('org_b');
  app = await world.start();
});
afterEach(() => app.close());

const get = async (url: string, apiKey?: string): Promise<{ status: number; body: unknown }> => {
  const headers = apiKey === undefined ? {} : { 'x-api-key': apiKey };
  const answer = await app.inject({ method: 'GET', url, headers });
  return { status: answer.statusCode, body: answer.json() };
};
const STATE: ChargeState = {
  state: 'captured',
  authorizationId: 'auth_1',
  amountMicros: micros(7_500n),
  heldMicros: micros(7_500n),
  currency: 'USD',
  occurredAtMs: Date.UTC(2026, 4, 16),
  channel: 'sms',
  quantity: 1,
  metadata: { country: '1' },
};
const EXPLANATION: ChargeExplanation = {
  charge_id: 'c1',
  wallet_id: 'wal_org_a',
  status: 'posted',
  reason: null,
  request: {
    charge_id: 'c1',
    amount: '0.0075',
    currency: 'USD',
    channel: 'sms',
    quantity: 1,
    metadata: {},
    occurred_at: '2026-05-16T00:00:00.000Z',
  },
  rating: null,
  authorization: { authorization_id: null, lease_id: null },
  plan: null,
  slices: [],
  entries: [],
  balance_before: '1.00',
  balance_after: '0.9925',
  decided_at: '2026-05-16T00:00:00.000Z',
  reversals: [
    {
      reference: 'inc-2041',
      amount: '0.0025',
      sequence: '57',
      entries: [],
      booked_at: '2026-05-17T00:00:00.000Z',
    },
  ],
};
const CHARGE = '/api/v1/billing/charges/c1';

test('a charge on its way is told with how far it is; an unknown one is 404', async () => {
  // covers: GET /api/v1/billing/charges/{charge_id}
  expect(await get(CHARGE, key)).toMatchObject({
    status: 404,
    body: { error: { code: 'not_found' } },
  });
  for (const [state, status] of [
    ['captured', 'accepted'],
    ['held', 'authorized'],
    ['released', 'released'],
    ['expired', 'expired'],
    ['posted', 'accepted'],
  ] as const) {
    world.chargeStates.set('org_a', { ...STATE, state });
    expect(await get(CHARGE, key)).toMatchObject({
      status: 200,
      body: { data: { charge_id: 'c1', status, amount: '0.0075', authorization_id: 'auth_1' } },
    });
  }
  expect((await get(CHARGE, otherKey)).status).toBe(404);
});

test('an undecided charge is explained as far as it goes', async () => {
  world.chargeStates.set('org_a', STATE);
  expect(await get(`${CHARGE}/explain`, key)).toMatchObject({
    status: 200,
    body: {
      data: {
        status: 'accepted',
        request: { amount: '0.0075', metadata: { country: '1' } },
        authorization: { authorization_id: 'auth_1' },
        entries: [],
        decided_at: null,
        reversals: [],
      },
    },
  });
});

test('a decided charge is explained from the books, with its authorization while that is known', async () => {
  // covers: GET /api/v1/billing/charges/{charge_id}/explain
  world.proofs.explanations.set('org_a c1', EXPLANATION);
  const { body } = await get(`${CHARGE}/explain`, key);
  expect(body).toMatchObject({ data: { ...EXPLANATION } });
  world.chargeStates.set('org_a', STATE);
  expect((await get(`${CHARGE}/explain`, key)).body).toMatchObject({
    data: { authorization: { authorization_id: 'auth_1', lease_id: null } },
  });
});

test("another organization's charge is 404, like one that never was", async () => {
  world.proofs.explanations.set('org_a c1', EXPLANATION);
  for (const url of [`${CHARGE}/explain`, '/api/v1/billing/charges/never/explain']) {
    expect(await get(url, otherKey)).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found', message: 'There is no such charge.' } },
    });
  }
  expect((await get(`${CHARGE}/explain`)).status).toBe(401);
});

test('/health/ledger: open to anybody, 200 while the books hold, asked of the ledger once a second', async () => {
  // covers: GET /health/ledger
  expect(await get('/health/ledger')).toEqual({ status: 200, body: HEALTHY });
  await Promise.all([get('/health/ledger'), get('/health/ledger')]);
  expect(world.proofs.healthCalls).toBe(1);
});

test('/health/ledger: 503 with the numbers of a breach; who it is, only to the operator', async () => {
  // covers: GET /api/v1/operator/ledger/health
  const breach = {
    organization_id: 'org_secret',
    wallet_id: 'wal_secret',
    currency: 'USD',
    check: 'entries_add_up',
    fact: 'the entries add up',
    expected: '5',
    actual: '6',
    since: '2026-05-16T11:00:00.000Z',
  };
  world.proofs.healthNow = {
    ...{ ...HEALTHY, status: 'degraded', holds: false },
    ...{ reasons: ['wallets whose books do not add up: 1'], breaches: [breach], breach_count: 1 },
  };
  for (const anybody of [undefined, key, 'operator']) {
    const { status, body } = await get('/health/ledger', anybody);
    expect(status).toBe(503);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(body).toMatchObject({ breaches: [{ expected: '5', actual: '6' }] });
  }
  const told = await get('/health/ledger', OPERATOR_KEY);
  expect(told.body).toMatchObject({ breaches: [breach] });
});

test('/health/ledger: 503 while a partition stands still, with which, why and what to do; readiness stays 200 and says it', async () => {
  const what = 'charge.requested/3';
  const known = { what, state: 'stopped', since: '2026-05-16T11:00:00.000Z', what_to_do: 'mend' };
  const stalls = [{ ...known, state: 'stopped' as const, detail: 'wal_secret: no such block' }];
  const reasons = [`${what} is stopped by a broken invariant`];
  world.proofs.healthNow = { ...HEALTHY, status: 'degraded', reasons, stalls };
  expect(await get('/health/ledger')).toMatchObject({
    status: 503,
    body: { status: 'degraded', holds: true, reasons, stalls: [known] },
  });
  expect(JSON.stringify(await get('/health/ledger'))).not.toContain('secret');
  expect(await get('/health/ledger', OPERATOR_KEY)).toMatchObject({ body: { stalls } });
  expect(await get('/health/ready')).toEqual({
    status: 200,
    body: { status: 'ok', reasons: [], warnings: [`ledger: ${reasons[0]}`] },
  });
});

test('readiness of the gateway does not wait for a ledger that does not answer', async () => {
  world.proofs.isSilent = true;
  expect(await get('/health/ready')).toEqual({
    status: 200,
    body: { status: 'ok', reasons: [], warnings: ['ledger: does not say how it is'] },
  });
});

test('operator: balances at an instant page by cursor; a vague instant is refused', async () => {
  // covers: GET /api/v1/operator/ledger/balances
  const path = '/api/v1/operator/ledger/balances';
  world.proofs.page = { at: '2026-05-16T00:00:00.000Z', balances: [], after: '17' };
  const answer = await get(`${path}?at=2026-05-16T00:00:00Z&currency=USD&cursor=9`, OPERATOR_KEY);
  expect(answer).toMatchObject({ status: 200, body: { data: { balances: [], cursor: '17' } } });
  expect(world.proofs.queries).toEqual([
    { at: '2026-05-16T00:00:00Z', currency: 'USD', limit: 200, after: '9' },
  ]);
  expect((await get(`${path}?at=yesterday`, OPERATOR_KEY)).status).toBe(400);
  expect((await get(`${path}?at=2026-05-16T00:00:00Z`, key)).status).toBe(401);
});

test('operator: a wallet is checked again, and released only on request', async () => {
  // covers: POST /api/v1/operator/organizations/{organization_id}/reconciliation
  const url = '/api/v1/operator/organizations/org_a/reconciliation';
  const post = (body: unknown): Promise<{ statusCode: number; json: () => unknown }> =>
    app.inject({
      method: 'POST',
      url,
      headers: { 'x-api-key': OPERATOR_KEY },
      payload: body as object,
    });
  expect((await post({})).statusCode).toBe(404);
  world.proofs.rechecked = { wallets: [] };
  expect((await post({ clear: true, currency: 'USD' })).statusCode).toBe(200);
  expect(world.proofs.queries).toEqual([
    { organization_id: 'org_a', clear: false },
    { organization_id: 'org_a', clear: true, currency: 'USD' },
  ]);
  expect((await post({ clear: 'yes' })).statusCode).toBe(400);
});
