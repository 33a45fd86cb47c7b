// Goal: an operator sets the tax rates of an account, and of no account that is not there. Method: the HTTP app,
// injected.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';

const world = new FakeWorld();
let app: NestFastifyApplication;
beforeAll(async () => {
  app = await world.start();
});
afterAll(() => app.close());

const ask = (method: 'GET' | 'PUT', account: string, body?: unknown, key = OPERATOR_KEY) =>
  app.inject({
    ...{ method, url: `/api/v1/operator/accounts/${account}/tax-rates` },
    headers: {
      'x-api-key': key,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });

test('what is set is what stands; other accounts, other keys and other fields are refused', async () => {
  // covers: GET /api/v1/operator/accounts/{account_id}/tax-rates
  // covers: PUT /api/v1/operator/accounts/{account_id}/tax-rates
  const tax_rates = [{ percentage: '8', description: 'Sales tax' }];
  expect((await ask('PUT', 'acct_live', { tax_rates })).json()).toMatchObject({
    data: { tax_rates },
  });
  expect((await ask('GET', 'acct_live')).json()).toMatchObject({ data: { tax_rates } });
  expect((await ask('PUT', 'acct_none', { tax_rates })).statusCode).toBe(404);
  expect((await ask('PUT', 'acct_live', { tax_rates }, 'wrong')).statusCode).toBe(401);
  expect((await ask('PUT', 'acct_live', { rates: [] })).statusCode).toBe(400);
});

test.each([
  ['tax_rates', {}],
  ['tax_rates', Array.from({ length: 201 }, () => ({ percentage: '8', description: 'x' }))],
  ['tax_rates.0', [7]],
  ['tax_rates.0.percentage', [{ percentage: 8, description: 'x' }]],
  ['tax_rates.0.percentage', [{ percentage: '100.1', description: 'x' }]],
  ['tax_rates.0.percentage', [{ percentage: '1.0000001', description: 'x' }]],
  ['tax_rates.0.country', [{ percentage: '8', description: 'x', country: 'de' }]],
  ['tax_rates.0.state', [{ percentage: '8', description: 'x', state: '' }]],
  ['tax_rates.0.description', [{ percentage: '8', description: ' ' }]],
  ['tax_rates.0.rounding', [{ percentage: '8', description: 'x', rounding: 'up' }]],
  ['tax_rates.0.inclusive', [{ percentage: '8', description: 'x', inclusive: 1 }]],
  ['tax_rates.0.rate', [{ percentage: '8', description: 'x', rate: 1 }]],
])('a fault names its field: %s; nothing is set', async (param, tax_rates) => {
  const before = world.taxRates;
  const answer = await ask('PUT', 'acct_live', { tax_rates });
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({ error: { param } });
  expect(world.taxRates).toBe(before);
});
