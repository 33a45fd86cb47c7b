// Goal: intervals of prices and adjustments are added, edited and removed, also in the past, and invoices follow.
import { priceOf, usagePriceOf } from '../timeline/domain/test-timeline.js';
import {
  at,
  subscriptionRoom,
  type Fields,
  type SubscriptionRoom,
} from './subscription-room-fixture.js';

const MARCH = at('2026-03-01T00:00:00Z');
let room: SubscriptionRoom;
beforeAll(async () => {
  room = await subscriptionRoom(MARCH);
  room.plan('seats', { prices: [seats] });
  room.plan('calls', { prices: [calls] });
});
afterAll(() => room.drop());
beforeEach(() => {
  room.time.nowMs = MARCH;
});

const seats = priceOf({ id: 'seats', unit_config: { unit_amount: '31.00' } });
const calls = usagePriceOf({ id: 'calls', unit_config: { unit_amount: '1.00' } });
const extra = (fields: Fields = {}): Fields => ({
  ...{ name: 'Extra', item_id: 'item_1', cadence: 'monthly', model_type: 'unit', currency: 'USD' },
  unit_config: { unit_amount: '62.00' },
  ...fields,
});
async function subscribed(customerId: string, plan = 'seats', body: Fields = {}) {
  await room.customer(customerId);
  const made = await room.subscribe(customerId, plan, body);
  const path = { subscription_id: made.id };
  const [interval] = made['price_intervals'] as readonly { id: string }[];
  return {
    path,
    interval: interval?.id ?? '',
    change: (change: Fields) => room.ask('add-edit-price-intervals', { path, body: change }),
    refused: (change: Fields) => room.refused('add-edit-price-intervals', { path, body: change }),
  };
}
const totals = async (customerId: string): Promise<readonly unknown[]> =>
  (await room.invoices(customerId)).map(({ total }) => total);

test('a fee added on the 16th is billed at once for 16 of 31 days, with its minimum, discount and later quantity', async () => {
  const { change } = await subscribed('org_add');
  await room.jump(at('2026-03-16T10:00:00Z'));
  const changed = await change({
    add: [
      {
        ...{ price: extra(), start_date: '2026-03-16', end_date: '2026-06-01' },
        discounts: [{ discount_type: 'percentage', percentage_discount: 0.25 }],
        fixed_fee_quantity_transitions: [{ effective_date: '2026-05-01', quantity: 2 }],
      },
    ],
  });
  expect(changed['price_intervals']).toMatchObject([
    {},
    {
      ...{ start_date: '2026-03-16T00:00:00.000Z', billing_cycle_day: 1 },
      fixed_fee_quantity_transitions: [{ effective_date: '2026-05-01T00:00:00.000Z', quantity: 2 }],
    },
  ]);
  // 62 × 16/31 less a quarter.
  expect(await totals('org_add')).toEqual(['24.00', '31.00']);
  await room.jump(at('2026-06-02T00:00:00Z'));
  expect(await totals('org_add')).toEqual(['31.00', '124.00', '77.50', '24.00', '31.00']);
});

test('a price added in the past is billed now for its past; its removal gives all of it back', async () => {
  const { change } = await subscribed('org_past');
  await room.jump(at('2026-05-10T00:00:00Z'));
  const added = await change({ add: [{ price: extra(), start_date: '2026-04-01' }] });
  expect(await totals('org_past')).toEqual(['62.00', '31.00', '62.00', '31.00', '31.00']);
  const id = (added['price_intervals'] as { id: string }[]).at(-1)?.id;
  const safe = { edit: [{ price_interval_id: id, end_date: '2026-04-01' }] };
  const told = await room.call('add-edit-price-intervals', {
    path: { subscription_id: added.id },
    body: { ...safe, allow_invoice_credit_or_void: false },
  });
  expect(told.status).toBe(400);
  const removed = await change(safe);
  expect(removed['price_intervals']).toHaveLength(1);
  const credited = (await room.invoices('org_past')).flatMap(({ credit_notes }) =>
    (credit_notes as { total: string }[]).map(({ total }) => total),
  );
  expect(credited).toEqual(['62.00', '62.00']);
});

