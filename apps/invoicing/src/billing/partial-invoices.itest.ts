// Goal: usage that reaches the invoicing threshold is invoiced at once, and the invoice of the period bills the rest:
// together they are the one invoice that there would be without a threshold, to the cent. Method: calls as the gateway
// makes them, over a real database; every answer checked against the contract.
import { usagePriceOf, priceOf } from '../timeline/domain/test-timeline.js';
import { billingUnderTest, type BillingUnderTest, type Shown } from './billing-fixture.js';
import type { SubscribablePlan } from './domain/subscription.js';

const at = (text: string): number => Date.parse(text);
const START = '2026-03-01T00:00:00Z';
let room: BillingUnderTest;
beforeAll(async () => {
  room = await billingUnderTest(at(START));
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.webhook_endpoint (id, account_id, url, secret, may_be_private, payload_style, created_at)
    VALUES ('we_1', 'acct_a', 'https://hooks.test', 'whsec_1', false, 'expanded', now())`;
});
afterAll(() => room.drop());
beforeEach(() => {
  room.time.nowMs = at(START);
  room.time.standsAtMs = null;
});

const plan = (id: string, fields: Partial<SubscribablePlan>): void => {
  room.plans.set(id, {
    ...{ id, name: id, version: 1, status: 'active', invoicingCurrency: 'USD', netTerms: 0 },
    ...{ defaultInvoiceMemo: null, trialDays: null, phases: null, adjustments: [], prices: [] },
    ...fields,
  });
};
/** The documented check of the contract: 150,000 calls are 10 + 72 + 25 = 107.00. */
const tiered = usagePriceOf({
  ...{ id: 'tiered', model_type: 'tiered', unit_config: undefined },
  tiered_config: {
    tiers: [
      { first_unit: 0, last_unit: 10_000, unit_amount: '0.001' },
      { first_unit: 10_000, last_unit: 100_000, unit_amount: '0.0008' },
      { first_unit: 100_000, last_unit: null, unit_amount: '0.0005' },
    ],
  },
});
const calls = (amount: string) =>
  usagePriceOf({ id: `calls_${amount}`, unit_config: { unit_amount: amount } });
async function subscribed(customer_id: string, plan_id: string, body = {}): Promise<string> {
  await room.customer(customer_id);
  const given = { customer_id, plan_id, ...body };
  return (await room.ask('create-subscription', { body: given })).id;
}
const use = (customerId: string, time: string, quantity: string): void => {
  const known = room.events.get(customerId) ?? [];
  room.events.set(customerId, [...known, { atMs: at(time), quantity }]);
};
/** What the loops of the service do. */
async function reach(time: string): Promise<void> {
  room.time.nowMs = Math.max(room.time.nowMs, at(time));
  await room.billing.thresholds.run();
  await room.billing.run.runDue('acct_a', room.time.nowMs);
}
async function invoicesOf(customer_id: string): Promise<readonly Shown[]> {
  const query = { customer_id, 'status[]': ['draft', 'issued', 'paid', 'void'], limit: 100 };
  return (await room.ask('list-invoices', { query }))['data'] as readonly Shown[];
}
const cents = (text: unknown): number => Math.round(Number(text) * 100);
const sumOf = (invoices: readonly Shown[]): number =>
  invoices.reduce((sum, { total }) => sum + cents(total), 0);
const linesOf = (invoice: Shown | undefined) =>
  (invoice?.['line_items'] ?? []) as readonly Record<string, unknown>[];
const factsOf = async (id: string) =>
  (
    await room.prisma.$queryRaw<{ body: string }[]>`
      SELECT expanded_body AS body FROM invoicing.webhook_event
      WHERE type = 'subscription.invoicing_threshold_exceeded' AND object_id = ${id} ORDER BY sequence`
  ).map(({ body }) => (JSON.parse(body) as Record<string, unknown>)['properties']);

test('150,000 calls in three parts of a period with a threshold of 20: 107.00 on three invoices, as on one', async () => {
  plan('tiers', { prices: [tiered] });
  const id = await subscribed('org_parts', 'tiers', { invoicing_threshold: '20.00' });
  await subscribed('org_whole', 'tiers');
  const both = (time: string, quantity: string): void => {
    use('org_parts', time, quantity);
    use('org_whole', time, quantity);
  };
  both('2026-03-03T00:00:00Z', '22499');
  await reach('2026-03-03T10:00:00Z');
  // 10 + 9.9992 are 20.00 as they are printed.
  expect((await invoicesOf('org_parts')).map(({ total }) => total)).toEqual(['20.00']);
  both('2026-03-10T00:00:00Z', '77501');
  await reach('2026-03-10T10:00:00Z');
  await reach('2026-03-10T11:00:00Z');
  const [second, first, ...others] = await invoicesOf('org_parts');
  expect(others).toEqual([]);
  expect(first).toMatchObject({ invoice_source: 'partial', status: 'issued', total: '20.00' });
  expect(second).toMatchObject({
    ...{ invoice_source: 'partial', status: 'issued', total: '62.00' },
    subscription: { id },
    ...{ issued_at: '2026-03-10T10:00:00.000Z', eligible_to_issue_at: '2026-03-10T10:00:00.000Z' },
    line_items: [
      {
        ...{ quantity: 100_000, subtotal: '82.00', adjusted_subtotal: '82.00', amount: '62.00' },
        ...{ partially_invoiced_amount: '20.00', start_date: '2026-03-01T00:00:00.000Z' },
        end_date: '2026-03-10T10:00:00.000Z',
      },
    ],
  });
  both('2026-03-20T00:00:00Z', '38000');
  await reach('2026-03-20T10:00:00Z');
  both('2026-03-21T00:00:00Z', '12000');
  const query = { subscription_id: id };
  expect(await room.ask('fetch-upcoming-invoice', { query })).toMatchObject({
    ...{ subtotal: '107.00', total: '25.00' },
    line_items: [{ partially_invoiced_amount: '82.00' }],
  });
  await room.jump(at('2026-04-01T12:00:00Z'));
  const [last, ...before] = await invoicesOf('org_parts');
  expect(before).toHaveLength(2);
  expect(last).toMatchObject({
    ...{ invoice_source: 'subscription', total: '25.00', subtotal: '107.00' },
    line_items: [{ quantity: 150_000, amount: '25.00', partially_invoiced_amount: '82.00' }],
  });
  const [whole] = await invoicesOf('org_whole');
  expect(whole).toMatchObject({ total: '107.00' });
  // What comes late is on the next invoice, once.
  both('2026-03-25T00:00:00Z', '1000');
  await room.jump(at('2026-05-01T12:00:00Z'));
  for (const customer of ['org_parts', 'org_whole']) {
    const [next] = await invoicesOf(customer);
    expect(linesOf(next).map(({ amount }) => amount)).toEqual(['0.50', '0.00']);
  }
  const numbers = (await invoicesOf('org_parts')).map((one) => one['invoice_number']);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(await factsOf(id)).toMatchObject([
    { evaluated_amount: '20.00', invoicing_threshold: '20.00', threshold_invoice_created: true },
    { evaluated_amount: '62.00', invoice_id: second?.id },
  ]);
});

test('discounts count at once, a minimum with the last day, fees not at all; a maximum is never passed', async () => {
  const adjustment = (id: string, type: string, more: object) => ({
    ...{ id, adjustment_type: type, is_invoice_level: true, filters: [], reason: null },
    ...{ applies_to_price_ids: ['calls_1.00'], replaces_adjustment_id: null },
    ...{ plan_phase_order: null, ...more },
  });
  const half = adjustment('half', 'percentage_discount', { percentage_discount: 0.5 });
  const least = adjustment('least', 'minimum', { minimum_amount: '30.00', item_id: 'item_1' });
  const most = adjustment('most', 'maximum', { maximum_amount: '40.00' });
  const fee = priceOf({ id: 'fee', unit_config: { unit_amount: '500.00' } });
  plan('least', { prices: [calls('1.00'), fee], adjustments: [half, least] });
  plan('most', { prices: [calls('1.00')], adjustments: [half, most] });
  const threshold = { invoicing_threshold: '10' };
  await subscribed('org_least', 'least', threshold);
  await subscribed('org_most', 'most', threshold);
  await reach('2026-03-02T00:00:00Z');
  expect(sumOf(await invoicesOf('org_least'))).toBe(50_000);
  use('org_least', '2026-03-02T00:00:00Z', '19');
  await reach('2026-03-02T01:00:00Z');
  expect(await invoicesOf('org_least')).toHaveLength(1);
  use('org_least', '2026-03-02T02:00:00Z', '5');
  use('org_most', '2026-03-02T02:00:00Z', '100');
  await reach('2026-03-02T03:00:00Z');
  expect(await invoicesOf('org_least')).toMatchObject([{ total: '12.00' }, { total: '500.00' }]);
  expect(await invoicesOf('org_most')).toMatchObject([{ total: '40.00' }]);
  use('org_most', '2026-03-03T02:00:00Z', '100');
  await reach('2026-03-03T03:00:00Z');
  await room.jump(at('2026-04-01T12:00:00Z'));
  // 18.00 are missing to the minimum of 30.00; beyond the maximum of 40.00 nothing is.
  expect(await invoicesOf('org_least')).toMatchObject([
    {
      total: '518.00',
      line_items: [{ amount: '500.00' }, { amount: '18.00', partially_invoiced_amount: '12.00' }],
    },
    ...[{ total: '12.00' }, { total: '500.00' }],
  ]);
  expect(await invoicesOf('org_most')).toMatchObject([
    { status: 'paid', total: '0.00', line_items: [{ partially_invoiced_amount: '40.00' }] },
    { total: '40.00' },
  ]);
});

test('T29: usage that is taken back after a partial invoice comes back from it; the period never costs less than nothing', async () => {
  plan('back', { prices: [calls('1.00')] });
  await subscribed('org_back', 'back', { invoicing_threshold: '50' });
  use('org_back', '2026-03-02T00:00:00Z', '80');
  await reach('2026-03-02T01:00:00Z');
  use('org_back', '2026-03-02T00:00:00Z', '-30');
  await room.jump(at('2026-04-01T12:00:00Z'));
  expect(await invoicesOf('org_back')).toMatchObject([
    { total: '0.00', line_items: [{ quantity: 50, partially_invoiced_amount: '50.00' }] },
    { total: '80.00', amount_due: '50.00', credit_notes: [{ total: '30.00' }] },
  ]);
});

test('a subscription that is cancelled bills the rest at once, a price that is removed gives the partial invoice back', async () => {
  plan('ends', { prices: [calls('1.00')] });
  const id = await subscribed('org_ends', 'ends', { invoicing_threshold: '50' });
  use('org_ends', '2026-03-02T00:00:00Z', '80');
  await reach('2026-03-02T01:00:00Z');
  use('org_ends', '2026-03-03T00:00:00Z', '7');
  room.time.nowMs = at('2026-03-04T00:00:00Z');
  const path = { subscription_id: id };
  await room.ask('cancel-subscription', { path, body: { cancel_option: 'immediate' } });
  await room.jump(at('2026-03-04T12:00:00Z'));
  expect(await invoicesOf('org_ends')).toMatchObject([{ total: '7.00' }, { total: '80.00' }]);
  room.time.nowMs = at(START);
  const gone = await subscribed('org_gone', 'ends', { invoicing_threshold: '50' });
  use('org_gone', '2026-03-02T00:00:00Z', '80');
  await reach('2026-03-02T01:00:00Z');
  const shown = await room.ask('fetch-subscription', { path: { subscription_id: gone } });
  const [interval] = shown['price_intervals'] as { id: string }[];
  await room.ask('add-edit-price-intervals', {
    path: { subscription_id: gone },
    body: { edit: [{ price_interval_id: interval?.id, end_date: '2026-03-01T00:00:00Z' }] },
  });
  expect(await invoicesOf('org_gone')).toMatchObject([
    { total: '80.00', amount_due: '0.00', status: 'paid', credit_notes: [{ total: '80.00' }] },
  ]);
});

test('ten that judge at once make one invoice; a threshold is set, shown and cleared; none that is no amount is taken', async () => {
  plan('race', { prices: [calls('1.00')] });
  const id = await subscribed('org_race', 'race');
  const path = { subscription_id: id };
  use('org_race', '2026-03-02T00:00:00Z', '80');
  await reach('2026-03-02T01:00:00Z');
  expect(await invoicesOf('org_race')).toEqual([]);
  for (const invoicing_threshold of ['', 'x', '0', '-1', '1e3']) {
    const answer = await room.call('update-subscription', { path, body: { invoicing_threshold } });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('invoicing_threshold: must be a decimal number above 0');
  }
  const set = (invoicing_threshold: string | null) =>
    room.ask('update-subscription', { path, body: { invoicing_threshold } });
  expect(await set('79.99')).toMatchObject({ invoicing_threshold: '79.99' });
  await Promise.allSettled(Array.from({ length: 10 }, () => room.billing.thresholds.run()));
  await reach('2026-03-02T02:00:00Z');
  expect(await invoicesOf('org_race')).toMatchObject([{ total: '80.00', status: 'issued' }]);
  expect(await set(null)).toMatchObject({ invoicing_threshold: null });
  use('org_race', '2026-03-03T00:00:00Z', '800');
  await reach('2026-03-03T01:00:00Z');
  expect(await invoicesOf('org_race')).toHaveLength(1);
});

test('one that nobody issues by itself waits for a person, and the period bills what it did not take', async () => {
  plan('hand', { prices: [calls('1.00')] });
  const body = { invoicing_threshold: '50', auto_issuance: false };
  await subscribed('org_hand', 'hand', body);
  use('org_hand', '2026-03-02T00:00:00Z', '80');
  await reach('2026-03-02T01:00:00Z');
  use('org_hand', '2026-03-02T02:00:00Z', '70');
  await reach('2026-03-02T03:00:00Z');
  const [draft, ...others] = await invoicesOf('org_hand');
  expect(others).toEqual([]);
  expect(draft).toMatchObject({ status: 'draft', total: '80.00', will_auto_issue: false });
  await room.ask('issue-invoice', { path: { invoice_id: String(draft?.id) }, body: {} });
  await room.jump(at('2026-04-01T12:00:00Z'));
  const [last] = await invoicesOf('org_hand');
  expect(last).toMatchObject({ status: 'draft', total: '70.00' });
});
