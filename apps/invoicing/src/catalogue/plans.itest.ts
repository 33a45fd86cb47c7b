// Goal: plans of /v1 as the contract wants them: phases, prices, adjustments, versions; each fault
// named; those that Stripe sells are among them, and the Orbit API shows them as before.
// Method: the use cases over a real database.
import { bodyFaults, findOperation } from '@orbit/orb-api';
import { uniqueId } from '@orbit/testing';
import { PrismaCatalog } from './adapters/prisma-catalog.js';
import {
  callOf,
  catalogueUnderTest,
  DUPLICATE,
  INVALID,
  MISSING,
  refusal,
  shown,
  VIOLATION,
  type Shown,
} from './orb-calls-fixture.js';

let catalogue: Awaited<ReturnType<typeof catalogueUnderTest>>;
beforeAll(async () => {
  catalogue = await catalogueUnderTest('2026-05-16T12:00:00.000Z');
});
afterAll(() => catalogue.close());

interface ShownPlan extends Shown {
  readonly prices: readonly Shown[];
  readonly adjustments: readonly Shown[];
}
/** An account of its own, with one item. */
async function newAccount() {
  const accountId = uniqueId('acct');
  const call = callOf({ accountId, body: { name: 'Calls' } });
  const item_id = shown('create-item', await catalogue.items.create(call)).id;
  const fee = (fields: object = {}) => ({
    ...{ name: 'Fee', item_id, cadence: 'monthly', model_type: 'unit' },
    ...{ unit_config: { unit_amount: '10.00' }, ...fields },
  });
  const create = (body: object, more: object = {}) => {
    const whole = { name: 'Pro', currency: 'USD', prices: [{ price: fee() }], ...body };
    return catalogue.plans.create(callOf({ accountId, body: whole, ...more }));
  };
  const made = async (body: object): Promise<ShownPlan> =>
    shown('create-plan', await create(body)) as ShownPlan;
  const count = async (): Promise<number> => {
    const [row] = await catalogue.prisma.$queryRaw<{ count: bigint }[]>`
      SELECT (SELECT count(*) FROM invoicing.catalogue_plan WHERE account_id = ${accountId}) +
             (SELECT count(*) FROM invoicing.catalogue_price WHERE account_id = ${accountId}) +
             (SELECT count(*) FROM invoicing.catalogue_plan_version WHERE account_id = ${accountId}) +
             (SELECT count(*) FROM invoicing.item WHERE account_id = ${accountId}) AS count`;
    return Number(row!.count);
  };
  return { accountId, item_id, fee, create, made, count };
}

