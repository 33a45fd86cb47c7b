import { underTrace } from '@orbit/runtime';
import { eventually } from '@orbit/testing';
import { CheckoutUnderTest } from '../testing/checkout.fake.js';
import { sign, type StandInSession } from '../testing/stripe.fake.js';

let checkout: CheckoutUnderTest;
beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterAll(() => checkout?.close());
afterEach(() => {
  checkout.stripe.isAway = false;
  checkout.aheadMs = 0;
});

const HOUR_MS = 3_600_000;
const stateOf = async (topupId: string) => (await checkout.topup(topupId))['state'];
const topicsOf = async (topupId: string) =>
  (await checkout.outbox(topupId)).map(({ topic }) => topic);

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

test('T21 each event three times, in every order: one credit, published once, keyed by organization', async () => {
  const types = [
    'checkout.session.completed',
    'payment_intent.succeeded',
    'payment_intent.payment_failed',
  ];
  for (const order of permutations(types)) {
    const { topupId, sessionId } = await checkout.open();
    checkout.stripe.pay(sessionId);
    const events = order.map((type) => checkout.stripe.event(type, sessionId));
    for (const event of [...events, ...events, ...events]) await checkout.deliver(event);
    expect(await stateOf(topupId)).toBe('succeeded');
    expect(await topicsOf(topupId)).toEqual(['topup.completed']);
    await checkout.parts.relay.run();
    const mine = () => checkout.published.filter(({ value }) => value['topup_id'] === topupId);
    await eventually(() => expect(mine()).toHaveLength(1));
    const row = await checkout.topup(topupId);
    expect(mine()[0]).toMatchObject({
      topic: 'topup.completed',
      key: row['organization_id'],
      value: {
        organization_id: row['organization_id'],
        amount: '100.00',
        currency: 'USD',
        reference: `stripe_session:${sessionId}`,
        payment_intent_id: row['payment_intent_id'],
        checkout_session_id: sessionId,
        payment_method: { brand: 'visa', last4: '4242' },
        receipt_email: 'payer@example.com',
      },
    });
  }
});

test('what the relay publishes later goes out in the trace of its webhook, and of each its own', async () => {
  const traceparents = ['4', '5'].map((digit) => `00-${digit.repeat(32)}-00f067aa0ba902b7-01`);
  const topups: string[] = [];
  for (const traceparent of [...traceparents, null]) {
    const { topupId, sessionId } = await checkout.open();
    topups.push(topupId);
    checkout.stripe.pay(sessionId);
    const event = checkout.stripe.event('checkout.session.completed', sessionId);
    const trace = traceparent === null ? null : { traceparent };
    await underTrace(trace, () => checkout.deliver(event));
  }
  await checkout.parts.relay.run();
  const traces = () =>
    topups.map(
      (id) => checkout.published.find(({ value }) => value['topup_id'] === id)?.traceparent,
    );
  await eventually(() => expect(traces()).toEqual([...traceparents, null]));
});

test('T21 the same event on two instances at once has one effect', async () => {
  const { topupId, sessionId } = await checkout.open();
  checkout.stripe.pay(sessionId);
  const event = checkout.stripe.event('checkout.session.completed', sessionId);
  const other = checkout.stripe.event('payment_intent.succeeded', sessionId);
  await Promise.all(
    [checkout.parts, checkout.twin, checkout.parts, checkout.twin].flatMap((parts) => [
      parts.receiveWebhook.run(event.body, event.signature),
      parts.receiveWebhook.run(other.body, other.signature),
    ]),
  );
  expect(await topicsOf(topupId)).toEqual(['topup.completed']);
});

test('T21 completed but unpaid gives no credit until the money is there', async () => {
  const { topupId, sessionId } = await checkout.open();
  const session = checkout.stripe.session(sessionId);
  session.status = 'complete';
  session.intent = { status: 'processing', amount_received: 0, currency: 'usd' };
  await checkout.deliver(checkout.stripe.event('checkout.session.completed', sessionId));
  expect(await stateOf(topupId)).toBe('processing');
  expect(await topicsOf(topupId)).toEqual([]);
  checkout.stripe.pay(sessionId);
  await checkout.deliver(
    checkout.stripe.event('checkout.session.async_payment_succeeded', sessionId),
  );
  expect(await stateOf(topupId)).toBe('succeeded');
  expect(await topicsOf(topupId)).toEqual(['topup.completed']);
});

