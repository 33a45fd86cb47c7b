// Goal: from an event to an issued document, over a real database. Method: every call as the gateway makes it, every
// answer checked against the contract; time moves as the clock moves it.
import { billingUnderTest, type BillingUnderTest, type Shown } from './billing-fixture.js';
import { priceOf, usagePriceOf } from '../timeline/domain/test-timeline.js';
import type { SubscribablePlan } from './application/ports.js';

const at = (text: string): number => Date.parse(text);
let room: BillingUnderTest;
beforeAll(async () => {
  room = await billingUnderTest(at('2026-03-01T00:00:00Z'));
});
afterAll(() => room.drop());
beforeEach(() => {
  room.time.nowMs = at('2026-03-01T00:00:00Z');
});

const plan = (id: string, fields: Partial<SubscribablePlan> = {}): SubscribablePlan => {
  const made: SubscribablePlan = {
    ...{ id, name: id, version: 1, status: 'active', invoicingCurrency: 'USD', netTerms: 14 },
    ...{ defaultInvoiceMemo: null, trialDays: null, phases: null, adjustments: [], prices: [] },
    ...fields,
  };
  room.plans.set(id, made);
  return made;
};
const fee = (amount: string, fields = {}) =>
  priceOf({ id: `fee_${amount}`, unit_config: { unit_amount: amount }, ...fields });
const calls = (amount = '2.50') =>
  usagePriceOf({ id: `calls_${amount}`, unit_config: { unit_amount: amount } });
const subscribe = (customerId: string, planId: string, body = {}): Promise<Shown> =>
  room.ask('create-subscription', { body: { customer_id: customerId, plan_id: planId, ...body } });
async function invoicesOf(customerId: string, status = ['draft', 'issued', 'paid', 'void']) {
  const query = { customer_id: customerId, 'status[]': status };
  const page = await room.ask('list-invoices', { query });
  return page['data'] as readonly Record<string, unknown>[];
}
const use = (customerId: string, time: string, quantity: string): void => {
  room.events.set(customerId, [
    ...(room.events.get(customerId) ?? []),
    { atMs: at(time), quantity },
  ]);
};

test('an event becomes a line, a draft and, after the grace, an issued invoice', async () => {
  await room.customer('org_thin');
  plan('thin', { prices: [calls()] });
  const made = await subscribe('org_thin', 'thin');
  expect(made).toMatchObject({
    status: 'active',
    net_terms: 14,
    current_billing_period_end_date: '2026-04-01T00:00:00.000Z',
    customer: { id: 'org_thin', currency: 'USD' },
  });
  use('org_thin', '2026-03-31T23:59:59.999Z', '7');
  use('org_thin', '2026-04-01T00:00:00.000Z', '5');
  const query = { subscription_id: made.id };
  expect(await room.ask('fetch-upcoming-invoice', { query })).toMatchObject({
    ...{ target_date: '2026-04-01T00:00:00.000Z', total: '17.50', amount_due: '17.50' },
    line_items: [{ quantity: 7, subtotal: '17.50', amount: '17.50' }],
  });
  await room.jump(at('2026-04-01T11:59:59Z'));
  const [draft] = await invoicesOf('org_thin');
  expect(draft).toMatchObject({ status: 'draft', total: '17.50', will_auto_issue: true });
  expect(draft).toMatchObject({ eligible_to_issue_at: '2026-04-01T12:00:00.000Z', due_date: null });
  use('org_thin', '2026-03-30T00:00:00.000Z', '1');
  await room.jump(at('2026-04-01T12:00:00Z'));
  const [issued, ...others] = await invoicesOf('org_thin');
  expect(others).toEqual([]);
  expect(issued).toMatchObject({
    ...{ id: draft!['id'], status: 'issued', total: '20.00', amount_due: '20.00' },
    issued_at: '2026-04-01T12:00:00.000Z',
    due_date: '2026-04-15T12:00:00.000Z',
  });
  expect(issued?.['invoice_number']).toMatch(/^ORB-2026-\d{3}$/);
});

