import { eventually } from '@orbit/testing';
import type Stripe from 'stripe';
import {
  customerWithCard,
  offSession,
  refusal,
  startWorld,
  submit,
  submitJson,
  type World,
} from '../test-world.js';

let world: World;
let stripe: Stripe;
beforeAll(async () => {
  world = await startWorld();
  stripe = world.stripe;
});
afterAll(() => world?.close());

const readCustomer = async (id: string) => (await stripe.customers.retrieve(id)) as Stripe.Customer;
const methodsOf = async (id: string) => (await stripe.customers.listPaymentMethods(id)).data;

test('a setup session saves a card that pays later without its owner; nothing is charged', async () => {
  const customer = await stripe.customers.create({});
  const session = await stripe.checkout.sessions.create({
    mode: 'setup',
    currency: 'usd',
    customer: customer.id,
    success_url: 'https://shop.test/ok',
    setup_intent_data: { metadata: { organization: 'org_1' } },
  });
  expect(session).toMatchObject({
    amount_total: null,
    payment_status: 'no_payment_required',
    payment_intent: null,
  });
  expect(await (await fetch(session.url ?? '')).text()).toContain('Save card');
  await submit(session.url ?? '', { card_number: '4000002500003155' });
  const answer = await submitJson(session.url ?? '', { action: 'complete_authentication' });
  expect(answer.status).toBe('complete');
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent'] });
  const setup = done.setup_intent as Stripe.SetupIntent;
  expect(setup).toMatchObject({ status: 'succeeded', metadata: { organization: 'org_1' } });
  const paid = await stripe.paymentIntents.create(
    offSession(customer.id, String(setup.payment_method)),
  );
  expect(paid.status).toBe('succeeded');
  await eventually(() => {
    expect(world.listener.typesAbout(setup.id)).toContain('setup_intent.succeeded');
    expect(world.listener.typesAbout(session.id)).toEqual(['checkout.session.completed']);
  });
});

test('setup sessions refuse what belongs to payments, and what Stripe would need', async () => {
  const base = { mode: 'setup', success_url: 'https://shop.test/ok' } as const;
  expect((await refusal(stripe.checkout.sessions.create(base))).param).toBe('currency');
  const wrong = { ...base, currency: 'usd', payment_intent_data: { description: 'x' } };
  expect((await refusal(stripe.checkout.sessions.create(wrong))).param).toBe('payment_intent_data');
});

test('the default method must be the customer’s own', async () => {
  const mine = await customerWithCard(stripe);
  const theirs = await customerWithCard(stripe);
  const choose = (method: string) =>
    stripe.customers.update(mine.customer.id, {
      invoice_settings: { default_payment_method: method },
    });
  expect((await refusal(choose(theirs.method.id))).param).toBe(
    'invoice_settings[default_payment_method]',
  );
  const changed = await choose(mine.method.id);
  expect(changed.invoice_settings.default_payment_method).toBe(mine.method.id);
});

test('the portal lists, adds, chooses and removes payment methods', async () => {
  const { customer, method } = await customerWithCard(stripe);
  const portal = await stripe.billingPortal.sessions.create({
    customer: customer.id,
    return_url: 'https://shop.test/account',
  });
  const page = await (await fetch(portal.url)).text();
  expect(page).toContain('Visa •••• 4242');
  expect(page).toContain('https://shop.test/account');

  const added = await submit(portal.url, { action: 'add', card_number: '5555555555554444' });
  expect([added.status, added.headers.get('location')]).toEqual([303, portal.url]);
  const second = (await methodsOf(customer.id)).find((each) => each.card?.last4 === '4444');
  expect((await readCustomer(customer.id)).invoice_settings.default_payment_method).toBe(
    second?.id,
  );
  await submit(portal.url, { action: 'set_default', payment_method: method.id });
  expect((await readCustomer(customer.id)).invoice_settings.default_payment_method).toBe(method.id);
  await submit(portal.url, { action: 'remove', payment_method: method.id });
  const left = await methodsOf(customer.id);
  expect(left.map((each) => each.id)).toEqual([second?.id]);
  await eventually(() =>
    expect(world.listener.typesAbout(method.id)).toContain('payment_method.detached'),
  );
  const declined = await submit(portal.url, { action: 'add', card_number: '4000000000000002' });
  expect(declined.status).toBe(402);
  expect(await declined.text()).toContain('Your card was declined.');
});

test('a portal flow asks the bank, saves the card as the default and returns to the merchant', async () => {
  const customer = await stripe.customers.create({});
  const portal = await stripe.billingPortal.sessions.create({
    customer: customer.id,
    flow_data: {
      type: 'payment_method_update',
      after_completion: {
        type: 'redirect',
        redirect: { return_url: 'https://shop.test/saved' },
      },
    },
  });
  const asked = await submit(portal.url, { action: 'add', card_number: '4000002500003155' });
  const bank = asked.headers.get('location') ?? '';
  expect(bank).toContain('/3ds/seti_');
  const back = await submit(bank, { action: 'complete_authentication' });
  expect(back.headers.get('location')).toContain('https://shop.test/saved');
  const [saved] = await methodsOf(customer.id);
  expect((await readCustomer(customer.id)).invoice_settings.default_payment_method).toBe(saved?.id);
});

test('an unknown portal link is a 404 page', async () => {
  expect((await fetch(`${world.url}/p/session/bps_nothing`)).status).toBe(404);
});
