import { eventually } from '@orbit/testing';
import type Stripe from 'stripe';
import {
  clearFaults,
  control,
  sessionParams,
  startWorld,
  submit,
  type CardText,
  type World,
} from '../test-world.js';

const ACCOUNT = { payment_method_type: 'us_bank_account', routing_number: '110000000' };
const GOOD = { ...ACCOUNT, account_number: '000123456789' };

let world: World;
let stripe: Stripe;
beforeAll(async () => {
  world = await startWorld();
  stripe = world.stripe;
});
afterAll(() => world?.close());
beforeEach(() => control(world, 'faults', { debit_settle_ms: -1 }));
afterEach(() => clearFaults(world));

async function pay(account: CardText, change: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  const session = await stripe.checkout.sessions.create(sessionParams(change));
  const answer = await submit(session.url ?? '', account);
  return { id: session.id, answer };
}

const read = async (id: string) => {
  const session = await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] });
  return { session, intent: session.payment_intent as Stripe.PaymentIntent };
};

const typesAbout = (id: string) => world.listener.typesAbout(id);

test('a dollar session offers a US bank account beside the card, a euro session SEPA', async () => {
  const dollars = await stripe.checkout.sessions.create(sessionParams());
  expect(dollars.payment_method_types).toEqual(['card', 'us_bank_account']);
  const page = await (await fetch(`${dollars.url ?? ''}?method=us_bank_account`)).text();
  for (const id of ['routing_number', 'account_number', 'name', 'email']) {
    expect(page).toContain(`<label for="${id}">`);
  }
  const only = await stripe.checkout.sessions.create(
    sessionParams({ allowed_payment_method_types: ['card'] }),
  );
  expect(await (await fetch(only.url ?? '')).text()).not.toContain('class="tabs"');
  const wrong = await submit(dollars.url ?? '', { ...ACCOUNT, account_number: '1' });
  expect(wrong.status).toBe(400);
  expect(await wrong.text()).toContain('id="account_number_fault"');
});

test('a debit completes the session unpaid; the bank says yes: async_payment_succeeded', async () => {
  const { id, answer } = await pay(GOOD);
  expect(answer.status).toBe(303);
  const before = await read(id);
  expect(before.session).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
  expect(before.intent).toMatchObject({ status: 'processing', amount_received: 0 });
  await eventually(() => expect(typesAbout(id)).toEqual(['checkout.session.completed']));
  const charge = await stripe.charges.retrieve(String(before.intent.latest_charge));
  expect(charge).toMatchObject({ status: 'pending', paid: false, balance_transaction: null });
  expect(charge.id).toMatch(/^py_/);

  await control(world, `payment_intents/${before.intent.id}/settle`, { status: 'succeeded' });
  const after = await read(id);
  expect(after.session.payment_status).toBe('paid');
  expect(after.intent).toMatchObject({ status: 'succeeded', amount_received: 10_000 });
  await eventually(() =>
    expect(typesAbout(id)).toEqual([
      'checkout.session.completed',
      'checkout.session.async_payment_succeeded',
    ]),
  );
  const paid = await stripe.charges.retrieve(charge.id, { expand: ['balance_transaction'] });
  expect(paid.balance_transaction).toMatchObject({ type: 'payment', amount: 10_000, fee: 80 });
  const twice = await control(world, `payment_intents/${before.intent.id}/settle`, {
    status: 'failed',
  });
  expect(twice.httpStatus).toBe(400);
});

test('the bank says no: async_payment_failed, the session stays unpaid and nothing is on the balance', async () => {
  const { id } = await pay(GOOD);
  const { intent } = await read(id);
  await control(world, `payment_intents/${intent.id}/settle`, { status: 'failed' });
  const after = await read(id);
  expect(after.session).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
  expect(after.intent.status).toBe('requires_payment_method');
  expect(after.intent.last_payment_error?.code).toBe('insufficient_funds');
  await eventually(() => expect(typesAbout(id)).toContain('checkout.session.async_payment_failed'));
  const source = String(intent.latest_charge);
  expect((await stripe.balanceTransactions.list({ source })).data).toEqual([]);
});

test('left alone, an account answers by itself, as its number says', async () => {
  await control(world, 'faults', { debit_settle_ms: 0 });
  const good = await pay(GOOD);
  const closed = await pay({ ...ACCOUNT, account_number: '000111111113' });
  const line = (currency: string) => [
    { quantity: 1, price_data: { currency, unit_amount: 700, product_data: { name: 'x' } } },
  ];
  const disputed = await pay(
    { payment_method_type: 'sepa_debit', iban: 'DE35 3704 0044 0532 0130 02' },
    { line_items: line('eur') },
  );
  await eventually(() => {
    expect(typesAbout(good.id)).toContain('checkout.session.async_payment_succeeded');
    expect(typesAbout(closed.id)).toContain('checkout.session.async_payment_failed');
    expect(typesAbout(disputed.id)).toContain('checkout.session.async_payment_succeeded');
  });
  expect((await read(closed.id)).intent.last_payment_error?.code).toBe('account_closed');
  const { intent } = await read(disputed.id);
  const disputes = await stripe.disputes.list({ payment_intent: intent.id });
  expect(disputes.data.map((dispute) => dispute.amount)).toEqual([700]);
});

test('a saved account is charged without its owner: processing, then paid', async () => {
  const customer = await stripe.customers.create({ email: 'ada@example.com' });
  const { id } = await pay(GOOD, {
    customer: customer.id,
    payment_intent_data: { setup_future_usage: 'off_session' },
  });
  const { intent } = await read(id);
  await control(world, `payment_intents/${intent.id}/settle`, { status: 'succeeded' });
  const [saved] = (await stripe.customers.listPaymentMethods(customer.id)).data;
  expect(saved?.us_bank_account).toMatchObject({ last4: '6789', routing_number: '110000000' });
  const again = await stripe.paymentIntents.create({
    ...{ amount: 900, currency: 'usd', customer: customer.id },
    ...{ payment_method: saved?.id ?? '', confirm: true, off_session: true },
  });
  expect(again.status).toBe('processing');
  await control(world, `payment_intents/${again.id}/settle`, { status: 'succeeded' });
  expect((await stripe.paymentIntents.retrieve(again.id)).amount_received).toBe(900);
});

test('a payment under way is neither canceled nor confirmed again', async () => {
  const { id } = await pay(GOOD);
  const { intent } = await read(id);
  const code = 'payment_intent_unexpected_state';
  await expect(stripe.paymentIntents.cancel(intent.id)).rejects.toMatchObject({ code });
  await expect(stripe.paymentIntents.confirm(intent.id)).rejects.toMatchObject({ code });
});