test('an asynchronous failure and an expiry end the top-up and are told, without credit', async () => {
  const failed = await checkout.open();
  const session = checkout.stripe.session(failed.sessionId);
  session.status = 'complete';
  session.intent = { status: 'requires_payment_method', amount_received: 0, currency: 'usd' };
  const type = 'checkout.session.async_payment_failed';
  await checkout.deliver(checkout.stripe.event(type, failed.sessionId));
  expect(await checkout.topup(failed.topupId)).toMatchObject({
    state: 'failed',
    reason: 'payment_failed',
  });
  const expired = await checkout.open();
  checkout.stripe.session(expired.sessionId).status = 'expired';
  await checkout.deliver(checkout.stripe.event('checkout.session.expired', expired.sessionId));
  expect(await stateOf(expired.topupId)).toBe('expired');
  for (const { topupId } of [failed, expired]) {
    expect(await topicsOf(topupId)).toEqual(['topup.failed']);
  }
});

test('T21 invoice.paid with amount 0 and unknown types are kept and have no effect', async () => {
  const { topupId, sessionId } = await checkout.open();
  checkout.stripe.pay(sessionId);
  for (const type of ['invoice.paid', 'radar.something_new']) {
    const body = JSON.stringify({
      id: `evt_${topupId}_${type}`,
      type,
      data: { object: { id: 'in_1', amount_paid: 0, metadata: { orbit_topup_id: topupId } } },
    });
    await checkout.deliver(sign(body, Date.now()));
  }
  expect(await stateOf(topupId)).toBe('requires_payment');
  const sql = `SELECT outcome FROM checkout.webhook_inbox WHERE event_id LIKE $1 ORDER BY outcome DESC`;
  expect(await checkout.query(sql, [`evt_${topupId}%`])).toEqual([
    // An invoice belongs to plans: it is looked at, and is no invoice of ours.
    { outcome: 'not_ours' },
    { outcome: 'ignored' },
  ]);
});

test('forged, stale, replayed and oversized webhooks are refused and leave nothing behind', async () => {
  const { topupId, sessionId } = await checkout.open();
  checkout.stripe.pay(sessionId);
  const good = checkout.stripe.event('checkout.session.completed', sessionId);
  const text = good.body.toString('utf8');
  const before = await checkout.inboxCount();
  const huge = `${text}${' '.repeat(262_144)}`;
  const refused = [
    sign(text, Date.now(), 'whsec_other'),
    { ...good, signature: '' },
    { ...good, signature: 't=1,v1=00' },
    { ...good, body: Buffer.from(`${text} `) },
    { ...good, body: Buffer.alloc(0) },
    sign(text, Date.now() - 301_000),
    sign(huge, Date.now()),
    sign('not json', Date.now()),
    sign('{"id":1}', Date.now()),
  ];
  for (const event of refused) {
    await expect(checkout.deliver(event)).rejects.toMatchObject({ code: 'invalid_signature' });
  }
  // The body that was good is refused when it is played again later.
  checkout.aheadMs = 301_000;
  await expect(checkout.deliver(good)).rejects.toMatchObject({ code: 'invalid_signature' });
  expect(await checkout.inboxCount()).toBe(before);
  expect(await stateOf(topupId)).toBe('requires_payment');
  expect(await topicsOf(topupId)).toEqual([]);
});

