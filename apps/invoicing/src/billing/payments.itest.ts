// Goal: an invoice is paid once, whoever asks how often and whatever is lost in between. Method: calls as the gateway
// makes them, over a real database; checkout stands in at its port, and keeps payments as Stripe does, by their id.
import { OrbitError, type OrbAnswer } from '@orbit/contracts';
import type { InvoicePaymentState } from './domain/invoice.js';
import type { InvoicePayments } from './application/ports.js';
import { priceOf } from '../timeline/domain/test-timeline.js';
import { billingUnderTest, type BillingUnderTest } from './billing-fixture.js';

type Paid = Parameters<InvoicePayments['pay']>[0];
const made = new Map<string, Paid>();
/** How the next payments end; `lost`: paid, and nobody hears of it. */
let outcomes: ('lost' | 'none' | InvoicePaymentState['status'])[] = [];
const checkout: InvoicePayments = {
  pay: (of) => {
    const outcome = outcomes.shift() ?? 'succeeded';
    if (outcome === 'none')
      return Promise.reject(new OrbitError('payment_method_required', 'None.'));
    made.set(of.paymentId, of);
    if (outcome === 'lost') return Promise.reject(new OrbitError('timeout', 'Lost.'));
    const failure = outcome === 'failed' ? 'card_declined' : null;
    return Promise.resolve({ status: outcome, paymentIntentId: `pi_${of.paymentId}`, failure });
  },
};
const START = Date.parse('2026-03-01T00:00:00Z');
const DAY = 86_400_000;
let room: BillingUnderTest;
beforeAll(async () => {
  room = await billingUnderTest(START, undefined, checkout);
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.webhook_endpoint (id, account_id, url, secret, may_be_private, payload_style, created_at)
    VALUES ('we_1', 'acct_a', 'https://hooks.test', 'whsec_1', false, 'expanded', now())`;
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.item (id, account_id, name, metadata, external_connections, created_at)
    VALUES ('item_a', 'acct_a', 'Setup', '{}', '[]', now())`;
});
afterAll(() => room.drop());
beforeEach(() => {
  made.clear();
  outcomes = [];
  room.time.nowMs = START;
});

async function issued(customer_id: string, fields: Record<string, unknown> = {}) {
  await room.customer(customer_id);
  const made = await room.ask('create-invoice', {
    body: {
      ...{ customer_id, currency: 'USD', invoice_date: '2026-03-01', net_terms: 30 },
      will_auto_issue: true,
      line_items: [
        {
          ...{ name: 'Setup', item_id: 'item_a', quantity: 1, model_type: 'unit' },
          unit_config: { unit_amount: '30.09' },
          ...{ start_date: '2026-03-01', end_date: '2026-03-02' },
        },
      ],
      ...fields,
    },
  });
  return { path: { invoice_id: made.id } };
}
const problemOf = ({ status, body }: OrbAnswer) => {
  const { type, detail } = JSON.parse(body ?? '{}') as { type: string; detail: string };
  return `${String(status)} ${type.split('#')[1] ?? ''}: ${detail}`;
};

test('paid by the saved method: one payment of what is due, shown, and a repeat of the key says the same', async () => {
  const call = await issued('org_pay');
  const keyed = { ...call, idempotency: { key: 'k1', request_hash: 'h' } };
  const paid = await room.ask('pay-invoice', keyed);
  expect(paid).toMatchObject({
    ...{ status: 'paid', amount_due: '30.09', payment_failed_at: null },
    paid_at: '2026-03-01T00:00:00.000Z',
    payment_attempts: [{ succeeded: true, amount: '30.09', payment_provider: 'stripe' }],
  });
  expect([...made.values()]).toMatchObject([{ amountMinor: 3009, currency: 'USD' }]);
  expect(await room.ask('pay-invoice', keyed)).toEqual(paid);
  expect(problemOf(await room.call('pay-invoice', call))).toContain('this one is paid');
  expect(made.size).toBe(1);
});

