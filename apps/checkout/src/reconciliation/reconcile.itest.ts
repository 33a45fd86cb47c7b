// Goal: whatever Stripe and the ledger do not agree on is found, named and told once; what was missed is made up for
// through the same inbox. Method: real Postgres; stand-ins for Stripe and for what the ledger booked.
import type { StripeDifference } from '@orbit/contracts';
import { eventually, uniqueId } from '@orbit/testing';
import { CheckoutUnderTest } from '../testing/checkout.fake.js';

let checkout: CheckoutUnderTest;
beforeEach(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterEach(() => checkout?.close());

/** Everything that was published is booked, unless the test loses it. */
async function book(lost: readonly string[] = []): Promise<void> {
  const rows = await checkout.query(
    'SELECT topic, value FROM checkout.outbox ORDER BY position',
    [],
  );
  for (const { topic, value } of rows)
    if (!lost.includes(String(topic))) {
      checkout.ledgerBooks.take(String(topic), value as Record<string, unknown>);
    }
}
/** Before anything that a test has done, however long it took. */
const longAgo = (): string => new Date(Date.now() - 3_600_000).toISOString();
const differences = async (): Promise<readonly StripeDifference[]> => {
  const since = longAgo();
  return (await checkout.parts.reconcile.reconcile.run({ since })).differences;
};
/** Stripe's balance transactions: gross amounts, and of fees those for disputes. */
const balanceOf = (from: number): string => {
  const moved = checkout.stripe.clawbacks.movements.slice(from);
  const minor = moved.reduce(
    (sum, { type, amount, fee }) => sum + amount - (type === 'adjustment' ? fee : 0),
    0,
  );
  return (minor / 100).toFixed(2);
};
const kinds = async () => (await differences()).map(({ kind }) => kind);
const deliver = (type: string, about: object) =>
  checkout.deliver(checkout.stripe.clawbackEvent(type, about));
const refund = (paid: { organizationId: string; topupId: string }, amount_minor: number) =>
  checkout.parts.refunds.request.run({
    organization_id: paid.organizationId,
    topup_id: paid.topupId,
    amount_minor,
    idempotency_key: `refund-${uniqueId()}`,
  });

test('T19: payments, refunds and disputes that were all told leave no difference, whichever way they ended', async () => {
  const plain = await checkout.paid();
  const partly = await checkout.paid();
  await refund(partly, 4_000);
  const lost = await checkout.paid();
  await refund(lost, 4_000);
  const dispute = checkout.stripe.clawbacks.dispute(lost.paymentIntentId, 6_000);
  await deliver('charge.dispute.created', dispute);
  const won = await checkout.paid();
  const other = checkout.stripe.clawbacks.dispute(won.paymentIntentId);
  await deliver('charge.dispute.created', other);
  await book();
  expect(await differences()).toEqual([]);
  checkout.stripe.clawbacks.closeDispute(dispute, 'lost');
  checkout.stripe.clawbacks.closeDispute(other, 'won');
  for (const one of [dispute, other]) await deliver('charge.dispute.closed', one);
  await refund(won, 10_000);
  await book();
  expect(await differences()).toEqual([]);
  checkout.stripe.clawbacks.nextStatus = 'pending';
  await refund(plain, 1_000);
  await book();
  expect(await differences()).toEqual([]);
  const { compared, clearing } = await checkout.parts.reconcile.reconcile.run();
  expect(compared).toMatchObject({ payments: 4, refunds: 4, disputes: 2 });
  const balance = balanceOf(0);
  expect(clearing).toEqual([{ currency: 'USD', at_stripe: balance, in_ledger: balance }]);
});

test('what has left Stripe counts though the wallet has it still: a refund that has begun, a dispute with its fee', async () => {
  const paid = await checkout.paid();
  checkout.stripe.clawbacks.nextStatus = 'pending';
  await refund(paid, 4_000);
  await book(['refund.pending']);
  expect(await differences()).toMatchObject([
    { kind: 'clearing_differs', at_stripe: '-40.00', in_ledger: '0.00' },
  ]);
  await book();
  const dispute = checkout.stripe.clawbacks.dispute(paid.paymentIntentId, 6_000);
  await deliver('charge.dispute.created', dispute);
  await book();
  const report = await checkout.parts.reconcile.reconcile.run();
  expect(report.differences).toEqual([]);
  expect(balanceOf(0)).toBe('-15.00');
  expect(report.clearing).toEqual([{ currency: 'USD', at_stripe: '-15.00', in_ledger: '-15.00' }]);
});

test('each thing that only one side knows is named', async () => {
  const paid = await checkout.paid();
  await book(['topup.completed']);
  expect(await kinds()).toEqual(['payment_not_credited']);
  await book();
  const made = checkout.stripe.clawbacks.refundInDashboard(paid.paymentIntentId, 2_500);
  expect(await differences()).toMatchObject([
    {
      kind: 'refund_not_booked',
      subject: made.id,
      topup_id: paid.topupId,
      organization_id: paid.organizationId,
      at_stripe: '-25.00',
      in_ledger: '0.00',
    },
  ]);
  await deliver('refund.created', made);
  await book();
  expect(await kinds()).toEqual([]);
  checkout.stripe.clawbacks.settleRefund(made.id, 'failed');
  expect(await kinds()).toEqual(['refund_without_payment']);
  await deliver('refund.failed', made);
  await book();
  const dispute = checkout.stripe.clawbacks.dispute(paid.paymentIntentId);
  expect(await kinds()).toEqual(['dispute_not_held']);
  await deliver('charge.dispute.created', dispute);
  await book();
  checkout.stripe.clawbacks.closeDispute(dispute, 'lost');
  expect(await kinds()).toEqual(['dispute_not_booked']);
  await deliver('charge.dispute.closed', dispute);
  await book();
  expect(await kinds()).toEqual([]);
});

test('credit that no payment stands for, and credit of another amount, are named', async () => {
  const paid = await checkout.paid();
  await book();
  const value = { organization_id: paid.organizationId, currency: 'USD' };
  checkout.ledgerBooks.put(`topup:${paid.topupId}`, value, 120_000_000n);
  checkout.ledgerBooks.put('topup:tu_nobody', value, 5_000_000n);
  const open = await checkout.open();
  checkout.ledgerBooks.put(`topup:${open.topupId}`, value, 100_000_000n);
  expect((await kinds()).sort()).toEqual([
    'credit_differs',
    'credit_without_payment',
    'credit_without_payment',
  ]);
});

test('T21: a second payment by a stray session of a paid top-up is found and told; refunded, it is settled', async () => {
  const paid = await checkout.paid();
  await book();
  const stray = checkout.stripe.strayPayment(paid.sessionId);
  checkout.stripe.clawbacks.charged(stray);
  expect(await differences()).toMatchObject([
    { kind: 'paid_again', subject: stray, topup_id: paid.topupId, at_stripe: '100.00' },
  ]);
  checkout.stripe.clawbacks.refundInDashboard(stray, 10_000);
  expect(await kinds()).toEqual([]);
});

test('--fix replays what was missed from the list of events, through the inbox, once', async () => {
  const { topupId, sessionId } = await checkout.open();
  checkout.stripe.pay(sessionId);
  const paymentIntent = sessionId.replace('cs_', 'pi_');
  checkout.stripe.clawbacks.charged(paymentIntent);
  const made = checkout.stripe.clawbacks.refundInDashboard(paymentIntent, 2_500);
  // Signed, listed by Stripe, and never delivered.
  checkout.stripe.event('checkout.session.completed', sessionId);
  checkout.stripe.clawbackEvent('refund.created', made);
  const since = longAgo();
  const fixing = checkout.parts.reconcile.reconcile.run({ since, fix: true });
  await eventually(async () => {
    const told = await checkout.outbox(topupId);
    expect(told.map(({ topic }) => topic)).toEqual(['topup.completed', 'refund.completed']);
  });
  // The ledger books while the comparison waits: no difference that is about to vanish is told.
  await book();
  expect(await fixing).toMatchObject({ replayed_events: 2, differences: [] });
  const again = await checkout.parts.reconcile.reconcile.run({ since, fix: true });
  expect(again).toMatchObject({ replayed_events: 0, differences: [] });
});

test('the scheduled comparison tells each difference once, and pauses by policy', async () => {
  const paid = await checkout.paid();
  await book();
  checkout.stripe.clawbacks.refundInDashboard(paid.paymentIntentId, 2_500);
  await checkout.parts.reconcile.watch.run();
  await checkout.twin.reconcile.watch.run();
  const alerts = (await checkout.outbox(paid.topupId)).filter(
    ({ topic }) => topic === 'payment.differs',
  );
  expect(alerts).toMatchObject([{ value: { kind: 'refund_not_booked', at_stripe: '-25.00' } }]);
  expect(new Set(checkout.ledgerBooks.paused)).toEqual(new Set([paid.organizationId]));
  expect(checkout.logLines.join('')).toContain('stripe and the ledger differ');
});

test('a refund that waits for hours is told; an instant that is none, or of the future, is refused', async () => {
  const paid = await checkout.paid();
  await book();
  checkout.refundLedger.isAway = true;
  await expect(refund(paid, 1_000)).rejects.toMatchObject({ code: 'unavailable' });
  checkout.aheadMs = 2 * 3_600_000;
  expect((await differences()).map(({ kind }) => kind)).toEqual(['refund_stuck']);
  for (const since of ['yesterday', '2999-01-01T00:00:00Z']) {
    await expect(checkout.parts.reconcile.reconcile.run({ since })).rejects.toMatchObject({
      code: 'invalid_field',
      param: 'since',
    });
  }
  checkout.stripe.isAway = true;
  await expect(checkout.parts.reconcile.reconcile.run()).rejects.toMatchObject({
    code: 'payment_provider_error',
  });
});
