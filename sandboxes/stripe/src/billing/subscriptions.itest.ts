import { eventually } from '@orbit/testing';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type Stripe from 'stripe';
import {
  control,
  customerWithCard,
  refusal,
  startWorld,
  submit,
  type World,
} from '../test-world.js';

const at = (text: string): number => Date.parse(text) / 1_000;
const day = (seconds: number | undefined): string =>
  new Date((seconds ?? 0) * 1_000).toISOString().slice(0, 10);

let world: World;
let stripe: Stripe;
let starter: Stripe.Price;
let growth: Stripe.Price;
beforeAll(async () => {
  world = await startWorld();
  stripe = world.stripe;
  const plan = (name: string, unit_amount: number, interval: 'month' | 'year' = 'month') =>
    stripe.prices.create({
      ...{ currency: 'usd', unit_amount, product_data: { name } },
      ...{ recurring: { interval }, lookup_key: `${name}_${interval}` },
    });
  starter = await plan('starter', 4_900);
  growth = await plan('growth', 19_900);
});
afterAll(() => world?.close());

async function onClock(frozen: string, card = 'pm_card_visa') {
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: at(frozen) });
  const { customer, method } = await customerWithCard(stripe, card, { test_clock: clock.id });
  await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: method.id },
  });
  return { clock, customer, method };
}

async function advance(clock: Stripe.TestHelpers.TestClock, to: string): Promise<void> {
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: at(to) });
  await eventually(async () => {
    const now = await stripe.testHelpers.testClocks.retrieve(clock.id);
    expect([now.status, now.frozen_time]).toEqual(['ready', at(to)]);
  });
}

const subscribe = (customer: string, price = starter.id) =>
  stripe.subscriptions.create({ customer, items: [{ price }] });

const invoicesOf = async (subscription: string) =>
  (await stripe.invoices.list({ subscription })).data;

/** Types about a subscription or its invoices, in the order in which they were raised. */
async function storyOf(subscription: string): Promise<readonly string[]> {
  const events = (await stripe.events.list({ limit: 100 })).data.reverse();
  const isAbout = ({ data }: Stripe.Event): boolean => {
    const object = data.object as { id?: string; parent?: { subscription_details?: unknown } };
    const details = object.parent?.subscription_details as { subscription?: string } | undefined;
    return object.id === subscription || details?.subscription === subscription;
  };
  return events.filter(isAbout).map((event) => event.type);
}

test('products and prices: by lookup key, by product, changed and retired', async () => {
  const found = await stripe.prices.list({
    lookup_keys: ['growth_month'],
    expand: ['data.product'],
  });
  expect(found.data[0]).toMatchObject({ id: growth.id, product: { name: 'growth' } });
  const again = stripe.prices.create({
    ...{ currency: 'usd', unit_amount: 1, product_data: { name: 'x' }, lookup_key: 'growth_month' },
  });
  expect((await refusal(again)).code).toBe('resource_already_exists');
  const own = await stripe.products.create({ id: 'plan_custom', name: 'Custom' });
  const price = await stripe.prices.create({ currency: 'usd', unit_amount: 5, product: own.id });
  await stripe.prices.update(price.id, { active: false });
  expect((await stripe.prices.list({ product: own.id, active: true })).data).toEqual([]);
  expect((await stripe.prices.retrieve(price.id)).type).toBe('one_time');
});

