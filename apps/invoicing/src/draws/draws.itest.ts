// Goal: what documents draw of prepaid credit and what they show of it is one thing, whatever dies in between. Method:
// billing and the ledger each on a database of its own; between them the ledger's own controller, through JSON.
import { CreditDrawsController } from '../../../wallet-ledger/src/credits/adapters/credit-draws.controller.js';
import {
  CreditsUnderTest,
  type CustomerUnderTest,
} from '../../../wallet-ledger/src/credits/credits-under-test.js';
import { CREDIT_DRAWS_RPC } from '@orbit/contracts';
import type { Sql } from '@orbit/persistence';
import { decimal, sumOf } from '@orbit/pricing';
import { billingUnderTest, type BillingUnderTest, type Shown } from '../billing/billing-fixture.js';
import type { SubscribablePlan } from '../billing/domain/subscription.js';
import { priceOf, usagePriceOf } from '../timeline/domain/test-timeline.js';
import { RpcCreditLedger } from './adapters/rpc-credit-ledger.js';

const at = (text: string): number => Date.parse(text);
const START = '2026-03-01T00:00:00Z';
let room: BillingUnderTest;
let ledger: CreditsUnderTest;
/** Counts down to the effect at which everything stops; below 0: never. */
let dies = -1;
const die = (): void => {
  if (dies >= 0 && dies-- === 0) throw new Error('killed');
};

beforeAll(async () => {
  ledger = await CreditsUnderTest.start();
  const controller = new CreditDrawsController(ledger.services.draws, ledger.services.pending);
  const methods = Object.entries(CREDIT_DRAWS_RPC);
  const call = async <T>(pattern: string, request: unknown): Promise<T> => {
    die();
    const name = methods.find(([, known]) => known === pattern)?.[0] as keyof CreditDrawsController;
    const answer = await controller[name](JSON.parse(JSON.stringify(request)) as never);
    die();
    return JSON.parse(JSON.stringify(answer)) as T;
  };
  room = await billingUnderTest(at(START), new RpcCreditLedger({ call }));
  const transaction = room.prisma.$transaction.bind(room.prisma) as (...of: unknown[]) => unknown;
  Object.defineProperty(room.prisma, '$transaction', {
    value: async (work: (sql: Sql) => Promise<unknown>, options: unknown) => {
      die();
      const done = await transaction((sql: Sql) => work(dying(sql)), options);
      die();
      return done;
    },
  });
});

/** Everything may also stop before each statement of a transaction. */
const dying = (sql: Sql): Sql =>
  new Proxy(sql, {
    get: (target, name: keyof Sql) => {
      const value = target[name] as unknown;
      if (typeof value !== 'function') return value;
      if (name !== '$queryRaw' && name !== '$executeRaw') return value.bind(target) as unknown;
      return async (...of: unknown[]): Promise<unknown> => {
        die();
        return (value as (...of: unknown[]) => Promise<unknown>).apply(target, of);
      };
    },
  });
afterAll(async () => {
  await room.drop();
  expect(await ledger.stop()).toEqual([]);
});
beforeEach(() => {
  room.time.nowMs = at(START);
  ledger.nowMs = at(START);
});

const plan = (id: string, prices: SubscribablePlan['prices'], adjustments = []): void => {
  room.plans.set(id, {
    ...{ id, name: id, version: 1, status: 'active', invoicingCurrency: 'USD', netTerms: 0 },
    ...{ defaultInvoiceMemo: null, trialDays: null, phases: null, adjustments, prices },
  });
};
const calls = (amount: string, fields = {}) =>
  usagePriceOf({ id: `calls_${amount}`, unit_config: { unit_amount: amount }, ...fields });

/** A customer with a subscription to a plan and so much credit of one unit. */
async function subscribed(planId: string, credit: string | null, unit = 'USD') {
  const customer = ledger.customer('UTC', 'USD');
  await room.customer(customer.id);
  const { id } = await room.ask('create-subscription', {
    body: { customer_id: customer.id, plan_id: planId },
  });
  if (credit !== null) await grant(customer, credit, unit);
  return { customer, id };
}
const grant = (customer: CustomerUnderTest, amount: string, currency: string, more = {}) =>
  customer.entry({ entry_type: 'increment', amount: Number(amount), currency, ...more });
