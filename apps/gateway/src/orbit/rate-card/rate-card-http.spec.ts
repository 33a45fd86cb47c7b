// Goal: charges and authorizations by price are rated by the card, exactly, and say what they were rated with.
// Method: the whole HTTP app, injected, over ports in memory.
import type { ChargeOutcomeView } from '@orbit/contracts';
import type { ChargeState } from '@orbit/spend';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeWorld, OPERATOR_KEY } from '../../gateway.fake.js';

const world = new FakeWorld();
let app: NestFastifyApplication;
let key: string;
const unit = (unit_amount: string) => ({ model_type: 'unit', unit_config: { unit_amount } });
const PRICES = {
  chat: {
    ...{ currency: 'USD', channel: 'ai' },
    dimensions: { input: unit('0.0000025'), output: unit('0.00001') },
  },
  sms: { currency: 'USD', channel: 'sms_in', ...unit('0.0075') },
  tiny: { currency: 'USD', channel: 'ai', ...unit('0.0000001') },
};
const CALL = { price: 'chat', quantities: { input: 1234, output: '567' } };

beforeAll(async () => {
  app = await world.start();
  key = world.addOrganization('org_rated');
});
afterAll(() => app.close());

async function send(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown) {
  const answer = await app.inject({
    ...{ method, url: `/api/v1/billing/${path}` },
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
  return {
    status: answer.statusCode,
    ...answer.json<{ data: never; error: { param?: string } }>(),
  };
}

test('without a card a price is refused by its name; what is put is in force at once', async () => {
  // covers: GET /api/v1/billing/rate-card
  // covers: PUT /api/v1/billing/rate-card
  // covers: PUT /api/v1/operator/accounts/{account_id}/rate-card
  expect(await send('GET', 'rate-card')).toMatchObject({ status: 200, data: null });
  expect(await send('POST', 'charges', { charge_id: 'c0', ...CALL })).toMatchObject({
    ...{ status: 400, error: { param: 'price' } },
  });
  expect(await send('PUT', 'rate-card', { prices: PRICES })).toMatchObject({
    ...{ status: 200, data: { version: 1, prices: PRICES } },
  });
  expect(await send('GET', 'rate-card')).toMatchObject({ status: 200, data: { prices: PRICES } });
  const put = await app.inject({
    ...{ method: 'PUT', url: '/api/v1/operator/accounts/acct_live/rate-card' },
    headers: { 'x-api-key': OPERATOR_KEY, 'content-type': 'application/json' },
    payload: JSON.stringify({ prices: PRICES }),
  });
  expect(put.statusCode).toBe(200);
  const nowhere = await app.inject({
    ...{ method: 'PUT', url: '/api/v1/operator/accounts/acct_none/rate-card' },
    headers: { 'x-api-key': OPERATOR_KEY, 'content-type': 'application/json' },
    payload: JSON.stringify({ prices: PRICES }),
  });
  expect(nowhere.statusCode).toBe(404);
});

test('T01 over HTTP: a call of 1,234 and 567 tokens is quoted, charged and held at 0.008755', async () => {
  // covers: POST /api/v1/billing/rate-card/quote
  const price = {
    ...{ price: 'chat', card_version: '0.1', quantities: { input: '1234', output: '567' } },
    rated: '0.008755',
    formula: 'input: 1234 × 0.0000025 = 0.003085; output: 567 × 0.00001 = 0.00567',
  };
  expect(await send('POST', 'rate-card/quote', CALL)).toMatchObject({
    ...{ status: 200, data: { ...price, amount: '0.008755', currency: 'USD' } },
  });
  expect(await send('POST', 'charges', { charge_id: 'c1', ...CALL })).toMatchObject({
    ...{ status: 201, data: { charge_id: 'c1', amount: '0.008755', currency: 'USD', price } },
  });
  expect(await send('POST', 'authorizations', { charge_id: 'c2', ...CALL })).toMatchObject({
    ...{ status: 201, data: { charge_id: 'c2', amount: '0.008755', price } },
  });
});

test('what costs less than a micro asks the wallet for one', async () => {
  const tiny = { charge_id: 'c3', price: 'tiny', quantity: 1 };
  expect(await send('POST', 'charges', tiny)).toMatchObject({
    ...{ status: 201, data: { amount: '0.000001', price: { rated: '0.0000001' } } },
  });
});

test.each(['Redis', 'the books'])(
  'a repeat after a newer card is answered as the first time, out of %s',
  async (who) => {
    const charge = world.charge;
    const first = { channel: 'ai', metadata: { orbit_card: '0.1', orbit_price: 'chat' } };
    const metadata = {
      ...{ ...first.metadata, orbit_rated: '0.008755', orbit_formula: 'f' },
      orbit_quantities: 'input=1234 output=567',
    };
    const known = { ...first, metadata, currency: 'USD' as const };
    if (who === 'Redis') world.chargeStates.set('org_rated', known as unknown as ChargeState);
    else {
      const booked = { ...known, quantity: 1, authorized: '0.008755', is_plan_part: false };
      world.posted = { currency: 'USD', booked } as unknown as ChargeOutcomeView;
    }
    const refusal = { status: 'refused', availableMicros: null, pausedReason: null } as const;
    const asked: unknown[] = [];
    world.charge = async (intent, options) => {
      asked.push(intent.amountMicros);
      if (intent.amountMicros === 8_755n) return charge(intent, options);
      return { ...refusal, reason: 'charge_id_conflict', endedAs: null };
    };
    const cards = [{ ...PRICES, chat: { ...PRICES.chat, dimensions: { input: unit('1') } } }, {}];
    for (const prices of [...cards, { chat: { ...PRICES.chat, dimensions: TWICE } }]) {
      await send('PUT', 'rate-card', { prices });
      expect(await send('POST', 'charges', { charge_id: 'c9', ...CALL })).toMatchObject({
        ...{ status: 201, data: { amount: '0.008755', price: { rated: '0.008755' } } },
      });
    }
    expect(asked).toEqual([8_755n, 8_755n, 17_510n, 8_755n]);
    const other = { charge_id: 'c9', price: 'chat', quantities: { input: 1234 } };
    expect((await send('POST', 'charges', other)).status).toBe(409);
    world.chargeStates.clear();
    world.posted = null;
    expect((await send('POST', 'charges', { charge_id: 'c9', ...CALL })).status).toBe(409);
    world.charge = charge;
    await send('PUT', 'rate-card', { prices: PRICES });
  },
);
const TWICE = { input: unit('0.000005'), output: unit('0.00002') };

test.each([
  [{ ...CALL, amount: '1' }, 'amount'],
  [{ ...CALL, currency: 'USD' }, 'currency'],
  [{ ...CALL, channel: 'ai' }, 'channel'],
  [{ ...CALL, price: 'none' }, 'price'],
  [{ ...CALL, price: 7 }, 'price'],
  [{ ...CALL, price: '__proto__' }, 'price'],
  [{ price: 'chat', quantity: 1 }, 'quantity'],
  [{ price: 'chat', quantities: { cached: 1 } }, 'quantities.cached'],
  [{ price: 'sms', quantity: -1 }, 'quantity'],
  [{ price: 'sms', quantity: 1.5 }, 'quantity'],
  [{ price: 'sms' }, 'quantity'],
  [{ ...CALL, metadata: { orbit_rated: '0' } }, 'metadata'],
  [{ price: 'sms', quantity: 1, metadata: many(46) }, 'metadata'],
  [{ ...CALL, tip: 1 }, 'tip'],
])('%j is refused at %s', async (body, param) => {
  for (const path of ['charges', 'authorizations']) {
    const refused = await send('POST', path, { charge_id: 'bad', ...body });
    expect([refused.status, refused.error.param]).toEqual([400, param]);
  }
});

test.each([
  ['PUT', 'rate-card', {}, 'prices'],
  ['PUT', 'rate-card', { prices: [] }, 'prices'],
  ['PUT', 'rate-card', { prices: {}, effective_at: 'soon' }, 'effective_at'],
  ['PUT', 'rate-card', { prices: {}, effective_at: null }, 'effective_at'],
  ['PUT', 'rate-card', { prices: {}, version: 1 }, 'version'],
  ['POST', 'rate-card/quote', { quantity: 1 }, 'price'],
  ['POST', 'rate-card/quote', { price: 7 }, 'price'],
  ['POST', 'rate-card/quote', { price: '' }, 'price'],
  ['POST', 'rate-card/quote', { price: 'sms', quantity: true }, 'quantity'],
  ['POST', 'rate-card/quote', { price: 'sms', quantity: 1.5 }, 'quantity'],
  ['POST', 'rate-card/quote', { price: 'chat', quantities: [1] }, 'quantities'],
  ['POST', 'rate-card/quote', { price: 'chat', quantities: { input: {} } }, 'quantities.input'],
  ['POST', 'rate-card/quote', { ...CALL, amount: '1' }, 'amount'],
] as const)('%s %s of %j is refused at %s; the card stays', async (method, path, body, param) => {
  const before = world.rateCard;
  const refused = await send(method, path, body);
  expect([refused.status, refused.error.param]).toEqual([400, param]);
  expect(world.rateCard).toBe(before);
});

function many(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
}
