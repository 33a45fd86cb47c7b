// The trail of changes, over HTTP. Method: requests of the three doors, then what the trail in memory holds.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';

const OPERATOR = '/api/v1/operator';
let world: FakeWorld;
let app: NestFastifyApplication;
beforeEach(async () => {
  world = new FakeWorld();
  app = await world.start();
});
afterEach(() => app.close());

const AS_OPERATOR = { 'x-api-key': OPERATOR_KEY };
type Asked = { method?: 'GET' | 'POST' | 'PATCH'; url: string; headers?: object; payload?: object };
async function ask({ method = 'GET', url, headers = AS_OPERATOR, payload }: Asked) {
  const sent = { method, url, headers: { ...headers }, remoteAddress: '203.0.113.9' };
  const answer = await app.inject({ ...sent, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.json<{ data: object[]; meta: object }>() };
}

test('a change by an operator is there with who, route, subject, request id, address, body and answer, without the key', async () => {
  const payload = { name: 'Acme', currency: 'EUR' };
  const headers = { ...AS_OPERATOR, 'x-request-id': 'req-of-ada' };
  await ask({ method: 'POST', url: `${OPERATOR}/organizations?`, headers, payload });
  const { status, body } = await ask({ url: `${OPERATOR}/audit` });
  expect(status).toBe(200);
  expect(body.data).toEqual([
    expect.objectContaining({
      ...{ door: 'operator key', key_id: 'environment', method: 'POST', status: 201 },
      ...{ route: `${OPERATOR}/organizations`, subject: `${OPERATOR}/organizations` },
      ...{ request_id: 'req-of-ada', address: '203.0.113.9', asked: payload },
      after: expect.objectContaining({ api_key: expect.objectContaining({ key: '[secret]' }) }),
    }),
  ]);
  expect(JSON.stringify(body)).not.toContain('dv_live_sk_');
});

test('a policy change shows what was there before', async () => {
  world.addOrganization('org_a');
  world.operations.readPolicies = { currency: 'USD', overdraft_limit: '0.00' };
  world.operations.configure = { currency: 'USD', overdraft_limit: '5.00' };
  const url = `${OPERATOR}/organizations/org_a/wallets/usd`;
  const payload = { overdraft_limit: '5.00' };
  expect((await ask({ method: 'PATCH', url, payload })).status).toBe(200);
  expect(world.audit.entries).toMatchObject([{ organizationId: 'org_a', asked: payload }]);
  const { before, after } = world.audit.outcomes[0]!;
  expect({ before, after }).toMatchObject({
    before: { overdraft_limit: '0.00' },
    after: { overdraft_limit: '5.00' },
  });
});

test('a refused change is there with its status; reads and charges are not', async () => {
  const key = world.addOrganization('org_a');
  const asOrganization = { 'x-api-key': key };
  await ask({ method: 'POST', url: `${OPERATOR}/organizations`, payload: { name: '' } });
  await ask({ url: `${OPERATOR}/organizations` });
  const charge = { charge_id: 'c1', amount: '1', currency: 'USD', channel: 'sms' };
  const url = '/api/v1/billing/charges';
  await ask({ method: 'POST', url, headers: asOrganization, payload: charge });
  expect(world.audit.outcomes.map(({ status }) => status)).toEqual([400]);
});

test('changes by keys of organizations and accounts are there under their ids', async () => {
  const key = world.addOrganization('org_a');
  const accountKey = world.orb.add('acct_b', 'test');
  const url = '/api/v1/billing/credits/auto-reload/resume';
  await ask({ method: 'POST', url, headers: { 'x-api-key': key } });
  const headers = { authorization: `Bearer ${accountKey}` };
  await ask({ method: 'POST', url: '/v1/items', headers, payload: { name: 'Item' } });
  expect(world.audit.entries).toMatchObject([
    { door: 'organization key', organizationId: 'org_a', keyId: 'ak_org_a', route: url },
    { door: 'account key', accountId: 'acct_b', keyId: 'ak_acct_b', route: 'create-item' },
  ]);
});

test('without the trail nothing changes: 503, and the change reaches nobody', async () => {
  world.audit.isAway = true;
  const payload = { name: 'Acme', currency: 'EUR' };
  expect((await ask({ method: 'POST', url: `${OPERATOR}/organizations`, payload })).status).toBe(
    503,
  );
  expect(world.organizations.size).toBe(0);
  const accountKey = world.orb.add('acct_b', 'test');
  const headers = { authorization: `Bearer ${accountKey}` };
  const item = { method: 'POST', url: '/v1/items', headers, payload: { name: 'Item' } } as const;
  expect((await ask(item)).status).toBe(500);
  expect(world.orb.calls).toEqual([]);
});

// covers: GET /api/v1/operator/audit
test('pages go on from their cursor; one of another list is refused, and so is a wrong filter', async () => {
  for (const name of ['A', 'B', 'C']) {
    await ask({ method: 'POST', url: `${OPERATOR}/organizations`, payload: { name } });
  }
  const first = await ask({ url: `${OPERATOR}/audit?limit=2` });
  const { pagination } = first.body.meta as { pagination: { cursor: string; has_more: boolean } };
  expect(pagination.has_more).toBe(true);
  const second = await ask({ url: `${OPERATOR}/audit?limit=2&cursor=${pagination.cursor}` });
  expect([...first.body.data, ...second.body.data]).toMatchObject(
    ['C', 'B', 'A'].map((name) => ({ asked: { name } })),
  );
  for (const query of ['cursor=org_1', 'cursor=aud_1', 'from=yesterday', 'limit=0', 'by=me']) {
    expect({ query, ...(await ask({ url: `${OPERATOR}/audit?${query}` })) }).toMatchObject({
      status: 400,
    });
  }
});
