// Goal: a dispute is told to the ledger once when it opens and once when it is decided, with its fee, in every order
// of Stripe's events; the top-up follows. What the ledger does with it (hold, pause) is tested there.
import { CheckoutUnderTest } from '../testing/checkout.fake.js';
import type { StandInDispute } from '../testing/stripe-clawbacks.fake.js';

let checkout: CheckoutUnderTest;
beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterAll(() => checkout?.close());
afterEach(() => {
  checkout.aheadMs = 0;
});

const HOUR_MS = 3_600_000;
const stateOf = async (topupId: string) => (await checkout.topup(topupId))['state'];
const factsOf = async (topupId: string) =>
  (await checkout.outbox(topupId)).filter(({ topic }) => topic !== 'topup.completed');
const deliver = (type: string, about: object) =>
  checkout.deliver(checkout.stripe.clawbackEvent(type, about));

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

const OPENING = ['charge.dispute.created', 'charge.dispute.funds_withdrawn'];

async function tell(types: readonly string[], dispute: StandInDispute): Promise<void> {
  const events = types.map((type) => checkout.stripe.clawbackEvent(type, dispute));
  for (const event of [...events, ...events, ...events]) await checkout.deliver(event);
}

test('T18: a dispute of 100 opens, then is won or lost with its fee of 15; each told once, in every order', async () => {
  for (const outcome of ['won', 'lost'] as const) {
    const closing = [
      'charge.dispute.closed',
      'charge.dispute.updated',
      ...(outcome === 'won' ? ['charge.dispute.funds_reinstated'] : []),
    ];
    for (const order of permutations(closing)) {
      const { topupId, paymentIntentId } = await checkout.paid();
      const dispute = checkout.stripe.clawbacks.dispute(paymentIntentId);
      await tell(OPENING, dispute);
      expect(await stateOf(topupId)).toBe('disputed');
      expect(await factsOf(topupId)).toMatchObject([
        {
          topic: 'dispute.opened',
          value: { dispute_id: dispute.id, amount: '100.00', fee: '15.00' },
        },
      ]);
      checkout.stripe.clawbacks.closeDispute(dispute, outcome);
      await tell(order, dispute);
      expect(await stateOf(topupId)).toBe(outcome === 'won' ? 'succeeded' : 'disputed');
      const facts = await factsOf(topupId);
      expect(facts).toHaveLength(2);
      expect(facts[1]).toMatchObject({
        topic: 'dispute.closed',
        value: { outcome, amount: '100.00', fee: outcome === 'won' ? '0.00' : '15.00' },
      });
    }
  }
});

test('T18: all events of a dispute that is over already, in every order: opened and closed, once each', async () => {
  const types = [...OPENING, 'charge.dispute.closed', 'checkout.session.completed'];
  for (const order of permutations(types)) {
    const { topupId, sessionId } = await checkout.open();
    checkout.stripe.pay(sessionId);
    const dispute = checkout.stripe.clawbacks.dispute(sessionId.replace('cs_', 'pi_'));
    checkout.stripe.clawbacks.closeDispute(dispute, 'lost');
    for (const type of [...order, ...order, ...order]) {
      if (type.startsWith('checkout'))
        await checkout.deliver(checkout.stripe.event(type, sessionId));
      else await deliver(type, dispute);
    }
    expect((await checkout.outbox(topupId)).map(({ topic }) => topic)).toEqual([
      'topup.completed',
      'dispute.opened',
      'dispute.closed',
    ]);
    expect(await stateOf(topupId)).toBe('disputed');
  }
});

