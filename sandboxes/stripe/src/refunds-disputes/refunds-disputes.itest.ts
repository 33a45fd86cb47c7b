import { eventually } from '@orbit/testing';
import type Stripe from 'stripe';
import {
  clearFaults,
  control,
  customerWithCard,
  offSession,
  refusal,
  startWorld,
  type World,
} from '../test-world.js';

let world: World;
let stripe: Stripe;
beforeAll(async () => {
  world = await startWorld();
  stripe = world.stripe;
});
afterAll(() => world?.close());
afterEach(() => clearFaults(world));

async function paid(card = 'pm_card_visa', amount = 10_000) {
  const { customer, method } = await customerWithCard(stripe, card);
  const intent = await stripe.paymentIntents.create(offSession(customer.id, method.id, amount));
  return { payment_intent: intent.id, charge: String(intent.latest_charge) };
}

/** What the balance has of one payment: charge, refunds and disputes together. */
async function balanceOf(charge: string): Promise<readonly number[]> {
  const [refunds, disputes] = await Promise.all([
    stripe.refunds.list({ charge }),
    stripe.disputes.list({ charge }),
  ]);
  const sources = [charge, ...[...refunds.data, ...disputes.data].map((each) => each.id)];
  const lists = await Promise.all(
    sources.map((source) => stripe.balanceTransactions.list({ source })),
  );
  return lists.flatMap((list) => list.data.map((moved) => moved.net));
}

const sum = (amounts: readonly number[]): number => amounts.reduce((a, b) => a + b, 0);

test('a refund made pending succeeds later and tells it', async () => {
  const { payment_intent, charge } = await paid();
  await control(world, 'faults', { next_refund: { outcome: 'succeeded', settle_ms: -1 } });
  const refund = await stripe.refunds.create({ payment_intent, amount: 4_000 });
  expect(refund.status).toBe('pending');
  await control(world, `refunds/${refund.id}/settle`, { status: 'succeeded' });
  expect((await stripe.refunds.retrieve(refund.id)).status).toBe('succeeded');
  await eventually(() =>
    expect(world.listener.typesAbout(refund.id)).toEqual(
      expect.arrayContaining(['refund.created', 'charge.refund.updated', 'refund.updated']),
    ),
  );
  expect(await stripe.charges.retrieve(charge)).toMatchObject({ amount_refunded: 4_000 });
});

test('a refund that fails brings its money back, also after it had succeeded', async () => {
  const { payment_intent, charge } = await paid();
  const before = sum(await balanceOf(charge));
  const refund = await stripe.refunds.create({ payment_intent, amount: 4_000 });
  expect(sum(await balanceOf(charge))).toBe(before - 4_000);
  await control(world, `refunds/${refund.id}/settle`, { status: 'failed', reason: 'declined' });
  const failed = await stripe.refunds.retrieve(refund.id, {
    expand: ['failure_balance_transaction'],
  });
  expect(failed).toMatchObject({
    status: 'failed',
    failure_reason: 'declined',
    failure_balance_transaction: { amount: 4_000, type: 'refund_failure' },
  });
  expect(sum(await balanceOf(charge))).toBe(before);
  expect((await stripe.charges.retrieve(charge)).amount_refunded).toBe(0);
  await eventually(() => expect(world.listener.typesAbout(refund.id)).toContain('refund.failed'));
  expect(await stripe.refunds.create({ payment_intent })).toMatchObject({ amount: 10_000 });
});

test('the cards for it: 7726 is pending first, 5126 fails after it succeeded, both by themselves', async () => {
  const slow = await paid('pm_card_pendingRefund');
  const fails = await paid('pm_card_refundFail');
  const first = await stripe.refunds.create({ payment_intent: slow.payment_intent });
  const second = await stripe.refunds.create({ payment_intent: fails.payment_intent });
  expect([first.status, second.status]).toEqual(['pending', 'succeeded']);
  await eventually(() => {
    expect(world.listener.typesAbout(first.id)).toContain('refund.updated');
    expect(world.listener.typesAbout(second.id)).toContain('refund.failed');
  });
});

test('a refund made in the dashboard tells of itself without a request or metadata', async () => {
  const { charge } = await paid();
  const refund = await control<Stripe.Refund>(world, `charges/${charge}/refund`, { amount: 2_500 });
  expect(refund).toMatchObject({ amount: 2_500, metadata: {}, status: 'succeeded' });
  await eventually(() => expect(world.listener.typesAbout(refund.id)).toEqual(['refund.created']));
  const [event] = (await stripe.events.list({ type: 'refund.created', limit: 1 })).data;
  expect(event?.request?.id).toBeNull();
});