test('a decline leaves it issued and says when; the next attempt is another payment', async () => {
  const call = await issued('org_declined');
  outcomes = ['failed'];
  expect(await room.ask('pay-invoice', call)).toMatchObject({
    ...{ status: 'issued', payment_failed_at: '2026-03-01T00:00:00.000Z' },
    payment_attempts: [{ succeeded: false }],
  });
  expect(await room.ask('pay-invoice', call)).toMatchObject({
    ...{ status: 'paid', payment_attempts: [{ succeeded: false }, { succeeded: true }] },
  });
  expect(made.size).toBe(2);
});

test('an answer that is lost is looked for under the same payment; ten requests that race pay once', async () => {
  const call = await issued('org_lost');
  outcomes = ['lost', 'lost'];
  await expect(room.call('pay-invoice', call)).rejects.toThrow('Lost');
  await expect(room.call('pay-invoice', call)).rejects.toThrow('Lost');
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => room.call('pay-invoice', call)),
  );
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  expect(made.size).toBe(1);
  expect(await room.ask('fetch-invoice', call)).toMatchObject({ status: 'paid' });
});

test('without a saved method nothing is attempted; a token is refused; money of a void invoice goes to the balance', async () => {
  const call = await issued('org_none');
  outcomes = ['none'];
  expect(problemOf(await room.call('pay-invoice', call))).toContain('400-constraint-violation');
  const token = { ...call, body: { shared_payment_token_id: 'spt_1' } };
  expect(problemOf(await room.call('pay-invoice', token))).toContain('feature-not-available');
  expect(await room.ask('fetch-invoice', call)).toMatchObject({
    ...{ status: 'issued', payment_attempts: [], payment_started_at: null },
  });
  outcomes = ['lost'];
  await expect(room.call('pay-invoice', call)).rejects.toThrow('Lost');
  await room.ask('void-invoice', call);
  await room.call('pay-invoice', call);
  const path = { customer_id: 'org_none' };
  const { data } = await room.ask('list-balance-transactions', { path });
  expect(data).toMatchObject([{ action: 'external_payment', amount: '30.09' }]);
  expect(await room.ask('fetch-invoice', call)).toMatchObject({ status: 'void' });
  const path404 = { invoice_id: 'inv_nobody' };
  expect((await room.call('pay-invoice', { path: path404 })).status).toBe(404);
});

/** Moves time on by days from the start, and collects what is due then. */
async function collectOn(days: number): Promise<void> {
  room.time.nowMs = START + days * DAY;
  await room.billing.collections.run();
}
const iso = (days: number): string => new Date(START + days * DAY).toISOString();
const factsOf = async ({ path }: { path: { invoice_id: string } }): Promise<readonly string[]> =>
  (
    await room.prisma.$queryRaw<{ type: string }[]>`
      SELECT type FROM invoicing.webhook_event WHERE object_id = ${path.invoice_id} ORDER BY sequence`
  ).map(({ type }) => type);

test('an invoice that collects itself is charged when it is due, once, however many look; others never are', async () => {
  const call = await issued('org_auto', { auto_collection: true });
  const other = await issued('org_not', { auto_collection: false });
  expect((await room.ask('fetch-invoice', call))['auto_collection']).toEqual({
    ...{ enabled: true, next_attempt_at: iso(30), previously_attempted_at: null, num_attempts: 0 },
  });
  await collectOn(29);
  expect(made.size).toBe(0);
  room.time.nowMs = START + 30 * DAY;
  await Promise.all(Array.from({ length: 10 }, () => room.billing.collections.run()));
  await collectOn(60);
  expect([...made.values()]).toMatchObject([{ customerId: 'org_auto', amountMinor: 3009 }]);
  const paid = await room.ask('fetch-invoice', call);
  expect(paid).toMatchObject({
    ...{ status: 'paid', paid_at: iso(30), payment_attempts: [{ succeeded: true }] },
    auto_collection: { next_attempt_at: null, previously_attempted_at: iso(30), num_attempts: 1 },
  });
  expect(await room.ask('fetch-invoice', other)).toMatchObject({
    ...{ status: 'issued', auto_collection: { enabled: false, next_attempt_at: null } },
  });
  expect(await factsOf(call)).toEqual(['invoice.issued', 'invoice.payment_succeeded']);
});