test('T19: refund 40, then a dispute; and a dispute that was won, then a full refund: the top-up follows the facts', async () => {
  const first = await checkout.paid();
  const refund = (amount_minor: number) => ({
    organization_id: first.organizationId,
    topup_id: first.topupId,
    idempotency_key: `t19-${first.topupId}-${amount_minor}`,
    amount_minor,
  });
  await checkout.parts.refunds.request.run(refund(4_000));
  const dispute = checkout.stripe.clawbacks.dispute(first.paymentIntentId, 10_000);
  await deliver('charge.dispute.created', dispute);
  checkout.stripe.clawbacks.closeDispute(dispute, 'lost');
  await deliver('charge.dispute.closed', dispute);
  expect((await factsOf(first.topupId)).map(({ topic }) => topic)).toEqual([
    'refund.completed',
    'dispute.opened',
    'dispute.closed',
  ]);
  expect(await stateOf(first.topupId)).toBe('disputed');

  const second = await checkout.paid();
  const won = checkout.stripe.clawbacks.dispute(second.paymentIntentId);
  await deliver('charge.dispute.created', won);
  checkout.stripe.clawbacks.closeDispute(won, 'won');
  await deliver('charge.dispute.closed', won);
  const view = await checkout.parts.refunds.request.run({
    organization_id: second.organizationId,
    topup_id: second.topupId,
    idempotency_key: `t19-${second.topupId}`,
  });
  expect(view).toMatchObject({ state: 'succeeded', amount: '100.00' });
  expect(await stateOf(second.topupId)).toBe('refunded');
});

test('an inquiry holds nothing until it becomes a dispute', async () => {
  const { topupId, paymentIntentId } = await checkout.paid();
  const inquiry = checkout.stripe.clawbacks.dispute(paymentIntentId, 10_000, true);
  await deliver('charge.dispute.created', inquiry);
  expect(await factsOf(topupId)).toEqual([]);
  expect(await stateOf(topupId)).toBe('succeeded');
  inquiry.status = 'needs_response';
  await deliver('charge.dispute.updated', inquiry);
  expect(await factsOf(topupId)).toMatchObject([{ topic: 'dispute.opened' }]);
  const { paymentIntentId: other, topupId: quiet } = await checkout.paid();
  const ends = checkout.stripe.clawbacks.dispute(other, 10_000, true);
  checkout.stripe.clawbacks.closeDispute(ends, 'warning_closed');
  await deliver('charge.dispute.closed', ends);
  expect(await factsOf(quiet)).toEqual([]);
});

test('webhooks that were lost for good: an open dispute is asked about; operators see it', async () => {
  const { topupId, organizationId, paymentIntentId } = await checkout.paid();
  const dispute = checkout.stripe.clawbacks.dispute(paymentIntentId);
  await deliver('charge.dispute.created', dispute);
  checkout.stripe.clawbacks.closeDispute(dispute, 'lost');
  checkout.aheadMs += HOUR_MS;
  await checkout.parts.refunds.recover.run();
  expect((await factsOf(topupId)).at(-1)).toMatchObject({ value: { outcome: 'lost' } });
  const page = await checkout.parts.refunds.read.listDisputes({
    organization_id: organizationId,
    limit: 5,
  });
  expect(page.disputes).toMatchObject([
    { dispute_id: dispute.id, state: 'lost', amount_minor: 10_000, fee_minor: 1_500 },
  ]);
  const { read } = checkout.parts.refunds;
  // A dispute that has moved on to another state still says where its page ended.
  const open = { state: 'open' as const, limit: 5, organization_id: organizationId };
  expect((await read.listDisputes({ ...open, after_id: dispute.id })).disputes).toEqual([]);
  await expect(read.listDisputes({ ...open, after_id: 'du_none' })).rejects.toMatchObject({
    code: 'invalid_field',
    param: 'cursor',
  });
});

test('a clawback on a second payment, which was never credited, takes nothing from the wallet', async () => {
  const { topupId, sessionId } = await checkout.paid();
  const stray = checkout.stripe.strayPayment(sessionId);
  const made = checkout.stripe.clawbacks.refundInDashboard(stray, 10_000);
  await deliver('refund.created', made);
  expect(await factsOf(topupId)).toEqual([]);
  expect(await stateOf(topupId)).toBe('succeeded');
});

test('clawbacks on payments that are not ours are kept and ignored', async () => {
  const about = { id: 're_x', payment_intent: 'pi_of_somebody' };
  await deliver('refund.created', about);
  const [row] = await checkout.query(
    'SELECT outcome FROM checkout.webhook_inbox ORDER BY received_at DESC LIMIT 1',
    [],
  );
  expect(row).toEqual({ outcome: 'ignored' });
});