test('an interval ends and another one of its price begins in one request; term words mean the running term', async () => {
  const { change, interval } = await subscribed('org_swap');
  await room.jump(at('2026-03-20T00:00:00Z'));
  const changed = await change({
    edit: [{ price_interval_id: interval, end_date: 'end_of_term' }],
    add: [{ price: extra(), start_date: 'end_of_term' }],
  });
  expect(changed['price_intervals']).toMatchObject([
    { end_date: '2026-04-01T00:00:00.000Z' },
    { start_date: '2026-04-01T00:00:00.000Z', end_date: null },
  ]);
  await room.jump(at('2026-05-02T00:00:00Z'));
  expect(await totals('org_swap')).toEqual(['62.00', '62.00', '31.00']);
});

test('adjustments are added, taken again, moved and removed; fees follow from the first day, usage to the last', async () => {
  const { change } = await subscribed('org_adjust', 'calls');
  const half = { adjustment_type: 'percentage_discount', percentage_discount: 0.5 };
  const added = await change({
    add_adjustments: [
      { adjustment: half, start_date: '2026-03-01', end_date: '2026-04-01' },
      {
        adjustment: { adjustment_type: 'minimum', minimum_amount: '40', item_id: 'item_1' },
        start_date: '2026-04-01',
      },
    ],
  });
  type Intervals = readonly { id: string; adjustment: { id: string } }[];
  const [first, second] = added['adjustment_intervals'] as Intervals;
  expect(added).toMatchObject({ minimum_intervals: [{ minimum_amount: '40', end_date: null }] });
  await change({
    edit_adjustments: [{ adjustment_interval_id: second?.id, end_date: '2026-05-01' }],
    add_adjustments: [{ adjustment_id: first?.adjustment.id, start_date: '2026-05-01' }],
  });
  for (const month of ['03', '04', '05'])
    room.use('org_adjust', `2026-${month}-05T00:00:00Z`, '20');
  await room.jump(at('2026-06-01T12:00:00Z'));
  expect(await totals('org_adjust')).toEqual(['10.00', '40.00', '10.00']);
  const gone = await change({
    edit_adjustments: [{ adjustment_interval_id: second?.id, end_date: '2026-04-01' }],
  });
  expect(gone['adjustment_intervals']).toHaveLength(2);
});

test('another billing day: the fee of the rest of the month comes back, and its periods begin on the 20th', async () => {
  const { change, interval } = await subscribed('org_day');
  await room.jump(at('2026-03-10T00:00:00Z'));
  const changed = await change({ edit: [{ price_interval_id: interval, billing_cycle_day: 20 }] });
  expect(changed['price_intervals']).toMatchObject([
    { end_date: '2026-03-20T00:00:00.000Z', billing_cycle_day: 1 },
    { start_date: '2026-03-20T00:00:00.000Z', billing_cycle_day: 20 },
  ]);
  await room.jump(at('2026-04-21T00:00:00Z'));
  const [april, march, first] = await room.invoices('org_day');
  expect(april).toMatchObject({ invoice_date: '2026-04-20T00:00:00.000Z', total: '31.00' });
  expect(march).toMatchObject({ invoice_date: '2026-03-20T00:00:00.000Z', total: '31.00' });
  expect(first).toMatchObject({ total: '31.00', amount_due: '19.00' });
});