test('Checkout sells a subscription: paid page, active subscription, paid invoice, linked', async () => {
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: growth.id, quantity: 1 }],
    success_url: 'https://shop.test/ok',
    subscription_data: { metadata: { organization: 'org_1' } },
  });
  expect(session).toMatchObject({ amount_total: 19_900, payment_status: 'unpaid' });
  const page = await (await fetch(session.url ?? '')).text();
  expect(page).toContain('Subscribe to growth');
  expect(page).toContain('per month');
  expect((await submit(session.url ?? '', { card_number: '4000000000000002' })).status).toBe(402);
  expect((await submit(session.url ?? '', {})).status).toBe(303);

  const done = await stripe.checkout.sessions.retrieve(session.id, {
    expand: ['subscription.latest_invoice.payments'],
  });
  expect(done).toMatchObject({ status: 'complete', payment_status: 'paid', payment_intent: null });
  const subscription = done.subscription as Stripe.Subscription;
  expect(subscription).toMatchObject({ status: 'active', metadata: { organization: 'org_1' } });
  const invoice = subscription.latest_invoice as Stripe.Invoice;
  expect(invoice).toMatchObject({
    ...{ status: 'paid', amount_paid: 19_900, billing_reason: 'subscription_create' },
    parent: { subscription_details: { subscription: subscription.id } },
  });
  const [payment] = invoice.payments?.data ?? [];
  expect(payment).toMatchObject({ status: 'paid', amount_paid: 19_900 });
  await eventually(() => {
    const types = world.listener.typesAbout(invoice.id);
    expect(types).toEqual(expect.arrayContaining(['invoice.created', 'invoice.paid']));
    expect(world.listener.typesAbout(session.id)).toEqual(['checkout.session.completed']);
  });
});

test('a trial takes a card and no money; its invoice is paid with nothing', async () => {
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: starter.id, quantity: 1 }],
    success_url: 'https://shop.test/ok',
    subscription_data: { trial_period_days: 14 },
  });
  expect(session).toMatchObject({ amount_total: 0, payment_status: 'no_payment_required' });
  await submit(session.url ?? '', {});
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription'] });
  const subscription = done.subscription as Stripe.Subscription;
  expect(subscription.status).toBe('trialing');
  const [invoice] = await invoicesOf(subscription.id);
  expect(invoice).toMatchObject({ status: 'paid', amount_due: 0, total: 0 });
  expect(subscription.default_payment_method).toMatch(/^pm_/);
});

test('a subscription paid by debit: active, unpaid until the bank answers', async () => {
  await control(world, 'faults', { debit_settle_ms: -1 });
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: starter.id, quantity: 1 }],
    success_url: 'https://shop.test/ok',
  });
  await submit(session.url ?? '', {
    payment_method_type: 'us_bank_account',
    routing_number: '110000000',
    account_number: '000123456789',
  });
  const read = () =>
    stripe.checkout.sessions.retrieve(session.id, { expand: ['invoice.payments'] });
  const before = await read();
  expect(before).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
  const invoice = before.invoice as Stripe.Invoice;
  expect(invoice.status).toBe('open');
  const intent = String(invoice.payments?.data[0]?.payment.payment_intent);
  await control(world, `payment_intents/${intent}/settle`, { status: 'succeeded' });
  const after = await read();
  expect([after.payment_status, (after.invoice as Stripe.Invoice).status]).toEqual([
    'paid',
    'paid',
  ]);
});

test('a month on the clock: draft, final, paid, in Stripe’s order; the anchor does not drift', async () => {
  const { clock, customer } = await onClock('2026-01-31T10:00:00Z');
  const made = await subscribe(customer.id);
  expect([made.status, made.test_clock, day(made.items.data[0]?.current_period_end)]).toEqual([
    'active',
    clock.id,
    '2026-02-28',
  ]);
  expect(await storyOf(made.id)).toEqual([
    'customer.subscription.created',
    'invoice.created',
    'invoice.finalized',
    'invoice.paid',
    'invoice.payment_succeeded',
    'customer.subscription.updated',
  ]);
  await advance(clock, '2026-02-28T10:30:00Z');
  const [draft] = await invoicesOf(made.id);
  expect(draft).toMatchObject({ status: 'draft', billing_reason: 'subscription_cycle' });
  expect(day(draft?.period_start)).toBe('2026-01-31');
  await advance(clock, '2026-04-30T12:00:00Z');
  const invoices = await invoicesOf(made.id);
  expect(invoices.map((each) => [each.status, each.amount_paid])).toEqual(
    Array.from({ length: 4 }, () => ['paid', 4_900]),
  );
  expect(invoices.map((each) => each.number?.slice(-4))).toEqual(['0004', '0003', '0002', '0001']);
  const now = await stripe.subscriptions.retrieve(made.id);
  expect(day(now.items.data[0]?.current_period_end)).toBe('2026-05-31');
  expect((await storyOf(made.id)).slice(6, 11)).toEqual([
    'customer.subscription.updated',
    'invoice.created',
    'invoice.finalized',
    'invoice.paid',
    'invoice.payment_succeeded',
  ]);
});

