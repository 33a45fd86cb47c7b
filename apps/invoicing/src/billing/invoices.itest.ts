// Goal: what stands beside a subscription's own invoices: written ones, credit notes, balances, usage and costs, and
// requests that contradict the state. Method: calls as the gateway makes them, every answer checked.
import type { OrbAnswer } from '@orbit/contracts';
import { billingUnderTest, type BillingUnderTest, type Shown } from './billing-fixture.js';
import { priceOf, usagePriceOf } from '../timeline/domain/test-timeline.js';
import type { SubscribablePlan } from './application/ports.js';

const at = (text: string): number => Date.parse(text);
let room: BillingUnderTest;
beforeAll(async () => {
  room = await billingUnderTest(at('2026-03-01T00:00:00Z'));
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.item (id, account_id, name, metadata, external_connections, created_at)
    VALUES ('item_a', 'acct_a', 'Setup', '{}', '[]', now())`;
});
afterAll(() => room.drop());
beforeEach(() => {
  room.time.nowMs = at('2026-03-01T00:00:00Z');
});

const plan = (id: string, fields: Partial<SubscribablePlan>): void => {
  room.plans.set(id, {
    ...{ id, name: id, version: 1, status: 'active', invoicingCurrency: 'USD', netTerms: 0 },
    ...{ defaultInvoiceMemo: null, trialDays: null, phases: null, adjustments: [], prices: [] },
    ...fields,
  });
};
const calls = (fields = {}) =>
  usagePriceOf({ id: 'calls', unit_config: { unit_amount: '2.50' }, ...fields });
const subscribe = (customerId: string, planId: string, body = {}): Promise<Shown> =>
  room.ask('create-subscription', { body: { customer_id: customerId, plan_id: planId, ...body } });
const use = (customerId: string, time: string, quantity: string): void => {
  const known = room.events.get(customerId) ?? [];
  room.events.set(customerId, [...known, { atMs: at(time), quantity }]);
};
const problemOf = ({ status, body }: OrbAnswer) => {
  const { type, detail } = JSON.parse(body ?? '{}') as { type: string; detail: string };
  return `${String(status)} ${type.split('#')[1] ?? ''}: ${detail}`;
};
const oneOff = (customerId: string, body = {}) => ({
  body: {
    ...{ customer_id: customerId, currency: 'USD', invoice_date: '2026-03-01', net_terms: 30 },
    line_items: [
      {
        ...{ name: 'Setup', item_id: 'item_a', quantity: 3, model_type: 'unit' },
        ...{
          unit_config: { unit_amount: '10.03' },
          start_date: '2026-03-01',
          end_date: '2026-03-02',
        },
      },
    ],
    ...body,
  },
});

test('a written invoice is a draft with lines that come and go until it is issued, and then never changes', async () => {
  await room.customer('org_one');
  const made = await room.ask('create-invoice', oneOff('org_one'));
  expect(made).toMatchObject({
    ...{ status: 'draft', total: '30.09', invoice_source: 'one_off', will_auto_issue: false },
    due_date: '2026-03-31T00:00:00.000Z',
  });
  const path = { invoice_id: made.id };
  const line = await room.ask('create-invoice-line-item', {
    body: {
      ...{ invoice_id: made.id, name: 'Extra', quantity: 1, amount: '-0.09' },
      ...{ start_date: '2026-03-01', end_date: '2026-03-01' },
    },
  });
  expect(await room.ask('fetch-invoice', { path })).toMatchObject({ total: '30.00' });
  await room.ask('delete-invoice-line-item', { path: { ...path, line_item_id: line.id } });
  const metadata = { order: '7' };
  await room.ask('update-invoice', { path, body: { metadata, net_terms: 10 } });
  const issued = await room.ask('issue-invoice', { path });
  expect(issued).toMatchObject({ status: 'issued', total: '30.09', metadata });
  expect(issued['invoice_number']).toMatch(/^ORB-2026-\d{3}$/);
  expect(problemOf(await room.call('issue-invoice', { path }))).toContain('constraint-violation');
  expect(problemOf(await room.call('update-invoice', { path, body: { net_terms: 1 } }))).toContain(
    '400 400-constraint-violation: net_terms',
  );
  expect(await room.ask('fetch-invoice', { path })).toEqual(issued);
});

test('a discount of 1,000 over 3333, 3333 and 3334 takes 333, 333 and 334: T27', async () => {
  await room.customer('org_discount');
  const line = (amount: string) => ({
    ...{
      name: 'L',
      item_id: 'item_a',
      quantity: 1,
      model_type: 'unit',
      unit_config: { unit_amount: amount },
    },
    ...{ start_date: '2026-03-01', end_date: '2026-03-02' },
  });
  const made = await room.ask(
    'create-invoice',
    oneOff('org_discount', {
      line_items: ['33.33', '33.33', '33.34'].map(line),
      discount: { discount_type: 'amount', amount_discount: '10.00' },
      will_auto_issue: true,
    }),
  );
  expect(made).toMatchObject({ status: 'issued', total: '90.00', amount_due: '90.00' });
  expect(made['line_items']).toMatchObject([
    { amount: '30.00' },
    { amount: '30.00' },
    { amount: '30.00' },
  ]);
});

test('what is void gives back what it took from the balance, and paid invoices are never void', async () => {
  await room.customer('org_void');
  const path = { customer_id: 'org_void' };
  const body = { amount: '12.50', type: 'increment', description: 'sorry' };
  expect(await room.ask('create-customer-balance-transaction', { path, body })).toMatchObject({
    ...{ starting_balance: '0.00', ending_balance: '12.50', action: 'manual_adjustment' },
  });
  const made = await room.ask('create-invoice', oneOff('org_void', { will_auto_issue: true }));
  expect(made).toMatchObject({ total: '30.09', amount_due: '17.59' });
  const invoice = { path: { invoice_id: made.id } };
  await room.ask('void-invoice', invoice);
  expect(problemOf(await room.call('void-invoice', invoice))).toContain('constraint-violation');
  const { data } = await room.ask('list-balance-transactions', { path });
  expect(data).toMatchObject([
    { action: 'return_from_voiding', ending_balance: '12.50' },
    { action: 'applied_to_invoice', amount: '12.50', ending_balance: '0.00' },
    { action: 'manual_adjustment' },
  ]);
});

test('a credit note takes off what is to be paid, never more than its lines, and of a paid invoice goes to the balance', async () => {
  await room.customer('org_note');
  const made = await room.ask('create-invoice', oneOff('org_note', { will_auto_issue: true }));
  const [line] = made['line_items'] as readonly { id: string }[];
  const credit = (amount: string) => ({
    body: { reason: 'duplicate', line_items: [{ invoice_line_item_id: line?.id, amount }] },
  });
  const note = await room.ask('create-credit-note', credit('10.09'));
  expect(note).toMatchObject({ type: 'adjustment', total: '10.09', reason: 'Duplicate' });
  expect(note['credit_note_number']).toMatch(/^CN-2026-\d{3}$/);
  expect(problemOf(await room.call('create-credit-note', credit('20.01')))).toContain('at most 20');
  const path = { invoice_id: made.id };
  expect(await room.ask('fetch-invoice', { path })).toMatchObject({ amount_due: '20.00' });
  await room.ask('mark-invoice-as-paid', { path, body: { payment_received_date: '2026-03-01' } });
  await room.ask('create-credit-note', credit('20.00'));
  const listed = await room.ask('list-balance-transactions', { path: { customer_id: 'org_note' } });
  expect(listed['data']).toMatchObject([{ action: 'credit_note_applied', amount: '20.00' }]);
  const notes = await room.ask('list-credit-notes', {});
  expect(notes['data']).toMatchObject([{ type: 'refund', total: '20.00' }, { id: note.id }]);
});

test('costs with a minimum of 50: 22.50, 47.50, 50, 70, 90 of usage cost 50, 50, 50, 70, 90', async () => {
  await room.customer('org_costs');
  const adjustment = {
    ...{ id: 'min', adjustment_type: 'minimum', minimum_amount: '50.00', item_id: 'item_a' },
    ...{ is_invoice_level: true, filters: [], applies_to_price_ids: [], reason: null },
    ...{ replaces_adjustment_id: null, plan_phase_order: null },
  };
  plan('costs', { prices: [calls()], adjustments: [adjustment] });
  const { id } = await subscribe('org_costs', 'costs');
  for (const [day, quantity] of [9, 10, 1, 8, 8].entries()) {
    use('org_costs', `2026-03-0${String(day + 1)}T12:00:00Z`, String(quantity));
  }
  const query = { timeframe_start: '2026-03-01T00:00:00Z', timeframe_end: '2026-03-06T00:00:00Z' };
  const path = { subscription_id: id };
  const costs = await room.ask('fetch-subscription-costs', { path, query });
  const rows = costs['data'] as readonly Record<string, string>[];
  expect(rows.map(({ subtotal, total }) => [subtotal, total])).toEqual([
    ...[
      ['22.50', '50.00'],
      ['47.50', '50.00'],
      ['50.00', '50.00'],
      ['70.00', '70.00'],
      ['90.00', '90.00'],
    ],
  ]);
  const periodic = { ...query, view_mode: 'periodic' };
  const daily = await room.ask('fetch-customer-costs', {
    ...{ path: { customer_id: 'org_costs' }, query: periodic },
    customer: { id: 'org_costs', external_customer_id: null },
  });
  expect((daily['data'] as Record<string, string>[]).map((row) => row['subtotal'])).toEqual([
    ...['22.50', '25.00', '2.50', '20.00', '20.00'],
  ]);
  const usage = await room.ask('fetch-subscription-usage', {
    ...{ path, query: { ...query, granularity: 'day' } },
  });
  expect(usage['data']).toMatchObject([
    {
      billable_metric: { id: 'metric_1' },
      usage: [9, 10, 1, 8, 8].map((quantity) => ({ quantity })),
    },
  ]);
});

test('the phase that is triggered begins at midnight of its day; those after it shift along', async () => {
  await room.customer('org_phases', { timezone: 'America/New_York' });
  const phases = ([1, 2, 3] as const).map((order) => ({
    ...{
      order,
      duration: order === 3 ? null : 1,
      durationUnit: 'monthly' as const,
      alignsBilling: false,
    },
  }));
  const prices = [1, 2, 3].map((order) =>
    priceOf({ id: `phase_${String(order)}`, plan_phase_order: order, billing_mode: 'in_arrear' }),
  );
  plan('phased', { phases, prices });
  const { id } = await subscribe('org_phases', 'phased', { start_date: '2026-03-01' });
  const path = { subscription_id: id };
  room.time.nowMs = at('2026-03-05T00:00:00Z');
  const moved = await room.ask('trigger-phase', { path, body: { effective_date: '2026-03-11' } });
  expect(moved).toMatchObject({
    active_plan_phase_order: 1,
    price_intervals: [
      { start_date: '2026-03-01T05:00:00.000Z', end_date: '2026-03-11T04:00:00.000Z' },
      { start_date: '2026-03-11T04:00:00.000Z', end_date: '2026-04-11T04:00:00.000Z' },
      { start_date: '2026-04-11T04:00:00.000Z', end_date: null },
    ],
  });
  room.time.nowMs = at('2026-05-01T00:00:00Z');
  expect(problemOf(await room.call('trigger-phase', { path, body: {} }))).toContain(
    'constraint-violation',
  );
});

test('of two changes that race one comes after the other, and a refusal changes nothing', async () => {
  await room.customer('org_race');
  plan('race', { prices: [priceOf({ id: 'race_seats' })] });
  const { id } = await subscribe('org_race', 'race');
  room.time.nowMs = at('2026-03-05T00:00:00Z');
  const path = { subscription_id: id };
  const cancel = () =>
    room.call('cancel-subscription', { path, body: { cancel_option: 'immediate' } });
  const answers = await Promise.all([cancel(), cancel()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  const before = await room.ask('fetch-subscription', { path });
  const quantity = { price_id: 'race_seats', quantity: 3 };
  expect(
    problemOf(await room.call('update-fixed-fee-quantity', { path, body: quantity })),
  ).toContain('constraint-violation');
  expect(await room.ask('fetch-subscription', { path })).toEqual(before);
});

test.each([
  [
    'both names of the customer',
    { customer_id: 'org_bad', external_customer_id: 'x' },
    'customer_id',
  ],
  ['no plan', { customer_id: 'org_bad', plan_id: undefined }, 'plan_id'],
  ['an end before the start', { start_date: '2026-03-02', end_date: '2026-03-01' }, 'end_date'],
  [
    'a day that there is not',
    { start_date: '2026-03-01', end_date: '2026-02-30T00:00:00Z' },
    'end_date',
  ],
  ['a phase that there is not', { initial_phase_order: 9 }, 'initial_phase_order'],
])('a new subscription with %s is refused', async (_what, body, field) => {
  if (!room.plans.has('bad')) {
    plan('bad', { prices: [calls()] });
    await room.customer('org_bad');
  }
  const given = { customer_id: 'org_bad', plan_id: 'bad', ...body };
  const problem = problemOf(await room.call('create-subscription', { body: given }));
  expect(problem).toMatch(new RegExp(`^400 400-request-validation-errors: ${field}`));
  const query = { 'customer_id[]': ['org_bad'] };
  expect((await room.ask('list-subscriptions', { query }))['data']).toEqual([]);
});

test('what is not built is refused, so that nothing costs what nobody asked for', async () => {
  await room.customer('org_more');
  plan('more', { prices: [calls()] });
  for (const body of [{ external_marketplace: 'aws' }]) {
    const given = { customer_id: 'org_more', plan_id: 'more', ...body };
    const problem = problemOf(await room.call('create-subscription', { body: given }));
    expect(problem).toBe(
      `400 404-feature-not-available: ${Object.keys(body)[0] ?? ''} is not built yet.`,
    );
  }
});

test('a trial shows usage and charges nothing; when it ends early fees begin there', async () => {
  await room.customer('org_trial');
  plan('trial', { prices: [calls(), priceOf({ id: 'trial_fee' })], trialDays: 20 });
  const { id } = await subscribe('org_trial', 'trial');
  const path = { subscription_id: id };
  use('org_trial', '2026-03-05T00:00:00Z', '4');
  use('org_trial', '2026-03-12T00:00:00Z', '6');
  await room.jump(at('2026-03-11T00:00:00Z'));
  const body = { trial_end_date: 'immediate' };
  expect(await room.ask('update-trial', { path, body })).toMatchObject({
    trial_info: { end_date: '2026-03-11T00:00:00.000Z' },
  });
  expect(problemOf(await room.call('update-trial', { path, body }))).toContain(
    'constraint-violation',
  );
  await room.jump(at('2026-04-01T12:00:00Z'));
  const query = { customer_id: 'org_trial', 'status[]': ['draft', 'issued', 'paid'] };
  const page = await room.ask('list-invoices', { query });
  const lines = (page['data'] as { line_items: Record<string, unknown>[] }[]).flatMap(
    ({ line_items }) => line_items.map(({ name, quantity, amount }) => [name, quantity, amount]),
  );
  expect(lines.sort()).toEqual([
    // 4 calls of the trial for nothing, 6 after it for 15.00; the fee for 21 of 31 days and for April.
    ...[
      ['Calls', 4, '0.00'],
      ['Calls', 6, '15.00'],
    ],
    ...[
      ['Seats', 1, '10.00'],
      ['Seats', 1, '6.77'],
    ],
  ]);
});