test('usage that ends in the middle of a period waits for its end when it may', async () => {
  const { change, interval } = await subscribed('org_defer', 'calls');
  room.use('org_defer', '2026-03-05T00:00:00Z', '3');
  const edit = { price_interval_id: interval, end_date: '2026-03-15', can_defer_billing: true };
  const changed = await change({ edit: [edit] });
  expect(changed['price_intervals']).toMatchObject([{ can_defer_billing: true }]);
  await room.jump(at('2026-03-31T00:00:00Z'));
  expect(await totals('org_defer')).toEqual([]);
  await room.jump(at('2026-04-01T12:00:00Z'));
  expect(await totals('org_defer')).toEqual(['3.00']);
});

const credit = (fields: Fields = {}): Fields => ({
  ...{ currency: 'credits', amount: '5', cadence: 'monthly', item_id: 'item_1', ...fields },
});

test('what cannot be is refused by its field, and nothing of the request is done', async () => {
  const { refused, interval } = await subscribed('org_refuse', 'seats', { end_date: '2026-12-01' });
  const add = (entry: Fields): Fields => ({
    add: [{ price: extra(), start_date: '2026-04-01', ...entry }],
  });
  const edit = (entry: Fields): Fields => ({
    edit: [{ price_interval_id: interval, ...entry }],
    add_adjustments: [
      {
        adjustment: { adjustment_type: 'percentage_discount', percentage_discount: 0.5 },
        start_date: '2026-03-01',
      },
    ],
  });
  const steps = (...dates: string[]) =>
    dates.map((effective_date, index) => ({ effective_date, quantity: index }));
  const transitions = 'fixed_fee_quantity_transitions';
  for (const [body, told] of [
    [add({ start_date: '2026-02-28' }), '400 add[0].start_date: must not be before'],
    [add({ start_date: '2027-01-01' }), '400 add[0].start_date: must not be after'],
    [add({ end_date: '2026-12-02' }), '400 add[0].end_date: must not be after'],
    [add({ end_date: '2026-04-01' }), '400 add[0].end_date: must be after'],
    [add({ end_date: '2026-03-15' }), '400 add[0].end_date: must not be before start_date'],
    [add({ price: undefined, price_id: 'unknown' }), '404 add[0].price_id'],
    [add({ price_id: 'unknown' }), '400 add[0].price give exactly one'],
    [add({ price: extra({ currency: 'EUR' }) }), '400 add[0]: price'],
    [add({ [transitions]: steps('2026-06-01', '2026-05-01') }), `400 add[0].${transitions}[1]`],
    [add({ [transitions]: steps('2026-06-01', '2026-06-01') }), `400 add[0].${transitions}[1]`],
    [add({ [transitions]: steps('2026-03-01') }), `400 add[0].${transitions}[0].effective_date`],
    [
      add({ [transitions]: [{ effective_date: '2026-05-01', quantity: -1 }] }),
      `400 add[0].${transitions}[0].quantity`,
    ],
    [add({ allocation_price: credit() }), '400 add[0].price give exactly one'],
    [
      add({ price: undefined, allocation_price: credit({ item_id: 'nothing' }) }),
      '404 add[0].allocation_price.item_id',
    ],
    ...(
      [
        [{ item_id: undefined }, 'item_id is required'],
        [{ currency: 'EUR' }, 'currency must be USD'],
        [{ filters: [{ field: 'item_id', operator: 'includes', values: ['i'] }] }, 'filters must'],
        [{ license_type_id: 'lict' }, 'license_type_id must be null'],
        [{ amount: '0' }, 'amount must be above 0'],
      ] as const
    ).map(([fields, told]) => {
      const entry = { price: undefined, allocation_price: credit(fields) };
      return [add(entry), `400 add[0].allocation_price.${told}`] as const;
    }),
    [
      add({ filter: 'wrong', price: extra({ billable_metric_id: 'm' }) }),
      '400 add[0].filter: is no',
    ],
    [add({ usage_customer_ids: ['org_stranger'] }), '400 add[0].usage_customer_ids[0]'],
    [edit({ price_interval_id: 'pi_no' }), '400 edit[0].price_interval_id'],
    [edit({ start_date: '2026-05-01', end_date: '2026-04-01' }), '400 edit[0].end_date'],
    [edit({ billing_cycle_day: 32 }), '400 edit[0].billing_cycle_day'],
    [{ edit: [{ price_interval_id: interval }, { price_interval_id: interval }] }, '400 edit[1]'],
    [{ add_adjustments: [{ start_date: '2026-04-01' }] }, '400 add_adjustments[0].adjustment give'],
    [
      { add_adjustments: [{ adjustment_id: 'x', start_date: '2026-04-01' }] },
      '404 add_adjustments',
    ],
    [{ edit_adjustments: [{ adjustment_interval_id: 'x' }] }, '400 edit_adjustments[0]'],
  ] as const) {
    const answer = await refused(body as Fields);
    expect([answer.startsWith(told), told, answer]).toEqual([true, told, answer]);
  }
});

