import type { CreateTopUp } from '@orbit/contracts';
import { eventually } from '@orbit/testing';
import { CheckoutUnderTest } from '../testing/checkout.fake.js';

let checkout: CheckoutUnderTest;
beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterAll(() => checkout?.close());
afterEach(() => {
  checkout.stripe.isAway = false;
  checkout.stripe.faults.length = 0;
  checkout.aheadMs = 0;
});

const create = (request: CreateTopUp, parts = checkout.parts) => parts.createTopUp.run(request);
const sessionsOf = (topupId: string) =>
  checkout.stripe.sessions.filter((s) => s.params['metadata[orbit_topup_id]'] === topupId);

test('a top-up opens one page that carries the amount, the metadata and the saved customer', async () => {
  const request = checkout.request({ amount_minor: 2_550, currency: 'eur' });
  const created = await create(request);
  const [session] = sessionsOf(created.topup_id);
  expect(created).toEqual({
    topup_id: expect.stringMatching(/^tu_/) as string,
    checkout_url: `https://pay.example.com/${session?.id}`,
    replayed: false,
  });
  const org = request.organization_id;
  expect(session?.params).toMatchObject({
    mode: 'payment',
    'line_items[0][price_data][unit_amount]': '2550',
    'line_items[0][price_data][currency]': 'eur',
    'metadata[orbit_organization_id]': org,
    'payment_intent_data[metadata][orbit_topup_id]': created.topup_id,
    'payment_intent_data[metadata][orbit_organization_id]': org,
    'payment_intent_data[setup_future_usage]': 'off_session',
    success_url: request.success_url,
    cancel_url: request.cancel_url,
  });
  const second = await create({ ...request, idempotency_key: 'another-key' });
  expect(sessionsOf(second.topup_id)[0]?.params['customer']).toBe(session?.params['customer']);
  expect(await checkout.topup(created.topup_id)).toMatchObject({
    state: 'requires_payment',
    amount_minor: '2550',
    amount_micros: '25500000',
    currency: 'EUR',
  });
});

test('T07 the same key with the same body answers the original page, as replayed; another body is a conflict', async () => {
  const request = checkout.request();
  const first = await create(request);
  expect(await create(request)).toEqual({ ...first, replayed: true });
  for (const change of [
    { amount_minor: 10_001 },
    { currency: 'EUR' },
    { success_url: 'https://example.com/other' },
    { cancel_url: 'https://example.com/other' },
  ]) {
    await expect(create({ ...request, ...change })).rejects.toMatchObject({
      code: 'idempotency_key_conflict',
    });
  }
  expect(sessionsOf(first.topup_id)).toHaveLength(1);
  expect(await create(request)).toEqual({ ...first, replayed: true });
});

test('T07 the same key in another organization is another top-up', async () => {
  const request = checkout.request();
  const first = await create(request);
  const other = await create({ ...request, organization_id: `${request.organization_id}_b` });
  expect(other.topup_id).not.toBe(first.topup_id);
  expect(other.replayed).toBe(false);
});

test('T07 twenty twins on two instances open one page; exactly one created it', async () => {
  const request = checkout.request();
  const both = [checkout.parts, checkout.twin];
  // A twin that waited two seconds is told to come back, which on a busy machine some are.
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => eventually(() => create(request, both[index % 2]))),
  );
  expect(new Set(answers.map((answer) => answer.checkout_url)).size).toBe(1);
  expect(answers.filter((answer) => !answer.replayed)).toHaveLength(1);
  expect(sessionsOf(answers[0]!.topup_id)).toHaveLength(1);
});

test('T07 a key of 7 or 256 characters is refused and stores nothing; 8 and 255 are taken', async () => {
  const organization_id = checkout.request().organization_id;
  for (const length of [0, 7, 256]) {
    const request = checkout.request({ organization_id, idempotency_key: 'k'.repeat(length) });
    await expect(create(request)).rejects.toMatchObject({
      code: 'invalid_field',
      param: 'Idempotency-Key',
    });
  }
  const rows = 'SELECT id FROM checkout.topup WHERE organization_id = $1';
  expect(await checkout.query(rows, [organization_id])).toHaveLength(0);
  for (const length of [8, 255]) {
    await create(checkout.request({ organization_id, idempotency_key: 'k'.repeat(length) }));
  }
});