test('a plan with everything shows what it was made with, by either id', async () => {
  const { accountId, item_id, fee, create } = await newAccount();
  const body = {
    ...{ name: 'Pro', currency: 'USD', description: 'All of it', net_terms: 30 },
    ...{ external_plan_id: 'pro/1', default_invoice_memo: 'Thanks', metadata: { a: '1' } },
    plan_phases: [
      { order: 2 },
      {
        order: 1,
        duration: 3,
        duration_unit: 'monthly',
        align_billing_with_phase_start_date: true,
      },
    ],
    prices: [
      { price: fee({ reference_id: 'fee' }), plan_phase_order: 1 },
      { price: fee({ external_price_id: 'pro-2' }), plan_phase_order: 2 },
      {
        allocation_price: {
          ...{ currency: 'credits', amount: '100.5', cadence: 'monthly' },
          ...{ expires_at_end_of_cadence: true, per_unit_cost_basis: '0.05' },
        },
      },
    ],
    adjustments: [
      { adjustment: { adjustment_type: 'percentage_discount', percentage_discount: 0.15 } },
      {
        adjustment: {
          ...{ adjustment_type: 'minimum', minimum_amount: '50.00', item_id },
          ...{ applies_to_price_ids: ['fee'], is_invoice_level: false },
        },
        plan_phase_order: 1,
      },
      {
        adjustment: {
          adjustment_type: 'tiered_percentage_discount',
          tiers: [
            { lower_bound: 0, upper_bound: 100, percentage: 0 },
            { lower_bound: 100, percentage: 0.1 },
          ],
          ...{ applies_to_item_ids: [item_id], currency: 'USD', price_type: 'fixed' },
        },
      },
      { adjustment: { adjustment_type: 'usage_discount', usage_discount: 10.5 } },
      { adjustment: { adjustment_type: 'amount_discount', amount_discount: '1' } },
      { adjustment: { adjustment_type: 'maximum', maximum_amount: '1000' } },
    ],
  };
  expect(bodyFaults(findOperation('create-plan')!, body)).toEqual([]);
  const plan = shown('create-plan', await create(body)) as ShownPlan;
  const [first, second, allocation] = plan.prices;
  expect(plan).toMatchObject({
    ...{ status: 'active', version: 1, currency: 'USD', invoicing_currency: 'USD', net_terms: 30 },
    plan_phases: [
      { order: 1, duration: 3, duration_unit: 'monthly' },
      { order: 2, duration: null, duration_unit: null },
    ],
    trial_config: { trial_period: null, trial_period_unit: 'days' },
    metadata: { a: '1' },
  });
  expect(first).toMatchObject({ plan_phase_order: 1, billing_mode: 'in_advance' });
  expect(second).toMatchObject({ plan_phase_order: 2, external_price_id: 'pro-2' });
  expect(allocation).toMatchObject({
    ...{ fixed_price_quantity: 100.5, currency: 'credits', unit_config: { unit_amount: '0.05' } },
    credit_allocation: { currency: 'credits', allows_rollover: false },
    item: { name: 'Included allocation (credits)' },
  });
  expect(plan.adjustments.map(({ adjustment_type: type }) => type)).toEqual(
    body.adjustments.map(({ adjustment }) => adjustment.adjustment_type),
  );
  expect(plan.adjustments[1]).toMatchObject({
    ...{ applies_to_price_ids: [first!.id], is_invoice_level: false, plan_phase_order: 1 },
  });
  expect(plan.adjustments[2]).toMatchObject({
    filters: [
      { field: 'item_id', operator: 'includes', values: [item_id] },
      { field: 'currency', operator: 'includes', values: ['USD'] },
      { field: 'price_type', operator: 'includes', values: ['fixed'] },
    ],
  });
  const byId = callOf({ accountId, path: { plan_id: plan.id } });
  expect(shown('fetch-plan', await catalogue.plans.fetch(byId))).toEqual(plan);
  const byName = callOf({ accountId, path: { external_plan_id: 'pro/1' } });
  expect(shown('fetch-plan-external-id', await catalogue.plans.fetch(byName))).toEqual(plan);
  // A price of a plan is a price, but none that is sold alone.
  const price = callOf({ accountId, path: { external_price_id: 'pro-2' } });
  expect(shown('fetch-price', await catalogue.prices.fetch(price)).id).toBe(second!.id);
  const list = await catalogue.prices.list(callOf({ accountId, query: { limit: 20 } }));
  expect(shown('list-prices', list).data).toEqual([]);
});

