// Goal: the three evaluates of /v1: exact products, groups, filters, each fault named.
// Method: the use cases over a real database; what usage-metering counts is given.
import type { GroupUsage, UsageDefinition } from '@orbit/contracts';
import { bodyFaults, findOperation } from '@orbit/orb-api';
import { uniqueId } from '@orbit/testing';
import {
  callOf,
  catalogueUnderTest,
  INVALID,
  MISSING,
  refusal,
  shown,
  VIOLATION,
} from './orb-calls-fixture.js';
import { PRICE_SAMPLES } from './price-samples-fixture.js';

let catalogue: Awaited<ReturnType<typeof catalogueUnderTest>>;
const accountId = uniqueId('acct');
const customer = uniqueId('org');
const metric = uniqueId('metric');
let itemId: string;
/** What was asked last, and what is answered. */
let asked: { definitions: readonly UsageDefinition[]; events: object; window: object };
let groups: readonly (readonly [readonly (string | null)[], string])[] = [];

beforeAll(async () => {
  catalogue = await catalogueUnderTest('2026-05-16T12:00:00.000Z');
  catalogue.metrics.push({
    ...{ id: metric, name: 'Calls', item_id: 'i', status: 'active' as const, is_additive: true },
  });
  catalogue.metering.count = async (_account, events, definitions, window) => {
    asked = { events, definitions, window };
    const counted = groups.map(([values, quantity]): GroupUsage => ({
      values,
      quantity,
      event_count: 1,
      fingerprint: '',
    }));
    const windows = [{ ...window, groups: counted }];
    return { faults: [], results: definitions.map(() => ({ windows })) };
  };
  await catalogue.prisma.$executeRaw`
    INSERT INTO invoicing.customer (id, account_id, external_customer_id, name, email, timezone, created_at)
    VALUES (${customer}, ${accountId}, 'c/1', 'A', '', 'Asia/Kathmandu', now())`;
  const item = callOf({ accountId, body: { name: 'Calls' } });
  itemId = shown('create-item', await catalogue.items.create(item)).id;
});
afterAll(() => catalogue.close());

type Body = Readonly<Record<string, unknown>>;
const priceBody = (fields: Body) => ({
  ...{ name: 'Calls', item_id: itemId, cadence: 'monthly', currency: 'USD' },
  ...{ billable_metric_id: metric, ...fields },
});
const newPrice = async (fields: Body) => {
  const call = callOf({ accountId, body: priceBody(fields) });
  return shown('create-price', await catalogue.prices.create(call)).id;
};
const window = { timeframe_start: '2026-05-01', timeframe_end: '2026-05-02' };
const one = (price_id: string, fields: Body = {}) =>
  catalogue.evaluations.evaluateOne(
    callOf({
      accountId,
      path: { price_id },
      body: { customer_id: customer, ...window, ...fields },
    }),
  );

test('150,000 calls in tiers of 0.001, 0.0008 and 0.0005 cost 107.00; days are the customer’s', async () => {
  const id = await newPrice({ model_type: 'tiered', tiered_config: PRICE_SAMPLES.tiered });
  groups = [[[], '150000']];
  expect(shown('evaluate-price', await one(id)).data).toEqual([
    { grouping_values: [], quantity: 150_000, amount: '107' },
  ]);
  expect(asked.window).toEqual({
    from: '2026-04-30T18:15:00.000Z',
    to: '2026-05-01T18:15:00.000Z',
  });
  expect(asked.events).toEqual({ ofCustomer: customer });
  groups = [[[], '0']];
  expect(shown('evaluate-price', await one(id)).data).toMatchObject([{ quantity: 0, amount: '0' }]);
});

test('amounts are exact and unrounded, quantities keep every digit', async () => {
  const unit_config = { unit_amount: '0.0000000000000001' };
  const id = await newPrice({ model_type: 'unit', unit_config });
  groups = [[[], '12345678901234567.123']];
  const answer = await one(id);
  expect(answer.body).toContain('"quantity":12345678901234567.123,');
  expect(shown('evaluate-price', answer).data[0]).toMatchObject({
    amount: '1.2345678901234567123',
  });
});

test('groups of the caller are rated each alone, over what the model tells apart', async () => {
  const id = await newPrice({ model_type: 'matrix', matrix_config: PRICE_SAMPLES.matrix });
  groups = [
    [['a', 'eu', 'gold'], '10'],
    [['a', 'us', 'gold'], '10'],
    [['b', 'eu', 'gold'], '5'],
    [[null, 'eu', 'gold'], '7'],
  ];
  const answer = await one(id, { grouping_keys: ['team'], filter: "plan = 'pro'" });
  expect(asked.definitions).toMatchObject([
    { grouping_keys: ['team', 'region', 'tier'], filter: "plan = 'pro'" },
  ]);
  expect(shown('evaluate-price', answer).data).toEqual([
    { grouping_values: ['a'], quantity: 20, amount: '0.3' },
    { grouping_values: ['b'], quantity: 5, amount: '0.05' },
  ]);
});

