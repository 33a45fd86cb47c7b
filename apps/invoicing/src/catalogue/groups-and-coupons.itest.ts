// Goal: dimensional price groups, license types and coupons of /v1 as the contract wants them.
// Method: the use cases over a real database; metrics are given.
import { bodyFaults, findOperation } from '@orbit/orb-api';
import { uniqueId } from '@orbit/testing';
import {
  callOf,
  catalogueUnderTest,
  DUPLICATE,
  INVALID,
  MISSING,
  refusal,
  shown,
  VIOLATION,
} from './orb-calls-fixture.js';

let catalogue: Awaited<ReturnType<typeof catalogueUnderTest>>;
beforeAll(async () => {
  catalogue = await catalogueUnderTest('2026-05-16T12:00:00.000Z');
});
afterAll(() => catalogue.close());

type Body = Readonly<Record<string, unknown>>;

/** An account of its own with an item, and a metric of it. */
async function newAccount() {
  const accountId = uniqueId('acct');
  const item = callOf({ accountId, body: { name: 'Calls' } });
  const item_id = shown('create-item', await catalogue.items.create(item)).id;
  const metricId = uniqueId('metric');
  catalogue.metrics.push({
    ...{ id: metricId, name: 'Calls', item_id, status: 'active' as const, is_additive: true },
  });
  const body = { name: 'Regions', billable_metric_id: metricId, dimensions: ['region', 'tier'] };
  const group = (fields: Body = {}) =>
    catalogue.groups.create(callOf({ accountId, body: { ...body, ...fields } }));
  return { accountId, item_id, metricId, group };
}

test('a group is made, found by either name, and changes its own name and metadata alone', async () => {
  const { accountId, metricId, group } = await newAccount();
  const external = 'external_dimensional_price_group_id';
  const made = shown('create-dimensional-price-group', await group({ [external]: 'g/1' }));
  expect(made).toMatchObject({ billable_metric_id: metricId, price_count: 0, metadata: {} });
  const path = { dimensional_price_group_id: made.id };
  const byId = await catalogue.groups.fetch(callOf({ accountId, path }));
  expect(shown('fetch-dimensional-price-group', byId)).toEqual(made);
  const named = callOf({ accountId, path: { [external]: 'g/1' } });
  const byName = await catalogue.groups.fetch(named);
  expect(shown('fetch-dimensional-price-group-external-id', byName)).toEqual(made);
  expect(refusal(await group({ [external]: 'g/1' })).fragment).toBe(DUPLICATE);
  const second = shown('create-dimensional-price-group', await group({ [external]: 'g/2' }));
  const update = (body: Body) => catalogue.groups.update(callOf({ accountId, path, body }));
  expect(refusal(await update({ [external]: 'g/2' })).fragment).toBe(DUPLICATE);
  const changed = await update({ [external]: 'g/3', metadata: { a: '1' } });
  expect(shown('update-dimensional-price-group', changed)).toEqual({
    ...{ ...made, [external]: 'g/3', metadata: { a: '1' } },
  });
  const list = async (query: object) => {
    const call = callOf({ accountId, query: { limit: 20, ...query } });
    const { data } = shown('list-dimensional-price-groups', await catalogue.groups.list(call));
    return data.map(({ id }) => id);
  };
  expect(await list({})).toEqual([second.id, made.id]);
  expect(await list({ billable_metric_id: 'other' })).toEqual([]);
  const foreign = callOf({ accountId: 'acct_thief', path, body: {} });
  for (const refused of [
    await catalogue.groups.fetch(foreign),
    await catalogue.groups.update(foreign),
    await catalogue.groups.createPrices(foreign),
  ]) {
    expect(refusal(refused).fragment).toBe(MISSING);
  }
});

test.each([
  [INVALID, 'name must not be blank', { name: ' ' }],
  [INVALID, 'dimensions[0] must not be blank', { dimensions: [''] }],
  [INVALID, 'dimensions[1] stands twice', { dimensions: ['a', 'a'] }],
  [MISSING, 'billable_metric_id:', { billable_metric_id: 'nobody' }],
])('%s %s: no group is made', async (fragment, sentence, fields) => {
  const { accountId, group } = await newAccount();
  const refused = refusal(await group(fields));
  expect(refused).toEqual({ fragment, detail: expect.stringContaining(sentence) });
  const list = await catalogue.groups.list(callOf({ accountId, query: { limit: 20 } }));
  expect(shown('list-dimensional-price-groups', list).data).toEqual([]);
});

