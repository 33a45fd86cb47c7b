// Goal: a top-up by the saved payment method is made once, however it is repeated, answered or crashed.
// Method: real PostgreSQL and Kafka, a Stripe that can decline, ask, die after it has acted, and be away.
import { CheckoutUnderTest } from '../testing/checkout.fake.js';

let checkout: CheckoutUnderTest;
beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterAll(() => checkout?.close());
afterEach(() => {
  checkout.stripe.isAway = false;
  checkout.stripe.faults.length = 0;
  checkout.beforeStripe = () => undefined;
  checkout.afterStripe = () => undefined;
  checkout.aheadMs = 0;
});

const charge = (request: Parameters<CheckoutUnderTest['parts']['chargeTopUp']['run']>[0]) =>
  checkout.parts.chargeTopUp.run(request);
const topicsOf = async (topupId: string) =>
  (await checkout.outbox(topupId)).map(({ topic }) => topic);

test('the default payment method is charged without its owner, and the money is told with its reference', async () => {
  const { organizationId, method } = await checkout.customer();
  const view = await charge(checkout.chargeRequest(organizationId));
  const [intent, ...others] = checkout.stripe.saved.intentsOf(view.topup_id);
  expect(others).toEqual([]);
  expect(view).toMatchObject({
    state: 'succeeded',
    amount_minor: 10_000,
    payment_intent_id: intent?.id,
    reference: `payment_intent:${intent?.id}`,
    replayed: false,
  });
  expect(intent?.params).toMatchObject({
    amount: '10000',
    currency: 'usd',
    payment_method: method.id,
    off_session: 'true',
    confirm: 'true',
    'metadata[orbit_organization_id]': organizationId,
  });
  expect(await checkout.outbox(view.topup_id)).toMatchObject([
    {
      topic: 'topup.completed',
      value: {
        amount: '100.00',
        reference: `payment_intent:${intent?.id}`,
        checkout_session_id: null,
        payment_method: { brand: 'visa', last4: '4242' },
      },
    },
  ]);
});

test('T07 the same key is the same payment; another amount under it is a conflict; twins pay once', async () => {
  const { organizationId } = await checkout.customer();
  const request = checkout.chargeRequest(organizationId);
  const runs = [checkout.parts, checkout.twin, checkout.parts, checkout.twin].map((parts) =>
    parts.chargeTopUp.run(request),
  );
  const settled = await Promise.allSettled(runs);
  for (const run of settled) {
    if (run.status === 'rejected')
      expect(run.reason).toMatchObject({ code: 'idempotency_key_in_use' });
  }
  const again = await charge(request);
  expect(again).toMatchObject({ state: 'succeeded', replayed: true });
  expect(checkout.stripe.saved.intentsOf(again.topup_id)).toHaveLength(1);
  expect(await topicsOf(again.topup_id)).toEqual(['topup.completed']);
  await expect(charge({ ...request, amount_minor: 10_001 })).rejects.toMatchObject({
    code: 'idempotency_key_conflict',
  });
  // The key of a hosted top-up is not the key of this one either.
  await expect(
    checkout.parts.createTopUp.run({ ...checkout.request(), ...request }),
  ).rejects.toMatchObject({ code: 'idempotency_key_conflict' });
});

test('without a saved method nothing is stored and the key stays free; once one is saved it works', async () => {
  const { organizationId, method } = await checkout.customer();
  method.isDetached = true;
  const request = checkout.chargeRequest(organizationId);
  for (const id of [organizationId, 'org_never_seen']) {
    await expect(charge({ ...request, organization_id: id })).rejects.toMatchObject({
      code: 'payment_method_required',
    });
    expect(await checkout.topupsOf(id, 'off_session')).toEqual([]);
  }
  method.isDetached = false;
  expect((await charge(request)).state).toBe('succeeded');
});