test('several prices: by id, by external id, written out, and one of a dimensional group', async () => {
  const group = callOf({
    accountId,
    body: { name: 'Regions', billable_metric_id: metric, dimensions: ["re'gion"] },
  });
  const groupId = shown('create-dimensional-price-group', await catalogue.groups.create(group)).id;
  const unit = { model_type: 'unit', unit_config: { unit_amount: '0.5' } };
  const id = await newPrice(unit);
  const external_price_id = uniqueId('ext');
  const named = await newPrice({
    ...{ ...unit, external_price_id },
    dimensional_price_configuration: {
      ...{ dimensional_price_group_id: groupId, dimension_values: ["e'u"] },
    },
  });
  const { billable_metric_id: _none, ...fixed } = priceBody({ ...unit, fixed_price_quantity: 3 });
  const body = {
    ...{ external_customer_id: 'c/1', ...window },
    price_evaluations: [
      { price_id: id },
      { external_price_id, filter: 'a = 1 OR b = 2' },
      { price: priceBody(unit) },
      { price: fixed },
    ],
  };
  expect(bodyFaults(findOperation('evaluate-multiple-prices')!, body)).toEqual([]);
  groups = [[[], '4']];
  const answer = await catalogue.evaluations.evaluateSeveral(callOf({ accountId, body }));
  const four = [{ grouping_values: [], quantity: 4, amount: '2' }];
  expect(shown('evaluate-multiple-prices', answer).data).toMatchObject([
    { price_id: id, external_price_id: null, currency: 'USD', price_groups: four },
    { price_id: named, external_price_id, price_groups: four },
    { inline_price_index: 2, price_groups: four },
    { inline_price_index: 3, price_groups: [{ quantity: 3, amount: '1.5' }] },
  ]);
  expect(asked.definitions.map(({ filter }) => filter)).toEqual([
    null,
    "(a = 1 OR b = 2) AND properties->>'re''gion' = 'e''u'",
    null,
  ]);
  const events = [{ event_name: 'call', timestamp: '2026-05-01T00:00:00Z', properties: { a: 1 } }];
  const preview = await catalogue.evaluations.evaluatePreview(
    callOf({ accountId, body: { ...body, events } }),
  );
  expect(shown('evaluate-preview-events', preview).data).toHaveLength(4);
  expect(asked.events).toMatchObject({
    given: [{ event_name: 'call', customer_id: customer, idempotency_key: 'preview-0' }],
  });
});

test('each fault is named; nobody else’s customers and prices are found', async () => {
  const unit = { model_type: 'unit', unit_config: { unit_amount: '0.5' } };
  const id = await newPrice(unit);
  const config = { minimum_composite_config: PRICE_SAMPLES.minimum_composite };
  const composite = await newPrice({ model_type: 'minimum_composite', ...config });
  const several = (entry: Body, body: Body = {}) => {
    const whole = { customer_id: customer, ...window, price_evaluations: [entry], ...body };
    return catalogue.evaluations.evaluateSeveral(callOf({ accountId, body: whole }));
  };
  const preview = (event: Body) => {
    const events = [
      { event_name: 'a', timestamp: '2026-05-01T00:00:00Z', properties: {}, ...event },
    ];
    const body = {
      customer_id: customer,
      ...window,
      price_evaluations: [{ price_id: id }],
      events,
    };
    return catalogue.evaluations.evaluatePreview(callOf({ accountId, body }));
  };
  const cases = [
    [INVALID, 'customer_id or external', one(id, { customer_id: null })],
    [INVALID, 'customer_id or external', one(id, { external_customer_id: 'c/1' })],
    [MISSING, 'customer_id:', one(id, { customer_id: 'nobody' })],
    [MISSING, 'price_id:', one('nothing')],
    [VIOLATION, 'price_id:', one(composite)],
    [INVALID, 'timeframe_end must be after', one(id, { timeframe_end: window.timeframe_start })],
    [INVALID, 'timeframe_start must lie within', one(id, { timeframe_start: '2026-01-01' })],
    [INVALID, 'filter must not be empty', one(id, { filter: '' })],
    [INVALID, 'metric_parameter_overrides.x', one(id, { metric_parameter_overrides: { x: [] } })],
    [INVALID, 'price_evaluations[0].price_id is required', several({})],
    [
      INVALID,
      'price_evaluations[0].price_id is required',
      several({ price_id: id, external_price_id: 'x' }),
    ],
    [MISSING, 'price_evaluations[0].external_price_id:', several({ external_price_id: 'x' })],
    [
      INVALID,
      'price_evaluations[0].price.name must',
      several({ price: priceBody({ ...unit, name: '' }) }),
    ],
    [
      MISSING,
      'price_evaluations[0].price.item_id:',
      several({ price: priceBody({ ...unit, item_id: 'x' }) }),
    ],
    [INVALID, 'price_evaluations is required', several({}, { price_evaluations: [] })],
    [INVALID, 'events[0].customer_id must', preview({ customer_id: 'other' })],
    [INVALID, 'events[0].properties.a must', preview({ properties: { a: {} } })],
  ] as const;
  for (const [fragment, sentence, answer] of cases) {
    const refused = refusal(await answer);
    expect(refused).toEqual({ fragment, detail: expect.stringContaining(sentence) });
  }
  catalogue.metering.check = async (_account, list) =>
    list.map(() => ({ faults: ['filter: pg_sleep is not allowed'] }));
  const refused = refusal(await several({ price_id: id, filter: 'pg_sleep(1)' }));
  expect(refused.detail).toBe('price_evaluations[0].filter: pg_sleep is not allowed');
});