test('T24: an upgrade in the middle of a month is billed at once when it is to be', async () => {
  const { clock, customer } = await onClock('2026-03-01T00:00:00Z');
  const made = await subscribe(customer.id);
  await advance(clock, '2026-03-16T00:00:00Z');
  const item = made.items.data[0]?.id ?? '';
  await stripe.subscriptions.update(made.id, {
    items: [{ id: item, price: growth.id }],
    proration_behavior: 'always_invoice',
  });
  const [invoice] = await invoicesOf(made.id);
  expect(invoice).toMatchObject({
    ...{ status: 'paid', billing_reason: 'subscription_update', total: 7_742 },
  });
  expect(invoice?.lines.data.map((line) => line.amount)).toEqual([-2_529, 10_271]);
  const charged = await stripe.charges.list({ customer: customer.id });
  expect(charged.data.map((charge) => charge.amount)).toEqual([7_742, 4_900]);
});

test('a downgrade is credited with the next invoice; without proration with none', async () => {
  const { clock, customer } = await onClock('2026-03-01T00:00:00Z');
  const made = await subscribe(customer.id, growth.id);
  const item = made.items.data[0]?.id ?? '';
  await advance(clock, '2026-03-16T00:00:00Z');
  const change = { items: [{ id: item, price: starter.id }] };
  await stripe.subscriptions.update(made.id, change);
  expect(await invoicesOf(made.id)).toHaveLength(1);
  await advance(clock, '2026-04-01T02:00:00Z');
  const [invoice] = await invoicesOf(made.id);
  // -102.71 + 25.29 + 49.00: the rest is kept for the customer.
  expect(invoice).toMatchObject({ status: 'paid', total: -2_842, amount_due: 0 });
  const keeper = (await stripe.customers.retrieve(customer.id)) as Stripe.Customer;
  expect(keeper.balance).toBe(-2_842);
  const none = { ...change, items: [{ id: item, price: growth.id }] };
  await stripe.subscriptions.update(made.id, { ...none, proration_behavior: 'none' });
  await advance(clock, '2026-05-01T02:00:00Z');
  const [next] = await invoicesOf(made.id);
  expect(next).toMatchObject({ total: 19_900, starting_balance: -2_842, amount_due: 17_058 });
});

test('a change from months to years begins a year and is billed at once', async () => {
  const { clock, customer } = await onClock('2026-03-01T00:00:00Z');
  const made = await subscribe(customer.id);
  const yearly = await stripe.prices.create({
    ...{ currency: 'usd', unit_amount: 49_000, product: String(starter.product) },
    recurring: { interval: 'year' },
  });
  await advance(clock, '2026-03-16T00:00:00Z');
  const item = made.items.data[0]?.id ?? '';
  const changed = await stripe.subscriptions.update(made.id, {
    items: [{ id: item, price: yearly.id }],
  });
  expect(day(changed.items.data[0]?.current_period_end)).toBe('2027-03-16');
  const [invoice] = await invoicesOf(made.id);
  expect(invoice?.lines.data.map((line) => line.amount)).toEqual([-2_529, 49_000]);
});

test('canceled at the end of its period it lives until then; taken back it lives on', async () => {
  const { clock, customer } = await onClock('2026-03-01T00:00:00Z');
  const [ends, stays] = [await subscribe(customer.id), await subscribe(customer.id)];
  for (const { id } of [ends, stays]) {
    const set = await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    expect([set.status, day(set.cancel_at ?? 0)]).toEqual(['active', '2026-04-01']);
  }
  await stripe.subscriptions.update(stays.id, { cancel_at_period_end: false });
  await advance(clock, '2026-04-02T00:00:00Z');
  const ended = await stripe.subscriptions.retrieve(ends.id);
  expect(ended).toMatchObject({
    status: 'canceled',
    cancellation_details: { reason: 'cancellation_requested' },
  });
  expect((await storyOf(ends.id)).at(-1)).toBe('customer.subscription.deleted');
  expect((await stripe.subscriptions.retrieve(stays.id)).status).toBe('active');
  const gone = await stripe.subscriptions.cancel(stays.id);
  expect(gone.status).toBe('canceled');
  expect((await stripe.subscriptions.list({ customer: customer.id })).data).toEqual([]);
  const all = await stripe.subscriptions.list({ customer: customer.id, status: 'all' });
  expect(all.data).toHaveLength(2);
});

