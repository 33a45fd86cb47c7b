// Goal: everything that a new subscription or a change of its plan may say has its effect on what is shown and billed.
// Method: every call as the gateway makes it, every answer checked against the contract, invoices by value.
import { billingUnderTest, type BillingUnderTest, type Shown } from '../billing/billing-fixture.js';
import { priceOf, usagePriceOf } from '../timeline/domain/test-timeline.js';
import type { SubscribablePlan } from '../billing/domain/subscription.js';

type Fields = Record<string, unknown>;
const at = (text: string): number => Date.parse(text);
const MARCH = at('2026-03-01T00:00:00Z');
let room: BillingUnderTest;
beforeAll(async () => {
  room = await billingUnderTest(MARCH);
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.item (id, account_id, name, created_at)
    VALUES ('item_1', 'acct_a', 'Item', now())`;
});
afterAll(() => room.drop());
beforeEach(() => {
  room.time.nowMs = MARCH;
});

const percent = (id: string, fraction: number, fields: Fields = {}) => ({
  ...{ id, adjustment_type: 'percentage_discount', percentage_discount: fraction, reason: null },
  ...{ is_invoice_level: true, applies_to_price_ids: [], filters: [], plan_phase_order: null },
  replaces_adjustment_id: null,
  ...fields,
});
const seats = priceOf({ id: 'seats', unit_config: { unit_amount: '31.00' } });
const calls = usagePriceOf({ id: 'calls', unit_config: { unit_amount: '1.00' } });
const plan = (id: string, fields: Partial<SubscribablePlan> = {}): void => {
  room.plans.set(id, {
    ...{ id, name: id, version: 1, status: 'active', invoicingCurrency: 'USD', netTerms: 14 },
    ...{ defaultInvoiceMemo: null, trialDays: null, phases: null, adjustments: [] },
    prices: [seats, calls],
    ...fields,
  });
};
const newPrice = (fields: Fields = {}): Fields => ({
  ...{ name: 'Extra', item_id: 'item_1', cadence: 'monthly', model_type: 'unit' },
  unit_config: { unit_amount: '10.00' },
  ...fields,
});
const subscribe = (customerId: string, planId: string, body: Fields = {}): Promise<Shown> =>
  room.ask('create-subscription', { body: { customer_id: customerId, plan_id: planId, ...body } });
const totals = async (customerId: string): Promise<readonly unknown[]> => {
  const query = { customer_id: customerId, 'status[]': ['issued', 'paid', 'void'] };
  const page = await room.ask('list-invoices', { query });
  return (page['data'] as readonly Fields[]).map(({ total }) => total);
};
const use = (customerId: string, time: string, quantity: string): void => {
  const before = room.events.get(customerId) ?? [];
  room.events.set(customerId, [...before, { atMs: at(time), quantity }]);
};
const pricesOf = (shown: Shown): readonly Fields[] =>
  (shown['price_intervals'] as readonly { price: Fields }[]).map(({ price }) => price);
async function refused(operation: string, given: Parameters<typeof room.call>[1]) {
  const before = await room.prisma.$queryRaw<unknown[]>`
    SELECT id, timeline FROM invoicing.orb_subscription ORDER BY position`;
  const answer = await room.call(operation, given);
  const after = await room.prisma.$queryRaw<unknown[]>`
    SELECT id, timeline FROM invoicing.orb_subscription ORDER BY position`;
  expect(after).toEqual(before);
  const { detail } = JSON.parse(answer.body ?? '{}') as { detail: string };
  return `${String(answer.status)} ${detail}`;
}

test('prices are added, removed and replaced: 31 becomes 2 × 20 + 10, a minimum of 50 raises the added one', async () => {
  await room.customer('org_prices');
  plan('base');
  const made = await subscribe('org_prices', 'base', {
    remove_prices: [{ price_id: 'calls' }],
    replace_prices: [
      {
        replaces_price_id: 'seats',
        price: newPrice({
          ...{ name: 'Better seats', unit_config: { unit_amount: '20.00' } },
          fixed_price_quantity: 2,
        }),
      },
    ],
    add_prices: [
      { price: newPrice({ reference_id: 'mine' }), minimum_amount: '50.00' },
      { price: newPrice({ name: 'Later' }), start_date: '2026-04-01', end_date: '2026-05-01' },
    ],
    add_adjustments: [
      {
        adjustment: {
          ...{ adjustment_type: 'percentage_discount', percentage_discount: 0.5 },
          applies_to_price_ids: ['mine'],
        },
      },
    ],
  });
  expect(pricesOf(made)).toMatchObject([
    { name: 'Better seats', replaces_price_id: 'seats' },
    { name: 'Extra', replaces_price_id: null },
    { name: 'Later' },
  ]);
  expect(made).toMatchObject({
    price_intervals: [{}, {}, { start_date: '2026-04-01T00:00:00.000Z' }],
    minimum_intervals: [{ minimum_amount: '50' }],
    discount_intervals: [{ discount_type: 'percentage', percentage_discount: 0.5 }],
  });
  await room.jump(at('2026-05-02T00:00:00Z'));
  // 40 + max(10 × 0.5, 50); in April 10 besides.
  expect(await totals('org_prices')).toEqual(['90.00', '100.00', '90.00']);
});

test('a price that is sold alone is added by either name; those of others, archived and unknown ones are not', async () => {
  await room.customer('org_known');
  plan('known');
  const definition = JSON.stringify({
    ...{ name: 'Support', modelType: 'unit', config: { unit_amount: '5.00' }, cadence: 'monthly' },
    ...{ priceType: 'fixed_price', billingMode: 'in_advance', fixedQuantity: '1', currency: 'USD' },
    billingCycle: { duration: 1, duration_unit: 'month' },
    ...{ invoicingCycle: null, metricId: null, conversionRate: null, conversionRateConfig: null },
    ...{ creditAllocation: null, compositeFilters: null, invoiceGroupingKey: null },
    ...{ dimensional: null, licenseType: null, licenseAllocations: [], replacesPriceId: null },
  });
  for (const [id, scope, external] of [
    ['price_alone', 'add_on', 'support'],
    ['price_other', 'plan', null],
  ]) {
    await room.prisma.$executeRaw`
      INSERT INTO invoicing.catalogue_price
        (account_id, id, scope, external_price_id, item_id, definition, metadata, created_at)
      VALUES ('acct_a', ${id}, ${scope}, ${external}, 'item_1', ${definition}::jsonb, '{}', now())`;
  }
  const made = await subscribe('org_known', 'known', {
    remove_prices: [{ price_id: 'calls' }],
    add_prices: [{ external_price_id: 'support' }],
    replace_prices: [{ replaces_price_id: 'seats', price_id: 'price_alone' }],
  });
  expect(pricesOf(made)).toMatchObject([
    { id: 'price_alone', replaces_price_id: 'seats' },
    { id: 'price_alone', replaces_price_id: null },
  ]);
  expect(await totals('org_known')).toEqual(['10.00']);
  const body = (add: Fields) => ({
    body: { customer_id: 'org_known', plan_id: 'known', add_prices: [add] },
  });
  expect(await refused('create-subscription', body({ price_id: 'price_other' }))).toMatch(
    /^400 add_prices\[0\].price_id: price price_other is of another plan/,
  );
  expect(await refused('create-subscription', body({ price_id: 'nobody' }))).toMatch(
    /^404 add_prices\[0\].price_id: /,
  );
  expect(
    await refused('create-subscription', body({ price_id: 'price_alone', price: newPrice() })),
  ).toMatch(/^400 add_prices\[0\].price give exactly one of/);
  expect(
    await refused('create-subscription', body({ price: newPrice({ currency: 'EUR' }) })),
  ).toMatch(/^400 add_prices\[0\]: price price_\w+ is in EUR, the invoices are in USD/);
});

test('phases: an addition names its phase and goes with it; a replacement has the phase of what it replaces', async () => {
  await room.customer('org_phase');
  const phase = (order: number, duration: number | null) => ({
    ...{ order, duration, durationUnit: duration === null ? null : ('monthly' as const) },
    alignsBilling: false,
  });
  plan('phased', {
    phases: [phase(1, 1), phase(2, null)],
    prices: [
      priceOf({ id: 'one', unit_config: { unit_amount: '10.00' }, plan_phase_order: 1 }),
      priceOf({ id: 'two', unit_config: { unit_amount: '20.00' }, plan_phase_order: 2 }),
    ],
    adjustments: [percent('half', 0.5, { plan_phase_order: 2 })],
  });
  const made = await subscribe('org_phase', 'phased', {
    add_prices: [
      { price: newPrice({ unit_config: { unit_amount: '7.00' } }), plan_phase_order: 1 },
    ],
    replace_prices: [{ replaces_price_id: 'two', price: newPrice({ name: 'Two' }) }],
    replace_adjustments: [
      {
        replaces_adjustment_id: 'half',
        adjustment: {
          adjustment_type: 'amount_discount',
          amount_discount: '3.00',
          applies_to_all: true,
        },
      },
    ],
  });
  expect(made).toMatchObject({
    price_intervals: [
      { price: { id: 'one' }, end_date: '2026-04-01T00:00:00.000Z' },
      { price: { name: 'Two', plan_phase_order: 2 }, start_date: '2026-04-01T00:00:00.000Z' },
      { price: { plan_phase_order: 1 }, end_date: '2026-04-01T00:00:00.000Z' },
    ],
    adjustment_intervals: [
      { adjustment: { plan_phase_order: 2 }, start_date: '2026-04-01T00:00:00.000Z' },
    ],
  });
  await room.jump(at('2026-04-02T00:00:00Z'));
  expect(await totals('org_phase')).toEqual(['7.00', '17.00']);
  const body = { customer_id: 'org_phase', plan_id: 'phased' };
  const without = { ...body, add_prices: [{ price: newPrice() }] };
  expect(await refused('create-subscription', { body: without })).toBe(
    '400 add_prices[0].plan_phase_order is required: the plan has phases',
  );
  const second = await subscribe('org_phase', 'phased', { initial_phase_order: 2 });
  expect(second).toMatchObject({ active_plan_phase_order: 2, price_intervals: [{}] });
  const wrong = { ...body, initial_phase_order: 3 };
  expect(await refused('create-subscription', { body: wrong })).toMatch(/^400 initial_phase_order/);
});

test('price_overrides, the older form: other amounts, quantities and minimums; what is no override is refused', async () => {
  await room.customer('org_old');
  plan('old', { adjustments: [percent('tenth', 0.1, { applies_to_price_ids: ['seats'] })] });
  const made = await subscribe('org_old', 'old', {
    price_overrides: [
      { id: 'seats', model_type: 'unit', unit_config: { unit_amount: '8.00' }, discount: null },
      {
        ...{ id: 'calls', model_type: 'unit', unit_config: { unit_amount: '0.50' } },
        ...{ minimum_amount: '20.00', discount: { discount_type: 'amount', amount_discount: '1' } },
      },
    ],
  });
  expect(pricesOf(made)).toMatchObject([
    { name: 'Seats', replaces_price_id: 'seats', unit_config: { unit_amount: '8.00' } },
    { name: 'Calls', replaces_price_id: 'calls', billable_metric: { id: 'metric_1' } },
  ]);
  use('org_old', '2026-03-10T00:00:00Z', '10');
  await room.jump(at('2026-04-01T12:00:00Z'));
  // 8 for seats without the discount of the plan; 10 × 0.5 − 1 is raised to 20.
  expect(await totals('org_old')).toEqual(['28.00', '8.00']);
  const quantity = await subscribe('org_old', 'old', {
    price_overrides: [{ id: 'seats', fixed_price_quantity: 3 }],
  });
  expect(quantity['fixed_fee_quantity_schedule']).toMatchObject([{ quantity: 3 }]);
  for (const [override, told] of [
    ['text', 'price_overrides[0] must be an object'],
    [{ id: 'nobody' }, 'price_overrides[0].id must be'],
    [{ id: 'seats' }, 'price_overrides[0].unit_config is required'],
    [{ id: 'seats', name: 'x', fixed_price_quantity: 2 }, 'price_overrides[0].name is no field'],
    [{ id: 'seats', model_type: 'tiered' }, 'price_overrides[0].model_type must be unit'],
    [
      { id: 'seats', unit_config: { unit_amount: 5 } },
      'price_overrides[0].unit_config.unit_amount',
    ],
    [{ id: 'calls', fixed_price_quantity: 2 }, 'price_overrides[0].fixed_price_quantity goes with'],
    [{ id: 'seats', fixed_price_quantity: -2 }, 'price_overrides[0].fixed_price_quantity must not'],
  ] as const) {
    const body = { customer_id: 'org_old', plan_id: 'old', price_overrides: [override] };
    expect(await refused('create-subscription', { body })).toContain(`400 ${told}`);
  }
});

test('an anchor on the 31st, net terms, memo, name, metadata, end and another quantity', async () => {
  await room.customer('org_terms');
  plan('terms', { prices: [seats], defaultInvoiceMemo: 'of the plan' });
  const made = await subscribe('org_terms', 'terms', {
    ...{ name: 'Mine', metadata: { a: 'b' }, net_terms: 7, default_invoice_memo: 'of mine' },
    ...{ start_date: '2026-03-31', end_date: '2026-06-15', auto_collection: true },
    billing_cycle_anchor_configuration: { day: 31 },
    replace_prices: [{ replaces_price_id: 'seats', fixed_price_quantity: 2 }],
  });
  expect(made).toMatchObject({
    ...{ name: 'Mine', metadata: { a: 'b' }, net_terms: 7, default_invoice_memo: 'of mine' },
    ...{ billing_cycle_day: 31, auto_collection: true, end_date: '2026-06-15T00:00:00.000Z' },
    fixed_fee_quantity_schedule: [{ quantity: 2, price_id: 'seats' }],
  });
  await room.jump(at('2026-07-01T00:00:00Z'));
  const query = { customer_id: 'org_terms', 'status[]': ['issued', 'paid'] };
  const { data } = await room.ask('list-invoices', { query });
  expect(data).toMatchObject([
    // 15 of the 30 days from May 31 on.
    { invoice_date: '2026-05-31T00:00:00.000Z', total: '31.00', memo: 'of mine' },
    { invoice_date: '2026-04-30T00:00:00.000Z', total: '62.00' },
    {
      invoice_date: '2026-03-31T00:00:00.000Z',
      total: '62.00',
      due_date: '2026-04-07T00:00:00.000Z',
    },
  ]);
});

test('usage of children through a filter; whose usage it is and what is no filter is refused', async () => {
  await room.customer('org_top');
  await room.customer('org_child');
  await room.prisma.$executeRaw`
    UPDATE invoicing.customer SET parent_id = 'org_top' WHERE id = 'org_child'`;
  plan('usage', { prices: [calls], filters: { calls: "tier = 'a'" } });
  const made = await subscribe('org_top', 'usage', {
    usage_customer_ids: ['org_top', 'org_child'],
    filter: "region = 'eu'",
  });
  expect(made['price_intervals']).toMatchObject([
    {
      filter: "(tier = 'a') AND (region = 'eu')",
      usage_customer_ids: ['org_top', 'org_child'],
    },
  ]);
  use('org_top', '2026-03-10T00:00:00Z', '3');
  use('org_child', '2026-03-11T00:00:00Z', '4');
  await room.jump(at('2026-04-01T12:00:00Z'));
  expect(await totals('org_top')).toEqual(['7.00']);
  const body = { customer_id: 'org_child', plan_id: 'usage' };
  const foreign = { body: { ...body, usage_customer_ids: ['org_top'] } };
  expect(await refused('create-subscription', foreign)).toMatch(/^400 usage_customer_ids\[0\]/);
  const bad = { body: { ...body, filter: 'wrong' } };
  expect(await refused('create-subscription', bad)).toBe('400 filter: is no expression');
});

test('what is not built or contradicts itself is refused and names its field', async () => {
  await room.customer('org_bad');
  plan('bad', { adjustments: [percent('bad_half', 0.5)] });
  plan('gone', { status: 'archived' });
  const add = (entry: Fields): Fields => ({ add_prices: [{ price: newPrice(), ...entry }] });
  for (const [fields, told] of [
    [{ per_credit_overage_amount: -1 }, 'per_credit_overage_amount: must be a number of 0'],
    [
      { per_credit_overage_amount: 1, credits_overage_rate: 2 },
      'credits_overage_rate: must say the same',
    ],
    [{ external_marketplace: 'aws' }, 'external_marketplace is not built'],
    [{ currency: 'EUR' }, 'currency: the plan is invoiced in USD'],
    [{ remove_prices: [{ price_id: 'other' }] }, 'remove_prices[0].price_id names no price'],
    [{ remove_prices: [{}] }, 'remove_prices[0].price_id give either'],
    [
      { remove_prices: [{ price_id: 'seats' }, { price_id: 'seats' }] },
      'remove_prices[1].price_id',
    ],
    [
      { replace_prices: [{ replaces_price_id: 'x', price: newPrice() }] },
      'replaces_price_id names',
    ],
    [{ remove_adjustments: [{ adjustment_id: 'x' }] }, 'remove_adjustments[0].adjustment_id'],
    [add({ start_date: '2026-02-01' }), 'add_prices[0].start_date: must not be before'],
    [add({ end_date: '2026-03-01' }), 'add_prices[0].end_date: must be after'],
    [
      add({ start_date: '2026-05-01', end_date: '2026-04-01' }),
      'add_prices[0].end_date must be after',
    ],
    [add({ plan_phase_order: 1 }), 'add_prices[0].plan_phase_order must be null'],
    [add({ minimum_amount: '-1' }), 'add_prices[0].minimum_amount must not be negative'],
    [add({ discounts: [{ discount_type: 'usage' }] }), 'discounts[0].usage_discount is required'],
    [add({ metric_parameter_overrides: { a: 1 } }), 'add_prices[0].metric_parameter_overrides'],
    [add({ price: newPrice({ item_id: 'nothing' }) }), 'add_prices[0].price.item_id'],
    [{ end_date: '2026-03-01' }, 'end_date: must be after start_date'],
    [{ plan_id: 'gone' }, 'The plan is archived'],
  ] as const) {
    const body = { customer_id: 'org_bad', plan_id: 'bad', ...(fields as Fields) };
    expect(await refused('create-subscription', { body })).toContain(told);
  }
  const written = await room.prisma.$queryRaw<unknown[]>`
    SELECT 1 FROM invoicing.orb_subscription WHERE customer_id = 'org_bad'`;
  expect(written).toEqual([]);
});

test('a change of the plan takes the same overrides, the plan terms count from its day on, and its trial begins then', async () => {
  await room.customer('org_move');
  plan('from', { prices: [seats], defaultInvoiceMemo: 'old' });
  plan('to', { prices: [seats], netTerms: 30, defaultInvoiceMemo: 'new', trialDays: 10 });
  const { id } = await subscribe('org_move', 'from');
  const path = { subscription_id: id };
  const change = { plan_id: 'to', change_option: 'requested_date', change_date: '2026-04-11' };
  const changed = await room.ask('schedule-plan-change', {
    path,
    body: {
      ...change,
      billing_cycle_alignment: 'plan_change_date',
      replace_prices: [{ replaces_price_id: 'seats', price: newPrice() }],
    },
  });
  expect(changed).toMatchObject({
    ...{
      net_terms: 14,
      default_invoice_memo: 'old',
      trial_info: { end_date: '2026-04-21T00:00:00.000Z' },
    },
    price_intervals: [
      { end_date: '2026-04-11T00:00:00.000Z' },
      { start_date: '2026-04-21T00:00:00.000Z', billing_cycle_day: 11, price: { name: 'Extra' } },
    ],
  });
  const early = { ...change, add_prices: [{ price: newPrice(), start_date: '2026-04-01' }] };
  expect(await refused('schedule-plan-change', { path, body: early })).toMatch(
    /^400 add_prices\[0\].start_date/,
  );
  await room.jump(at('2026-05-01T00:00:00Z'));
  // 31 × 10/30 of April; from April 21 on 20 of the 30 days to May 11.
  expect(await totals('org_move')).toEqual(['6.67', '10.33', '31.00']);
  const moved = await room.ask('fetch-subscription', { path });
  expect(moved).toMatchObject({ net_terms: 30, default_invoice_memo: 'new' });
  const said = await room.ask('update-subscription', { path, body: { net_terms: 3 } });
  expect(said).toMatchObject({ net_terms: 3, default_invoice_memo: 'new' });
});