const discount = (fields: object) => ({
  adjustments: [{ adjustment: { adjustment_type: 'percentage_discount', ...fields } }],
});
test.each([
  ['name must not be blank', { name: '' }],
  ['currency must be an ISO 4217', { currency: 'US' }],
  ['plan_phases[0].order must be 1 to 1', { plan_phases: [{ order: 2 }] }],
  ['plan_phases[1].order must be 1 to 2', { plan_phases: [{ order: 2 }, { order: 2 }] }],
  ['plan_phases[0].duration is required', { plan_phases: [{ order: 1 }, { order: 2 }] }],
  ['plan_phases[0].duration_unit is required', { plan_phases: [{ order: 1, duration: 2 }] }],
  ['prices[0].price is required', { prices: [{}] }],
  ['prices[0].plan_phase_order must be null', { prices: [{ plan_phase_order: 1 }] }],
  [
    'prices[0].allocation_price.amount must be above 0',
    { prices: [{ allocation_price: { currency: 'credits', amount: '0', cadence: 'monthly' } }] },
  ],
  [
    'prices[0].allocation_price.amount has more digits',
    {
      prices: [
        {
          allocation_price: {
            currency: 'credits',
            amount: '12345678901234567.89',
            cadence: 'monthly',
          },
        },
      ],
    },
  ],
  [
    'prices[0].allocation_price.currency must not be messages',
    { prices: [{ allocation_price: { currency: 'messages', amount: '1', cadence: 'monthly' } }] },
  ],
  [
    'adjustments[0].adjustment.percentage_discount must not be above 1',
    discount({ percentage_discount: 1.1 }),
  ],
  [
    'adjustments[0].adjustment.filters[0].values must not be empty',
    discount({
      percentage_discount: 0.1,
      filters: [{ field: 'item_id', operator: 'includes', values: [] }],
    }),
  ],
  [
    'adjustments[0].adjustment.tiers[1].lower_bound must be 10',
    {
      adjustments: [
        {
          adjustment: {
            adjustment_type: 'tiered_percentage_discount',
            tiers: [
              { lower_bound: 0, upper_bound: 10, percentage: 0.1 },
              { lower_bound: 11, percentage: 0.2 },
            ],
          },
        },
      ],
    },
  ],
])('%s: refused, and nothing is made', async (sentence, fields) => {
  const { create, count } = await newAccount();
  const before = await count();
  const { fragment, detail } = refusal(await create(fields));
  expect({ fragment, detail }).toEqual({
    fragment: INVALID,
    detail: expect.stringContaining(sentence),
  });
  expect(await count()).toBe(before);
});

test('what a plan names and the account does not have is named; nothing is made', async () => {
  const { accountId, fee, create, count, made } = await newAccount();
  await made({ external_plan_id: 'taken', prices: [{ price: fee({ external_price_id: 'p' }) }] });
  const before = await count();
  const cases = [
    [
      MISSING,
      'prices[1].price.item_id',
      { prices: [{ price: fee() }, { price: fee({ item_id: 'x' }) }] },
    ],
    [
      MISSING,
      'prices[0].price.billable_metric_id',
      { prices: [{ price: fee({ billable_metric_id: 'x' }) }] },
    ],
    [
      MISSING,
      'adjustments[0].adjustment.applies_to_price_ids[0]',
      discount({ percentage_discount: 0.1, applies_to_price_ids: ['nobody'] }),
    ],
    [
      MISSING,
      'adjustments[0].adjustment.applies_to_item_ids[0]',
      discount({ percentage_discount: 0.1, applies_to_item_ids: ['nobody'] }),
    ],
    [DUPLICATE, 'external_plan_id', { external_plan_id: 'taken' }],
    [DUPLICATE, 'external_price_id', { prices: [{ price: fee({ external_price_id: 'p' }) }] }],
    [
      DUPLICATE,
      'external_price_id',
      {
        prices: [
          { price: fee({ external_price_id: 'q' }) },
          { price: fee({ external_price_id: 'q' }) },
        ],
      },
    ],
  ] as const;
  for (const [fragment, field, body] of cases) {
    const refused = refusal(await create(body));
    expect(refused).toEqual({ fragment, detail: expect.stringContaining(`${field}:`) });
  }
  expect(await count()).toBe(before);
  const foreign = callOf({
    accountId: 'acct_thief',
    path: { external_plan_id: 'taken' },
    body: {},
  });
  expect(refusal(await catalogue.plans.fetch(foreign)).fragment).toBe(MISSING);
  expect(refusal(await catalogue.plans.update(foreign)).fragment).toBe(MISSING);
  expect(accountId).not.toBe('acct_thief');
});