test('a card that goes bad: past due, three more attempts, then canceled', async () => {
  const { clock, customer, method } = await onClock('2026-03-01T00:00:00Z');
  const made = await subscribe(customer.id);
  const behave = (behavior: string) =>
    control(world, `payment_methods/${method.id}/behavior`, { behavior });
  await behave('insufficient_funds');
  await advance(clock, '2026-04-01T02:00:00Z');
  expect((await stripe.subscriptions.retrieve(made.id)).status).toBe('past_due');
  const [open] = await invoicesOf(made.id);
  expect(open).toMatchObject({ status: 'open', attempt_count: 1, attempted: true });
  expect(day(open?.next_payment_attempt ?? 0)).toBe('2026-04-04');
  await behave('succeed');
  await advance(clock, '2026-04-05T00:00:00Z');
  expect((await stripe.subscriptions.retrieve(made.id)).status).toBe('active');
  await behave('insufficient_funds');
  await advance(clock, '2026-05-20T00:00:00Z');
  const ended = await stripe.subscriptions.retrieve(made.id);
  expect([ended.status, ended.cancellation_details?.reason]).toEqual([
    'canceled',
    'payment_failed',
  ]);
  const failures = (await storyOf(made.id)).filter((type) => type === 'invoice.payment_failed');
  expect(failures).toHaveLength(5);
});

test('a card that wants its owner asks them on the page of the invoice', async () => {
  const { customer } = await onClock('2026-03-01T00:00:00Z', 'pm_card_authenticationRequired');
  const made = await subscribe(customer.id);
  expect(made.status).toBe('incomplete');
  const [invoice] = await invoicesOf(made.id);
  const shown = await stripe.invoices.retrieve(invoice?.id ?? '', { expand: ['payments'] });
  const intent = String(shown.payments?.data[0]?.payment.payment_intent);
  const asked = await stripe.paymentIntents.retrieve(intent);
  expect(asked.status).toBe('requires_action');
  await submit(asked.next_action?.redirect_to_url?.url ?? '', {
    action: 'complete_authentication',
  });
  expect((await stripe.subscriptions.retrieve(made.id)).status).toBe('active');
  expect((await stripe.invoices.retrieve(invoice?.id ?? '')).status).toBe('paid');
});

test('never paid, it expires within a day; made to fail loudly, nothing is left', async () => {
  const { clock, customer, method } = await onClock(
    '2026-03-01T00:00:00Z',
    'pm_card_chargeCustomerFail',
  );
  const made = await subscribe(customer.id);
  expect(made.status).toBe('incomplete');
  await advance(clock, '2026-03-02T00:00:00Z');
  expect((await stripe.subscriptions.retrieve(made.id)).status).toBe('incomplete_expired');
  expect((await invoicesOf(made.id)).map((invoice) => invoice.status)).toEqual(['void']);
  const loud = stripe.subscriptions.create({
    customer: customer.id,
    default_payment_method: method.id,
    items: [{ price: starter.id }],
    payment_behavior: 'error_if_incomplete',
  });
  expect(await refusal(loud)).toMatchObject({ statusCode: 402, code: 'card_declined' });
  const all = await stripe.subscriptions.list({ customer: customer.id, status: 'all' });
  expect(all.data).toHaveLength(1);
});

test('an open invoice is paid by hand, once; a page shows it', async () => {
  const { customer } = await onClock('2026-03-01T00:00:00Z', 'pm_card_chargeCustomerFail');
  const made = await subscribe(customer.id);
  const [invoice] = await invoicesOf(made.id);
  const id = invoice?.id ?? '';
  expect((await refusal(stripe.invoices.pay(id))).code).toBe('card_declined');
  const page = await (await fetch(invoice?.hosted_invoice_url ?? '')).text();
  expect(page).toContain(invoice?.number ?? 'no number');
  expect((await submit(invoice?.hosted_invoice_url ?? '', {})).status).toBe(303);
  expect((await stripe.invoices.retrieve(id)).status).toBe('paid');
  expect((await stripe.subscriptions.retrieve(made.id)).status).toBe('active');
  expect((await refusal(stripe.invoices.pay(id))).code).toBe('invoice_already_paid');
});

