// Goal: money goes back exactly once, at most what is unspent of its own top-up, in every order in which Stripe tells
// it and wherever checkout dies. Real Postgres; a stand-in for Stripe that can die after it has acted.
import type { CreateRefund } from '@orbit/contracts';
import { uniqueId } from '@orbit/testing';
import { CheckoutUnderTest } from '../testing/checkout.fake.js';
import { CLAIM_EVENTS } from './application/clawbacks-webhook.js';

let checkout: CheckoutUnderTest;
beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterAll(() => checkout?.close());
afterEach(() => {
  checkout.stripe.isAway = false;
  checkout.stripe.faults.length = 0;
  checkout.stripe.clawbacks.nextStatus = 'succeeded';
  checkout.refundLedger.isAway = false;
  checkout.refundLedger.afterReserve = () => undefined;
  checkout.beforeStripe = () => undefined;
  checkout.afterStripe = () => undefined;
  checkout.aheadMs = 0;
});

const HOUR_MS = 3_600_000;
const key = () => `refund-${uniqueId()}`;

interface Paid {
  readonly topupId: string;
  readonly paymentIntentId: string;
  readonly organizationId: string;
}
const request = (paid: Paid, change: Partial<CreateRefund> = {}): CreateRefund => ({
  organization_id: paid.organizationId,
  topup_id: paid.topupId,
  idempotency_key: key(),
  ...change,
});
const refund = (paid: Paid, change: Partial<CreateRefund> = {}) =>
  checkout.parts.refunds.request.run(request(paid, change));
const stateOf = async (topupId: string) => (await checkout.topup(topupId))['state'];
const factsOf = async (topupId: string) =>
  (await checkout.outbox(topupId))
    .filter(({ topic }) => topic !== 'topup.completed')
    .map(({ topic, value }) => [topic, (value as { amount: string }).amount]);
const atStripe = (paid: Paid) =>
  checkout.stripe.clawbacks.refundsOf(paid.paymentIntentId).map(({ amount }) => amount);
const rowsOf = (paid: Paid) =>
  checkout.query('SELECT * FROM checkout.refund WHERE topup_id = $1 ORDER BY created_at', [
    paid.topupId,
  ]);
const recover = async () => {
  checkout.aheadMs = 2 * HOUR_MS;
  await checkout.parts.refunds.recover.run();
  checkout.aheadMs = 0;
};

test('T17: of 100 paid, 25 of it used, 80 is refused naming 75.00; 75 goes back; again is the same, without effect', async () => {
  const paid = await checkout.paid();
  checkout.refundLedger.spent.set(paid.topupId, 25_000_000n);
  await expect(refund(paid, { amount_minor: 8_000 })).rejects.toMatchObject({
    code: 'refund_exceeds_unspent',
    param: 'amount',
    details: { max_refundable: '75.00', max_refundable_minor: 7_500 },
  });
  expect(atStripe(paid)).toEqual([]);
  expect(await stateOf(paid.topupId)).toBe('succeeded');
  const idempotency_key = key();
  const first = await refund(paid, { amount_minor: 7_500, idempotency_key });
  expect(first).toMatchObject({ state: 'succeeded', amount: '75.00', replayed: false });
  const again = await refund(paid, { amount_minor: 7_500, idempotency_key });
  expect(again).toEqual({ ...first, replayed: true });
  expect(atStripe(paid)).toEqual([7_500]);
  expect(await factsOf(paid.topupId)).toEqual([['refund.completed', '75.00']]);
  expect(await stateOf(paid.topupId)).toBe('refunded_partially');
  await expect(refund(paid, { amount_minor: 7_400, idempotency_key })).rejects.toMatchObject({
    code: 'idempotency_key_conflict',
  });
  await expect(refund(paid)).rejects.toMatchObject({ details: { max_refundable: '0.00' } });
});

test('T17: without an amount everything unspent goes back, in whole cents; all of it ends as refunded', async () => {
  const partly = await checkout.paid();
  checkout.refundLedger.spent.set(partly.topupId, 42n);
  expect(await refund(partly)).toMatchObject({ state: 'succeeded', amount_minor: 9_999 });
  expect(await factsOf(partly.topupId)).toEqual([['refund.completed', '99.99']]);
  const wholly = await checkout.paid();
  expect(await refund(wholly)).toMatchObject({ amount_minor: 10_000 });
  expect(await stateOf(wholly.topupId)).toBe('refunded');
  const dust = await checkout.paid();
  checkout.refundLedger.spent.set(dust.topupId, 99_999_999n);
  const idempotency_key = key();
  for (const _time of ['first', 'again']) {
    await expect(refund(dust, { idempotency_key })).rejects.toMatchObject({
      code: 'refund_exceeds_unspent',
      details: { max_refundable: '0.00', max_refundable_minor: 0 },
    });
  }
  expect(atStripe(dust)).toEqual([]);
  expect(await factsOf(dust.topupId)).toMatchObject([['refund.failed', '0.01']]);
});

