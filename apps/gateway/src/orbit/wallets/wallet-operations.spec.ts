// Goal: what an operator sees of policies, corrections and blocks. Method: the whole HTTP app, injected,
// over ports in memory; what the ledger decides is tested there.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';

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
  // covers: PATCH /api/v1/operator/organizations/{organization_id}/wallets/{currency}
  world.operations.configure = policies;
  const body = { low_balance_threshold: null, outage_policy: 'open_with_budget' };
  const answer = await send('PATCH', `${O}/wallets/usd`, body);
  expect(answer.status).toBe(200);
  expect(answer.body.data).toEqual({ ...policies, currency: 'usd' });
  const wallet = { organization_id: 'org_a', currency: 'USD' };
  expect(world.calls).toEqual([
    // The audit trail keeps what was there before.
    { name: 'readPolicies', payload: wallet },
    { name: 'configure', payload: { ...body, ...wallet } },
  ]);
});

test('a custom unit is a wallet of its own', async () => {
  // covers: GET /api/v1/operator/organizations/{organization_id}/wallets/{currency}
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
  // covers: POST /api/v1/operator/organizations/{organization_id}/adjustments
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

const reason = { reference: 'case-1', reason: 'agreed' };

test('POST charges/{id}/reversals takes a charge id as it is, escaped in the path', async () => {
  // covers: POST /api/v1/operator/organizations/{organization_id}/charges/{charge_id}/reversals
  world.operations.reverse = booked;
  const url = `${O}/charges/${encodeURIComponent('sms/1?x')}/reversals`;
  expect((await send('POST', url, { ...reason, amount: '1.50' })).status).toBe(201);
  expect(world.calls).toEqual([
    {
      name: 'reverse',
      payload: { ...reason, amount: '1.50', charge_id: 'sms/1?x', organization_id: 'org_a' },
    },
  ]);
});

const grant = { amount: '25.00', kind: 'promotional', reference: 'welcome' };

test('POST grants goes to the wallet of the unit that it names', async () => {
  // covers: POST /api/v1/operator/organizations/{organization_id}/grants
  world.operations.grant = { ...booked, currency: 'credits' };
  const answer = await send('POST', `${O}/grants`, { ...grant, currency: 'credits', priority: -5 });
  expect(answer.status).toBe(201);
  expect(world.calls).toEqual([
    {
      name: 'grant',
      payload: { ...grant, priority: -5, organization_id: 'org_a', currency: 'credits' },
    },
  ]);
});

test.each([
  ['extend', 'extendBlock', { ...reason, expires_at: null }],
  ['extend', 'extendBlock', { ...reason, expires_at: '2026-06-30T00:00:00Z', reopen: true }],
  ['void', 'voidBlock', reason],
  ['void', 'voidBlock', { ...reason, allow_negative: true }],
  ['amend', 'amendBlock', { ...reason, amount: '30.00' }],
] as const)('POST blocks/{id}/%s hands on the change', async (path, name, body) => {
  // covers: POST /api/v1/operator/organizations/{organization_id}/blocks/{block_id}/extend
  // covers: POST /api/v1/operator/organizations/{organization_id}/blocks/{block_id}/void
  // covers: POST /api/v1/operator/organizations/{organization_id}/blocks/{block_id}/amend
  world.operations[name] = booked;
  expect((await send('POST', `${O}/blocks/blk_1_2/${path}`, body)).status).toBe(200);
  expect(world.calls).toEqual([
    { name, payload: { ...body, organization_id: 'org_a', block_id: 'blk_1_2' } },
  ]);
});

test.each([
  ['charges/c1/reversals', { ...reason, amount: '-1' }, 'amount'],
  ['charges/c1/reversals', { ...reason, extend_to: '2026-06-30' }, 'extend_to'],
  ['charges/c1/reversals', { reason: 'r' }, 'reference'],
  ['grants', { ...grant, amount: '0.0000001' }, 'amount'],
  ['grants', { ...grant, kind: 'gift' }, 'kind'],
  ['grants', { ...grant, priority: 1.5 }, 'priority'],
  ['grants', { ...grant, priority: 1001 }, 'priority'],
  ['grants', { ...grant, cost_basis: 0.5 }, 'cost_basis'],
  ['grants', { ...grant, effective_at: 'tomorrow' }, 'effective_at'],
  ['grants', { ...grant, expires_at: '2026-02-30T00:00:00' }, 'expires_at'],
  ['grants', { ...grant, currency: '€' }, 'currency'],
  ['grants', { ...grant, reference: '' }, 'reference'],
  ['blocks/blk_1_2/extend', reason, 'expires_at'],
  ['blocks/blk_1_2/extend', { ...reason, expires_at: 'never' }, 'expires_at'],
  ['blocks/blk_1_2/void', { reference: 'r' }, 'reason'],
  ['blocks/blk_1_2/amend', { ...reason, amount: 30 }, 'amount'],
  ['blocks/blk_1_2/amend', { ...reason, amount: '1', more: 1 }, 'more'],
])('POST %s with %j names the field', async (path, body, param) => {
  const answer = await send('POST', `${O}/${path}`, body);
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatchObject({ param });
  expect(world.calls).toEqual([]);
});

const view = { id: 'blk_1_2', currency: 'USD', state: 'active', remaining: '5.00' };

test('an organization lists its own blocks; all of them in pages', async () => {
  world.operations.listBlocks = { blocks: [view], has_more: true };
  const B = '/api/v1/billing/credits/blocks';
  const open = await send('GET', B, undefined, organizationKey);
  expect(open.body.data).toEqual({
    blocks: [{ ...view, currency: 'usd' }],
    cursor: null,
    has_more: true,
  });
  const url = `${B}?include=all&limit=1&cursor=blk_1_3&currency=credits`;
  const all = await send('GET', url, undefined, organizationKey);
  expect(all.body.data).toMatchObject({ cursor: 'blk_1_2' });
  const wallet = { organization_id: 'org_a', currency: 'USD' };
  expect(world.calls.map(({ payload }) => payload)).toEqual([
    { ...wallet, include_all: false, limit: 100 },
    { ...wallet, currency: 'credits', include_all: true, limit: 1, after_id: 'blk_1_3' },
  ]);
});

test.each([
  ['include=some', 'include'],
  ['limit=0', 'limit'],
  ['limit=201', 'limit'],
  ['cursor=ct_1_2', 'cursor'],
  ['state=active', 'state'],
])('GET blocks?%s names the field, for the operator and the organization', async (query, param) => {
  // covers: GET /api/v1/operator/organizations/{organization_id}/blocks
  const own = await send(
    'GET',
    `/api/v1/billing/credits/blocks?${query}`,
    undefined,
    organizationKey,
  );
  const operators = await send('GET', `${O}/blocks?${query}`);
  for (const { status, body } of [own, operators]) {
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ param });
  }
});

