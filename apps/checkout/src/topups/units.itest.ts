// Goal: a wallet in a custom unit is paid for in money and gets units; what goes back of it goes back by
// the terms of that very top-up. Method: real Postgres, a stand-in for Stripe; the twin is an instance at
// which a credit costs 0.05 USD.
import type { CreateTopUp } from '@orbit/contracts';
import { uniqueId } from '@orbit/testing';
import { CheckoutUnderTest } from '../testing/checkout.fake.js';
import type { StandInSession } from '../testing/stripe.fake.js';

let checkout: CheckoutUnderTest;
beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterAll(() => checkout?.close());

const UNITS = { currency: 'credits', wallet_unit: 'credits', amount_minor: 500 } as const;
const MONEY = { currency: 'USD', wallet_unit: 'credits', amount_minor: 1_000 } as const;
const stateOf = async (topupId: string) => (await checkout.topup(topupId))['state'];
const factsOf = async (topupId: string) =>
  (await checkout.outbox(topupId)).map(({ topic, value }) => {
    const { amount, currency } = value as { amount: string; currency: string };
    return [topic, amount, currency];
  });
const deliver = (type: string, about: object) =>
  checkout.deliver(checkout.stripe.clawbackEvent(type, about));
const refund = (
  paid: { topupId: string; organizationId: string },
  amount_minor?: number,
  parts = checkout.parts,
) =>
  parts.refunds.request.run({
    organization_id: paid.organizationId,
    topup_id: paid.topupId,
    idempotency_key: `units-${uniqueId()}`,
    ...(amount_minor === undefined ? {} : { amount_minor }),
  });

test('T20: $10 buys 500 credits, said as credits or as money; Stripe is asked for dollars', async () => {
  for (const order of [UNITS, MONEY]) {
    const { topupId, sessionId } = await checkout.paid(order);
    expect(checkout.stripe.session(sessionId).params).toMatchObject({
      'line_items[0][price_data][unit_amount]': '1000',
      'line_items[0][price_data][currency]': 'usd',
      'line_items[0][price_data][product_data][name]': '500 credits',
    });
    expect(await checkout.outbox(topupId)).toMatchObject([
      {
        topic: 'topup.completed',
        value: {
          amount: '500',
          currency: 'credits',
          paid: { amount: '10.00', currency: 'USD' },
        },
      },
    ]);
  }
});

test('T20: a dispute of the $10 takes 500 and, won, gives 500 back; lost, its fee is told in credits too', async () => {
  for (const outcome of ['won', 'lost'] as const) {
    const { topupId, paymentIntentId } = await checkout.paid(MONEY);
    const dispute = checkout.stripe.clawbacks.dispute(paymentIntentId);
    await deliver('charge.dispute.created', dispute);
    expect((await factsOf(topupId)).at(-1)).toEqual(['dispute.opened', '500', 'credits']);
    checkout.stripe.clawbacks.closeDispute(dispute, outcome);
    await deliver('charge.dispute.closed', dispute);
    const [, , closed] = await checkout.outbox(topupId);
    expect(closed).toMatchObject({
      topic: 'dispute.closed',
      // 15.00 USD at 0.02.
      value: { outcome, amount: '500', fee: outcome === 'won' ? '0' : '750' },
    });
    expect(await stateOf(topupId)).toBe(outcome === 'won' ? 'succeeded' : 'disputed');
    const { disputes } = await checkout.parts.refunds.read.listDisputes({ limit: 1 });
    expect(disputes[0]).toMatchObject({ amount_minor: 1_000, currency: 'USD', unit: 'credits' });
  }
});

test('T20: what goes back is worth what it was bought for, whatever a credit costs today', async () => {
  const paid = await checkout.paid(MONEY);
  const part = await refund(paid, 250, checkout.twin);
  expect(part).toMatchObject({ amount_minor: 250, amount: '125', currency: 'USD' });
  expect(part.unit).toBe('credits');
  const made = checkout.stripe.clawbacks.refundInDashboard(paid.paymentIntentId, 150);
  const event = checkout.stripe.clawbackEvent('refund.created', made);
  await checkout.twin.receiveWebhook.run(event.body, event.signature);
  // The ledger has been told of the 75; here nobody booked them.
  checkout.refundLedger.spent.set(paid.topupId, 75_000_000n);
  expect(await refund(paid, undefined, checkout.twin)).toMatchObject({
    amount_minor: 600,
    amount: '300',
  });
  expect((await factsOf(paid.topupId)).slice(1)).toEqual([
    ['refund.completed', '125', 'credits'],
    ['refund.completed', '75', 'credits'],
    ['refund.completed', '300', 'credits'],
  ]);
  expect(await stateOf(paid.topupId)).toBe('refunded');
});

