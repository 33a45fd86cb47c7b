// Goal: what a client sees of leases: each answer, and for each wrong field a refusal that names it and a
// ledger that was never asked. Method: the whole HTTP app, injected, over ports in memory.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld } from '../../gateway.fake.js';
import { LEASE } from '../../leases.fake.js';

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
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: { data?: unknown; error?: { code: string; param?: string } };
}

async function send(
  method: 'GET' | 'POST',
  path: string,
  payload?: unknown,
  headers: Record<string, string> = { 'idempotency-key': 'lease-0001' },
): Promise<Answer> {
  const response = await app.inject({
    method,
    url: `/api/v1/billing/leases${path}`,
    headers: {
      'x-api-key': key,
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
  });
  return { status: response.statusCode, headers: response.headers, body: response.json() };
}

const { organization_id: _organization, ...shown } = LEASE;
const ID = `/${LEASE.lease_id}`;

test('a lease is opened with the idempotency key as its reference, and a repeat says so', async () => {
  // covers: POST /api/v1/billing/leases
  const body = { amount: '25.00', currency: 'usd', ttl_seconds: 60, holder: 'sender-7' };
  const first = await send('POST', '', body);
  expect(first).toMatchObject({ status: 201, body: { data: shown } });
  expect(first.headers['idempotency-replayed']).toBeUndefined();
  expect(world.calls).toEqual([
    {
      name: 'lease.open',
      payload: {
        organization_id: 'org_a',
        currency: 'USD',
        amount: '25.00',
        ttl_ms: 60_000,
        holder: 'sender-7',
        reference: 'lease-0001',
      },
    },
  ]);
  expect((await send('POST', '', body)).headers['idempotency-replayed']).toBe('true');
});

test('a lease is listed, read, renewed and closed', async () => {
  // covers: GET /api/v1/billing/leases
  // covers: GET /api/v1/billing/leases/{lease_id}
  // covers: POST /api/v1/billing/leases/{lease_id}/renew
  // covers: POST /api/v1/billing/leases/{lease_id}/close
  expect((await send('GET', '?limit=1&state=open')).body.data).toEqual({
    leases: [shown],
    next_cursor: LEASE.lease_id,
    has_more: true,
  });
  expect((await send('GET', `?cursor=${LEASE.lease_id}`)).body.data).toMatchObject({
    next_cursor: null,
    has_more: false,
  });
  expect((await send('GET', ID)).body.data).toEqual(shown);
  expect((await send('POST', `${ID}/renew`, { ttl_seconds: 60 })).status).toBe(200);
  expect((await send('POST', `${ID}/close`, undefined, {})).status).toBe(200);
  const asked = { organization_id: 'org_a', lease_id: LEASE.lease_id };
  expect(world.calls.slice(-2)).toEqual([
    { name: 'lease.renew', payload: { ...asked, ttl_ms: 60_000, reference: 'lease-0001' } },
    { name: 'lease.close', payload: asked },
  ]);
});

test.each([
  ['', { ttl_seconds: 60 }, 'amount'],
  ['', { amount: 25, ttl_seconds: 60 }, 'amount'],
  ['', { amount: '0', ttl_seconds: 60 }, 'amount'],
  ['', { amount: '-1', ttl_seconds: 60 }, 'amount'],
  ['', { amount: '1.0000001', ttl_seconds: 60 }, 'amount'],
  ['', { amount: '9007199255', ttl_seconds: 60 }, 'amount'],
  ['', { amount: '25.00' }, 'ttl_seconds'],
  ['', { amount: '25.00', ttl_seconds: 4 }, 'ttl_seconds'],
  ['', { amount: '25.00', ttl_seconds: 86_401 }, 'ttl_seconds'],
  ['', { amount: '25.00', ttl_seconds: 60.5 }, 'ttl_seconds'],
  ['', { amount: '25.00', ttl_seconds: 60, holder: '' }, 'holder'],
  ['', { amount: '25.00', ttl_seconds: 60, holder: 'x'.repeat(201) }, 'holder'],
  ['', { amount: '25.00', ttl_seconds: 60, currency: 'eur' }, 'currency'],
  ['', { amount: '25.00', ttl_seconds: 60, lease_id: 'x' }, 'lease_id'],
  [`${ID}/renew`, {}, 'amount'],
  [`${ID}/renew`, { amount: '0' }, 'amount'],
  [`${ID}/renew`, { ttl_seconds: 1 }, 'ttl_seconds'],
  [`${ID}/renew`, { ttl_seconds: null }, 'ttl_seconds'],
  [`${ID}/renew`, { amount: null, ttl_seconds: 60 }, 'amount'],
  [`${ID}/renew`, { holder: 'x' }, 'holder'],
  [`${ID}/close`, { now: true }, 'now'],
])('POST leases%s with %j is refused for %s', async (path, body, param) => {
  const { status, body: answer } = await send('POST', path, body);
  expect({ status, param: answer.error?.param }).toEqual({ status: 400, param });
  expect(world.calls).toEqual([]);
});

test.each(['', `${ID}/renew`])('POST leases%s needs an Idempotency-Key', async (path) => {
  const { status, body } = await send('POST', path, { amount: '25.00', ttl_seconds: 60 }, {});
  expect({ status, param: body.error?.param }).toEqual({ status: 400, param: 'Idempotency-Key' });
  expect(world.calls).toEqual([]);
});

test.each(['?limit=0', '?limit=101', '?state=lost', '?cursor=x', '?page=2'])(
  'GET leases%s is refused',
  async (query) => {
    expect((await send('GET', query)).status).toBe(400);
    expect(world.calls).toEqual([]);
  },
);

test('a lease of another organization, and what is no id, are not there', async () => {
  const stranger = { 'x-api-key': strangerKey };
  expect((await send('GET', ID, undefined, stranger)).status).toBe(404);
  expect((await send('GET', '/lease_1')).status).toBe(404);
  expect((await send('POST', '/lease_1/close')).status).toBe(404);
  expect((await send('POST', '/lease_1/renew', { amount: '1' })).status).toBe(404);
});
