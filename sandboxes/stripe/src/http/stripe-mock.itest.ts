import { startStripeMock, type StripeMock, type StripeRequest } from '@orbit/testing';
import type Stripe from 'stripe';
import {
  control,
  customerWithCard,
  offSession,
  refusal,
  sessionParams,
  startWorld,
  submit,
  type World,
} from '../test-world.js';

// Goal: what the sandbox takes, Stripe takes. Method: one walk over everything that the product asks, against
// the sandbox; then the same requests, as the sandbox has logged them, against Stripe's own stripe-mock.
let world: World;
let stripe: Stripe;
let mock: StripeMock | null = null;
beforeAll(async () => {
  [world, mock] = await Promise.all([startWorld(), startStripeMock()]);
  stripe = world.stripe;
}, 360_000);
afterAll(async () => {
  await mock?.stop();
  await world?.close();
});

const METADATA = { orbit_topup_id: 'tu_1', orbit_organization_id: 'org_1' };
const EXPAND = { expand: ['payment_method'] };

/** As checkout sends them. */
async function topUps(): Promise<{ customer: string; charge: string; intent: string }> {
  const customer = await stripe.customers.create(
    { metadata: { orbit_organization_id: 'org_1' } },
    { idempotencyKey: 'mock-0001' },
  );
  const session = await stripe.checkout.sessions.create(
    sessionParams({
      customer: customer.id,
      metadata: METADATA,
      payment_intent_data: { metadata: METADATA, setup_future_usage: 'off_session' },
    }),
  );
  await submit(session.url ?? '', {});
  const expand = ['payment_intent', 'payment_intent.payment_method'];
  const paid = await stripe.checkout.sessions.retrieve(session.id, { expand });
  const intent = paid.payment_intent as Stripe.PaymentIntent;
  await stripe.checkout.sessions.list({ payment_intent: intent.id, limit: 1 });
  await stripe.checkout.sessions.create({
    ...{ mode: 'setup', customer: customer.id, currency: 'usd', metadata: METADATA },
    ...{ success_url: 'https://shop.test/ok', cancel_url: 'https://shop.test/no' },
    setup_intent_data: { metadata: METADATA },
  });
  const ended = await stripe.checkout.sessions.create(sessionParams());
  await stripe.checkout.sessions.expire(ended.id);
  return { customer: customer.id, charge: String(intent.latest_charge), intent: intent.id };
}

async function savedMethods(customerId: string): Promise<void> {
  await stripe.customers.retrieve(customerId);
  const [saved] = (await stripe.customers.listPaymentMethods(customerId, { limit: 100 })).data;
  const method = saved?.id ?? '';
  await stripe.customers.update(customerId, {
    invoice_settings: { default_payment_method: method },
  });
  const charge = { ...offSession(customerId, method), description: 'Wallet top-up', ...EXPAND };
  const made = await stripe.paymentIntents.create({ ...charge, metadata: METADATA });
  await stripe.paymentIntents.retrieve(made.id, EXPAND);
  await stripe.paymentIntents.list({ customer: customerId, created: { gte: 1 }, limit: 100 });

  const strict = await customerWithCard(stripe, 'pm_card_authenticationRequired');
  const params = offSession(strict.customer.id, strict.method.id);
  const error = await refusal(stripe.paymentIntents.create(params));
  const asked = await stripe.paymentIntents.confirm(error.payment_intent?.id ?? '', {
    ...{ payment_method: strict.method.id, return_url: 'https://shop.test/back', ...EXPAND },
  });
  await stripe.paymentIntents.cancel(asked.id, { cancellation_reason: 'abandoned', ...EXPAND });
  await stripe.billingPortal.sessions.create({
    ...{ customer: customerId, return_url: 'https://shop.test/account' },
    flow_data: {
      type: 'payment_method_update',
      after_completion: { type: 'redirect', redirect: { return_url: 'https://shop.test/saved' } },
    },
  });
  await stripe.paymentMethods.detach(method);
}

async function refundsAndDisputes(intent: string, charge: string): Promise<void> {
  const refund = await stripe.refunds.create({
    ...{ payment_intent: intent, amount: 100, reason: 'requested_by_customer' },
    metadata: METADATA,
  });
  await stripe.refunds.retrieve(refund.id, { expand: ['balance_transaction'] });
  await stripe.refunds.list({ payment_intent: intent, limit: 100, created: { gte: 1 } });
  const dispute = await control<Stripe.Dispute>(world, `charges/${charge}/dispute`);
  await stripe.disputes.retrieve(dispute.id, { expand: ['charge'] });
  await stripe.disputes.update(dispute.id, {
    ...{ evidence: { uncategorized_text: 'winning_evidence' }, submit: true },
  });
  await stripe.disputes.list({ created: { gte: 1 }, limit: 100 });
  await stripe.charges.retrieve(charge, { expand: ['balance_transaction', 'refunds'] });
  await stripe.charges.list({ created: { gte: 1 }, limit: 100 });
  await stripe.radar.earlyFraudWarnings.list({ charge });
}