test('a decline is told with its reason, for ever under its key, and credits nothing', async () => {
  const { organizationId } = await checkout.customer('declines');
  const request = checkout.chargeRequest(organizationId);
  const declined = await charge(request);
  expect(declined).toMatchObject({ state: 'failed', reason: 'insufficient_funds' });
  expect(await charge(request)).toMatchObject({ state: 'failed', replayed: true });
  expect(checkout.stripe.saved.intentsOf(declined.topup_id)).toHaveLength(1);
  expect(await topicsOf(declined.topup_id)).toEqual(['topup.failed']);
});

test('a bank that wants its customer is asked for a page; the same payment then succeeds once', async () => {
  const { organizationId } = await checkout.customer('asks_owner');
  const view = await charge(checkout.chargeRequest(organizationId));
  const intentId = String(view.payment_intent_id);
  expect(view).toMatchObject({
    state: 'requires_action',
    action_url: `https://bank.example.com/${intentId}`,
  });
  expect(await topicsOf(view.topup_id)).toEqual([]);
  checkout.stripe.saved.succeed(intentId);
  for (const type of ['payment_intent.succeeded', 'payment_intent.requires_action']) {
    for (let i = 0; i < 3; i++) await checkout.deliver(checkout.stripe.savedEvent(type, intentId));
  }
  expect(await checkout.topup(view.topup_id)).toMatchObject({
    state: 'succeeded',
    action_url: null,
  });
  expect(await topicsOf(view.topup_id)).toEqual(['topup.completed']);
  expect(checkout.stripe.saved.intentsOf(view.topup_id)).toHaveLength(1);
});

test('an authentication that fails is a failure; one that nobody begins expires after a day', async () => {
  const { organizationId } = await checkout.customer('asks_owner');
  const refused = await charge(checkout.chargeRequest(organizationId));
  const forgotten = await charge(checkout.chargeRequest(organizationId));
  const code = 'payment_intent_authentication_failure';
  checkout.stripe.saved.fail(String(refused.payment_intent_id), code);
  const type = 'payment_intent.payment_failed';
  await checkout.deliver(checkout.stripe.savedEvent(type, String(refused.payment_intent_id)));
  expect(await checkout.topup(refused.topup_id)).toMatchObject({ state: 'failed', reason: code });
  checkout.aheadMs = 25 * 3_600_000;
  await checkout.parts.sweep.run();
  expect(await checkout.topup(forgotten.topup_id)).toMatchObject({
    state: 'expired',
    reason: 'not_authenticated',
  });
  expect(checkout.stripe.saved.intent(String(forgotten.payment_intent_id)).status).toBe('canceled');
});

test('T21 a debit is under way until the bank says so: no credit before, one after, by webhook or by the sweeper', async () => {
  const { organizationId } = await checkout.customer('debits');
  const byWebhook = await charge(checkout.chargeRequest(organizationId));
  const bySweep = await charge(checkout.chargeRequest(organizationId));
  expect(byWebhook.state).toBe('processing');
  expect(await topicsOf(byWebhook.topup_id)).toEqual([]);
  for (const view of [byWebhook, bySweep])
    checkout.stripe.saved.succeed(String(view.payment_intent_id));
  const type = 'payment_intent.succeeded';
  const event = checkout.stripe.savedEvent(type, String(byWebhook.payment_intent_id));
  await checkout.deliver(event);
  await checkout.deliver(event);
  checkout.aheadMs = 3_600_000;
  await checkout.parts.sweep.run();
  for (const view of [byWebhook, bySweep]) {
    expect((await checkout.topup(view.topup_id))['state']).toBe('succeeded');
    expect(await topicsOf(view.topup_id)).toEqual(['topup.completed']);
  }
});