test('T20: a refund above what is unspent names the maximum in credits and in cents', async () => {
  const paid = await checkout.paid(MONEY);
  checkout.refundLedger.spent.set(paid.topupId, 125_000_001n);
  await expect(refund(paid, 751)).rejects.toMatchObject({
    code: 'refund_exceeds_unspent',
    message: 'Of this payment 374.999999 credits can be refunded at most.',
    details: { max_refundable: '374.999999', max_refundable_minor: 749 },
  });
  // All that is unspent: whole cents; the rest of a cent stays in the wallet.
  expect(await refund(paid)).toMatchObject({ amount_minor: 749, amount: '374.5' });
});

test('a repeat answers the terms of the first request, though the price has changed since', async () => {
  const request = checkout.request({ ...UNITS });
  const first = await checkout.parts.createTopUp.run(request);
  const again = await checkout.twin.createTopUp.run(request);
  expect(again).toEqual({ ...first, replayed: true });
  expect(await checkout.topup(first.topup_id)).toMatchObject({
    amount_minor: '1000',
    payment_currency: 'USD',
    currency: 'credits',
    amount_micros: '500000000',
  });
  // 500 credits and 500 cents are not the same wish.
  await expect(
    checkout.parts.createTopUp.run({ ...request, currency: 'USD' }),
  ).rejects.toMatchObject({ code: 'idempotency_key_conflict' });
});

test('T20: the saved payment method pays dollars and buys credits, once', async () => {
  const { organizationId } = await checkout.customer();
  const request = checkout.chargeRequest(organizationId, { ...UNITS });
  const view = await checkout.parts.chargeTopUp.run(request);
  expect(view).toMatchObject({
    state: 'succeeded',
    amount_minor: 500,
    amount: '500',
    currency: 'credits',
    payment_minor: 1_000,
    payment_currency: 'USD',
  });
  const again = await checkout.twin.chargeTopUp.run(request);
  expect(again).toEqual({ ...view, replayed: true });
  const [intent, ...others] = checkout.stripe.saved.intentsOf(view.topup_id);
  expect(others).toEqual([]);
  expect(intent?.params).toMatchObject({ amount: '1000', currency: 'usd' });
  expect(await factsOf(view.topup_id)).toEqual([['topup.completed', '500', 'credits']]);
});

test('auto-reload of a wallet in units is refused, told how to buy instead, and nothing is stored', async () => {
  const { organizationId: organization_id } = await checkout.customer();
  const terms = { enabled: true, threshold: 100, amount: 1_000 };
  const { configureAutoReload } = checkout.parts;
  const wanted = { organization_id, currency: 'credits', ...terms };
  await expect(configureAutoReload.configure(wanted)).rejects.toMatchObject({
    code: 'unsupported_currency',
    param: 'currency',
    message: expect.stringMatching(/counts credits.+POST credits\/topup/) as string,
  });
  expect(await configureAutoReload.read(organization_id)).toMatchObject({ enabled: false });
  const paid = checkout.stripe.saved.intents.map(({ params }) => params);
  expect(paid).not.toContainEqual(
    expect.objectContaining({ 'metadata[orbit_organization_id]': organization_id }),
  );
});

test('a page to save a card is opened in the money that the unit is sold for', async () => {
  const urls = { success_url: 'https://example.com/ok', cancel_url: 'https://example.com/no' };
  const asked = { organization_id: `org_${uniqueId()}`, ...urls };
  const { setup } = checkout.parts.paymentMethods;
  const page = await setup.call(checkout.parts.paymentMethods, { ...asked, currency: 'credits' });
  expect(page.url).toMatch(/^https:/);
  await expect(
    checkout.parts.paymentMethods.setup({ ...asked, currency: 'points' }),
  ).rejects.toMatchObject({ code: 'unsupported_currency', param: 'currency' });
});