test('an update changes names, description and metadata alone; null clears what may be empty', async () => {
  const { accountId, made } = await newAccount();
  const plan = await made({ external_plan_id: 'a', description: 'x', metadata: { k: '1' } });
  await made({ external_plan_id: 'b' });
  const update = (body: object) =>
    catalogue.plans.update(callOf({ accountId, path: { plan_id: plan.id }, body: { ...body } }));
  const changed = shown(
    'update-plan',
    await update({ name: 'New', description: null, external_plan_id: 'c' }),
  );
  expect(changed).toEqual({
    ...{ ...plan, name: 'New', description: '', external_plan_id: 'c' },
    product: { ...(plan['product'] as object), name: 'New' },
  });
  expect(refusal(await update({ external_plan_id: 'b' })).fragment).toBe(DUPLICATE);
  expect(refusal(await update({ name: ' ' })).fragment).toBe(INVALID);
  const byName = callOf({ accountId, path: { external_plan_id: 'c' }, body: { metadata: null } });
  const cleared = await catalogue.plans.update(byName);
  expect(shown('update-plan-external', cleared)).toEqual({ ...changed, metadata: {} });
});

test('a version takes the default one, less what goes, with what is added; two at once do not both become the next', async () => {
  const { accountId, fee, made } = await newAccount();
  const plan = await made({
    plan_phases: [{ order: 1, duration: 1, duration_unit: 'monthly' }, { order: 2 }],
    prices: [
      { price: fee({ name: 'A' }), plan_phase_order: 1 },
      { price: fee({ name: 'B' }), plan_phase_order: 2 },
    ],
    ...discount({ percentage_discount: 0.1 }),
  });
  const [a, b] = plan.prices;
  const path = { plan_id: plan.id };
  const create = (body: object) =>
    catalogue.planVersions.create(callOf({ accountId, path, body: { ...body } }));
  const change = {
    version: 2,
    remove_prices: [{ price_id: a!.id }],
    replace_prices: [{ replaces_price_id: b!.id, price: fee({ name: 'B2' }) }],
    add_prices: [{ price: fee({ name: 'C' }), plan_phase_order: 1 }],
    remove_adjustments: [{ adjustment_id: plan.adjustments[0]!.id }],
  };
  expect(bodyFaults(findOperation('create-plan-version')!, change)).toEqual([]);
  const rivals = await Promise.all([create(change), create(change)]);
  expect(rivals.map(({ status }) => status).sort()).toEqual([201, 400]);
  const made2 = rivals.find(({ status }) => status === 201)!;
  const second = shown('create-plan-version', made2) as ShownPlan;
  expect(second.prices).toMatchObject([
    { name: 'C', plan_phase_order: 1, replaces_price_id: null },
    { name: 'B2', plan_phase_order: 2, replaces_price_id: b!.id },
  ]);
  expect(second.adjustments).toEqual([]);
  const fetch = (version: string) =>
    catalogue.planVersions.fetch(callOf({ accountId, path: { ...path, version } }));
  expect(shown('fetch-plan-version', await fetch('2'))).toEqual(second);
  for (const version of ['3', '0', 'x', '99999999999']) {
    expect(refusal(await fetch(version)).fragment).toBe(MISSING);
  }
  // The plan is as it was until the version is its default.
  const read = async () =>
    shown('fetch-plan', await catalogue.plans.fetch(callOf({ accountId, path }))) as ShownPlan;
  expect(await read()).toEqual(plan);
  const setDefault = (version: number) =>
    catalogue.planVersions.setDefault(callOf({ accountId, path, body: { version } }));
  expect(refusal(await setDefault(7))).toEqual({
    fragment: MISSING,
    detail: expect.stringMatching(/^version:/),
  });
  expect(shown('set-default-version', await setDefault(2))).toMatchObject({ version: 2 });
  expect((await read()).prices.map(({ name }) => name)).toEqual(['C', 'B2']);
  // What the default version has not cannot go from the next.
  const gone = await create({ version: 3, remove_prices: [{ price_id: a!.id }] });
  expect(refusal(gone).detail).toContain('remove_prices[0].price_id is not in');
  expect(refusal(await create({ version: 9 })).detail).toContain('version must be 3');
  expect(
    shown('create-plan-version', await create({ version: 3, set_as_default: true })),
  ).toBeDefined();
  expect(await read()).toMatchObject({ version: 3 });
});

