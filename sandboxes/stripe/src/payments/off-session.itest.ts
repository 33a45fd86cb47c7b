import type Stripe from 'stripe';
import {
  clearFaults,
  control,
  customerWithCard,
  offSession,
  refusal,
  startWorld,
  submit,
  type World,
} from '../test-world.js';

const RETURN_URL = 'https://shop.test/back?top=1';

let world: World;
let stripe: Stripe;
beforeAll(async () => {
  world = await startWorld();
  stripe = world.stripe;
});
afterAll(() => world?.close());
afterEach(() => clearFaults(world));

const chargesOf = async (payment_intent: string) =>
  (await stripe.charges.list({ payment_intent })).data;

test.each([
  ['pm_card_visa', 'succeeded'],
  ['pm_card_authenticationRequiredSetupForOffSession', 'succeeded'],
  ['pm_card_chargeCustomerFail', 'generic_decline'],
  ['pm_card_authenticationRequired', 'authentication_required'],
  ['pm_card_threeDSecureRequired', 'authentication_required'],
  ['pm_card_authenticationRequiredChargeDeclinedInsufficientFunds', 'authentication_required'],
])('%s, attached and charged without its owner: %s', async (card, outcome) => {
  const { customer, method } = await customerWithCard(stripe, card);
  const attempt = stripe.paymentIntents.create(offSession(customer.id, method.id));
  if (outcome === 'succeeded') {
    expect((await attempt).status).toBe('succeeded');
    return;
  }
  const error = await refusal(attempt);
  expect(error).toMatchObject({ statusCode: 402, type: 'StripeCardError', decline_code: outcome });
  expect(error.payment_intent?.status).toBe('requires_payment_method');
  expect(error.payment_method?.id).toBe(method.id);
});

test.each(['chargeDeclined', 'visa_chargeDeclinedInsufficientFunds', 'chargeDeclinedExpiredCard'])(
  'pm_card_%s: its issuer refuses to have it saved',
  async (card) => {
    const customer = await stripe.customers.create({});
    const attach = stripe.paymentMethods.attach(`pm_card_${card}`, { customer: customer.id });
    expect(await refusal(attach)).toMatchObject({ statusCode: 402, type: 'StripeCardError' });
    expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toEqual([]);
  },
);

test('a payment that wants its owner is finished by them on the bank page that the confirmation names', async () => {
  const { customer, method } = await customerWithCard(stripe, 'pm_card_authenticationRequired');
  const error = await refusal(stripe.paymentIntents.create(offSession(customer.id, method.id)));
  const asked = await stripe.paymentIntents.confirm(error.payment_intent?.id ?? '', {
    payment_method: method.id,
    return_url: RETURN_URL,
  });
  expect(asked).toMatchObject({
    status: 'requires_action',
    next_action: { type: 'redirect_to_url', redirect_to_url: { return_url: RETURN_URL } },
  });
  const url = asked.next_action?.redirect_to_url?.url ?? '';
  expect(await (await fetch(url)).text()).toContain('Complete authentication');

  const answer = await submit(url, { action: 'complete_authentication' });
  const back = new URL(answer.headers.get('location') ?? '');
  expect([answer.status, back.origin, back.searchParams.get('top')]).toEqual([
    303,
    'https://shop.test',
    '1',
  ]);
  expect(back.searchParams.get('payment_intent')).toBe(asked.id);
  expect(back.searchParams.get('redirect_status')).toBe('succeeded');
  expect((await stripe.paymentIntents.retrieve(asked.id)).status).toBe('succeeded');
  // Pressed twice: nothing more is charged.
  await submit(url, { action: 'complete_authentication' });
  expect((await chargesOf(asked.id)).filter((charge) => charge.paid)).toHaveLength(1);
});

test('an owner who says no leaves the payment open for another card', async () => {
  const { customer, method } = await customerWithCard(stripe, 'pm_card_authenticationRequired');
  const asked = await stripe.paymentIntents.create({
    ...offSession(customer.id, method.id),
    off_session: false,
    return_url: RETURN_URL,
  });
  const url = asked.next_action?.redirect_to_url?.url ?? '';
  const answer = await fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ action: 'fail_authentication' }),
  });
  expect(await answer.json()).toMatchObject({
    status: 'declined',
    redirect_url: expect.stringContaining('redirect_status=failed') as unknown,
    error: { code: 'payment_intent_authentication_failure', decline_code: null },
  });
  const failed = await stripe.paymentIntents.retrieve(asked.id);
  expect(failed.status).toBe('requires_payment_method');
  expect(failed.last_payment_error?.code).toBe('payment_intent_authentication_failure');
});

test('3178 has no funds once its owner has said yes', async () => {
  const { customer, method } = await customerWithCard(
    stripe,
    'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds',
  );
  const asked = await stripe.paymentIntents.create({
    ...offSession(customer.id, method.id),
    off_session: false,
    return_url: RETURN_URL,
  });
  await submit(asked.next_action?.redirect_to_url?.url ?? '', {
    action: 'complete_authentication',
  });
  const failed = await stripe.paymentIntents.retrieve(asked.id);
  expect(failed.last_payment_error?.decline_code).toBe('insufficient_funds');
});

test('an answer lost after the charge was made: the same key finds it, one charge', async () => {
  const { customer, method } = await customerWithCard(stripe);
  // The client gives up after its request was taken, on a busy machine too, and before the answer.
  const next_error = { status: 0, after: true, delay_ms: 3_000, path: '/v1/payment_intents' };
  await control(world, 'faults', { next_error });
  const idempotencyKey = 'reload-lost-0001';
  const params = offSession(customer.id, method.id);
  const lost = stripe.paymentIntents.create(params, { idempotencyKey, timeout: 1_500 });
  expect(await refusal(lost)).toMatchObject({ type: 'StripeConnectionError' });
  const found = await stripe.paymentIntents.create(params, { idempotencyKey });
  expect(found.status).toBe('succeeded');
  expect((await stripe.paymentIntents.list({ customer: customer.id })).data).toHaveLength(1);
  expect(await chargesOf(found.id)).toHaveLength(1);
});

test('429 and 500 strike only what they are aimed at and leave nothing behind', async () => {
  const { customer, method } = await customerWithCard(stripe);
  const params = offSession(customer.id, method.id);
  for (const [status, type] of [
    [429, 'StripeRateLimitError'],
    [500, 'StripeAPIError'],
  ] as const) {
    const next_error = { status, count: 1, path: '/v1/payment_intents', method: 'POST' };
    await control(world, 'faults', { next_error });
    await stripe.customers.retrieve(customer.id);
    expect(await refusal(stripe.paymentIntents.create(params))).toMatchObject({
      type,
      statusCode: status,
    });
  }
  expect((await stripe.paymentIntents.list({ customer: customer.id })).data).toEqual([]);
});

test('a detached card pays nothing any more and is nobody’s default', async () => {
  const { customer, method } = await customerWithCard(stripe);
  await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: method.id },
  });
  await stripe.paymentMethods.detach(method.id);
  const changed = (await stripe.customers.retrieve(customer.id)) as Stripe.Customer;
  expect(changed.invoice_settings.default_payment_method).toBeNull();
  const attempt = stripe.paymentIntents.create(offSession(customer.id, method.id));
  expect((await refusal(attempt)).message).toContain('It may not be used again');
  const again = stripe.paymentMethods.attach(method.id, { customer: customer.id });
  expect((await refusal(again)).statusCode).toBe(400);
});
