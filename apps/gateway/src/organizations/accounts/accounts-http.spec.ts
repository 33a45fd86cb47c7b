// Goal: an operator makes accounts and their keys; whose account an organization is decides which keys it may have and
// what they may do. Method: the whole HTTP app, injected, over ports in memory.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { OrbitError } from '@orbit/contracts';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';

const world = new FakeWorld();
const headers = { 'x-api-key': OPERATOR_KEY, 'content-type': 'application/json' };
let app: NestFastifyApplication;

beforeAll(async () => {
  app = await world.start();
});
afterAll(() => app.close());
beforeEach(() => {
  world.orb.calls.length = 0;
  world.orb.owner = async () => ({ status: 201, body: '{}' });
});

interface Answer {
  readonly data: Record<string, never> & { readonly [name: string]: never };
  readonly error: { readonly code: string; readonly param?: string };
}
async function post(url: string, body: unknown = {}, more: Record<string, string> = {}) {
  const payload = JSON.stringify(body);
  const answer = await app.inject({
    method: 'POST',
    url,
    headers: { ...headers, ...more },
    payload,
  });
  return { status: answer.statusCode, ...answer.json<Answer>() };
}
const ping = async (key: string): Promise<number> => {
  const authorization = { authorization: `Bearer ${key}` };
  return (await app.inject({ url: '/v1/ping', headers: authorization })).statusCode;
};

test('an account is made with a key that works at once, and is listed without it', async () => {
  // covers: POST /api/v1/operator/accounts
  // covers: GET /api/v1/operator/accounts
  const made = await post('/api/v1/operator/accounts', {
    ...{ name: 'Acme test', mode: 'test', default_currency: 'EUR', timezone: 'Europe/Berlin' },
  });
  expect(made).toMatchObject({
    status: 201,
    data: {
      account_id: expect.stringMatching(/^acct_[0-9A-Z]{26}$/),
      ...{ name: 'Acme test', mode: 'test', default_currency: 'EUR', timezone: 'Europe/Berlin' },
      api_key: expect.stringMatching(/^orb_test_[0-9A-Za-z]{46}$/),
      webhook_secret: expect.stringMatching(/^whsec_/),
    },
  });
  expect(await ping(made.data['api_key']!)).toBe(200);
  const list = await app.inject({ url: '/api/v1/operator/accounts', headers });
  const { data } = list.json<{ data: Record<string, unknown>[] }>();
  expect(data.map(({ account_id }) => account_id)).toEqual([made.data['account_id'], 'acct_live']);
  expect(list.body).not.toContain(made.data['api_key']);
});

test('a rotated key ends the one before; the live account gets its first key so', async () => {
  // covers: POST /api/v1/operator/accounts/{account_id}/rotate-key
  const first = await post('/api/v1/operator/accounts/acct_live/rotate-key');
  expect(first).toMatchObject({ status: 200, data: { account_id: 'acct_live', mode: 'live' } });
  const second = await post('/api/v1/operator/accounts/acct_live/rotate-key');
  expect(await ping(first.data['api_key']!)).toBe(401);
  expect(await ping(second.data['api_key']!)).toBe(200);
  const none = await post('/api/v1/operator/accounts/acct_none/rotate-key');
  expect(none).toMatchObject({ status: 404, error: { code: 'not_found' } });
});

test.each([
  ['no name', { mode: 'live' }, 'name'],
  ['a blank name', { name: ' ', mode: 'live' }, 'name'],
  ['no mode', { name: 'A' }, 'mode'],
  ['another mode', { name: 'A', mode: 'dev' }, 'mode'],
  ['no currency', { name: 'A', mode: 'live', default_currency: 'usd' }, 'default_currency'],
  ['no zone', { name: 'A', mode: 'live', timezone: 'Mars/Base' }, 'timezone'],
  ['an offset', { name: 'A', mode: 'live', timezone: '+01:00' }, 'timezone'],
  ['an unknown field', { name: 'A', mode: 'live', key: 'x' }, 'key'],
])('%s is refused by the name of the field and makes no account', async (_title, body, param) => {
  const before = world.orb.accounts.size;
  expect(await post('/api/v1/operator/accounts', body)).toMatchObject({
    ...{ status: 400, error: { param } },
  });
  expect(world.orb.accounts.size).toBe(before);
});

test('strangers make no accounts', async () => {
  const stranger = { 'x-api-key': world.addOrganization('org_stranger') };
  const body = { name: 'A', mode: 'live' };
  expect((await post('/api/v1/operator/accounts', body, stranger)).status).toBe(401);
});

describe('organizations of an account', () => {
  beforeAll(() => void world.orb.add('acct_test', 'test'));
  const organizations = '/api/v1/operator/organizations';

  test('one of a test account has test keys alone, and they move money', async () => {
    const made = await post(organizations, { name: 'T', account_id: 'acct_test' });
    expect(made).toMatchObject({ status: 201, data: { api_key: { mode: 'test' } } });
    const { organization, api_key } = made.data as unknown as {
      organization: { id: string; account_id: string };
      api_key: { key: string };
    };
    expect(organization.account_id).toBe('acct_test');
    const charge = { charge_id: 'c1', amount: '0.0075', currency: 'USD', channel: 'sms' };
    const key = { 'x-api-key': api_key.key };
    expect((await post('/api/v1/billing/charges', charge, key)).status).toBe(201);
    for (const body of [{ name: 'T', account_id: 'acct_test', mode: 'live' }]) {
      expect(await post(organizations, body)).toMatchObject({ error: { param: 'mode' } });
    }
    const keys = `${organizations}/${organization.id}/api-keys`;
    expect(await post(keys, { mode: 'live' })).toMatchObject({ error: { param: 'mode' } });
    expect((await post(keys, { mode: 'test' })).status).toBe(201);
  });

  test('one of the live account is so by default; a test key of it moves nothing', async () => {
    const made = await post(organizations, { name: 'L', mode: 'test' });
    const { organization, api_key } = made.data as unknown as {
      organization: { account_id: string };
      api_key: { key: string };
    };
    expect(organization.account_id).toBe('acct_live');
    const charge = { charge_id: 'c1', amount: '0.0075', currency: 'USD', channel: 'sms' };
    const refused = await post('/api/v1/billing/charges', charge, { 'x-api-key': api_key.key });
    expect(refused).toMatchObject({ status: 403, error: { code: 'test_key' } });
  });

  test('an unknown account is refused by name', async () => {
    const refused = await post(organizations, { name: 'A', account_id: 'acct_none' });
    expect(refused).toMatchObject({ status: 400, error: { param: 'account_id' } });
  });

  test('one made over the Orbit API gets a profile, at once or when invoicing is back', async () => {
    const made = await post(organizations, { name: 'P' });
    expect(world.orb.calls).toMatchObject([
      { operation: 'create-customer', call: { body: { name: 'P', email: '' } } },
    ]);
    expect(made.status).toBe(201);
    world.orb.owner = () => Promise.reject(new OrbitError('unavailable', 'away'));
    expect((await post(organizations, { name: 'Q' })).status).toBe(201);
  });
});
