// Goal: prices of /v1 as the contract wants them: all 36 models, each fault named, each account its own, a key one
// effect. Method: the use cases over a real database, as the gateway calls them; metrics are given.
import { bodyFaults, findOperation } from '@orbit/orb-api';
import { MODEL_TYPES } from '@orbit/pricing';
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
import { PRICE_SAMPLES } from './price-samples-fixture.js';

let catalogue: Awaited<ReturnType<typeof catalogueUnderTest>>;
let itemId: string;
beforeAll(async () => {
  catalogue = await catalogueUnderTest('2026-05-16T12:00:00.000Z');
  catalogue.metrics.push(
    ...(['active', 'archived'] as const).map((status) => ({
      ...{ id: `metric_${status}`, name: 'Calls', item_id: 'item', status, is_additive: true },
    })),
  );
  itemId = await newItem();
});
afterAll(() => catalogue.close());

const newItem = async (accountId = 'acct_a'): Promise<string> => {
  const call = callOf({ accountId, body: { name: 'Calls' } });
  return shown('create-item', await catalogue.items.create(call)).id;
};
const bodyOf = (fields: object = {}) => ({
  ...{ name: 'Calls', item_id: itemId, cadence: 'monthly', currency: 'USD', model_type: 'unit' },
  ...{ unit_config: { unit_amount: '0.0004' }, ...fields },
});
const create = (body: object, call: object = {}) =>
  catalogue.prices.create(callOf({ body: body as Record<string, unknown>, ...call }));
const countPrices = async (): Promise<number> => {
  const [row] = await catalogue.prisma.$queryRaw<{ count: bigint }[]>`
    SELECT count(*) FROM invoicing.catalogue_price`;
  return Number(row!.count);
};

test.each(MODEL_TYPES)(
  'a %s price is made, shown as it was made, and found again',
  async (model) => {
    const config = PRICE_SAMPLES[model];
    const { unit_config: _none, ...common } = bodyOf({ model_type: model });
    const body = {
      ...common,
      [`${model}_config`]: config,
      billable_metric_id: 'metric_active',
      metadata: { a: '1' },
      conversion_rate: 0.5,
    };
    expect(bodyFaults(findOperation('create-price')!, body)).toEqual([]);
    const made = shown('create-price', await create(body));
    const isComposite = model === 'percent' || model === 'minimum_composite';
    expect(made).toMatchObject({
      ...{ model_type: model, [`${model}_config`]: config, metadata: { a: '1' } },
      ...{ billing_mode: 'in_arrear', item: { id: itemId, name: 'Calls' }, conversion_rate: 0.5 },
      price_type: isComposite ? 'composite_price' : 'usage_price',
      billable_metric: isComposite ? null : { id: 'metric_active' },
      billing_cycle_configuration: { duration: 1, duration_unit: 'month' },
    });
    const path = { price_id: made.id };
    expect(shown('fetch-price', await catalogue.prices.fetch(callOf({ path })))).toEqual(made);
  },
);

test('a fixed fee is one unit in advance, unless the caller says otherwise; quantities lose no digit', async () => {
  const plain = shown('create-price', await create(bodyOf()));
  expect(plain).toMatchObject({
    ...{ price_type: 'fixed_price', billing_mode: 'in_advance', fixed_price_quantity: 1 },
    billable_metric: null,
  });
  const fields = { billed_in_advance: false, fixed_price_quantity: 0.1234567, cadence: 'annual' };
  const said = shown('create-price', await create(bodyOf(fields)));
  expect(said).toMatchObject({
    ...{ billing_mode: 'in_arrear', fixed_price_quantity: 0.1234567, cadence: 'annual' },
    billing_cycle_configuration: { duration: 12, duration_unit: 'month' },
  });
  const cycle = { duration: 10, duration_unit: 'day' };
  const custom = bodyOf({ cadence: 'custom', billing_cycle_configuration: cycle });
  expect(shown('create-price', await create(custom))).toMatchObject({
    billing_cycle_configuration: cycle,
  });
});

const tiers = (...list: object[]) => ({ model_type: 'tiered', tiered_config: { tiers: list } });
test.each([
  [
    'tiered_config.tiers[1].first_unit leaves a gap',
    tiers({ first_unit: 0, last_unit: 10, unit_amount: '1' }, { first_unit: 12, unit_amount: '1' }),
  ],
  [
    'tiered_config.tiers[1].first_unit overlaps',
    tiers({ first_unit: 0, last_unit: 10, unit_amount: '1' }, { first_unit: 5, unit_amount: '1' }),
  ],
  ['unit_config.unit_amount must not be negative', { unit_config: { unit_amount: '-1' } }],
  ['unit_config.unit_amount must be a decimal', { unit_config: { unit_amount: '1e3' } }],
  [
    'unit_config.unit_amount must be a decimal',
    { unit_config: { unit_amount: `0.${'1'.repeat(19)}` } },
  ],
  ['currency must be an ISO 4217', { currency: 'usd' }],
  ['currency must not be messages', { currency: 'messages' }],
  ['name must not be blank', { name: ' ' }],
  ['external_price_id must not be blank', { external_price_id: '' }],
  ['fixed_price_quantity must not be negative', { fixed_price_quantity: -1 }],
  ['conversion_rate must be above 0', { conversion_rate: 0 }],
  [
    'conversion_rate_config.unit_config.unit_amount must not be negative',
    {
      conversion_rate_config: { conversion_rate_type: 'unit', unit_config: { unit_amount: '-1' } },
    },
  ],
  ['billing_cycle_configuration is required', { cadence: 'custom' }],
  [
    'billing_cycle_configuration.duration must be 1',
    { billing_cycle_configuration: { duration: 0, duration_unit: 'day' } },
  ],
  ['billable_metric_id is required', { model_type: 'matrix', matrix_config: PRICE_SAMPLES.matrix }],
  [
    'dimensional_price_configuration.dimension_values must not be empty',
    {
      billable_metric_id: 'metric_active',
      dimensional_price_configuration: { dimensional_price_group_id: 'x', dimension_values: [] },
    },
  ],
])('%s: refused, and nothing is made', async (sentence, fields) => {
  const before = await countPrices();
  const { fragment, detail } = refusal(await create(bodyOf(fields)));
  expect(fragment).toBe(INVALID);
  expect(detail).toContain(sentence);
  expect(await countPrices()).toBe(before);
});

