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