const use = (customer: CustomerUnderTest, time: string, quantity: string): void => {
  const known = room.events.get(customer.id) ?? [];
  room.events.set(customer.id, [...known, { atMs: at(time), quantity }]);
};
async function jump(to: string): Promise<void> {
  ledger.nowMs = at(to);
  await room.jump(at(to));
}
async function invoicesOf(customer: CustomerUnderTest): Promise<readonly Shown[]> {
  const query = { customer_id: customer.id, 'status[]': ['draft', 'issued', 'paid', 'void'] };
  return (await room.ask('list-invoices', { query }))['data'] as readonly Shown[];
}
const amountsOf = (invoice: Shown | undefined) =>
  (invoice?.['line_items'] as Record<string, unknown>[]).map((line) => [
    line['subtotal'],
    line['adjusted_subtotal'],
    line['credits_applied'],
    line['amount'],
  ]);

test('credit pays usage first, day by day; the invoice asks for the rest', async () => {
  plan('prepaid', [calls('2.50'), priceOf({ id: 'seat', unit_config: { unit_amount: '7.00' } })]);
  const { customer, id } = await subscribed('prepaid', '20');
  use(customer, '2026-03-03T10:00:00Z', '4');
  use(customer, '2026-03-20T10:00:00Z', '6');
  const query = { subscription_id: id };
  expect(await room.ask('fetch-upcoming-invoice', { query })).toMatchObject({
    ...{ total: '12.00', amount_due: '12.00', subtotal: '32.00' },
  });
  expect(await customer.blocks({ currency: 'USD' })).toMatchObject([{ balance: 20 }]);
  await jump('2026-04-01T12:00:00Z');
  const [usage] = await invoicesOf(customer);
  expect(usage).toMatchObject({ status: 'issued', subtotal: '32.00', total: '12.00' });
  expect(amountsOf(usage)).toEqual([
    // Paid in advance: no prepaid credit.
    ...[['7.00', '7.00', '0.00', '7.00']],
    ...[['25.00', '25.00', '20.00', '5.00']],
  ]);
  expect(await customer.blocks({ currency: 'USD' })).toEqual([]);
  const { data } = await customer.page({ currency: 'USD', entry_type: 'decrement' });
  expect(data.map((row) => [row['amount'], row['price_id'], row['invoice_id']])).toEqual([
    [-10, 'calls_2.50', usage?.id],
    [-10, 'calls_2.50', usage?.id],
  ]);
});

test('units pay units, and what they do not pay is converted: 10 credits, 4 held, at 0.50 are 3.00', async () => {
  plan('units', [calls('1', { currency: 'credits', conversion_rate: 0.5 })]);
  const { customer } = await subscribed('units', '4', 'credits');
  use(customer, '2026-03-20T10:00:00Z', '10');
  await jump('2026-04-01T12:00:00Z');
  const [invoice] = await invoicesOf(customer);
  expect(invoice).toMatchObject({ subtotal: '5.00', total: '3.00', amount_due: '3.00' });
  expect(amountsOf(invoice)).toEqual([['10.00', '10.00', '4.00', '3.00']]);
});

test('an overage amount of the subscription goes before the rate of the price: 6 units at 0.75 are 4.50', async () => {
  plan('overage', [calls('1', { currency: 'credits', conversion_rate: 0.5 }), calls('2.00')]);
  const customer = ledger.customer('UTC', 'USD');
  await room.customer(customer.id);
  await room.ask('create-subscription', {
    body: { customer_id: customer.id, plan_id: 'overage', per_credit_overage_amount: 0.75 },
  });
  await grant(customer, '4', 'credits');
  use(customer, '2026-03-20T10:00:00Z', '10');
  await jump('2026-04-01T12:00:00Z');
  const [invoice] = await invoicesOf(customer);
  expect(amountsOf(invoice)).toEqual([
    ['10.00', '10.00', '4.00', '4.50'],
    ['20.00', '20.00', '0.00', '20.00'],
  ]);
});

