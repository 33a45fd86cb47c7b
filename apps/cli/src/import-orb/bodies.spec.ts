// Goal: what is made here says the same as what was read there, and what cannot be said is left to a person by name.
import { adjustmentBody, creditBody, customerBody, planBody, priceBody } from './bodies.js';
import type { OrbObject } from './orb-client.js';
import { subscriptionBody } from './subscription-body.js';

const IDS = new Map([
  ...Object.entries({ item_old: 'item_new', metric_old: 'metric_new', plan_old: 'plan_new' }),
  ...Object.entries({ cus_old: 'cus_new', parent_old: 'parent_new' }),
]);
const NOW_MS = Date.parse('2026-05-16T00:00:00Z');

const price = (more: object = {}): OrbObject => ({
  ...{ id: 'price_old', name: 'Calls', model_type: 'unit', unit_config: { unit_amount: '0.1' } },
  ...{ cadence: 'monthly', currency: 'USD', price_type: 'usage_price', billing_mode: 'in_arrear' },
  ...{ item: { id: 'item_old' }, billable_metric: { id: 'metric_old' }, metadata: { a: 'b' } },
  billing_cycle_configuration: { duration: 1, duration_unit: 'month' },
  conversion_rate: null,
  ...more,
});
const fixed = (more: object = {}): OrbObject =>
  price({
    ...{ price_type: 'fixed_price', billing_mode: 'in_advance', fixed_price_quantity: 2 },
    ...{ billable_metric: null, ...more },
  });
const bodyOf = (made: ReturnType<typeof priceBody>): Record<string, unknown> => {
  expect(made).toMatchObject({ ok: true });
  return made.ok ? made.body : {};
};

test('a usage price keeps its model, its currency and its metadata, and remembers where it came from', () => {
  expect(bodyOf(priceBody(price(), IDS))).toEqual({
    ...{ name: 'Calls', model_type: 'unit', unit_config: { unit_amount: '0.1' } },
    ...{ cadence: 'monthly', currency: 'USD', item_id: 'item_new' },
    ...{ billable_metric_id: 'metric_new', metadata: { a: 'b', orb_id: 'price_old' } },
  });
});

test('a fixed price keeps its quantity and when it is billed; a custom cadence keeps its length', () => {
  const cycle = { duration: 45, duration_unit: 'day' };
  const custom = fixed({ cadence: 'custom', billing_cycle_configuration: cycle });
  expect(bodyOf(priceBody(custom, IDS))).toMatchObject({
    ...{ fixed_price_quantity: 2, billed_in_advance: true },
    ...{ cadence: 'custom', billing_cycle_configuration: cycle },
  });
});

test.each([
  ['of an item that is not imported', price({ item: { id: 'x' } }), 'its item is not imported'],
  [
    'of a metric that is not',
    price({ billable_metric: { id: 'x' } }),
    'its metric is not imported',
  ],
  ['with a license type', price({ license_type: { id: 'x' } }), 'it has a license type'],
  [
    'with a group',
    price({ dimensional_price_configuration: {} }),
    'it has a dimensional price group',
  ],
])('a price %s is left to a person', (_name, one, why) => {
  expect(priceBody(one, IDS)).toEqual({ ok: false, why });
  const plan = { id: 'p', name: 'P', currency: 'USD', prices: [one], adjustments: [] };
  expect(planBody(plan, IDS)).toEqual({ ok: false, why: `price Calls: ${why}` });
});

test('an adjustment of items names the new ones; one of single prices is left to a person', () => {
  const adjustment = (filters: readonly object[]): OrbObject => ({
    ...{ id: 'adj', adjustment_type: 'percentage_discount', percentage_discount: 0.1, filters },
  });
  const of = (field: string, value: string) => [{ field, operator: 'includes', values: [value] }];
  expect(adjustmentBody(adjustment([]), IDS)).toMatchObject({ body: { applies_to_all: true } });
  expect(adjustmentBody(adjustment(of('item_id', 'item_old')), IDS)).toMatchObject({
    body: { percentage_discount: 0.1, filters: of('item_id', 'item_new') },
  });
  expect(adjustmentBody(adjustment(of('price_id', 'price_old')), IDS).ok).toBe(false);
  expect(adjustmentBody(adjustment(of('item_id', 'item_other')), IDS).ok).toBe(false);
});

