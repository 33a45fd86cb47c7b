// Goal: margin is the operator's alone, over a period that is named; a charge may say what it costs upstream.
// Method: the whole HTTP app, injected, over ports in memory.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ChargeIntent } from '@orbit/spend';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';

const world = new FakeWorld();
let app: NestFastifyApplication;
let key: string;
beforeAll(async () => {
  app = await world.start();
  key = world.addOrganization('org_margin');
});
afterAll(() => app.close());

const PERIOD = 'from=2026-05-01T00:00:00Z&to=2026-06-01T00:00:00Z';
const get = async (query: string, apiKey = OPERATOR_KEY) => {
  const url = `/api/v1/operator/margin?${query}`;
  const answer = await app.inject({ method: 'GET', url, headers: { 'x-api-key': apiKey } });
  return {
    status: answer.statusCode,
    ...answer.json<{ data: object; error: { param: string } }>(),
  };
};

test('the operator reads rows of a period; an organization reads nothing', async () => {
  // covers: GET /api/v1/operator/margin
  const row = { key: 'ai', currency: 'USD', charges: 1, revenue: '2', cost: '0.5', margin: '1.5' };
  expect(await get(`by=channel&${PERIOD}&organization_id=org_margin&limit=5`)).toMatchObject({
    ...{ status: 200, data: { by: 'channel', rows: [row], cursor: null } },
  });
  expect(world.calls.at(-1)?.payload).toMatchObject({
    ...{ by: 'channel', limit: 5, organization_id: 'org_margin' },
  });
  expect((await get(`by=channel&${PERIOD}`, key)).status).toBe(401);
});

test.each([
  [PERIOD, 'by'],
  [`by=country&${PERIOD}`, 'by'],
  ['by=price&to=2026-06-01T00:00:00Z', 'from'],
  ['by=price&from=yesterday&to=2026-06-01T00:00:00Z', 'from'],
  ['by=price&from=2026-05-01T00:00:00Z&to=2026-05-01T00:00:00Z', 'to'],
  ['by=price&from=2025-05-01T00:00:00Z&to=2026-06-01T00:00:00Z', 'to'],
  [`by=price&${PERIOD}&limit=0`, 'limit'],
  [`by=price&${PERIOD}&limit=501`, 'limit'],
  [`by=price&${PERIOD}&cursor=%20`, 'cursor'],
  [`by=price&${PERIOD}&organization_id=`, 'organization_id'],
  [`by=price&${PERIOD}&tip=1`, 'tip'],
])('%s is refused at %s', async (query, param) => {
  const refused = await get(query);
  expect([refused.status, refused.error.param]).toEqual([400, param]);
});

test('a charge keeps what it costs upstream, the card’s or its own', async () => {
  const seen: ChargeIntent[] = [];
  const { charge } = world;
  world.charge = (intent, options) => {
    seen.push(intent);
    return charge(intent, options);
  };
  const unit = (unit_amount: string) => ({ model_type: 'unit', unit_config: { unit_amount } });
  const prices = {
    sms: { currency: 'USD', channel: 'sms_in', ...unit('0.0075'), cost: unit('0.0042') },
    chat: {
      ...{ currency: 'USD', channel: 'ai' },
      dimensions: { input: unit('0.0000025'), output: unit('0.00001') },
      cost: { dimensions: { output: unit('0.000007') } },
    },
  };
  const send = async (method: 'POST' | 'PUT', path: string, body: unknown) => {
    const answer = await app.inject({
      ...{ method, url: `/api/v1/billing/${path}`, payload: JSON.stringify(body) },
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
    });
    return { status: answer.statusCode, error: answer.json<{ error?: { param: string } }>().error };
  };
  expect((await send('PUT', 'rate-card', { prices })).status).toBe(200);
  const call = { price: 'chat', quantities: { input: 1234, output: 567 } };
  const bodies = [
    { price: 'sms', quantity: 2 },
    call,
    { ...call, cost: '0.1' },
    { amount: '2', currency: 'USD', channel: 'ai', cost: '0.0000001' },
  ];
  for (const [index, body] of bodies.entries()) {
    expect((await send('POST', 'charges', { charge_id: `m${index}`, ...body })).status).toBe(201);
  }
  expect(seen.map(({ metadata }) => metadata['orbit_cost'])).toEqual([
    ...['0.0084 USD/15000', '0.003969 USD/8755', '0.1 USD/8755', '0.0000001 USD/2000000'],
  ]);
  for (const cost of [1, '-1', '1e3', '', '1.0000000000000000001', null]) {
    const { status, error } = await send('POST', 'charges', { charge_id: 'w', ...bodies[3], cost });
    expect([cost, status, error?.param]).toEqual([cost, 400, 'cost']);
  }
  for (const [cost, param] of [
    [7, 'prices.chat.cost'],
    [unit('1'), 'prices.chat.cost'],
    [{ dimensions: { cached: unit('1') } }, 'prices.chat.cost.dimensions.cached'],
    [
      { dimensions: { input: unit('-1') } },
      'prices.chat.cost.dimensions.input.unit_config.unit_amount',
    ],
  ]) {
    const { readCardPrices } = await import('@orbit/pricing');
    const { faults } = readCardPrices({ chat: { ...prices.chat, cost } });
    expect(faults.map(({ path }) => path)).toContain(param);
  }
});