test('declined or without a method it is tried again 1, 4 and 9 days after the first attempt, and then no more', async () => {
  const call = await issued('org_dunned', { auto_collection: true, net_terms: 0 });
  const shown = async () => (await room.ask('fetch-invoice', call))['auto_collection'];
  outcomes = ['failed', 'none', 'failed', 'failed'];
  for (const [index, day] of [0, 1, 4, 9].entries()) {
    if (index > 0) await collectOn(day - 0.001);
    expect(await shown()).toMatchObject({ next_attempt_at: iso(day), num_attempts: index });
    await collectOn(day);
    await collectOn(day);
  }
  await collectOn(300);
  expect(await shown()).toEqual({
    ...{ enabled: true, next_attempt_at: null, previously_attempted_at: iso(9), num_attempts: 4 },
  });
  const last = await room.ask('fetch-invoice', call);
  expect(last).toMatchObject({ status: 'issued', payment_failed_at: iso(9) });
  expect(last['payment_attempts']).toHaveLength(4);
  expect(await factsOf(call)).toEqual([
    'invoice.issued',
    ...Array(4).fill('invoice.payment_failed'),
  ]);
  expect(await room.ask('pay-invoice', call)).toMatchObject({ status: 'paid' });
});

test('what nobody heard of is asked for under the same payment; one that is under way is no second one', async () => {
  const call = await issued('org_lost_auto', { auto_collection: true, net_terms: 0 });
  outcomes = ['lost', 'open', 'open', 'succeeded'];
  await expect(collectOn(0)).rejects.toThrow('Lost');
  await collectOn(1);
  expect(made.size).toBe(1);
  const open = [{ accountId: 'acct_a', invoiceId: call.path.invoice_id }];
  const recover = () => room.billing.collections.recover({ list: () => Promise.resolve(open) });
  await recover();
  await recover();
  expect(await room.ask('fetch-invoice', call)).toMatchObject({
    ...{ status: 'issued', payment_started_at: iso(0), payment_attempts: [] },
    auto_collection: { next_attempt_at: null, num_attempts: 1 },
  });
  await recover();
  await collectOn(40);
  expect(await room.ask('fetch-invoice', call)).toMatchObject({ status: 'paid' });
  expect(made.size).toBe(1);
  expect(await factsOf(call)).toEqual([
    ...['invoice.issued', 'invoice.payment_processing', 'invoice.payment_succeeded'],
  ]);
});

test('who paid, or whose invoice is void, is not charged; a subscription says so or its customer does', async () => {
  const paid = await issued('org_paid', { auto_collection: true });
  const voided = await issued('org_void', { auto_collection: true });
  const body = { payment_received_date: '2026-03-02' };
  await room.ask('mark-invoice-as-paid', { ...paid, body });
  await room.ask('void-invoice', voided);
  await collectOn(40);
  expect(made.size).toBe(0);
  room.time.nowMs = START;
  room.plans.set('fee', {
    ...{ id: 'fee', name: 'Fee', version: 1, status: 'active', invoicingCurrency: 'USD' },
    ...{ netTerms: 0, defaultInvoiceMemo: null, trialDays: null, phases: null, adjustments: [] },
    prices: [priceOf({ id: 'fee' })],
  });
  const subscribe = async (customer_id: string, more: object, isOn: boolean): Promise<void> => {
    await room.customer(customer_id);
    const details = JSON.stringify({ auto_collection: isOn });
    await room.prisma.$executeRaw`
      UPDATE invoicing.customer SET details = details || ${details}::jsonb WHERE id = ${customer_id}`;
    await room.ask('create-subscription', { body: { customer_id, plan_id: 'fee', ...more } });
  };
  await subscribe('org_inherits', {}, true);
  await subscribe('org_refuses', { auto_collection: false }, true);
  await subscribe('org_off', {}, false);
  await subscribe('org_wants', { auto_collection: true }, false);
  await collectOn(0);
  expect([...made.values()].map(({ customerId }) => customerId).sort()).toEqual([
    ...['org_inherits', 'org_wants'],
  ]);
});