async function reconciliation(): Promise<void> {
  await stripe.balanceTransactions.list({
    ...{ created: { gte: 1, lt: 4_000_000_000 }, limit: 100, expand: ['data.source'] },
  });
  await stripe.balanceTransactions.list({ type: 'stripe_fee', currency: 'usd' });
  await stripe.events.list({ created: { gte: 1 }, delivery_success: false, limit: 100 });
  const types = ['charge.refunded', 'checkout.session.completed'];
  const page = await stripe.events.list({ types, limit: 2 });
  await stripe.events.list({ types, limit: 2, starting_after: page.data[0]?.id ?? '' });
}

async function subscriptions(): Promise<void> {
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1_770_000_000 });
  const { customer, method } = await customerWithCard(stripe, 'pm_card_visa', {
    test_clock: clock.id,
  });
  await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: method.id },
  });
  const product = await stripe.products.create({ name: 'Growth', metadata: { plan: 'growth' } });
  const price = (unit_amount: number) =>
    stripe.prices.create({
      ...{ currency: 'usd', unit_amount, product: product.id, metadata: { plan: 'growth' } },
      ...{ recurring: { interval: 'month' }, lookup_key: `growth_${unit_amount}` },
    });
  const [small, big] = [await price(4_900), await price(19_900)];
  await stripe.prices.list({
    lookup_keys: ['growth_4900'],
    active: true,
    expand: ['data.product'],
  });
  const session = await stripe.checkout.sessions.create({
    ...{ mode: 'subscription', customer: customer.id, client_reference_id: 'org_1' },
    line_items: [{ price: small.id, quantity: 1 }],
    ...{ success_url: 'https://shop.test/ok', cancel_url: 'https://shop.test/no' },
    subscription_data: { metadata: METADATA, trial_period_days: 14 },
    metadata: METADATA,
  });
  await submit(session.url ?? '', {});
  const made = await stripe.subscriptions.create({
    ...{ customer: customer.id, items: [{ price: small.id }], metadata: METADATA },
    ...{ payment_behavior: 'error_if_incomplete', default_payment_method: method.id },
  });
  await stripe.subscriptions.update(made.id, {
    items: [{ id: made.items.data[0]?.id ?? '', price: big.id }],
    ...{ proration_behavior: 'always_invoice', payment_behavior: 'error_if_incomplete' },
  });
  const configuration = await stripe.billingPortal.configurations.create({
    features: {
      invoice_history: { enabled: true },
      payment_method_update: { enabled: true },
      subscription_update: {
        ...{ enabled: true, default_allowed_updates: ['price'] },
        proration_behavior: 'always_invoice',
        products: [{ product: product.id, prices: [big.id] }],
      },
    },
    metadata: { orbit_stripe_price_id: big.id },
  });
  await stripe.billingPortal.configurations.list({ active: true, limit: 100 });
  await stripe.billingPortal.sessions.create({
    ...{ customer: customer.id, configuration: configuration.id },
    return_url: 'https://shop.test/no',
    flow_data: {
      type: 'subscription_update_confirm',
      subscription_update_confirm: {
        subscription: made.id,
        items: [{ id: made.items.data[0]?.id ?? '', price: big.id, quantity: 1 }],
      },
      after_completion: { type: 'redirect', redirect: { return_url: 'https://shop.test/ok' } },
    },
  });
  await stripe.checkout.sessions.list({ customer: customer.id, status: 'open', limit: 100 });
  await stripe.subscriptions.update(made.id, {
    ...{ cancel_at_period_end: true, cancellation_details: { feedback: 'too_expensive' } },
  });
  await stripe.subscriptions.update(made.id, { cancel_at_period_end: false });
  await stripe.subscriptions.retrieve(made.id, { expand: ['latest_invoice.payments'] });
  await stripe.subscriptions.list({ customer: customer.id, status: 'all', limit: 100 });
  const invoices = await stripe.invoices.list({ customer: customer.id, limit: 100 });
  await stripe.invoices.list({ subscription: made.id, status: 'paid', created: { gte: 1 } });
  await stripe.invoices.retrieve(invoices.data[0]?.id ?? '', { expand: ['payments'] });
  await stripe.invoicePayments.list({ invoice: invoices.data[0]?.id ?? '', status: 'paid' });
  await stripe.subscriptions.cancel(made.id, {
    ...{ cancellation_details: { comment: 'moved' }, prorate: false, invoice_now: false },
  });
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: 1_770_000_100 });
}

test('what the product and these tests ask of the sandbox, Stripe’s published OpenAPI takes', async () => {
  const { customer, intent, charge } = await topUps();
  await savedMethods(customer);
  await refundsAndDisputes(intent, charge);
  await reconciliation();
  await subscriptions();
  const answer = await fetch(`${world.url}/_sandbox/requests`);
  const { data: asked } = (await answer.json()) as { data: readonly StripeRequest[] };
  expect(asked.length).toBeGreaterThan(50);
  if (mock === null) return;
  expect(await mock.refusalsOf(asked)).toEqual([]);
});

test('stripe-mock refuses what does not exist: the check above can fail', async () => {
  if (mock === null) return;
  const body = 'mode=payment&colour=red';
  const wrong = { method: 'POST', path: '/v1/checkout/sessions', body };
  expect(await mock.refusalsOf([wrong])).toMatchObject([{ status: 400, request: wrong }]);
});