test('prices of a group are made all or none, in order, exact, and are listed by status', async () => {
  const { accountId, item_id, group } = await newAccount();
  const { id } = shown('create-dimensional-price-group', await group());
  const path = { dimensional_price_group_id: id };
  const unit = {
    ...{ cadence: 'monthly', currency: 'USD', item_id, model_type: 'unit' },
    prices: [
      { dimension_values: ['eu', 'gold'], amounts: [0.0000004], name: 'Europe' },
      { dimension_values: ['us', 'gold'], amounts: [0.1] },
    ],
  };
  expect(bodyFaults(findOperation('create-dimensional-price-group-prices')!, unit)).toEqual([]);
  const create = (body: Body) => catalogue.groups.createPrices(callOf({ accountId, path, body }));
  const made = shown('create-dimensional-price-group-prices', await create(unit)).data;
  expect(made).toMatchObject([
    { name: 'Europe', unit_config: { unit_amount: '0.0000004' } },
    { name: 'us, gold', unit_config: { unit_amount: '0.1' } },
  ]);
  const tiered = {
    ...{ ...unit, model_type: 'tiered' },
    tiers: [{ first_unit: 0, last_unit: 10 }, { first_unit: 10 }],
    prices: [{ dimension_values: ['eu', 'blue'], amounts: [0.2, 0.1] }],
  };
  expect(shown('create-dimensional-price-group-prices', await create(tiered)).data).toHaveLength(1);
  const [first] = unit.prices;
  const cases: readonly (readonly [string, Body])[] = [
    ['item_id must be', { ...unit, item_id: 'other' }],
    ['currency must be an ISO 4217', { ...unit, currency: 'credits' }],
    ['tiers must be absent', { ...unit, tiers: tiered.tiers }],
    ['tiers is required', { ...tiered, tiers: null }],
    ['prices must not be empty', { ...unit, prices: [] }],
    ['prices[1].dimension_values stand twice', { ...unit, prices: [first, first] }],
    [
      'prices[0].amounts must have 2',
      { ...tiered, prices: [{ ...tiered.prices[0], amounts: [1] }] },
    ],
    [
      'prices[1].dimension_values must have 2',
      { ...unit, prices: [first, { ...first, dimension_values: ['eu'] }] },
    ],
    ['unit_amount must not be negative', { ...unit, prices: [{ ...first, amounts: [-1] }] }],
  ];
  for (const [sentence, body] of cases) {
    const refused = refusal(await create(body));
    expect(refused).toEqual({ fragment: INVALID, detail: expect.stringContaining(sentence) });
  }
  const count = async (status: string) => {
    const call = callOf({ accountId, path, query: { limit: 20, status } });
    const answer = await catalogue.groups.listPrices(call);
    return shown('list-dimensional-price-group-prices', answer).data.length;
  };
  expect(await count('active')).toBe(3);
  const item = callOf({ accountId, path: { item_id } });
  shown('archive-item', await catalogue.items.archive(item));
  expect([await count('active'), await count('archived'), await count('all')]).toEqual([0, 3, 3]);
  expect(refusal(await create(unit)).fragment).toBe(VIOLATION);
  const fetched = await catalogue.groups.fetch(callOf({ accountId, path }));
  expect(shown('fetch-dimensional-price-group', fetched)['price_count']).toBe(0);
});

