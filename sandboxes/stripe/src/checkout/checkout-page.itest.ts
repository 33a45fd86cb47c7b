import type Stripe from 'stripe';
import { sessionParams, startWorld, submit, submitJson, type World } from '../test-world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

async function open(change: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  const session = await world.stripe.checkout.sessions.create(sessionParams(change));
  return { session, url: session.url ?? '' };
}

const read = (id: string) =>
  world.stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent.latest_charge'] });

test('the page shows merchant, amount and lines, and labels every field', async () => {
  const { url } = await open();
  const page = await fetch(url);
  const text = await page.text();
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  for (const part of ['Orbit Billing', '$100.00', 'Orbit credits', '4000 0000 0000 9995']) {
    expect(text).toContain(part);
  }
  for (const id of ['card_number', 'exp', 'cvc', 'name', 'email']) {
    expect(text).toContain(`<label for="${id}">`);
    expect(text).toContain(`id="${id}"`);
  }
});

test('what a merchant or payer writes cannot become markup', async () => {
  const { url } = await open({
    line_items: [
      {
        quantity: 1,
        price_data: { currency: 'usd', unit_amount: 100, product_data: { name: '<img src=x>' } },
      },
    ],
  });
  const text = await (await submit(url, { card_number: '"><script>1</script>' })).text();
  expect(text).toContain('&lt;img src=x&gt;');
  expect(text).not.toContain('<script>1');
});

test('4242… pays: 303 to success_url with the session id, and everything is linked', async () => {
  const { session, url } = await open({
    payment_intent_data: { setup_future_usage: 'off_session', metadata: { topup: 'tu_1' } },
    customer: (await world.stripe.customers.create({ email: 'ada@example.com' })).id,
  });
  const answer = await submit(url, { name: 'Ada', email: 'ada@example.com' });
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toBe(`https://shop.test/ok?session=${session.id}`);

  const paid = await read(session.id);
  const intent = paid.payment_intent as Stripe.PaymentIntent;
  expect(paid).toMatchObject({ status: 'complete', payment_status: 'paid', url: null });
  expect(intent).toMatchObject({
    status: 'succeeded',
    amount: 10_000,
    metadata: { topup: 'tu_1' },
  });
  expect(intent.latest_charge).toMatchObject({ paid: true, amount: 10_000, currency: 'usd' });
  const methods = await world.stripe.customers.listPaymentMethods(String(session.customer));
  expect(methods.data.map((method) => method.id)).toEqual([intent.payment_method]);

  const again = await fetch(url);
  expect(await again.text()).toContain('already paid');
  expect(await submitJson(url, {})).toMatchObject({ code: 409, error: { code: 'already_paid' } });
});

test('0002 declines with 402 and the message, and another card may follow', async () => {
  const { session, url } = await open();
  const declined = await submit(url, { card_number: '4000000000000002' });
  expect(declined.status).toBe(402);
  expect(await declined.text()).toContain('Your card was declined.');
  const failed = (await read(session.id)).payment_intent as Stripe.PaymentIntent;
  expect(failed).toMatchObject({
    status: 'requires_payment_method',
    last_payment_error: { code: 'card_declined', decline_code: 'generic_decline' },
  });
  expect(await submitJson(url, { card_number: '4000 0000 0000 9995' })).toMatchObject({
    code: 402,
    status: 'declined',
    error: { code: 'card_declined', decline_code: 'insufficient_funds' },
  });
  expect(await submitJson(url, {})).toMatchObject({ code: 200, status: 'complete' });
  expect((await read(session.id)).payment_intent).toMatchObject({
    id: failed.id,
    status: 'succeeded',
  });
});

test('3155 asks for authentication; failing it keeps the session open, completing it pays', async () => {
  const { session, url } = await open();
  const card_number = '4000002500003155';
  const asked = await submit(url, { card_number });
  expect(asked.headers.get('location')).toBe(`/c/pay/${session.id}`);
  expect(await (await fetch(url)).text()).toContain('Complete authentication');
  const failed = await submit(url, { action: 'fail_authentication' });
  expect(failed.status).toBe(402);
  expect(await failed.text()).toContain('unable to authenticate');

  expect(await submitJson(url, { card_number })).toMatchObject({
    code: 200,
    status: 'requires_action',
    redirect_url: url,
    error: null,
  });
  expect(await submitJson(url, { action: 'complete_authentication' })).toMatchObject({
    status: 'complete',
    redirect_url: `https://shop.test/ok?session=${session.id}`,
  });
  expect((await read(session.id)).payment_status).toBe('paid');
});

test('an authentication that nobody asked for pays nothing', async () => {
  const { session, url } = await open();
  expect(await submitJson(url, { action: 'complete_authentication' })).toMatchObject({ code: 400 });
  expect((await read(session.id)).payment_status).toBe('unpaid');
});

test('faults stand at their fields and nothing is attempted', async () => {
  const { session, url } = await open();
  const page = await submit(url, { card_number: '4242424242424241', exp: '13/30', cvc: '1' });
  expect(page.status).toBe(400);
  const text = await page.text();
  for (const id of ['card_number', 'exp', 'cvc']) expect(text).toContain(`id="${id}_fault"`);
  expect(await submitJson(url, { exp: '01/20' })).toMatchObject({
    code: 400,
    error: { code: 'invalid_expiry_year', param: 'exp' },
  });
  expect((await read(session.id)).payment_intent).toBeNull();
});

test('Cancel goes to cancel_url and leaves the session open', async () => {
  const { session, url } = await open();
  const answer = await submit(url, { action: 'cancel' });
  expect([answer.status, answer.headers.get('location')]).toEqual([
    303,
    'https://shop.test/cancelled',
  ]);
  expect((await read(session.id)).status).toBe('open');
  expect(await submitJson(url, { action: 'cancel' })).toMatchObject({
    status: 'canceled',
    error: null,
  });
});

test('ten people press Pay at once: one payment', async () => {
  const { session, url } = await open();
  const answers = await Promise.all(Array.from({ length: 10 }, () => submitJson(url, {})));
  expect(answers.filter((answer) => answer.code === 200)).toHaveLength(1);
  expect(answers.filter((answer) => answer.error?.code === 'already_paid')).toHaveLength(9);
  const paid = await read(session.id);
  const intent = paid.payment_intent as Stripe.PaymentIntent;
  const charges = await world.stripe.charges.list({ payment_intent: intent.id });
  expect(charges.data).toHaveLength(1);
});

test('an expired session says so, cannot be paid, and cannot be expired twice', async () => {
  const { session, url } = await open();
  await world.stripe.checkout.sessions.expire(session.id);
  const page = await fetch(url);
  expect(await page.text()).toContain('This page has expired');
  expect((await submit(url, {})).status).toBe(410);
  expect(await submitJson(url, {})).toMatchObject({ code: 410, status: 'expired' });
  await expect(world.stripe.checkout.sessions.expire(session.id)).rejects.toThrow(
    'status of expired',
  );
});

test('an unknown session is a 404 page', async () => {
  const url = `${world.url}/c/pay/cs_test_nothing`;
  expect((await fetch(url)).status).toBe(404);
  expect(await submitJson(url, {})).toMatchObject({
    code: 404,
    error: { code: 'resource_missing' },
  });
});