test('T21: another amount or currency than was asked for is parked; credited by its own terms, or not at all', async () => {
  const wrong: [Partial<StandInSession>, string, string | null][] = [
    [
      { intent: { status: 'succeeded', amount_received: 999, currency: 'usd' } },
      'amount_mismatch',
      '499.5',
    ],
    [{ amount_total: 500, currency: 'usd' }, 'amount_mismatch', '500'],
    [
      { currency: 'eur', intent: { status: 'succeeded', amount_received: 1_000, currency: 'eur' } },
      'currency_mismatch',
      null,
    ],
  ];
  for (const [change, reason, credited] of wrong) {
    const { topupId, sessionId } = await checkout.open(MONEY);
    checkout.stripe.pay(sessionId, change);
    await checkout.deliver(checkout.stripe.event('checkout.session.completed', sessionId));
    expect(await checkout.topup(topupId)).toMatchObject({ state: 'parked', reason });
    expect(await factsOf(topupId)).toEqual([]);
    const { topups } = await checkout.parts.parkedTopUps.list({ state: 'parked', limit: 1 });
    expect(topups[0]).toMatchObject({ topup_id: topupId, is_creditable: credited !== null });
    const resolve = checkout.twin.parkedTopUps.resolve({
      topup_id: topupId,
      action: 'credit_received',
      reason: 'agreed',
    });
    if (credited === null) {
      await expect(resolve).rejects.toMatchObject({ code: 'topup_not_creditable' });
      expect(await factsOf(topupId)).toEqual([]);
    } else {
      await resolve;
      expect(await factsOf(topupId)).toEqual([['topup.completed', credited, 'credits']]);
      const back = checkout.stripe.clawbacks.refundInDashboard(
        sessionId.replace('cs_', 'pi_'),
        Number((await checkout.topup(topupId))['received_minor']),
      );
      await deliver('refund.created', back);
      // All that came goes back as all that was credited for it.
      expect((await factsOf(topupId)).at(-1)).toEqual(['refund.completed', credited, 'credits']);
      expect(await stateOf(topupId)).toBe('refunded');
    }
  }
});

test('bad input: every field wrong in turn is refused by name, and neither a row nor a call to Stripe is made', async () => {
  const organization_id = `org_${uniqueId()}`;
  const { organizationId } = await checkout.customer();
  const before = [checkout.stripe.keys.length, checkout.stripe.sessions.length];
  const wrong: [Record<string, unknown>, string, string][] = [
    [{ amount_minor: 24 }, 'invalid_field', 'amount'],
    [{ amount_minor: 0 }, 'invalid_field', 'amount'],
    [{ amount_minor: -500 }, 'invalid_field', 'amount'],
    [{ amount_minor: 2.5 }, 'invalid_field', 'amount'],
    [{ amount_minor: '500' }, 'invalid_field', 'amount'],
    [{ amount_minor: 100_000_000 }, 'invalid_field', 'amount'],
    [{ amount_minor: undefined }, 'invalid_field', 'amount'],
    [{ currency: 'EUR' }, 'unsupported_currency', 'currency'],
    [{ currency: 'tokens' }, 'unsupported_currency', 'currency'],
    [{ currency: 7 }, 'unsupported_currency', 'currency'],
    [{ wallet_unit: 'points' }, 'unsupported_currency', 'currency'],
    [{ wallet_unit: '' }, 'unsupported_currency', 'currency'],
    [{ wallet_unit: 'USD' }, 'unsupported_currency', 'currency'],
    [{ idempotency_key: 'short' }, 'invalid_field', 'Idempotency-Key'],
  ];
  for (const [change, code, param] of wrong) {
    const page = { ...checkout.request({ organization_id, ...UNITS }), ...change };
    const charge = { ...checkout.chargeRequest(organizationId, { ...UNITS }), ...change };
    const refused = { code, param };
    await expect(checkout.parts.createTopUp.run(page as CreateTopUp)).rejects.toMatchObject(
      refused,
    );
    await expect(checkout.parts.chargeTopUp.run(charge as CreateTopUp)).rejects.toMatchObject(
      refused,
    );
  }
  expect(await checkout.topupsOf(organization_id, 'hosted')).toEqual([]);
  expect(await checkout.topupsOf(organizationId, 'off_session')).toEqual([]);
  expect([checkout.stripe.keys.length, checkout.stripe.sessions.length]).toEqual(before);
});