test('invoice_pdf of a final invoice is a PDF that asks for no key and names number and amount; a draft has none', async () => {
  const { clock, customer } = await onClock('2026-03-01T00:00:00Z');
  const made = await subscribe(customer.id);
  const [invoice] = await invoicesOf(made.id);
  const answer = await fetch(invoice?.invoice_pdf ?? '');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf']);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  expect(Buffer.from(bytes.subarray(0, 5)).toString()).toBe('%PDF-');
  const page = await (await getDocument({ data: bytes, verbosity: 0 }).promise).getPage(1);
  const { items } = await page.getTextContent();
  const text = items.map((item) => ('str' in item ? item.str : '')).join(' ');
  expect(text).toContain(`Invoice ${invoice?.number}`);
  expect(text).toContain('49.00 USD');
  await advance(clock, '2026-04-01T00:10:00Z');
  const [draft] = await invoicesOf(made.id);
  expect([draft?.status, draft?.invoice_pdf]).toEqual(['draft', null]);
  const none = await fetch(`${world.url}/i/${draft?.id}/pdf`);
  expect([none.status, await none.text()]).toEqual([404, expect.stringContaining('no such')]);
});

test('a clock goes forwards only, and takes its customers with it when it is deleted', async () => {
  const { clock, customer } = await onClock('2026-03-01T00:00:00Z');
  await subscribe(customer.id);
  const back = stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: at('2026-01-01') });
  expect((await refusal(back)).param).toBe('frozen_time');
  await stripe.testHelpers.testClocks.del(clock.id);
  expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ deleted: true });
});

test('the portal confirms an update that was prepared: prorated, paid at once, or nothing changes', async () => {
  const { clock, customer } = await onClock('2026-03-01T00:00:00Z');
  const { id, items } = await subscribe(customer.id);
  await advance(clock, '2026-03-16T00:00:00Z');
  const prepare = (price: string, subscription = id) =>
    stripe.billingPortal.sessions.create({
      customer: customer.id,
      return_url: 'https://shop.test/back',
      flow_data: {
        type: 'subscription_update_confirm',
        subscription_update_confirm: {
          subscription,
          items: [{ id: items.data[0]?.id ?? '', price, quantity: 1 }],
        },
        after_completion: { type: 'redirect', redirect: { return_url: 'https://shop.test/done' } },
      },
    });
  expect((await refusal(prepare(growth.id, 'sub_nothing'))).code).toBe('resource_missing');
  const portal = await prepare(growth.id);
  const page = await (await fetch(portal.url)).text();
  expect(page).toContain('Confirm your update');
  // T24: 199 − 49 for 16 of 31 days.
  expect(page).toContain('77.42');
  const poor = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
    customer: customer.id,
  });
  const pays = (method: string) =>
    stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method } });
  const rich = String(
    ((await stripe.customers.retrieve(customer.id)) as Stripe.Customer).invoice_settings
      .default_payment_method,
  );
  await pays(poor.id);
  const declined = await submit(portal.url, { action: 'confirm' });
  expect(declined.status).toBe(402);
  expect(await declined.text()).toContain('declined');
  expect((await stripe.subscriptions.retrieve(id)).items.data[0]?.price.id).toBe(starter.id);
  expect(await invoicesOf(id)).toHaveLength(1);
  await pays(rich);
  const done = await submit(portal.url, { action: 'confirm' });
  expect([done.status, done.headers.get('location')]).toEqual([303, 'https://shop.test/done']);
  expect((await stripe.subscriptions.retrieve(id)).items.data[0]?.price.id).toBe(growth.id);
  const [latest] = await invoicesOf(id);
  expect(latest).toMatchObject({ status: 'paid', total: 7_742 });
});