test('a price does not overlap itself, days that overlap are the same, and what is tried is not edited', async () => {
  const { refused, interval, change, path } = await subscribed('org_overlap');
  await change({ edit: [{ price_interval_id: interval, end_date: '2026-06-01' }] });
  const same = { price_id: 'seats', start_date: '2026-05-01' };
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.catalogue_price (account_id, id, scope, item_id, definition, metadata, created_at)
    SELECT account_id, 'seats', 'plan', item_id, definition, metadata, created_at
    FROM (SELECT 'acct_a' AS account_id, 'item_1' AS item_id, ${JSON.stringify(DEFINITION)}::jsonb AS definition,
      '{}'::jsonb AS metadata, now() AS created_at) AS p`;
  expect(await refused({ add: [same] })).toMatch(/^400 add\[0\]: price seats would have two/);
  const after = await change({ add: [{ ...same, start_date: '2026-06-01' }] });
  expect(after['price_intervals']).toHaveLength(2);
  await change({ add: [{ price: extra(), start_date: '2026-04-01' }] });
  const day = { price_interval_id: interval, billing_cycle_day: 9 };
  expect(await refused({ edit: [day] })).toMatch(/^400 edit\[0\]: interval \S+ overlaps it/);
  const shown = await room.ask('fetch-subscription', { path });
  const all = (shown['price_intervals'] as { id: string }[]).map(({ id }) => ({
    ...{ price_interval_id: id, billing_cycle_day: 9 },
  }));
  expect(await change({ edit: all })).toMatchObject({ status: 'active' });
  room.plan('tried', { prices: [seats, calls], trialDays: 30 });
  const trial = await subscribed('org_tried', 'tried');
  const [fee, tried, later] = (
    (await room.ask('fetch-subscription', { path: trial.path }))['price_intervals'] as {
      id: string;
    }[]
  ).map(({ id }) => id);
  const cut = (id: string | undefined) => ({
    edit: [{ price_interval_id: id, end_date: '2026-08-01' }],
  });
  expect(await trial.refused(cut(tried))).toMatch(/^400 edit\[0\]: the interval lies in the trial/);
  const early = { add: [{ price: extra(), start_date: '2026-03-15' }] };
  expect(await trial.refused(early)).toMatch(
    /^400 add\[0\].start_date: must not be before the trial/,
  );
  await trial.change(cut(fee));
  await trial.change(cut(later));
});

const DEFINITION = {
  ...{ name: 'Seats', modelType: 'unit', config: { unit_amount: '31.00' }, cadence: 'monthly' },
  ...{ priceType: 'fixed_price', billingMode: 'in_advance', fixedQuantity: '1', currency: 'USD' },
  billingCycle: { duration: 1, duration_unit: 'month' },
  ...{ invoicingCycle: null, metricId: null, conversionRate: null, conversionRateConfig: null },
  ...{ creditAllocation: null, compositeFilters: null, invoiceGroupingKey: null },
  ...{ dimensional: null, licenseType: null, licenseAllocations: [], replacesPriceId: null },
};