test('amounts outside their limits and unknown currencies are refused by name, before Stripe hears of it', async () => {
  const before = checkout.stripe.keys.length;
  for (const amount_minor of [49, 0, -100, 10.5, NaN, 100_000_000]) {
    await expect(create(checkout.request({ amount_minor }))).rejects.toMatchObject({
      code: 'invalid_field',
      param: 'amount',
    });
  }
  await expect(create(checkout.request({ currency: 'XXX' }))).rejects.toMatchObject({
    code: 'unsupported_currency',
    param: 'currency',
  });
  await expect(create(checkout.request({ success_url: 'javascript:1' }))).rejects.toMatchObject({
    code: 'invalid_field',
    param: 'success_url',
  });
  expect(checkout.stripe.keys).toHaveLength(before);
});

test('a crash between the answer of Stripe and our write opens no second session; a repeat continues', async () => {
  const request = checkout.request();
  const first = await create(request);
  // Exactly the row that such a crash leaves: locked, and without its session.
  await checkout.query(
    `UPDATE checkout.topup SET state = 'created', session_id = NULL, checkout_url = NULL,
       session_expires_at = NULL, claimed_until = $2 WHERE id = $1`,
    [first.topup_id, new Date(checkout.nowMs() + 10_000)],
  );
  await expect(create(request, checkout.twin)).rejects.toMatchObject({
    code: 'idempotency_key_in_use',
    retryAfterSeconds: 1,
  });
  checkout.aheadMs += 11_000;
  expect(await create(request, checkout.twin)).toEqual({ ...first, replayed: true });
  expect(sessionsOf(first.topup_id)).toHaveLength(1);
});

test('an answer of Stripe that never arrived is asked for again with the same key: one session', async () => {
  const request = checkout.request();
  await create({ ...request, idempotency_key: 'warms-the-customer' });
  checkout.stripe.faults.push('drop_after', 'drop_after');
  await expect(create(request)).rejects.toMatchObject({ code: 'payment_provider_error' });
  const created = await create(request);
  expect(sessionsOf(created.topup_id)).toHaveLength(1);
});

test('Stripe away answers payment_provider_error, and a repeat continues once it is back', async () => {
  const request = checkout.request();
  checkout.stripe.isAway = true;
  await expect(create(request)).rejects.toMatchObject({ code: 'payment_provider_error' });
  checkout.stripe.isAway = false;
  const created = await create(request);
  expect(await create(request)).toEqual({ ...created, replayed: true });
  expect(sessionsOf(created.topup_id)).toHaveLength(1);
});

test('an error that Stripe has stored under a key does not stick to the top-up', async () => {
  const request = checkout.request();
  await create({ ...request, idempotency_key: 'warms-the-customer' });
  checkout.stripe.faults.push('error_500');
  await expect(create(request)).rejects.toMatchObject({ code: 'payment_provider_error' });
  expect(sessionsOf((await create(request)).topup_id)).toHaveLength(1);
});

test('an error at the creation of the customer does not stick to the organization either', async () => {
  const request = checkout.request();
  checkout.stripe.faults.push('error_500');
  await expect(create(request)).rejects.toMatchObject({ code: 'payment_provider_error' });
  expect(sessionsOf((await create(request)).topup_id)).toHaveLength(1);
});

test('a customer that Stripe no longer knows is replaced, once and for the organization', async () => {
  const request = checkout.request();
  const first = await create(request);
  const again = { ...request, idempotency_key: 'after-the-change' };
  checkout.stripe.faults.push('unknown_customer');
  await expect(create(again)).rejects.toMatchObject({ code: 'payment_provider_error' });
  const customerOf = (topupId: string) => sessionsOf(topupId)[0]?.params['customer'];
  const replaced = customerOf((await create(again)).topup_id);
  expect(replaced).not.toBe(customerOf(first.topup_id));
  const third = await create({ ...request, idempotency_key: 'later-still' });
  expect(customerOf(third.topup_id)).toBe(replaced);
});