test.each([
  ['item_id', { item_id: 'item_none' }],
  ['billable_metric_id', { billable_metric_id: 'metric_none' }],
  ['license_type_id', { license_type_id: 'none' }],
  [
    'dimensional_price_configuration.dimensional_price_group_id',
    {
      billable_metric_id: 'metric_active',
      dimensional_price_configuration: { dimensional_price_group_id: 'x', dimension_values: ['a'] },
    },
  ],
])('%s that the account does not have is not found, and is named', async (field, fields) => {
  const { fragment, detail } = refusal(await create(bodyOf(fields)));
  expect(fragment).toBe(MISSING);
  expect(detail).toMatch(new RegExp(`^${field.replace('.', '\\.')}:`));
});

test('what is archived is not sold: a metric, an item; an item takes its prices along, once', async () => {
  const archived = bodyOf({ billable_metric_id: 'metric_archived' });
  expect(refusal(await create(archived)).fragment).toBe(VIOLATION);
  const accountId = uniqueId('acct');
  const item = await newItem(accountId);
  const body = bodyOf({ item_id: item, external_price_id: 'calls' });
  const price = shown('create-price', await create(body, { accountId }));
  expect(refusal(await create(body, { accountId })).fragment).toBe(DUPLICATE);
  const path = { item_id: item };
  shown('archive-item', await catalogue.items.archive(callOf({ accountId, path })));
  expect(refusal(await create(body, { accountId })).fragment).toBe(VIOLATION);
  const list = await catalogue.prices.list(callOf({ accountId, query: { limit: 20 } }));
  expect(shown('list-prices', list).data).toEqual([]);
  // The name is free again; the archived price stays readable.
  const other = { ...body, item_id: await newItem(accountId) };
  const second = shown('create-price', await create(other, { accountId }));
  const byName = callOf({ accountId, path: { external_price_id: 'calls' } });
  expect(await catalogue.prices.fetch(byName)).toMatchObject({ status: 200 });
  expect(shown('fetch-price-external-id', await catalogue.prices.fetch(byName)).id).toBe(second.id);
  const byId = callOf({ accountId, path: { price_id: price.id } });
  expect(shown('fetch-price', await catalogue.prices.fetch(byId))).toEqual(price);
});

test('only metadata change, by either name; another account sees nothing of it', async () => {
  const accountId = uniqueId('acct');
  const body = { ...bodyOf({ external_price_id: 'a/b c' }), item_id: await newItem(accountId) };
  const made = shown(
    'create-price',
    await create({ ...body, metadata: { a: '1', b: '2' } }, { accountId }),
  );
  const change = { metadata: { a: null, c: '3' } };
  const byId = { accountId, path: { price_id: made.id }, body: change };
  const changed = shown('update-price', await catalogue.prices.update(callOf(byId)));
  expect(changed).toEqual({ ...made, metadata: { b: '2', c: '3' } });
  const byName = { accountId, path: { external_price_id: 'a/b c' }, body: { metadata: null } };
  const cleared = await catalogue.prices.update(callOf(byName));
  expect(shown('update-price-by-external-id', cleared)).toEqual({ ...made, metadata: {} });
  for (const call of [byId, byName]) {
    const foreign = callOf({ ...call, accountId: 'acct_thief' });
    expect(refusal(await catalogue.prices.fetch(foreign)).fragment).toBe(MISSING);
    expect(refusal(await catalogue.prices.update(foreign)).fragment).toBe(MISSING);
  }
});

test('a list is newest first, page by page; a key makes one price, also under twenty requests at once', async () => {
  const accountId = uniqueId('acct');
  const body = { ...bodyOf({ external_price_id: 'once' }), item_id: await newItem(accountId) };
  const idempotency = { key: 'k', request_hash: 'h' };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => create(body, { accountId, idempotency })),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
  const replay = await create(body, { accountId, idempotency });
  expect(replay).toMatchObject({ status: 201, is_replay: true });
  const ids = [(JSON.parse(replay.body!) as { id: string }).id];
  for (const external_price_id of ['two', 'three']) {
    ids.unshift(
      shown('create-price', await create({ ...body, external_price_id }, { accountId })).id,
    );
  }
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = { limit: 2, ...(cursor === '' ? {} : { cursor }) };
    const page = shown('list-prices', await catalogue.prices.list(callOf({ accountId, query })));
    seen.push(...page.data.map(({ id }) => id));
    cursor = page.pagination_metadata.next_cursor;
  }
  expect(seen).toEqual(ids);
});
