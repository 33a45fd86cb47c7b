import Stripe from 'stripe';
import { sessionParams, startWorld, submit, type World } from '../test-world.js';

let world: World;
let stripe: Stripe;
beforeAll(async () => {
  world = await startWorld();
  stripe = world.stripe;
});
afterAll(() => world?.close());

async function refusal(
  promise: Promise<unknown>,
): Promise<Stripe.StripeRawError & { status: number }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) {
      const { type, code, param, message } = error;
      return {
        type: error.rawType ?? type,
        code,
        param,
        message,
        status: error.statusCode,
      } as never;
    }
    throw error;
  }
  throw new Error('the request was accepted');
}

async function customerWithCard(method = 'pm_card_visa') {
  const customer = await stripe.customers.create({
    email: 'ada@example.com',
    metadata: { org: '1' },
  });
  const attached = await stripe.paymentMethods.attach(method, { customer: customer.id });
  return { customer, method: attached };
}

/** What the bank does to a saved card. */
const goBad = (id: string, behavior: string) =>
  fetch(`${world.url}/_sandbox/payment_methods/${id}/behavior`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ behavior }),
  });

const offSession = (customer: string, payment_method: string, amount = 5_000) => ({
  amount,
  currency: 'usd',
  customer,
  payment_method,
  off_session: true,
  confirm: true,
});

test('a wrong key is 401, an unknown URL 404, an unknown parameter parameter_unknown', async () => {
  const stranger = new Stripe('sk_test_stranger00', {
    host: '127.0.0.1',
    port: new URL(world.url).port,
    protocol: 'http',
  });
  expect((await refusal(stranger.customers.list())).status).toBe(401);
  expect((await refusal(stripe.rawRequest('GET', '/v1/unicorns'))).status).toBe(404);
  const params = { ...sessionParams(), colour: 'red' } as Stripe.Checkout.SessionCreateParams;
  expect(await refusal(stripe.checkout.sessions.create(params))).toMatchObject({
    status: 400,
    type: 'invalid_request_error',
    code: 'parameter_unknown',
    param: 'colour',
  });
});

test('answers carry request-id and the version that was asked for', async () => {
  const customer = await stripe.customers.create({});
  expect(customer.lastResponse.requestId).toMatch(/^req_\w{14}$/);
  expect(customer.lastResponse.apiVersion).toBe(Stripe.API_VERSION);
});

test('a missing object is resource_missing', async () => {
  expect(await refusal(stripe.customers.retrieve('cus_nobody'))).toMatchObject({
    status: 404,
    code: 'resource_missing',
    message: "No such customer: 'cus_nobody'",
  });
});

test('customers: create, update, clear, delete', async () => {
  const made = await stripe.customers.create({
    email: 'a@b.test',
    name: 'Ada',
    metadata: { a: '1', b: '2' },
  });
  expect(made.id).toMatch(/^cus_\w{14}$/);
  const changed = await stripe.customers.update(made.id, { name: '', metadata: { b: '' } });
  expect(changed).toMatchObject({ name: null, email: 'a@b.test', metadata: { a: '1' } });
  await stripe.customers.del(made.id);
  expect(await stripe.customers.retrieve(made.id)).toMatchObject({ deleted: true });
  const gone = sessionParams({ customer: made.id });
  expect((await refusal(stripe.checkout.sessions.create(gone))).code).toBe('resource_missing');
});

test('the same idempotency key: same body replays, another body is idempotency_error', async () => {
  const idempotencyKey = 'topup-key-0001';
  const first = await stripe.checkout.sessions.create(sessionParams(), { idempotencyKey });
  const second = await stripe.checkout.sessions.create(sessionParams(), { idempotencyKey });
  expect(second.id).toBe(first.id);
  expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
  expect(second.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId);
  const other = sessionParams({ client_reference_id: 'tu_2' });
  expect(await refusal(stripe.checkout.sessions.create(other, { idempotencyKey }))).toMatchObject({
    status: 400,
    type: 'idempotency_error',
  });
});

test('twenty requests with one key at once make one object', async () => {
  const idempotencyKey = 'topup-key-0002';
  const made = await Promise.all(
    Array.from({ length: 20 }, () => stripe.customers.create({ name: 'one' }, { idempotencyKey })),
  );
  expect(new Set(made.map((customer) => customer.id)).size).toBe(1);
});

test('a refused request leaves its key free', async () => {
  const idempotencyKey = 'topup-key-0003';
  const wrong = sessionParams({ success_url: 'nowhere' });
  await refusal(stripe.checkout.sessions.create(wrong, { idempotencyKey }));
  await expect(
    stripe.checkout.sessions.create(sessionParams(), { idempotencyKey }),
  ).resolves.toBeDefined();
});

