// Goal: every field of every operation of the catalogue wrong in turn: a refusal that names it, no
// fault of ours, and nothing is made. Method: what the contract refuses must name the field; the
// rest goes to the use cases over a real database.
import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { bodyFaults, findOperation } from '@orbit/orb-api';
import { WRONG_VALUES, wrongBodies } from '@orbit/testing';
import { callOf, catalogueUnderTest, shown } from './orb-calls-fixture.js';
import { PRICE_SAMPLES } from './price-samples-fixture.js';

type Body = Readonly<Record<string, unknown>>;
type Serve = (call: OrbCall) => Promise<OrbAnswer>;

let catalogue: Awaited<ReturnType<typeof catalogueUnderTest>>;
let item_id: string;
const paths: Record<string, string> = {};

beforeAll(async () => {
  catalogue = await catalogueUnderTest('2026-05-16T12:00:00.000Z');
  catalogue.metrics.push({
    ...{ id: 'm', name: 'Calls', item_id: 'i', status: 'active' as const, is_additive: true },
  });
  const item = await catalogue.items.create(callOf({ body: { name: 'Calls' } }));
  item_id = shown('create-item', item).id;
  const plan = await catalogue.plans.create(callOf({ body: planBody() }));
  paths['plan_id'] = shown('create-plan', plan).id;
  const price = await catalogue.prices.create(callOf({ body: priceBody() }));
  paths['price_id'] = shown('create-price', price).id;
  const body = { name: 'G', billable_metric_id: 'm', dimensions: ['a'] };
  const group = await catalogue.groups.create(callOf({ body }));
  const groupId = shown('create-dimensional-price-group', group).id;
  paths['dimensional_price_group_id'] = groupId;
  await catalogue.prisma.$executeRaw`
    INSERT INTO invoicing.customer (id, account_id, name, email, timezone, created_at)
    VALUES ('c', 'acct_a', 'A', '', 'UTC', now())`;
});
afterAll(() => catalogue.close());

const priceBody = (fields: Body = {}) => ({
  ...{ name: 'Calls', item_id, cadence: 'custom', currency: 'USD', billable_metric_id: 'm' },
  ...{ model_type: 'tiered', tiered_config: PRICE_SAMPLES.tiered, conversion_rate: 0.5 },
  ...{ billing_cycle_configuration: { duration: 10, duration_unit: 'day' }, metadata: { a: '1' } },
  conversion_rate_config: { conversion_rate_type: 'unit', unit_config: { unit_amount: '0.1' } },
  ...fields,
});
const planBody = () => ({
  ...{ name: 'Pro', currency: 'USD', net_terms: 30, metadata: { a: '1' }, description: 'x' },
  plan_phases: [{ order: 1, duration: 3, duration_unit: 'monthly' }, { order: 2 }],
  prices: [
    { price: priceBody(), plan_phase_order: 1 },
    {
      allocation_price: {
        ...{ currency: 'credits', amount: '100', cadence: 'monthly', per_unit_cost_basis: '0.1' },
        custom_expiration: { duration: 3, duration_unit: 'month' },
      },
    },
  ],
  adjustments: [
    {
      adjustment: {
        adjustment_type: 'tiered_percentage_discount',
        tiers: [
          { lower_bound: 0, upper_bound: 10, percentage: 0 },
          { lower_bound: 10, percentage: 0.1 },
        ],
        filters: [{ field: 'item_id', operator: 'includes', values: ['x'] }],
      },
    },
    { adjustment: { adjustment_type: 'minimum', minimum_amount: '5', item_id } },
  ],
});

/** Operation, its valid body, who serves it. */
const cases: readonly (readonly [string, () => Body, () => Serve])[] = [
  ['create-item', () => ({ name: 'Calls' }), () => (call) => catalogue.items.create(call)],
  ['create-price', () => priceBody(), () => (call) => catalogue.prices.create(call)],
  ['update-price', () => ({ metadata: { a: '1' } }), () => (call) => catalogue.prices.update(call)],
  ['create-plan', planBody, () => (call) => catalogue.plans.create(call)],
  [
    'update-plan',
    () => ({ name: 'A', description: 'B', external_plan_id: 'c', metadata: { a: '1' } }),
    () => (call) => catalogue.plans.update(call),
  ],
  [
    'create-plan-version',
    () => ({ version: 99, remove_prices: [{ price_id: 'x' }], set_as_default: true }),
    () => (call) => catalogue.planVersions.create(call),
  ],
  [
    'set-default-version',
    () => ({ version: 1 }),
    () => (call) => catalogue.planVersions.setDefault(call),
  ],
  [
    'create-coupon',
    () => ({
      redemption_code: 'A',
      discount: { discount_type: 'percentage', percentage_discount: 0.5 },
      ...{ duration_in_months: 3, max_redemptions: 5 },
    }),
    () => (call) => catalogue.coupons.create(call),
  ],
  [
    'create-dimensional-price-group',
    () => ({ name: 'G', billable_metric_id: 'm', dimensions: ['a', 'b'], metadata: {} }),
    () => (call) => catalogue.groups.create(call),
  ],
  [
    'create-dimensional-price-group-prices',
    () => ({
      ...{ cadence: 'monthly', currency: 'USD', item_id: 'i', model_type: 'tiered' },
      tiers: [{ first_unit: 0, last_unit: 10 }, { first_unit: 10 }],
      prices: [{ dimension_values: ['eu'], amounts: [0.2, 0.1], name: 'E' }],
    }),
    () => (call) => catalogue.groups.createPrices(call),
  ],
  [
    'create-license-type',
    () => ({ name: 'Seat', grouping_key: 'seat' }),
    () => (call) => catalogue.licenseTypes.create(call),
  ],
  [
    'evaluate-multiple-prices',
    () => ({
      ...{ customer_id: 'c', timeframe_start: '2026-05-01', timeframe_end: '2026-05-02' },
      price_evaluations: [
        { price_id: paths['price_id'], filter: 'a = 1', grouping_keys: ['a'] },
        { price: priceBody() },
      ],
    }),
    () => (call) => catalogue.evaluations.evaluateSeveral(call),
  ],
];

