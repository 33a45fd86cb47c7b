// Goal: what an operator sees of policies, corrections and blocks. Method: the whole HTTP app, injected,
// over ports in memory; what the ledger decides is tested there.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld, OPERATOR_KEY } from '../gateway.fake.js';

const world = new FakeWorld();
const organizationKey = world.addOrganization('org_a');
let app: NestFastifyApplication;

beforeAll(async () => {
  app = await world.start();
});
afterAll(() => app.close());
beforeEach(() => {
  world.calls.length = 0;
});

const O = '/api/v1/operator/organizations/org_a';

interface Answer {
  readonly status: number;
  readonly body: { data?: unknown; error?: { code: string; message: string; param?: string } };
}

async function send(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  url: string,
  payload?: object,
  key = OPERATOR_KEY,
): Promise<Answer> {
  const response = await app.inject({
    method,
    url,
    headers: { 'x-api-key': key, ...(payload ? { 'content-type': 'application/json' } : {}) },
    ...(payload ? { payload: JSON.stringify(payload) } : {}),
  });
  return { status: response.statusCode, body: response.json<Answer['body']>() };
}

const policies = {
  organization_id: 'org_a',
  wallet_id: 'wal_1',
  currency: 'USD',
  overdraft_limit: '0.00',
  low_balance_threshold: '5.00',
  late_usage_grace_seconds: 172_800,
  settle_late: false,
  outage_policy: 'closed',
  outage_budget: '0.00',
};

test('PATCH wallets/{currency} hands on what is named, and nothing else', async () => {
  world.operations.configure = policies;
  const body = { low_balance_threshold: null, outage_policy: 'open_with_budget' };
  const answer = await send('PATCH', `${O}/wallets/usd`, body);
  expect(answer.status).toBe(200);
  expect(answer.body.data).toEqual({ ...policies, currency: 'usd' });
  expect(world.calls).toEqual([
    { name: 'configure', payload: { ...body, organization_id: 'org_a', currency: 'USD' } },
  ]);
});

test('a custom unit is a wallet of its own', async () => {
  world.operations.readPolicies = { ...policies, currency: 'credits' };
  const answer = await send('GET', `${O}/wallets/credits`);
  expect(answer.body.data).toMatchObject({ currency: 'credits' });
  expect(world.calls).toEqual([
    { name: 'readPolicies', payload: { organization_id: 'org_a', currency: 'credits' } },
  ]);
});

test.each([
  [{ overdraft_limit: -1 }, 'overdraft_limit'],
  [{ overdraft_limit: '-1.00' }, 'overdraft_limit'],
  [{ low_balance_threshold: 5 }, 'low_balance_threshold'],
  [{ late_usage_grace_seconds: 1.5 }, 'late_usage_grace_seconds'],
  [{ late_usage_grace_seconds: -1 }, 'late_usage_grace_seconds'],
  [{ settle_late: 'yes' }, 'settle_late'],
  [{ outage_policy: 'half_open' }, 'outage_policy'],
  [{ outage_budget: '1.0000001' }, 'outage_budget'],
  [{ nonsense: 1 }, 'nonsense'],
])('PATCH wallets with %j names the field', async (body, param) => {
  const answer = await send('PATCH', `${O}/wallets/usd`, body);
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatchObject({ param });
  expect(world.calls).toEqual([]);
});

const adjustment = { amount: '-5.00', reason: 'granted twice', reference: 'inc-2041' };
const booked = { currency: 'USD', reference: 'inc-2041', transactions: [], replayed: false };

test("POST adjustments goes to the wallet in the organization's currency", async () => {
  world.operations.adjust = booked;
  const answer = await send('POST', `${O}/adjustments`, adjustment);
  expect(answer.status).toBe(201);
  expect(world.calls).toEqual([
    { name: 'adjust', payload: { ...adjustment, organization_id: 'org_a', currency: 'USD' } },
  ]);
});

test.each([
  [{ ...adjustment, amount: 5 }, 'amount'],
  [{ ...adjustment, amount: '5.0000001' }, 'amount'],
  [{ ...adjustment, reason: '  ' }, 'reason'],
  [{ amount: '5.00', reference: 'r' }, 'reason'],
  [{ amount: '5.00', reason: 'r' }, 'reference'],
  [{ ...adjustment, currency: 'US$' }, 'currency'],
  [{ ...adjustment, allow_negative: 1 }, 'allow_negative'],
])('POST adjustments with %j names the field', async (body, param) => {
  const answer = await send('POST', `${O}/adjustments`, body);
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatchObject({ param });
  expect(world.calls).toEqual([]);
});

test('an organization that is not there answers 404, its own key 401', async () => {
  const url = '/api/v1/operator/organizations/org_none/adjustments';
  expect((await send('POST', url, adjustment)).status).toBe(404);
  expect((await send('POST', `${O}/adjustments`, adjustment, organizationKey)).status).toBe(401);
});