test('checkout sessions: too small an amount, mixed currencies and bad times are refused', async () => {
  const line = (unit_amount: number, currency: string) => ({
    quantity: 1,
    price_data: { currency, unit_amount, product_data: { name: 'x' } },
  });
  const create = (change: Partial<Stripe.Checkout.SessionCreateParams>) =>
    refusal(stripe.checkout.sessions.create(sessionParams(change)));
  expect((await create({ line_items: [line(49, 'usd')] })).code).toBe('amount_too_small');
  expect((await create({ line_items: [line(100_000_000, 'usd')] })).code).toBe('amount_too_large');
  expect((await create({ line_items: [line(100, 'usd'), line(100, 'eur')] })).param).toBe(
    'line_items',
  );
  expect((await create({ expires_at: 1_000 })).param).toBe('expires_at');
  expect((await create({ expires_at: Math.floor(Date.now() / 1_000) + 90_000 })).param).toBe(
    'expires_at',
  );
});

test('lists: newest first, has_more, auto-paging to the end, and filters', async () => {
  const customer = await stripe.customers.create({});
  const made: string[] = [];
  for (let i = 0; i < 7; i++) {
    made.unshift(
      (await stripe.checkout.sessions.create(sessionParams({ customer: customer.id }))).id,
    );
  }
  const page = await stripe.checkout.sessions.list({ customer: customer.id, limit: 3 });
  expect([page.data.map((each) => each.id), page.has_more]).toEqual([made.slice(0, 3), true]);
  const seen: string[] = [];
  for await (const each of stripe.checkout.sessions.list({ customer: customer.id, limit: 2 }))
    seen.push(each.id);
  expect(seen).toEqual(made);
  const back = await stripe.checkout.sessions.list({
    customer: customer.id,
    limit: 2,
    ending_before: made[4] ?? '',
  });
  expect([back.data.map((each) => each.id), back.has_more]).toEqual([made.slice(2, 4), true]);
  expect((await refusal(stripe.checkout.sessions.list({ starting_after: 'cs_test_x' }))).code).toBe(
    'resource_missing',
  );
  expect((await refusal(stripe.customers.list({ limit: 101 }))).param).toBe('limit');
});

test('expand reaches through ids, into lists, and refuses what it cannot', async () => {
  const { customer, method } = await customerWithCard();
  const intent = await stripe.paymentIntents.create({
    ...offSession(customer.id, method.id),
    expand: ['latest_charge.balance_transaction', 'payment_method', 'customer'],
  });
  expect(intent.latest_charge).toMatchObject({
    balance_transaction: { amount: 5_000, fee: 175, net: 4_825 },
  });
  expect(intent.customer).toMatchObject({ email: 'ada@example.com' });
  const listed = await stripe.paymentIntents.list({
    customer: customer.id,
    expand: ['data.latest_charge'],
  });
  expect(listed.data[0]?.latest_charge).toMatchObject({ object: 'charge' });
  const refused = stripe.paymentIntents.retrieve(intent.id, { expand: ['nonsense'] });
  expect((await refusal(refused)).message).toContain('cannot be expanded (nonsense)');
  const session = await stripe.checkout.sessions.create({
    ...sessionParams(),
    expand: ['line_items'],
  });
  expect(session.line_items?.data[0]).toMatchObject({
    description: 'Orbit credits',
    amount_total: 10_000,
  });
});

test('off session: a saved card pays; a bad one is a card error with its intent and charge', async () => {
  const good = await customerWithCard();
  const paid = await stripe.paymentIntents.create(offSession(good.customer.id, good.method.id));
  expect(paid).toMatchObject({ status: 'succeeded', amount_received: 5_000 });

  const bad = await customerWithCard();
  await goBad(bad.method.id, 'insufficient_funds');
  const idempotencyKey = 'reload-0001';
  const attempt = () =>
    stripe.paymentIntents
      .create(offSession(bad.customer.id, bad.method.id), { idempotencyKey })
      .catch((error: unknown) => error as Stripe.errors.StripeCardError);
  const error = (await attempt()) as Stripe.errors.StripeCardError;
  expect(error).toMatchObject({
    statusCode: 402,
    type: 'StripeCardError',
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    payment_intent: { status: 'requires_payment_method' },
  });
  expect(error.charge).toMatch(/^ch_/);
  const replay = (await attempt()) as Stripe.errors.StripeCardError;
  expect(replay.charge).toBe(error.charge);
});