test('a fee is issued when its period begins, and nothing costs nothing', async () => {
  await room.customer('org_fee');
  plan('fee', { prices: [fee('31.00')] });
  await room.jump(at('2026-03-16T09:30:00Z'));
  await subscribe('org_fee', 'fee', { start_date: '2026-03-16' });
  expect(await invoicesOf('org_fee')).toMatchObject([{ status: 'issued', total: '16.00' }]);
  await room.jump(at('2026-05-01T00:00:00Z'), 7);
  expect(await invoicesOf('org_fee')).toMatchObject([
    ...[{ total: '31.00', invoice_date: '2026-05-01T00:00:00.000Z' }, { total: '31.00' }],
    { total: '16.00' },
  ]);
  await room.customer('org_free');
  plan('free', { prices: [fee('0.00')] });
  await subscribe('org_free', 'free');
  expect(await invoicesOf('org_free')).toMatchObject([{ status: 'paid', amount_due: '0.00' }]);
});

test('T24: 49 → 199 on Mar 16: the paid 25.29 come back and the new plan costs 102.71', async () => {
  await room.customer('org_change');
  plan('small', { prices: [fee('49.00')] });
  plan('large', { prices: [fee('199.00')] });
  const { id } = await subscribe('org_change', 'small');
  const [first] = await invoicesOf('org_change');
  const path = { invoice_id: String(first?.['id']) };
  await room.ask('mark-invoice-as-paid', { path, body: { payment_received_date: '2026-03-02' } });
  await room.jump(at('2026-03-16T00:00:00Z'));
  const changed = await room.ask('schedule-plan-change', {
    path: { subscription_id: id },
    body: { plan_id: 'large', change_option: 'immediate' },
  });
  expect(changed).toMatchObject({ plan: { id: 'large' }, price_intervals: [{}, {}] });
  expect(await invoicesOf('org_change')).toMatchObject([
    // What the balance holds is taken first: 102.71 − 25.29.
    { total: '102.71', amount_due: '77.42', customer_balance_transactions: [{ amount: '25.29' }] },
    { status: 'paid', total: '49.00' },
  ]);
});

test('a fee of $100 given up on the 4th of a month of 31 days: 90.32 come back, once', async () => {
  await room.customer('org_cancel');
  plan('hundred', { prices: [fee('100.00')] });
  const { id } = await subscribe('org_cancel', 'hundred');
  const [first] = await invoicesOf('org_cancel');
  const path = { invoice_id: String(first?.['id']) };
  await room.ask('mark-invoice-as-paid', { path, body: { payment_received_date: '2026-03-02' } });
  await room.jump(at('2026-03-04T15:30:00Z'));
  const cancel = (body: object) =>
    room.call('cancel-subscription', { path: { subscription_id: id }, body: { ...body } });
  expect((await cancel({ cancel_option: 'immediate' })).status).toBe(200);
  expect((await cancel({ cancel_option: 'immediate' })).status).toBe(400);
  const fetched = await room.ask('fetch-subscription', { path: { subscription_id: id } });
  expect(fetched).toMatchObject({
    ...{ status: 'ended', end_date: '2026-03-04T15:30:00.000Z' },
    customer: { balance: '90.32' },
  });
  await room.jump(at('2026-06-01T00:00:00Z'), 3);
  expect(await invoicesOf('org_cancel')).toHaveLength(1);
});

test('more seats are billed at once for the rest of the period; fewer on an unpaid invoice are credited', async () => {
  await room.customer('org_seats');
  const seats = priceOf({ id: 'seats', fixed_price_quantity: 2 });
  plan('seats', { prices: [seats] });
  const { id } = await subscribe('org_seats', 'seats');
  await room.jump(at('2026-03-16T08:00:00Z'));
  const path = { subscription_id: id };
  const set = (quantity: number, body = {}) =>
    room.ask('update-fixed-fee-quantity', { path, body: { price_id: 'seats', quantity, ...body } });
  await set(5);
  // 3 more for 16 of 31 days.
  expect(await invoicesOf('org_seats')).toMatchObject([{ total: '15.48' }, { total: '20.00' }]);
  await set(1);
  const [second, first] = await invoicesOf('org_seats');
  // 20 × 15/31 + 10 × 16/31 = 14.84 are left of 35.48.
  expect(second).toMatchObject({ status: 'paid', amount_due: '0.00' });
  expect(first).toMatchObject({
    total: '20.00',
    amount_due: '14.84',
    credit_notes: [{ total: '5.16' }],
  });
  const planned = await set(9, { change_option: 'upcoming_invoice' });
  expect(planned['fixed_fee_quantity_schedule']).toMatchObject([
    ...[{ quantity: 2 }, { quantity: 1 }, { quantity: 9, start_date: '2026-04-01T00:00:00.000Z' }],
  ]);
  const body = { price_id: 'seats' };
  await room.ask('unschedule-fixed-fee-quantity', { path, body });
  expect((await room.call('unschedule-fixed-fee-quantity', { path, body })).status).toBe(400);
  await room.jump(at('2026-04-01T00:00:00Z'));
  expect(await invoicesOf('org_seats')).toMatchObject([{ total: '10.00' }, {}, {}]);
});