const monthly = { amount: '10.00', kind: 'promotional', cadence: 'month', reference: 'plan' };

test('grant schedules are created, listed and cancelled', async () => {
  // covers: POST /api/v1/operator/organizations/{organization_id}/grant-schedules
  // covers: GET /api/v1/operator/organizations/{organization_id}/grant-schedules
  // covers: DELETE /api/v1/operator/organizations/{organization_id}/grant-schedules/{schedule_id}
  const schedule = { id: 'sched_1', currency: 'USD', state: 'active' };
  world.operations.createSchedule = schedule;
  world.operations.listSchedules = [schedule];
  world.operations.cancelSchedule = { ...schedule, state: 'cancelled' };
  const body = {
    ...monthly,
    anchor_at: '2026-01-31T00:00:00Z',
    rollover_cap: '4',
    rollover_periods: 2,
  };
  const created = await send('POST', `${O}/grant-schedules`, body);
  expect([created.status, created.body.data]).toEqual([201, { ...schedule, currency: 'usd' }]);
  expect((await send('GET', `${O}/grant-schedules`)).body.data).toHaveLength(1);
  const cancelled = await send('DELETE', `${O}/grant-schedules/sched_1`);
  expect(cancelled.body.data).toMatchObject({ state: 'cancelled' });
  expect(world.calls).toEqual([
    { name: 'createSchedule', payload: { ...body, organization_id: 'org_a', currency: 'USD' } },
    { name: 'listSchedules', payload: { organization_id: 'org_a' } },
    { name: 'cancelSchedule', payload: { organization_id: 'org_a', schedule_id: 'sched_1' } },
  ]);
});

test.each([
  [{ ...monthly, cadence: 'hour' }, 'cadence'],
  [{ ...monthly, expires: 'later' }, 'expires'],
  [{ ...monthly, rollover_cap: 4 }, 'rollover_cap'],
  [{ ...monthly, rollover_periods: 37 }, 'rollover_periods'],
  [{ ...monthly, anchor_at: '2026-01-31' }, 'anchor_at'],
  [{ ...monthly, time_zone: 1 }, 'time_zone'],
  [{ ...monthly, expires_at: null }, 'expires_at'],
])('POST grant-schedules with %j names the field', async (body, param) => {
  const answer = await send('POST', `${O}/grant-schedules`, body);
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatchObject({ param });
});
