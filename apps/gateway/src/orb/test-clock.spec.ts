// Goal: the test clock's path behaves like every other one of /v1, and an account can be made with a clock that stands.
// Method: the whole HTTP app, injected, over ports in memory.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld, OPERATOR_KEY } from '../gateway.fake.js';

const world = new FakeWorld();
let app: NestFastifyApplication;
let authorization: string;

beforeAll(async () => {
  app = await world.start();
  authorization = `Bearer ${world.orb.add('acct_clock', 'test')}`;
});
afterAll(() => app.close());
beforeEach(() => {
  world.orb.calls.length = 0;
  world.orb.owner = async () => ({ status: 200, body: '{"now":"x","status":"ready"}' });
});

const json = { 'content-type': 'application/json' };

test('GET and POST /v1/test_clock reach the driver with the account, whatever the body is', async () => {
  const read = await app.inject({ url: '/v1/test_clock', headers: { authorization } });
  expect([read.statusCode, read.json()]).toEqual([200, { now: 'x', status: 'ready' }]);
  for (const body of ['{"now":"2027-01-01T00:00:00Z"}', '[]', '7', 'null', '']) {
    const url = '/v1/test_clock';
    const headers = { authorization, ...json };
    const moved = await app.inject({ method: 'POST', url, headers, payload: body });
    expect(moved.statusCode).toBe(200);
  }
  expect(world.orb.calls.map(({ operation, call }) => [operation, call.body])).toEqual([
    ['fetch-test-clock', {}],
    ['advance-test-clock', { now: '2027-01-01T00:00:00Z' }],
    ...[[], 7, null, null].map((body) => ['advance-test-clock', body]),
  ]);
  expect(world.orb.calls[0]?.call.account).toEqual({
    ...{ id: 'acct_clock', mode: 'test', default_currency: 'USD', timezone: 'UTC' },
  });
});

test('other methods, strangers and broken JSON are refused in the form of the contract', async () => {
  const wrong = await app.inject({
    method: 'DELETE',
    url: '/v1/test_clock',
    headers: { authorization },
  });
  expect([wrong.statusCode, wrong.headers['allow']]).toEqual([404, 'GET, POST']);
  const stranger = await app.inject({ url: '/v1/test_clock' });
  expect(stranger.statusCode).toBe(401);
  const headers = { authorization, ...json };
  const broken = await app.inject({ method: 'POST', url: '/v1/test_clock', headers, payload: '{' });
  expect([broken.statusCode, broken.json<{ type: string }>().type]).toEqual([
    400,
    expect.stringContaining('#400-request-validation-errors'),
  ]);
  expect(world.orb.calls).toEqual([]);
});

async function create(more: Record<string, unknown>) {
  const body = { name: 'Clock', mode: 'test', ...more };
  const answer = await app.inject({
    ...{ method: 'POST' as const, url: '/api/v1/operator/accounts', payload: JSON.stringify(body) },
    headers: { 'x-api-key': OPERATOR_KEY, ...json },
  });
  return { status: answer.statusCode, ...answer.json<{ data: never; error: { param: string } }>() };
}

test('test_clock_now sets the clock of a new test account, past or future; anything else names the field', async () => {
  for (const now of ['1999-12-31T23:00:00-01:00', '2100-01-01T00:00:00Z']) {
    const { status, data } = await create({ test_clock_now: now });
    expect(status).toBe(201);
    expect(world.orb.stands.get(data['account_id'])).toBe(Date.parse(now));
  }
  const made = world.orb.accounts.size;
  for (const wrong of ['2026-02-30T00:00:00Z', '2026-01-01', '', 1_700_000_000, {}]) {
    const { status, error } = await create({ test_clock_now: wrong });
    expect([status, error.param]).toEqual([400, 'test_clock_now']);
  }
  const live = await create({ mode: 'live', test_clock_now: '2026-01-01T00:00:00Z' });
  expect([live.status, live.error.param]).toEqual([400, 'test_clock_now']);
  expect(world.orb.accounts.size).toBe(made);
});