test('license types are made, found, and listed oldest first; a price shows its one', async () => {
  const { accountId, item_id } = await newAccount();
  const create = (name: string) =>
    catalogue.licenseTypes.create(callOf({ accountId, body: { name, grouping_key: 'seat' } }));
  const made = [];
  for (const name of ['A', 'B', 'C']) made.push(shown('create-license-type', await create(name)));
  expect(refusal(await create(' ')).fragment).toBe(INVALID);
  const list = async (query: Record<string, string | number>) =>
    shown('list-license-types', await catalogue.licenseTypes.list(callOf({ accountId, query })));
  const first = await list({ limit: 2 });
  expect(first.data).toEqual(made.slice(0, 2));
  const cursor = first.pagination_metadata.next_cursor!;
  expect((await list({ limit: 2, cursor })).data).toEqual(made.slice(2));
  const path = { license_type_id: made[0]!.id };
  const fetched = await catalogue.licenseTypes.fetch(callOf({ accountId, path }));
  expect(shown('fetch-license-type', fetched)).toEqual(made[0]);
  const foreign = await catalogue.licenseTypes.fetch(callOf({ accountId: 'acct_thief', path }));
  expect(refusal(foreign).fragment).toBe(MISSING);
  const body = {
    ...{ name: 'Seat', item_id, cadence: 'monthly', currency: 'USD', model_type: 'unit' },
    ...{ unit_config: { unit_amount: '10' }, ...path },
  };
  const price = await catalogue.prices.create(callOf({ accountId, body }));
  expect(shown('create-price', price)['license_type']).toEqual(made[0]);
});

test('a coupon is made once per code, until it is archived; archived ones show only when asked for', async () => {
  const accountId = uniqueId('acct');
  const body = {
    redemption_code: 'HALF',
    discount: { discount_type: 'percentage', percentage_discount: 0.155 },
    ...{ duration_in_months: 12, max_redemptions: 5 },
  };
  const create = (fields: Body = {}) =>
    catalogue.coupons.create(callOf({ accountId, body: { ...body, ...fields } }));
  const made = shown('create-coupon', await create());
  expect(made).toMatchObject({
    ...{ redemption_code: 'HALF', duration_in_months: 12, max_redemptions: 5 },
    ...{ times_redeemed: 0, archived_at: null },
    discount: { discount_type: 'percentage', percentage_discount: 0.155 },
  });
  expect(refusal(await create()).fragment).toBe(DUPLICATE);
  const amount = { discount_type: 'amount', amount_discount: '10.50' };
  const second = shown('create-coupon', await create({ redemption_code: 'TEN', discount: amount }));
  expect(second['discount']).toMatchObject({ amount_discount: '10.5' });
  const percentage = (percentage_discount: number) => ({
    discount: { discount_type: 'percentage', percentage_discount },
  });
  for (const [sentence, fields] of [
    ['redemption_code must not be blank', { redemption_code: ' ' }],
    ['discount.percentage_discount must not be above 1', percentage(1.5)],
    ['discount.percentage_discount must be above 0', percentage(0)],
    ['discount.percentage_discount must not be negative', percentage(-0.5)],
    ['discount.amount_discount must be above 0', { discount: { ...amount, amount_discount: '0' } }],
    [
      'discount.amount_discount must be a decimal',
      { discount: { ...amount, amount_discount: 'x' } },
    ],
  ] as const) {
    const refused = refusal(await create({ redemption_code: 'NEW', ...fields }));
    expect(refused).toEqual({ fragment: INVALID, detail: expect.stringContaining(sentence) });
  }
  const path = { coupon_id: made.id };
  const archive = () => catalogue.coupons.archive(callOf({ accountId, path }));
  const archived = shown('archive-coupon', await archive());
  expect(archived['archived_at']).toBe('2026-05-16T12:00:00.000Z');
  expect(refusal(await archive()).fragment).toBe(VIOLATION);
  expect(shown('fetch-coupon', await catalogue.coupons.fetch(callOf({ accountId, path })))).toEqual(
    archived,
  );
  const list = async (query: Record<string, string | boolean>) => {
    const call = callOf({ accountId, query: { limit: 20, ...query } });
    return shown('list-coupons', await catalogue.coupons.list(call)).data.map(({ id }) => id);
  };
  expect(await list({})).toEqual([second.id]);
  expect(await list({ show_archived: true, redemption_code: 'HALF' })).toEqual([made.id]);
  expect(shown('create-coupon', await create()).id).not.toBe(made.id);
  const foreign = callOf({ accountId: 'acct_thief', path });
  expect(refusal(await catalogue.coupons.fetch(foreign)).fragment).toBe(MISSING);
  expect(refusal(await catalogue.coupons.archive(foreign)).fragment).toBe(MISSING);
});