test('a customer keeps its own name and its parent; a credit block its rest, its cost and its end', () => {
  const customer = {
    ...{ id: 'cus_old', name: 'Acme', email: 'a@b.test', external_customer_id: 'acme' },
    ...{ hierarchy: { parent: { id: 'parent_old' } }, currency: null, metadata: {} },
  };
  expect(customerBody(customer, IDS)).toEqual({
    ...{ name: 'Acme', email: 'a@b.test', external_customer_id: 'acme' },
    ...{ hierarchy: { parent_customer_id: 'parent_new' }, metadata: { orb_id: 'cus_old' } },
  });
  const block = {
    ...{
      id: 'blk',
      balance: 12.5,
      per_unit_cost_basis: '0.5',
      expiry_date: '2099-01-01T00:00:00Z',
    },
    ...{ effective_date: null, filters: [], metadata: {} },
  };
  expect(creditBody(block, 'credits', IDS)).toMatchObject({
    body: {
      ...{ entry_type: 'increment', amount: 12.5, currency: 'credits', per_unit_cost_basis: '0.5' },
      expiry_date: '2099-01-01T00:00:00Z',
    },
  });
});

describe('a subscription', () => {
  const base = fixed({ id: 'base_old', name: 'Base' });
  const calls = price({ id: 'calls_old' });
  const planPrices = new Map<string, OrbObject>([
    ['base_old', { ...base, id: 'base_new' }],
    ['calls_old', { ...calls, id: 'calls_new' }],
  ]);
  const interval = (one: OrbObject, more: object = {}) => ({
    ...{ id: 'pi', start_date: '2026-01-01T00:00:00Z', end_date: null, price: one },
    ...{ fixed_fee_quantity_transitions: null, ...more },
  });
  const subscription = (intervals: readonly object[], more: object = {}): OrbObject => ({
    ...{ id: 'sub_old', plan: { id: 'plan_old', adjustments: [] }, customer: { id: 'cus_old' } },
    ...{
      start_date: '2025-01-01T00:00:00Z',
      metadata: {},
      net_terms: 30,
      adjustment_intervals: [],
    },
    current_billing_period_start_date: '2026-05-01T00:00:00Z',
    ...{ billing_cycle_anchor_configuration: { day: 1 }, price_intervals: intervals, ...more },
  });
  const made = (...args: Parameters<typeof subscription>) =>
    bodyOf(subscriptionBody(subscription(...args), planPrices, IDS, NOW_MS));

  test('as its plan is begins with its current period, without a trial, and collects nothing yet', () => {
    expect(made([interval(base), interval(calls)])).toEqual({
      ...{ customer_id: 'cus_new', plan_id: 'plan_new', start_date: '2026-05-01T00:00:00Z' },
      ...{ billing_cycle_anchor_configuration: { day: 1 }, net_terms: 30, trial_duration_days: 0 },
      ...{ auto_collection: false, metadata: { orb_id: 'sub_old' } },
    });
  });

  test('with another quantity, a price of its own and one more says so; what has ended is removed', () => {
    const transitions = [
      { effective_date: '2026-02-01T00:00:00Z', quantity: 5 },
      { effective_date: '2026-04-01T00:00:00Z', quantity: 7 },
      { effective_date: '2026-09-01T00:00:00Z', quantity: 9 },
    ];
    const many = interval(base, { fixed_fee_quantity_transitions: transitions });
    expect(made([many, interval(calls)])['replace_prices']).toMatchObject([
      { replaces_price_id: 'base_new', price: { fixed_price_quantity: 7 } },
    ]);
    const own = price({ id: 'own', name: 'Cheaper', replaces_price_id: 'calls_old' });
    const more = price({ id: 'more', name: 'More', external_price_id: 'more' });
    const ended = interval(base, { end_date: '2026-05-02T00:00:00Z' });
    const body = made([ended, interval(own), interval(more)]);
    expect(body['replace_prices']).toMatchObject([
      { replaces_price_id: 'calls_new', price: { name: 'Cheaper' } },
    ]);
    expect(body['add_prices']).toMatchObject([{ price: { name: 'More' } }]);
    expect(JSON.stringify(body['add_prices'])).not.toContain('external_price_id');
    expect(body['remove_prices']).toEqual([{ price_id: 'base_new' }]);
  });

  test('of a plan or a customer that is not imported is left to a person', () => {
    const elsewhere = subscription([], { plan: { id: 'x', adjustments: [] } });
    expect(subscriptionBody(elsewhere, planPrices, IDS, NOW_MS)).toEqual({
      ...{ ok: false, why: 'its plan is not imported' },
    });
    const nobody = subscription([], { customer: { id: 'x' } });
    expect(subscriptionBody(nobody, planPrices, IDS, NOW_MS).ok).toBe(false);
  });
});