test('credit counts on the days on which it lived, and a document that it pays whole is paid at once', async () => {
  plan('days', [calls('1.00')]);
  const { customer } = await subscribed('days', null);
  await grant(customer, '5', 'USD', { expiry_date: '2026-03-10' });
  await grant(customer, '100', 'USD', { effective_date: '2026-03-21' });
  use(customer, '2026-03-05T10:00:00Z', '3');
  use(customer, '2026-03-15T10:00:00Z', '2');
  use(customer, '2026-03-25T10:00:00Z', '7');
  await jump('2026-04-01T06:00:00Z');
  const [draft] = await invoicesOf(customer);
  expect(draft).toMatchObject({ status: 'draft', total: '2.00' });
  await jump('2026-04-01T12:00:00Z');
  const [march] = await invoicesOf(customer);
  expect(amountsOf(march)).toEqual([['12.00', '12.00', '10.00', '2.00']]);
  use(customer, '2026-04-05T10:00:00Z', '9');
  await jump('2026-05-01T12:00:00Z');
  const [april] = await invoicesOf(customer);
  expect(april).toMatchObject({ status: 'paid', total: '0.00', amount_due: '0.00' });
  expect(amountsOf(april)).toEqual([['9.00', '9.00', '9.00', '0.00']]);
});

test('T29: amended from 100 to 80, 20 go back to the blocks that paid; the issued invoice never changes', async () => {
  plan('amended', [calls('1.00')]);
  const { customer } = await subscribed('amended', '90');
  use(customer, '2026-03-05T10:00:00Z', '100');
  await jump('2026-04-01T12:00:00Z');
  const before = await invoicesOf(customer);
  expect(amountsOf(before[0])).toEqual([['100.00', '100.00', '90.00', '10.00']]);
  use(customer, '2026-03-06T10:00:00Z', '-20');
  await jump('2026-05-01T12:00:00Z');
  const after = await invoicesOf(customer);
  // Money first: 10.00 by a credit note; then the credit that 80 would not have drawn.
  expect(after[1]).toMatchObject({
    ...{ status: 'paid', total: '10.00', amount_due: '0.00' },
    ...{ credit_notes: [{ total: '10.00' }], line_items: before[0]?.['line_items'] },
  });
  expect(await customer.blocks({ currency: 'USD' })).toMatchObject([{ balance: 10 }]);
  use(customer, '2026-03-07T10:00:00Z', '5');
  await jump('2026-06-01T12:00:00Z');
  const [may] = await invoicesOf(customer);
  expect(amountsOf(may)[0]).toEqual(['5.00', '5.00', '5.00', '0.00']);
  expect(await customer.blocks({ currency: 'USD' })).toMatchObject([{ balance: 5 }]);
});

test('an account whose clock stands: what falls due by a change is issued with it, and credit pays it', async () => {
  plan('standing', [
    priceOf({ id: 'arrears', unit_config: { unit_amount: '31.00' }, billing_mode: 'in_arrear' }),
  ]);
  const { customer, id } = await subscribed('standing', '3');
  room.time.nowMs = at('2026-03-11T00:00:00Z');
  ledger.nowMs = room.time.nowMs;
  room.time.standsAtMs = room.time.nowMs;
  const path = { subscription_id: id };
  await room.ask('cancel-subscription', { path, body: { cancel_option: 'immediate' } });
  room.time.standsAtMs = null;
  const [invoice] = await invoicesOf(customer);
  // Ten days for 10.00, of which the credit of the first day pays from the second on.
  expect(invoice).toMatchObject({ status: 'issued', total: '7.00' });
  expect(amountsOf(invoice)).toEqual([['10.00', '10.00', '3.00', '7.00']]);
});