const rows = async (): Promise<string> => {
  const [row] = await catalogue.prisma.$queryRaw<{ counts: string }[]>`
    SELECT concat_ws(' ', (SELECT count(*) FROM invoicing.item),
      (SELECT count(*) FROM invoicing.catalogue_price),
      (SELECT count(*) FROM invoicing.catalogue_plan),
      (SELECT count(*) FROM invoicing.catalogue_plan_version),
      (SELECT count(*) FROM invoicing.coupon),
      (SELECT count(*) FROM invoicing.dimensional_price_group),
      (SELECT count(*) FROM invoicing.license_type)) AS counts`;
  return row!.counts;
};

test.each(cases)('%s: every field wrong in turn', async (operationId, bodyOf, serveOf) => {
  const operation = findOperation(operationId)!;
  const serve = serveOf();
  const valid = bodyOf();
  expect(bodyFaults(operation, valid)).toEqual([]);
  // A plan has ten times the places of the others.
  const values =
    operationId === 'create-plan'
      ? WRONG_VALUES.filter((_value, index) => index % 4 === 0)
      : WRONG_VALUES;
  let countBefore = await rows();
  for (const { path, value, body } of wrongBodies(valid, values)) {
    const what = `${operationId} ${path} = ${JSON.stringify(value)?.slice(0, 60) ?? 'left out'}`;
    const faults = bodyFaults(operation, body);
    if (faults.length > 0) {
      // A wrong discriminator or a missing entry is told at the path or below it.
      const [top = ''] = path.split(/[.[]/);
      expect({ what, names: faults.some((fault) => fault.includes(top)) }).toEqual({
        what,
        names: true,
      });
      continue;
    }
    const { status, body: answer } = await serve(callOf({ path: paths, body }));
    expect({ what, isOurs: status >= 500 }).toEqual({ what, isOurs: false });
    const countAfter = await rows();
    if (status >= 400) {
      expect({
        what,
        detail: (JSON.parse(answer!) as { detail: string }).detail.length > 10,
      }).toEqual({
        ...{ what, detail: true },
      });
      expect({ what, countAfter }).toEqual({ what, countAfter: countBefore });
    }
    countBefore = countAfter;
  }
});

test('what the owner refuses leaves every table as it was', async () => {
  const { items, plans, planVersions, coupons, prices, groups, licenseTypes } = catalogue;
  const once = { external_plan_id: 'once', redemption_code: 'ONCE' };
  const plan = () => ({ ...planBody(), external_plan_id: once.external_plan_id });
  const coupon = {
    redemption_code: once.redemption_code,
    discount: { discount_type: 'percentage', percentage_discount: 0.5 },
  };
  await plans.create(callOf({ body: plan() }));
  await coupons.create(callOf({ body: coupon }));
  const unknown = Object.fromEntries(
    ['item_id', 'plan_id', 'price_id', 'coupon_id', 'dimensional_price_group_id'].map((name) => [
      name,
      'unknown',
    ]),
  );
  const refusals: readonly (readonly [string, Serve, Partial<OrbCall>])[] = [
    ['external id of a plan, twice', (call) => plans.create(call), { body: plan() }],
    ['redemption code, twice', (call) => coupons.create(call), { body: coupon }],
    ['item that is not there', (call) => items.update(call), { body: { name: 'A' } }],
    ['item of a price', (call) => prices.create(call), { body: priceBody({ item_id: 'unknown' }) }],
    ['price that is not there', (call) => prices.update(call), { body: { metadata: {} } }],
    ['plan that is not there', (call) => plans.update(call), { body: { name: 'A' } }],
    ['version of no plan', (call) => planVersions.setDefault(call), { body: { version: 1 } }],
    [
      'version that is not there',
      (call) => planVersions.setDefault(call),
      { path: paths, body: { version: 77 } },
    ],
    [
      'metric of a group',
      (call) => groups.create(call),
      { body: { name: 'G', billable_metric_id: 'unknown', dimensions: ['a'] } },
    ],
    [
      'name of nothing',
      (call) => licenseTypes.create(call),
      { body: { name: '', grouping_key: '' } },
    ],
  ];
  for (const [what, serve, call] of refusals) {
    const before = await catalogue.state();
    const { status } = await serve(callOf({ path: unknown, ...call }));
    expect([what, status === 400 || status === 404]).toEqual([what, true]);
    expect([what, await catalogue.state()]).toEqual([what, before]);
  }
});