test('T21 the webhook before our own answer, or the answer lost: one payment, one credit', async () => {
  const { organizationId } = await checkout.customer();
  for (const fault of ['drop_before', 'drop_after', 'error_500'] as const) {
    const request = checkout.chargeRequest(organizationId);
    checkout.stripe.faults.push(fault, fault);
    await expect(charge(request)).rejects.toMatchObject({ code: 'payment_provider_error' });
    const [row] = (await checkout.topupsOf(organizationId, 'off_session')).slice(-1);
    const topupId = String(row?.['id']);
    const [made] = checkout.stripe.saved.intentsOf(topupId);
    if (made !== undefined) {
      const event = checkout.stripe.savedEvent('payment_intent.succeeded', made.id);
      await checkout.deliver(event);
    }
    expect(await charge(request)).toMatchObject({ state: 'succeeded', replayed: true });
    expect(checkout.stripe.saved.intentsOf(topupId)).toHaveLength(1);
    expect(await topicsOf(topupId)).toEqual(['topup.completed']);
  }
});

test('a crash at each step of a payment is continued by a repeat of the key: one payment, one credit', async () => {
  for (const behavior of ['pays', 'asks_owner', 'declines'] as const) {
    for (const step of ['charge', 'authenticate', 'readPayment']) {
      for (const when of ['beforeStripe', 'afterStripe'] as const) {
        const { organizationId } = await checkout.customer(behavior);
        const request = checkout.chargeRequest(organizationId);
        let isArmed = true;
        checkout[when] = (call) => {
          if (call !== step || !isArmed) return;
          isArmed = false;
          throw new Error('crash');
        };
        await charge(request).catch(() => undefined);
        checkout.aheadMs += 31_000;
        const view = await charge(request);
        const end = { pays: 'succeeded', asks_owner: 'requires_action', declines: 'failed' };
        expect(view.state).toBe(end[behavior]);
        expect(checkout.stripe.saved.intentsOf(view.topup_id)).toHaveLength(1);
        if (behavior === 'asks_owner') expect(view.action_url).toMatch(/^https:\/\/bank/);
        expect((await topicsOf(view.topup_id)).length).toBe(behavior === 'asks_owner' ? 0 : 1);
      }
    }
  }
});

test('a request that died and is never repeated takes no money later; one that was paid is found', async () => {
  const { organizationId } = await checkout.customer();
  checkout.stripe.faults.push('drop_before', 'drop_before');
  await charge(checkout.chargeRequest(organizationId)).catch(() => undefined);
  checkout.stripe.faults.push('drop_after', 'drop_after');
  await charge(checkout.chargeRequest(organizationId)).catch(() => undefined);
  checkout.aheadMs = 700_000;
  await checkout.parts.sweep.run();
  const rows = await checkout.topupsOf(organizationId, 'off_session');
  expect(rows.map((row) => row['state'])).toEqual(['failed', 'succeeded']);
  expect(rows[0]).toMatchObject({ reason: 'never_sent' });
  expect(checkout.stripe.saved.intentsOf(String(rows[0]?.['id']))).toHaveLength(0);
});

test('amounts, currencies, keys and addresses are refused by name, before anything is stored or asked', async () => {
  const { organizationId } = await checkout.customer();
  const before = checkout.stripe.keys.length;
  for (const [change, param] of [
    [{ amount_minor: 49 }, 'amount'],
    [{ amount_minor: 10.5 }, 'amount'],
    [{ amount_minor: 100_000_000 }, 'amount'],
    [{ currency: 'XXX' }, 'currency'],
    [{ currency: 'credits' }, 'currency'],
    [{ idempotency_key: 'short-7' }, 'Idempotency-Key'],
    [{ organization_id: '' }, 'organization_id'],
    [{ return_url: 'javascript:1' }, 'return_url'],
    [{ return_url: 'ftp://a.b' }, 'return_url'],
  ] as const) {
    const request = checkout.chargeRequest(organizationId, change);
    await expect(charge(request)).rejects.toMatchObject({ param });
  }
  expect(await checkout.topupsOf(organizationId, 'off_session')).toEqual([]);
  expect(checkout.stripe.keys).toHaveLength(before);
});
