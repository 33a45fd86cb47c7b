// Goal: from an event to an issued document, over a real database. Method: every call as the gateway makes it, every
// answer checked against the contract; time moves as the clock moves it.
import { billingUnderTest, type BillingUnderTest, type Shown } from './billing-fixture.js';
import { priceOf, usagePriceOf } from './domain/test-timeline.js';
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