test('a threshold counts what credit does not pay; partial invoices and the last one draw each day once, killed at any step', async () => {
  plan('partly', [calls('1', { currency: 'credits', conversion_rate: 0.333 })]);
  const { customer, id } = await subscribed('partly', '30', 'credits');
  const path = { subscription_id: id };
  await room.ask('update-subscription', { path, body: { invoicing_threshold: '3.00' } });
  let kills = 0;
  const reach = async (to: string): Promise<void> => {
    ledger.nowMs = at(to);
    room.time.nowMs = at(to);
    for (let effects = 0; ; effects++) {
      dies = effects % 61;
      const done = await room.billing.thresholds
        .run()
        .then(() => room.billing.run.runDue('acct_a', at(to)))
        .catch(() => null);
      dies = -1;
      if (done?.status === 'done') break;
      kills += 1;
    }
  };
  use(customer, '2026-03-02T10:00:00Z', '39');
  // 9 at 0.333 are 2.997, printed as 3.00.
  use(customer, '2026-03-03T09:00:00Z', '0');
  await reach('2026-03-03T10:00:00Z');
  await grant(customer, '5', 'credits');
  use(customer, '2026-03-03T11:00:00Z', '6');
  await reach('2026-03-03T12:00:00Z');
  use(customer, '2026-03-04T10:00:00Z', '10');
  await reach('2026-03-04T12:00:00Z');
  use(customer, '2026-03-20T10:00:00Z', '1');
  await reach('2026-04-01T12:00:00Z');
  expect(kills).toBeGreaterThan(20);
  const invoices = await invoicesOf(customer);
  expect(invoices.map((one) => [one['invoice_source'], one['total'], ...amountsOf(one)])).toEqual([
    ['subscription', '0.33', ['56.00', '56.00', '0.00', '0.33']],
    ['partial', '3.66', ['55.00', '55.00', '5.00', '3.66']],
    ['partial', '3.00', ['39.00', '39.00', '30.00', '3.00']],
  ]);
  // 56 used, 35 paid by credit: 21 at 0.333 are 6.99, as on one invoice.
  expect(await customer.blocks({ currency: 'credits' })).toEqual([]);
});

test('killed at any step of a run and begun again: one number each, drawn once, drawn = applied', async () => {
  plan('killed', [
    calls('1.00'),
    calls('2.00'),
    priceOf({ id: 'late', billing_mode: 'in_arrear' }),
  ]);
  const { customer } = await subscribed('killed', '40');
  let kills = 0;
  for (const [month, next] of ['03', '04', '05', '06', '07'].entries()) {
    use(customer, `2026-${next}-10T10:00:00Z`, '3');
    const to = `2026-0${String(month + 4)}-01T12:00:00Z`;
    ledger.nowMs = at(to);
    room.time.nowMs = at(to);
    // Each run gets one effect further than the one before it.
    for (let effects = 0; ; effects++) {
      dies = effects % 61;
      const outcome = await room.billing.run.runDue('acct_a', at(to)).catch(() => null);
      dies = -1;
      if (outcome?.status === 'done') break;
      kills += 1;
    }
  }
  expect(kills).toBeGreaterThan(20);
  const invoices = await invoicesOf(customer);
  expect(invoices).toHaveLength(5);
  expect(new Set(invoices.map((one) => one['invoice_number'])).size).toBe(5);
  expect(invoices.filter(({ status }) => status === 'draft')).toEqual([]);
  const applied = invoices.flatMap((one) => amountsOf(one).map((line) => decimal(String(line[2]))));
  expect(sumOf(applied).toString()).toBe('40');
  expect(invoices.map((one) => one['total'])).toEqual(['19.00', '19.00', '17.00', '0.00', '0.00']);
  const { data } = await customer.page({ currency: 'USD', entry_type: 'decrement', limit: 100 });
  expect(sumOf(data.map((row) => decimal(String(row['amount'])))).toString()).toBe('-40');
  for (const row of data) expect(invoices.map(({ id }) => id)).toContain(row['invoice_id']);
});