test('T17: twins with one key, and two instances, make one refund', async () => {
  const paid = await checkout.paid();
  const wanted = request(paid, { amount_minor: 4_000 });
  const both = [checkout.parts, checkout.twin, checkout.parts, checkout.twin];
  const views = await Promise.all(both.map(({ refunds }) => refunds.request.run(wanted)));
  expect(new Set(views.map(({ refund_id }) => refund_id)).size).toBe(1);
  expect(atStripe(paid)).toEqual([4_000]);
  expect(await factsOf(paid.topupId)).toEqual([['refund.completed', '40.00']]);
});

test('a payment is named by its intent, its session or the reference of its transaction', async () => {
  const { sessionId, ...paid } = await checkout.paid();
  for (const payment_id of [paid.paymentIntentId, sessionId, `stripe_session:${sessionId}`]) {
    const { topup_id: _topup, ...named } = request(paid, { amount_minor: 1_000, payment_id });
    const view = await checkout.parts.refunds.request.run(named);
    expect(view).toMatchObject({ topup_id: paid.topupId, state: 'succeeded' });
  }
  expect(atStripe(paid)).toEqual([1_000, 1_000, 1_000]);
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

const REFUND_EVENTS = CLAIM_EVENTS.filter((type) => !type.includes('dispute')).slice(0, 4);

test('T17: a pending refund is booked when Stripe says so, by its events in every order, each three times', async () => {
  for (const order of permutations(REFUND_EVENTS)) {
    const paid = await checkout.paid();
    checkout.stripe.clawbacks.nextStatus = 'pending';
    const view = await refund(paid, { amount_minor: 4_000 });
    expect(view).toMatchObject({ state: 'pending', refunded_at: null });
    expect(await factsOf(paid.topupId)).toEqual([['refund.pending', '40.00']]);
    checkout.stripe.clawbacks.settleRefund(String(view.stripe_refund_id), 'succeeded');
    const [made] = checkout.stripe.clawbacks.refundsOf(paid.paymentIntentId);
    const events = order.map((type) => checkout.stripe.clawbackEvent(type, made!));
    for (const event of [...events, ...events, ...events]) await checkout.deliver(event);
    expect(await factsOf(paid.topupId)).toEqual([
      ['refund.pending', '40.00'],
      ['refund.completed', '40.00'],
    ]);
    expect(await stateOf(paid.topupId)).toBe('refunded_partially');
    expect(await rowsOf(paid)).toMatchObject([{ state: 'succeeded', told: 'completed' }]);
  }
});

test('a refund that fails, before or after it had succeeded, is told as failed, and may be asked for anew', async () => {
  const paid = await checkout.paid();
  checkout.stripe.clawbacks.nextStatus = 'pending';
  const slow = await refund(paid, { amount_minor: 4_000 });
  checkout.stripe.clawbacks.nextStatus = 'succeeded';
  const quick = await refund(paid, { amount_minor: 1_000 });
  for (const { stripe_refund_id } of [slow, quick]) {
    checkout.stripe.clawbacks.settleRefund(String(stripe_refund_id), 'failed');
  }
  const [made] = checkout.stripe.clawbacks.refundsOf(paid.paymentIntentId);
  const event = checkout.stripe.clawbackEvent('refund.failed', made!);
  await checkout.deliver(event);
  await checkout.deliver(event);
  expect(await factsOf(paid.topupId)).toEqual([
    ['refund.pending', '40.00'],
    ['refund.completed', '10.00'],
    ['refund.failed', '40.00'],
    ['refund.failed', '10.00'],
  ]);
  expect(await stateOf(paid.topupId)).toBe('succeeded');
  const read = await checkout.parts.refunds.read.read(paid.organizationId, slow.refund_id);
  expect(read).toMatchObject({ state: 'failed', failure_reason: 'declined', refunded_at: null });
});

test('a refund that was made in the dashboard is booked too, once', async () => {
  const paid = await checkout.paid();
  const made = checkout.stripe.clawbacks.refundInDashboard(paid.paymentIntentId, 2_500);
  const types = ['charge.refunded', 'refund.created', 'refund.updated'];
  const events = types.map((type) => checkout.stripe.clawbackEvent(type, made));
  await Promise.all(
    [...events, ...events].map((event, index) =>
      (index % 2 === 0 ? checkout.parts : checkout.twin).receiveWebhook.run(
        event.body,
        event.signature,
      ),
    ),
  );
  expect(await factsOf(paid.topupId)).toEqual([['refund.completed', '25.00']]);
  const { refunds } = await checkout.parts.refunds.read.list({
    organization_id: paid.organizationId,
    limit: 10,
  });
  expect(refunds).toMatchObject([{ refund_id: made.id, origin: 'dashboard', amount: '25.00' }]);
});

test('T21: a refund that is told before its checkout session settles the payment first, and is netted', async () => {
  const types = [
    'charge.refunded',
    'refund.created',
    'checkout.session.completed',
    'payment_intent.succeeded',
  ];
  for (const order of permutations(types)) {
    const { topupId, sessionId } = await checkout.open();
    checkout.stripe.pay(sessionId);
    const paymentIntent = sessionId.replace('cs_', 'pi_');
    const made = checkout.stripe.clawbacks.refundInDashboard(paymentIntent, 10_000);
    const events = order.map((type) =>
      type.includes('refund')
        ? checkout.stripe.clawbackEvent(type, made)
        : checkout.stripe.event(type, sessionId),
    );
    for (const event of [...events, ...events, ...events]) await checkout.deliver(event);
    expect((await checkout.outbox(topupId)).map(({ topic }) => topic)).toEqual([
      'topup.completed',
      'refund.completed',
    ]);
    expect(await stateOf(topupId)).toBe('refunded');
  }
});

test('T21: what goes back of a parked payment waits, and is netted when an operator credits it', async () => {
  const { topupId, sessionId } = await checkout.open();
  checkout.stripe.pay(sessionId, {
    intent: { status: 'succeeded', amount_received: 6_000, currency: 'usd' },
  });
  await checkout.deliver(checkout.stripe.event('checkout.session.completed', sessionId));
  expect(await stateOf(topupId)).toBe('parked');
  const made = checkout.stripe.clawbacks.refundInDashboard(sessionId.replace('cs_', 'pi_'), 6_000);
  await checkout.deliver(checkout.stripe.clawbackEvent('refund.created', made));
  expect(await factsOf(topupId)).toEqual([]);
  await checkout.parts.parkedTopUps.resolve({
    topup_id: topupId,
    action: 'credit_received',
    reason: 'agreed',
  });
  await recover();
  expect(await checkout.outbox(topupId)).toMatchObject([
    { topic: 'topup.completed', value: { amount: '60.00' } },
    { topic: 'refund.completed', value: { amount: '60.00' } },
  ]);
  expect(await stateOf(topupId)).toBe('refunded');
});

class Crash extends Error {}

test('T17: checkout dies at each step of a refund; what comes after makes it once and forgets nothing', async () => {
  const crashes: Record<string, () => void> = {
    'after the row, before the ledger': () => void (checkout.refundLedger.isAway = true),
    'after the ledger set it aside': () => {
      checkout.refundLedger.afterReserve = () => {
        throw new Crash();
      };
    },
    'before Stripe was asked': () => {
      checkout.beforeStripe = (call) => {
        if (call === 'createRefund') throw new Crash();
      };
    },
    'after Stripe paid it back': () => {
      checkout.afterStripe = (call) => {
        if (call === 'createRefund') throw new Crash();
      };
    },
    'the answer of Stripe was lost': () =>
      void checkout.stripe.faults.push('drop_after', 'drop_after'),
    'Stripe answered with an error that it repeats': () =>
      void checkout.stripe.faults.push('error_500', 'error_500'),
  };
  for (const [step, crash] of Object.entries(crashes)) {
    for (const isContinuedByClient of [true, false]) {
      const paid = await checkout.paid();
      const wanted = request(paid, { amount_minor: 4_000 });
      crash();
      await expect(checkout.parts.refunds.request.run(wanted)).rejects.toBeInstanceOf(Error);
      checkout.refundLedger.isAway = false;
      checkout.refundLedger.afterReserve = () => undefined;
      checkout.beforeStripe = () => undefined;
      checkout.afterStripe = () => undefined;
      checkout.stripe.faults.length = 0;
      if (isContinuedByClient) await checkout.twin.refunds.request.run(wanted);
      await recover();
      await recover();
      const outcome = { step, refunds: atStripe(paid), facts: await factsOf(paid.topupId) };
      expect(outcome).toEqual({ step, refunds: [4_000], facts: [['refund.completed', '40.00']] });
      expect(await rowsOf(paid)).toMatchObject([{ state: 'succeeded', told: 'completed' }]);
    }
  }
});

test('a webhook that was lost for good: the recovery job asks', async () => {
  const paid = await checkout.paid();
  checkout.stripe.clawbacks.nextStatus = 'pending';
  const view = await refund(paid, { amount_minor: 4_000 });
  checkout.stripe.clawbacks.settleRefund(String(view.stripe_refund_id), 'succeeded');
  await recover();
  expect(await factsOf(paid.topupId)).toEqual([
    ['refund.pending', '40.00'],
    ['refund.completed', '40.00'],
  ]);
});

test('Stripe refuses for good: what was set aside is free again', async () => {
  const paid = await checkout.paid();
  checkout.stripe.clawbacks.dispute(paid.paymentIntentId);
  const view = await refund(paid, { amount_minor: 4_000 });
  expect(view).toMatchObject({ state: 'failed', failure_reason: 'charge_disputed' });
  expect(await factsOf(paid.topupId)).toContainEqual(['refund.failed', '40.00']);
  expect(atStripe(paid)).toEqual([]);
});

test('bad input: every field wrong in turn, and ids of others, change nothing', async () => {
  const paid = await checkout.paid();
  const other = await checkout.paid();
  const open = await checkout.open();
  const wrong: [Partial<Record<keyof CreateRefund, unknown>>, string, string][] = [
    [{ amount_minor: 0 }, 'invalid_field', 'amount'],
    [{ amount_minor: -1 }, 'invalid_field', 'amount'],
    [{ amount_minor: 1.5 }, 'invalid_field', 'amount'],
    [{ amount_minor: '100' }, 'invalid_field', 'amount'],
    [{ amount_minor: 1e12 }, 'invalid_field', 'amount'],
    [{ amount_minor: 10_001 }, 'refund_exceeds_unspent', 'amount'],
    [{ reason: 'because' }, 'invalid_field', 'reason'],
    [{ reason: 7 }, 'invalid_field', 'reason'],
    [{ idempotency_key: 'short' }, 'invalid_field', 'Idempotency-Key'],
    [{ idempotency_key: 'x'.repeat(256) }, 'invalid_field', 'Idempotency-Key'],
    [{ organization_id: '' }, 'invalid_field', 'organization_id'],
    [{ topup_id: 7 }, 'invalid_field', 'topup_id'],
    [{ topup_id: 'tu_none' }, 'not_found', 'topup_id'],
    [{ topup_id: other.topupId }, 'not_found', 'topup_id'],
    [{ topup_id: undefined }, 'invalid_field', 'topup_id'],
    [{ payment_id: paid.paymentIntentId }, 'invalid_field', 'topup_id'],
    [{ topup_id: undefined, payment_id: other.paymentIntentId }, 'not_found', 'payment_id'],
    [{ topup_id: undefined, payment_id: 'pi_none' }, 'not_found', 'payment_id'],
    [{ topup_id: undefined, payment_id: '' }, 'invalid_field', 'payment_id'],
  ];
  for (const [change, code, param] of wrong) {
    const bad = { ...request(paid), ...change } as CreateRefund;
    await expect(checkout.parts.refunds.request.run(bad)).rejects.toMatchObject({ code, param });
  }
  const [row] = await checkout.query('SELECT organization_id FROM checkout.topup WHERE id = $1', [
    open.topupId,
  ]);
  const unpaid = {
    ...paid,
    topupId: open.topupId,
    organizationId: String(row?.['organization_id']),
  };
  await expect(refund(unpaid)).rejects.toMatchObject({ code: 'conflict' });
  for (const one of [paid, other, unpaid]) {
    expect(await rowsOf(one)).toEqual([]);
    expect(await factsOf(one.topupId)).toEqual([]);
  }
  expect([...atStripe(paid), ...atStripe(other)]).toEqual([]);
});

test('pages of refunds do not overlap and end; nobody reads those of another organization', async () => {
  const paid = await checkout.paid();
  const { read } = checkout.parts.refunds;
  for (let i = 0; i < 5; i++) await refund(paid, { amount_minor: 100 });
  const seen: string[] = [];
  for (let after_id: string | undefined; ; after_id = seen.at(-1)) {
    const page = await read.list({
      organization_id: paid.organizationId,
      limit: 2,
      ...(after_id === undefined ? {} : { after_id }),
    });
    seen.push(...page.refunds.map((one) => one.refund_id));
    if (!page.has_more) break;
  }
  expect(new Set(seen).size).toBe(5);
  expect(await read.read('org_other', String(seen[0]))).toBeNull();
  for (const [organization_id, after_id] of [
    ['org_other', seen[0]!],
    [paid.organizationId, 'ref_none'],
  ] as const)
    await expect(read.list({ organization_id, limit: 5, after_id })).rejects.toMatchObject({
      code: 'invalid_field',
      param: 'cursor',
    });
  await expect(read.list({ organization_id: 'o', limit: 0 })).rejects.toMatchObject({
    param: 'limit',
  });
});
