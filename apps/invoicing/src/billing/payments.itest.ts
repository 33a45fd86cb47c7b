// Goal: an invoice is paid once, whoever asks how often and whatever is lost in between. Method: calls as the gateway
// makes them, over a real database; checkout stands in at its port, and keeps payments as Stripe does, by their id.
import { OrbitError, type OrbAnswer } from '@orbit/contracts';
import type { InvoicePaymentState } from './domain/invoice.js';
import type { InvoicePayments } from './application/ports.js';
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
let room: BillingUnderTest;
beforeAll(async () => {
  room = await billingUnderTest(Date.parse('2026-03-01T00:00:00Z'), undefined, checkout);
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.item (id, account_id, name, metadata, external_connections, created_at)
    VALUES ('item_a', 'acct_a', 'Setup', '{}', '[]', now())`;
});
afterAll(() => room.drop());
beforeEach(() => {
  made.clear();
  outcomes = [];
});

async function issued(customer_id: string) {
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
