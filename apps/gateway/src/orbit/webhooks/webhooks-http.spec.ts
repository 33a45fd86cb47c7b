// Goal: what an organization and an operator see of webhooks over HTTP, and for each wrong field a refusal that names
// it while invoicing is never asked. Method: the whole HTTP app, injected, over ports in memory.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';

const world = new FakeWorld();
const key = world.addOrganization('org_a');
let app: NestFastifyApplication;
const ENDPOINT = {
  endpoint_id: 'we_1',
  url: 'https://example.com/w',
  event_types: null,
  enabled: true,
  created_at: '2026-05-16T11:22:33.444Z',
};

beforeAll(async () => {
  world.operations['webhooks.create'] = {
    endpoint: { ...ENDPOINT, secret: 'whsec_x' },
    replayed: false,
  };
  world.operations['webhooks.list'] = { webhook_endpoints: [ENDPOINT] };
  world.operations['webhooks.read'] = ENDPOINT;
  world.operations['webhooks.change'] = ENDPOINT;
  world.operations['webhooks.delete'] = { endpoint_id: 'we_1', deleted: true };
  world.operations['webhooks.deliveries'] = { deliveries: [], next_cursor: null, has_more: false };
  world.operations['webhooks.delivery'] = { delivery_id: 'dlv_1', body: '{}', attempts: [] };
  world.operations['webhooks.resend'] = { delivery_id: 'dlv_1', state: 'pending' };
  app = await world.start();
});
afterAll(() => app.close());
beforeEach(() => {
  world.calls.length = 0;
});

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
async function send(method: Method, path: string, payload?: unknown, headers = {}) {
  const isOperator = path.startsWith('/operator');
  const response = await app.inject({
    method,
    url: isOperator ? `/api/v1${path}` : `/api/v1/billing/webhook-endpoints${path}`,
    headers: {
      ...(isOperator ? { authorization: `Bearer ${OPERATOR_KEY}` } : { 'x-api-key': key }),
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
  });
  return { status: response.statusCode, body: response.json<{ data?: unknown; error?: object }>() };
}

test('an endpoint is made, listed, read, changed and deleted', async () => {
  // covers: POST /api/v1/billing/webhook-endpoints
  // covers: GET /api/v1/billing/webhook-endpoints
  // covers: GET /api/v1/billing/webhook-endpoints/{endpoint_id}
  // covers: PUT /api/v1/billing/webhook-endpoints/{endpoint_id}
  // covers: DELETE /api/v1/billing/webhook-endpoints/{endpoint_id}
  const body = { url: 'https://example.com/w', event_types: ['balance.low'] };
  const made = await send('POST', '', body, { 'idempotency-key': 'key-0001' });
  expect(made).toMatchObject({ status: 201, body: { data: { secret: 'whsec_x' } } });
  const about = { organization_id: 'org_a', account_mode: 'live' };
  expect(world.calls[0]).toMatchObject({
    name: 'webhooks.create',
    payload: { ...about, ...body, reference: 'key-0001' },
  });
  expect((await send('GET', '')).body.data).toEqual({ webhook_endpoints: [ENDPOINT] });
  expect((await send('GET', '/we_1')).body.data).toEqual(ENDPOINT);
  expect((await send('PUT', '/we_1', { url: body.url })).status).toBe(200);
  expect(world.calls.at(-1)).toMatchObject({ payload: { ...about, enabled: true } });
  expect((await send('DELETE', '/we_1')).body.data).toEqual({ endpoint_id: 'we_1', deleted: true });
});

test('deliveries are listed, read and sent again, by the organization and by the operator of the account', async () => {
  // covers: GET /api/v1/billing/webhook-endpoints/{endpoint_id}/deliveries
  // covers: GET /api/v1/billing/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}
  // covers: POST /api/v1/billing/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/resend
  // covers: GET /api/v1/operator/accounts/{account_id}/webhook-deliveries
  // covers: GET /api/v1/operator/accounts/{account_id}/webhook-deliveries/{delivery_id}
  // covers: POST /api/v1/operator/accounts/{account_id}/webhook-deliveries/{delivery_id}/resend
  const [accountId] = [...world.orb.accounts.keys()];
  const own = { organization_id: 'org_a', endpoint_id: 'we_1' };
  expect((await send('GET', '/we_1/deliveries?state=failed&cursor=dlv_0')).status).toBe(200);
  expect(world.calls.at(-1)).toEqual({
    name: 'webhooks.deliveries',
    payload: { ...own, limit: 30, state: 'failed', after_id: 'dlv_0' },
  });
  expect((await send('GET', '/we_1/deliveries/dlv_1')).status).toBe(200);
  expect((await send('POST', '/we_1/deliveries/dlv_1/resend')).status).toBe(202);
  expect(world.calls.at(-1)).toEqual({
    name: 'webhooks.resend',
    payload: { ...own, delivery_id: 'dlv_1' },
  });
  const path = `/operator/accounts/${accountId}/webhook-deliveries`;
  expect((await send('GET', `${path}?endpoint_id=we_9`)).status).toBe(200);
  expect(world.calls.at(-1)?.payload).toEqual({
    ...{ account_id: accountId, endpoint_id: 'we_9', limit: 30 },
  });
  expect((await send('GET', `${path}/dlv_1`)).status).toBe(200);
  expect((await send('POST', `${path}/dlv_1/resend`)).status).toBe(202);
  expect(world.calls.at(-1)?.payload).toEqual({ account_id: accountId, delivery_id: 'dlv_1' });
  expect((await send('GET', '/operator/accounts/acct_none/webhook-deliveries')).status).toBe(404);
});

test.each([
  ['no url', {}, 'url'],
  ['a url of another type', { url: 5 }, 'url'],
  [
    'an unknown event type',
    { url: 'https://a.test', event_types: ['charge.posted'] },
    'event_types.0',
  ],
  ['no event types at all', { url: 'https://a.test', event_types: [] }, 'event_types'],
  ['a field that nobody knows', { url: 'https://a.test', secret: 'x' }, 'secret'],
])('an endpoint with %s is refused by name', async (_name, body, param) => {
  expect(await send('POST', '', body)).toMatchObject({ status: 400, body: { error: { param } } });
  expect(world.calls).toEqual([]);
});
