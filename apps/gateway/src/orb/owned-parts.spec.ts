// Goal: what is reached by an id of its own belongs to a customer of the account, and an owner gets the profile that it
// needs. Method: the whole HTTP app, injected, over accounts and owners in memory.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld } from '../gateway.fake.js';

const world = new FakeWorld();
const { orb } = world;
const keys = { a: orb.add('acct_a', 'live'), b: orb.add('acct_b', 'test') };
let app: NestFastifyApplication;

beforeAll(async () => {
  app = await world.start();
});
afterAll(() => app.close());
beforeEach(() => {
  orb.calls.length = 0;
  orb.customers.clear();
  const customer = { id: 'org_1', externalCustomerId: 'ext', currency: 'USD' as const };
  const row = { ...customer, accountId: 'acct_a', state: 'active', pending: null };
  orb.customers.set('org_1', row);
  orb.owner = (operation) => Promise.resolve({ status: 200, body: ANSWERS[operation] ?? '{}' });
});

const ANSWERS: Readonly<Record<string, string>> = {
  'fetch-customer': '{"id":"org_1","timezone":"Asia/Kathmandu","currency":null}',
  'find-credit-block-owner': '{"customer_id":"org_1"}',
  'fetch-credit-block': '{"balance":9007199254.740991}',
};
const get = (url: string, key = keys.a) =>
  app.inject({ url: `/v1${url}`, headers: { authorization: `Bearer ${key}` } });

test('a block is found for the account of its customer, and the answer comes back to the digit', async () => {
  const answer = await get('/credit_blocks/blk_1_1');
  expect([answer.statusCode, answer.body]).toEqual([200, ANSWERS['fetch-credit-block']]);
  expect(orb.calls.at(-1)?.call.customer?.id).toBe('org_1');
});

test.each([
  ['of another account', keys.b, '{"customer_id":"org_1"}'],
  ['that nobody has', keys.a, '{}'],
])('a block %s is not found, and the owner is asked nothing more', async (_title, key, owner) => {
  orb.owner = () => Promise.resolve({ status: 200, body: owner });
  const answer = await get('/credit_blocks/blk_1_1', key);
  expect(answer.statusCode).toBe(404);
  expect(answer.json<{ detail: string }>().detail).toContain('credit block');
  expect(orb.calls.map(({ operation }) => operation)).toEqual(['find-credit-block-owner']);
});

test.each(['/customers/org_1/credits', '/customers/external_customer_id/ext/credits/ledger'])(
  '%s tells the owner where the customer is and how it pays',
  async (url) => {
    expect((await get(url)).statusCode).toBe(200);
    expect(orb.calls.map(({ operation }) => operation)[0]).toBe('fetch-customer');
    expect(orb.calls.at(-1)?.call.customer).toEqual({
      ...{ id: 'org_1', external_customer_id: 'ext' },
      profile: { timezone: 'Asia/Kathmandu', currency: null },
    });
    expect((await get(url, keys.b)).statusCode).toBe(404);
  },
);

test('a customer without a profile answers what invoicing says', async () => {
  orb.owner = () => Promise.resolve({ status: 404, body: '{"status":404}' });
  const answer = await get('/customers/org_1/credits');
  expect([answer.statusCode, answer.body]).toEqual([404, '{"status":404}']);
});