test('a list is newest first, by status and time, page by page', async () => {
  const { accountId, made } = await newAccount();
  const ids: string[] = [];
  for (const status of ['active', 'draft', 'active']) ids.unshift((await made({ status })).id);
  const list = async (query: object) => {
    const call = callOf({ accountId, query: { limit: 20, ...query } });
    return shown('list-plans', await catalogue.plans.list(call));
  };
  expect((await list({})).data.map(({ id }) => id)).toEqual(ids);
  expect((await list({ status: 'draft' })).data.map(({ id }) => id)).toEqual([ids[1]]);
  expect((await list({ status: 'archived' })).data).toEqual([]);
  expect((await list({ 'created_at[gt]': '2026-05-17' })).data).toEqual([]);
  const first = await list({ limit: 2 });
  const cursor = first.pagination_metadata.next_cursor!;
  expect((await list({ limit: 2, cursor })).data.map(({ id }) => id)).toEqual([ids[2]]);
});

test('the plans that Stripe sells are plans of the live account, and the Orbit API shows them as before', async () => {
  const query = { limit: 20 };
  const list = await catalogue.plans.list(callOf({ accountId: 'acct_live', query }));
  const names = shown('list-plans', list).data.map(({ name }) => name);
  expect(names.sort()).toEqual(['Enterprise', 'Growth', 'Starter']);
  const [starter, , enterprise] = await new PrismaCatalog(catalogue.prisma).listPlans();
  expect(starter).toMatchObject({
    ...{ id: 'plan_starter', version: 1, plan_phases: null, currency: 'USD' },
    prices: [
      {
        id: 'price_starter_monthly',
        unit_config: { unit_amount: '49.00' },
        credit_allocation: null,
      },
      {
        fixed_price_quantity: 5000,
        credit_allocation: { currency: 'messages', allows_rollover: false },
      },
      { fixed_price_quantity: 100, credit_allocation: { currency: 'voice_minutes' } },
      { fixed_price_quantity: 2000, credit_allocation: { currency: 'agent_invocations' } },
    ],
  });
  expect(enterprise!.prices[0]).toMatchObject({ unit_config: { unit_amount: null } });
  expect(enterprise!.prices[1]).toMatchObject({ fixed_price_quantity: null });
});

test('migrations are listed and found per plan; only one that has not begun is canceled', async () => {
  const { accountId, made } = await newAccount();
  const { id: plan_id } = await made({});
  const list = (path: { plan_id: string }) =>
    catalogue.planVersions.listMigrations(callOf({ accountId, path, query: { limit: 20 } }));
  expect(shown('list-migrations', await list({ plan_id })).data).toEqual([]);
  expect(refusal(await list({ plan_id: 'x' })).fragment).toBe(MISSING);
  for (const [id, status] of [
    ['m1', 'not_started'],
    ['m2', 'completed'],
  ]) {
    await catalogue.prisma.$executeRaw`
      INSERT INTO invoicing.plan_migration (account_id, id, plan_id, effective_time, status, created_at)
      VALUES (${accountId}, ${id}, ${plan_id}, 'end_of_term', ${status}, '2026-05-16')`;
  }
  expect(shown('list-migrations', await list({ plan_id })).data).toMatchObject([
    { id: 'm2' },
    { id: 'm1' },
  ]);
  const of = (migration_id: string) => callOf({ accountId, path: { plan_id, migration_id } });
  const canceled = shown(
    'cancel-migration',
    await catalogue.planVersions.cancelMigration(of('m1')),
  );
  expect(canceled).toEqual({
    id: 'm1',
    plan_id,
    effective_time: 'end_of_term',
    status: 'canceled',
  });
  expect(shown('fetch-migration', await catalogue.planVersions.fetchMigration(of('m1')))).toEqual(
    canceled,
  );
  for (const id of ['m1', 'm2']) {
    expect(refusal(await catalogue.planVersions.cancelMigration(of(id))).fragment).toBe(VIOLATION);
  }
  expect(refusal(await catalogue.planVersions.cancelMigration(of('m3'))).fragment).toBe(MISSING);
});