test('off session: 3155 passes once it was authenticated and saved, 3184 never does', async () => {
  const customer = await stripe.customers.create({});
  const session = await stripe.checkout.sessions.create(
    sessionParams({
      customer: customer.id,
      payment_intent_data: { setup_future_usage: 'off_session' },
    }),
  );
  await submit(session.url ?? '', { card_number: '4000002500003155' });
  await submit(session.url ?? '', { action: 'complete_authentication' });
  const saved = (await stripe.paymentMethods.list({ customer: customer.id })).data[0];
  const paid = await stripe.paymentIntents.create(offSession(customer.id, saved?.id ?? ''));
  expect(paid.status).toBe('succeeded');

  const unproven = await customerWithCard('pm_card_threeDSecureRequired');
  const unprovenParams = offSession(unproven.customer.id, unproven.method.id);
  expect((await refusal(stripe.paymentIntents.create(unprovenParams))).code).toBe(
    'authentication_required',
  );

  const strict = await customerWithCard('pm_card_authenticationRequired');
  expect(
    await refusal(stripe.paymentIntents.create(offSession(strict.customer.id, strict.method.id))),
  ).toMatchObject({
    status: 402,
    code: 'authentication_required',
  });
});

test('a card of another customer is refused', async () => {
  const mine = await customerWithCard();
  const theirs = await customerWithCard();
  expect(
    await refusal(stripe.paymentIntents.create(offSession(mine.customer.id, theirs.method.id))),
  ).toMatchObject({
    status: 400,
    param: 'payment_method',
  });
});

test('an intent is confirmed later, canceled once, and not canceled after success', async () => {
  const intent = await stripe.paymentIntents.create({ amount: 700, currency: 'usd' });
  const confirm = { payment_method: 'pm_card_visa' };
  expect((await refusal(stripe.paymentIntents.confirm(intent.id, confirm))).param).toBe(
    'return_url',
  );
  const return_url = 'https://shop.test/back';
  const paid = await stripe.paymentIntents.confirm(intent.id, { ...confirm, return_url });
  expect(paid.status).toBe('succeeded');
  expect((await refusal(stripe.paymentIntents.cancel(intent.id))).code).toBe(
    'payment_intent_unexpected_state',
  );
  const other = await stripe.paymentIntents.create({ amount: 700, currency: 'usd' });
  expect((await stripe.paymentIntents.cancel(other.id)).status).toBe('canceled');
});

test('refunds: in parts up to the amount, then charge_already_refunded', async () => {
  const { customer, method } = await customerWithCard();
  const intent = await stripe.paymentIntents.create(offSession(customer.id, method.id));
  const payment_intent = intent.id;
  expect(await stripe.refunds.create({ payment_intent, amount: 2_000 })).toMatchObject({
    status: 'succeeded',
  });
  expect((await refusal(stripe.refunds.create({ payment_intent, amount: 3_001 }))).param).toBe(
    'amount',
  );
  await stripe.refunds.create({ payment_intent });
  expect((await refusal(stripe.refunds.create({ payment_intent }))).code).toBe(
    'charge_already_refunded',
  );
  expect(await stripe.charges.retrieve(String(intent.latest_charge))).toMatchObject({
    refunded: true,
    amount_refunded: 5_000,
  });
  const refunds = await stripe.refunds.list({ payment_intent });
  expect(refunds.data.map((refund) => refund.amount)).toEqual([3_000, 2_000]);
});

test('disputes: opened and closed by the dev controls; a disputed charge is not refunded', async () => {
  const { customer, method } = await customerWithCard();
  const intent = await stripe.paymentIntents.create(offSession(customer.id, method.id));
  const control = (path: string, body: Record<string, string>) =>
    fetch(`${world.url}/_sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const opened = (await (
    await control(`charges/${String(intent.latest_charge)}/dispute`, { reason: 'duplicate' })
  ).json()) as Stripe.Dispute;
  expect(await stripe.disputes.retrieve(opened.id)).toMatchObject({
    status: 'needs_response',
    amount: 5_000,
    reason: 'duplicate',
  });
  expect((await refusal(stripe.refunds.create({ payment_intent: intent.id }))).code).toBe(
    'charge_disputed',
  );
  await control(`disputes/${opened.id}/close`, { status: 'won' });
  const closed = await stripe.disputes.retrieve(opened.id);
  expect([closed.status, closed.balance_transactions.map((moved) => moved.net)]).toEqual([
    'won',
    [-6_500, 5_000],
  ]);
  expect((await control(`disputes/${opened.id}/close`, { status: 'lost' })).status).toBe(400);
});