test('a payment of another amount or currency is parked with its reason, logged, and never credited', async () => {
  const wrong: { change: Partial<StandInSession>; reason: string }[] = [
    { change: { amount_total: 9_999 }, reason: 'amount_mismatch' },
    { change: { currency: 'eur' }, reason: 'currency_mismatch' },
    {
      change: { intent: { status: 'succeeded', amount_received: 1, currency: 'usd' } },
      reason: 'amount_mismatch',
    },
    {
      change: { intent: { status: 'succeeded', amount_received: 10_000, currency: 'jpy' } },
      reason: 'currency_mismatch',
    },
    {
      change: { payment_status: 'no_payment_required', intent: null },
      reason: 'payment_intent_missing',
    },
  ];
  for (const { change, reason } of wrong) {
    const { topupId, sessionId } = await checkout.open();
    checkout.stripe.pay(sessionId, change);
    const deliver = () =>
      checkout.deliver(checkout.stripe.event('checkout.session.completed', sessionId));
    await deliver();
    expect(await checkout.topup(topupId)).toMatchObject({ state: 'parked', reason });
    // Not even when Stripe says later that all is well: an operator decides.
    checkout.stripe.pay(sessionId, { amount_total: 10_000, currency: 'usd' });
    await deliver();
    expect(await stateOf(topupId)).toBe('parked');
    expect(await topicsOf(topupId)).toEqual([]);
    expect(checkout.logLines.some((line) => line.includes(topupId))).toBe(true);
  }
});

test('an event that cannot be applied while Stripe is away is kept, and applied by the sweeper', async () => {
  const { topupId, sessionId } = await checkout.open();
  checkout.stripe.pay(sessionId);
  const event = checkout.stripe.event('payment_intent.succeeded', sessionId);
  checkout.stripe.isAway = true;
  await expect(checkout.deliver(event)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await stateOf(topupId)).toBe('requires_payment');
  checkout.stripe.isAway = false;
  checkout.aheadMs = 31_000;
  await checkout.parts.sweep.run();
  expect(await stateOf(topupId)).toBe('succeeded');
  expect(await topicsOf(topupId)).toEqual(['topup.completed']);
});

test('the sweeper credits a payment whose webhook was lost, and ends a session that was abandoned', async () => {
  const paid = await checkout.open();
  const abandoned = await checkout.open();
  const waiting = await checkout.open();
  checkout.stripe.pay(paid.sessionId);
  checkout.stripe.session(abandoned.sessionId).status = 'expired';
  checkout.aheadMs = 25 * HOUR_MS;
  await Promise.all([checkout.parts.sweep.run(), checkout.twin.sweep.run()]);
  expect(await stateOf(paid.topupId)).toBe('succeeded');
  expect(await topicsOf(paid.topupId)).toEqual(['topup.completed']);
  expect(await stateOf(abandoned.topupId)).toBe('expired');
  expect(await stateOf(waiting.topupId)).toBe('requires_payment');
});

test('a webhook that overtakes the storing of its session credits once, and the page is still answered', async () => {
  const request = checkout.request();
  const { topup_id: topupId, checkout_url } = await checkout.parts.createTopUp.run(request);
  const sessionId = String((await checkout.topup(topupId))['session_id']);
  await checkout.query(
    `UPDATE checkout.topup SET state = 'created', session_id = NULL, checkout_url = NULL WHERE id = $1`,
    [topupId],
  );
  await checkout.deliver(checkout.stripe.event('payment_intent.payment_failed', sessionId));
  await checkout.deliver(checkout.stripe.event('checkout.session.completed', sessionId));
  expect(await stateOf(topupId)).toBe('requires_payment');
  const again = await checkout.parts.createTopUp.run(request);
  expect(again).toEqual({ topup_id: topupId, checkout_url, replayed: true });
  checkout.stripe.pay(sessionId);
  await checkout.deliver(checkout.stripe.event('payment_intent.succeeded', sessionId));
  expect(await topicsOf(topupId)).toEqual(['topup.completed']);
});

test('the role of checkout deletes nothing but old events and does not change what was asked for', async () => {
  const sql = (privilege: string, table: string) =>
    `SELECT has_table_privilege('orbit_checkout', 'checkout.${table}', '${privilege}') AS held`;
  for (const table of ['topup', 'stripe_customer', 'auto_reload', 'webhook_inbox', 'outbox']) {
    const isBox = ['webhook_inbox', 'outbox'].includes(table);
    for (const privilege of ['TRUNCATE', 'UPDATE', ...(isBox ? [] : ['DELETE'])]) {
      expect(await checkout.query(sql(privilege, table), [])).toEqual([{ held: false }]);
    }
  }
  const column = `SELECT has_column_privilege('orbit_checkout', 'checkout.topup', 'amount_micros', 'UPDATE') AS held`;
  expect(await checkout.query(column, [])).toEqual([{ held: false }]);
});