test('T29: an event in an issued period stands on the next invoice; the issued one never changes', async () => {
  await room.customer('org_late');
  plan('late', { prices: [calls('1.00')] });
  await subscribe('org_late', 'late');
  use('org_late', '2026-03-10T00:00:00Z', '100');
  await room.jump(at('2026-04-01T12:00:00Z'));
  const [march] = await invoicesOf('org_late');
  use('org_late', '2026-03-11T00:00:00Z', '7');
  use('org_late', '2026-04-11T00:00:00Z', '5');
  await room.jump(at('2026-05-01T12:00:00Z'));
  const [april, again] = await invoicesOf('org_late');
  expect(again).toEqual(march);
  expect(april).toMatchObject({
    total: '12.00',
    line_items: [{ amount: '7.00' }, { amount: '5.00' }],
  });
  use('org_late', '2026-03-12T00:00:00Z', '-20');
  await room.jump(at('2026-06-01T12:00:00Z'));
  const [, , corrected] = await invoicesOf('org_late');
  expect(corrected).toMatchObject({ total: '100.00', amount_due: '87.00' });
});

test('a year in one jump makes the documents that many jumps make, each period once, and they add up to all usage and fees', async () => {
  plan('year', {
    prices: [
      calls('0.10'),
      fee('12.34', { id: 'fee_m' }),
      fee('90.00', { id: 'fee_q', cadence: 'quarterly' }),
    ],
  });
  const start = at('2026-03-01T00:00:00Z');
  const documentsAfter = async (customerId: string, steps: number) => {
    room.time.nowMs = start;
    await room.customer(customerId, { timezone: 'America/New_York' });
    const { id } = await subscribe(customerId, 'year', { start_date: '2026-03-10' });
    for (let day = 0; day < 360; day += 3) {
      const atMs = at('2026-03-10T12:00:00Z') + day * 86_400_000;
      use(customerId, new Date(atMs).toISOString(), String(day % 7));
    }
    await room.jump(at('2027-01-20T00:00:00Z'), steps);
    await room.ask('cancel-subscription', {
      path: { subscription_id: id },
      body: { cancel_option: 'end_of_subscription_term' },
    });
    await room.jump(at('2027-06-01T00:00:00Z'), steps);
    const all = await invoicesOf(customerId);
    return all.map(({ invoice_date, total, status, line_items, issued_at }) => ({
      ...{ invoice_date, total, status, issued_at },
      lines: (line_items as Record<string, unknown>[]).map(
        ({ name, amount, start_date, end_date }) => [...[name, amount, start_date, end_date]],
      ),
    }));
  };
  const once = await documentsAfter('org_once', 1);
  expect(await documentsAfter('org_often', 40)).toEqual(once);
  const lines = once.flatMap((one) => one.lines);
  expect(new Set(lines.map((line) => JSON.stringify([line[0], line[2], line[3]]))).size).toBe(
    lines.length,
  );
  const cents = (text: unknown): number => Math.round(Number(text) * 100);
  const sum = once.reduce((total, one) => total + cents(one.total), 0);
  const used = room.events.get('org_often') ?? [];
  // The term ends with the quarter, on March 1 2027 in New York.
  const end = at('2027-03-01T05:00:00Z');
  const usage = used
    .filter((one) => one.atMs < end)
    .reduce((total, one) => total + Number(one.quantity) * 10, 0);
  // 22 of 31 days of March and 11 whole months; 83 of 92 days of the first quarter and 3 whole ones.
  const fees =
    Math.round((1_234 * 22) / 31) + 11 * 1_234 + Math.round((9_000 * 83) / 92) + 3 * 9_000;
  expect(sum).toBe(usage + fees);
});