test('a dispute of the whole charge after a refund of a part; lost: at most the charge is gone', async () => {
  const { payment_intent, charge } = await paid();
  await stripe.refunds.create({ payment_intent, amount: 4_000 });
  const full = await control<Stripe.Dispute>(world, `charges/${charge}/dispute`);
  expect(full.amount).toBe(6_000);
  expect((await refusal(stripe.refunds.create({ payment_intent }))).code).toBe('charge_disputed');
  const lost = await control<Stripe.Dispute>(world, `disputes/${full.id}/close`, {
    status: 'lost',
  });
  expect(lost.balance_transactions.map((moved) => [moved.amount, moved.fee])).toEqual([
    [-6_000, 1_500],
  ]);
  expect((await refusal(stripe.refunds.create({ payment_intent }))).code).toBe('charge_disputed');
});

test('a dispute that was won leaves the charge to be refunded; the fee comes back only when asked', async () => {
  const { payment_intent, charge } = await paid();
  const opened = await control<Stripe.Dispute>(world, `charges/${charge}/dispute`);
  await control(world, `disputes/${opened.id}/close`, { status: 'won', fee_returned: true });
  const won = await stripe.disputes.retrieve(opened.id);
  expect(won.balance_transactions.map((moved) => moved.net)).toEqual([-11_500, 11_500]);
  expect((await stripe.refunds.create({ payment_intent })).status).toBe('succeeded');
  await eventually(() =>
    expect(world.listener.typesAbout(opened.id)).toEqual(
      expect.arrayContaining([
        'charge.dispute.created',
        'charge.dispute.funds_withdrawn',
        'charge.dispute.closed',
        'charge.dispute.funds_reinstated',
      ]),
    ),
  );
});

test('evidence decides a dispute; an inquiry moves no money', async () => {
  const disputed = await paid('pm_card_createDispute');
  const [dispute] = (await stripe.disputes.list({ charge: disputed.charge })).data;
  const evidence = { uncategorized_text: 'losing_evidence' };
  const closed = await stripe.disputes.update(dispute?.id ?? '', { evidence });
  expect(closed.status).toBe('lost');
  const asked = await paid('pm_card_createDisputeInquiry');
  const [inquiry] = (await stripe.disputes.list({ charge: asked.charge })).data;
  expect(inquiry).toMatchObject({ status: 'warning_needs_response', balance_transactions: [] });
  const won = await control<Stripe.Dispute>(world, `disputes/${inquiry?.id ?? ''}/close`, {
    status: 'won',
  });
  expect(won.status).toBe('warning_closed');
});

test('an early fraud warning can be found by its charge', async () => {
  const { charge } = await paid('pm_card_createIssuerFraudRecord');
  const [warning] = (await stripe.radar.earlyFraudWarnings.list({ charge })).data;
  expect(warning).toMatchObject({ charge, actionable: true });
});

test('the balance: every movement with its source expanded, filtered by time, type and source', async () => {
  const since = Math.floor(Date.now() / 1_000);
  const { payment_intent, charge } = await paid('pm_card_visa', 2_000);
  const refund = await stripe.refunds.create({ payment_intent, amount: 500 });
  await control(world, 'balance_transactions', {
    ...{ type: 'stripe_fee', amount: -250, currency: 'usd', description: 'Radar' },
  });
  const all = await stripe.balanceTransactions.list({
    created: { gte: since },
    limit: 100,
    expand: ['data.source'],
  });
  const shown = all.data.slice(0, 3).map((moved) => {
    const source = moved.source as { id: string; object: string } | null;
    return [moved.type, moved.amount, source?.object ?? null];
  });
  expect(shown).toEqual([
    ['stripe_fee', -250, null],
    ['refund', -500, 'refund'],
    ['charge', 2_000, 'charge'],
  ]);
  const ofRefund = await stripe.balanceTransactions.list({ source: refund.id });
  expect(ofRefund.data.map((moved) => moved.net)).toEqual([-500]);
  const later = await stripe.balanceTransactions.list({ created: { gt: since + 3_600 } });
  expect(later.data).toEqual([]);
  expect((await stripe.charges.retrieve(charge)).amount_refunded).toBe(500);
});
