// Goal: money that does not fit what was asked for is credited only by an operator's word, once, exactly as it
// came; saved methods exist for their own organization only; old events go, everything else stays.
import { CheckoutUnderTest } from '../testing/checkout.fake.js';
import { sign } from '../testing/stripe.fake.js';

let checkout: CheckoutUnderTest;
beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterAll(() => checkout?.close());
afterEach(() => {
  checkout.aheadMs = 0;
});

const topicsOf = async (topupId: string) =>
  (await checkout.outbox(topupId)).map(({ topic }) => topic);

/** A top-up of 100.00 USD for which something else came. */
async function park(received: { amount: number; currency: string }): Promise<string> {
  const { topupId, sessionId } = await checkout.open();
  const { amount: amount_received, currency } = received;
  const intent = { status: 'succeeded', amount_received, currency };
  checkout.stripe.pay(sessionId, { intent });
  await checkout.deliver(checkout.stripe.event('checkout.session.completed', sessionId));
  expect((await checkout.topup(topupId))['state']).toBe('parked');
  return topupId;
}
const resolve = (topup_id: string, action: 'credit_received' | 'dismiss', reason = 'agreed') =>
  checkout.parts.parkedTopUps.resolve({ topup_id, action, reason });

test('an operator sees what is parked, and credits exactly what came, once', async () => {
  const topupId = await park({ amount: 9_999, currency: 'usd' });
  const listed = await checkout.parts.parkedTopUps.list({ state: 'parked', limit: 10 });
  expect(listed.topups.find((one) => one.topup_id === topupId)).toMatchObject({
    reason: 'amount_mismatch',
    amount_minor: 10_000,
    received_minor: 9_999,
    is_creditable: true,
  });
  const both = [resolve(topupId, 'credit_received'), resolve(topupId, 'credit_received')];
  for (const view of await Promise.all(both)) expect(view.state).toBe('succeeded');
  const [event, ...others] = await checkout.outbox(topupId);
  expect(others).toEqual([]);
  expect(event).toMatchObject({ topic: 'topup.completed', value: { amount: '99.99' } });
  await expect(resolve(topupId, 'dismiss')).rejects.toMatchObject({ code: 'topup_not_parked' });
  expect(await checkout.topup(topupId)).toMatchObject({
    resolution: 'credit_received',
    resolution_reason: 'agreed',
  });
});

test('money in another currency cannot be credited, only dismissed; webhooks do not bring it back', async () => {
  const topupId = await park({ amount: 10_000, currency: 'jpy' });
  await expect(resolve(topupId, 'credit_received')).rejects.toMatchObject({
    code: 'topup_not_creditable',
  });
  expect((await checkout.topup(topupId))['state']).toBe('parked');
  expect((await resolve(topupId, 'dismiss')).state).toBe('dismissed');
  const sessionId = String((await checkout.topup(topupId))['session_id']);
  checkout.stripe.pay(sessionId);
  await checkout.deliver(checkout.stripe.event('payment_intent.succeeded', sessionId));
  expect((await checkout.topup(topupId))['state']).toBe('dismissed');
  expect(await topicsOf(topupId)).toEqual([]);
});

test('a decision without reason, of another kind, or about what is not parked changes nothing', async () => {
  const topupId = await park({ amount: 1, currency: 'usd' });
  await expect(resolve(topupId, 'dismiss', '  ')).rejects.toMatchObject({ param: 'reason' });
  await expect(resolve(topupId, 'dismiss', 'x'.repeat(501))).rejects.toMatchObject({
    param: 'reason',
  });
  await expect(resolve(topupId, 'credit' as 'dismiss')).rejects.toMatchObject({ param: 'action' });
  await expect(resolve('tu_none', 'dismiss')).rejects.toMatchObject({ code: 'not_found' });
  const open = await checkout.open();
  for (const action of ['dismiss', 'credit_received'] as const)
    await expect(resolve(open.topupId, action)).rejects.toMatchObject({ code: 'topup_not_parked' });
  expect((await checkout.topup(topupId))['state']).toBe('parked');
  expect((await checkout.topup(open.topupId))['state']).toBe('requires_payment');
});

test('pages of top-ups do not overlap and end; filters are checked', async () => {
  const { parkedTopUps } = checkout.parts;
  const { organization_id } = checkout.request();
  for (let i = 0; i < 5; i++) await checkout.open({ organization_id });
  const seen: string[] = [];
  for (let after_id: string | undefined; ; after_id = seen.at(-1)) {
    const page = await parkedTopUps.list({
      organization_id,
      limit: 2,
      ...(after_id === undefined ? {} : { after_id }),
    });
    seen.push(...page.topups.map((one) => one.topup_id));
    if (!page.has_more) break;
  }
  expect(new Set(seen).size).toBe(5);
  expect(seen).toEqual([...seen].sort().reverse());
  await expect(parkedTopUps.list({ state: 'lost' as 'parked', limit: 1 })).rejects.toMatchObject({
    param: 'state',
  });
  await expect(parkedTopUps.list({ limit: 101 })).rejects.toMatchObject({ param: 'limit' });
  await expect(parkedTopUps.list({ limit: 1, after_id: 'tu_none' })).rejects.toMatchObject({
    code: 'invalid_field',
    param: 'cursor',
  });
  expect(await parkedTopUps.read(organization_id, String(seen[0]))).not.toBeNull();
  expect(await parkedTopUps.read('org_other', String(seen[0]))).toBeNull();
});

test('payment methods: the newest is the default until one is chosen; a detached one is gone', async () => {
  const { organizationId, method: first } = await checkout.customer();
  const second = checkout.stripe.saved.save(first.customer);
  const methods = checkout.parts.paymentMethods;
  const shown = async () =>
    (await methods.list(organizationId)).map(({ id, is_default }) => [id, is_default]);
  expect(await shown()).toEqual([
    [second.id, true],
    [first.id, false],
  ]);
  expect(await methods.setDefault(organizationId, first.id)).toMatchObject({ is_default: true });
  expect(await shown()).toEqual([
    [second.id, false],
    [first.id, true],
  ]);
  await methods.detach(organizationId, first.id);
  expect(await shown()).toEqual([[second.id, true]]);
  const view = await checkout.parts.chargeTopUp.run(checkout.chargeRequest(organizationId));
  expect(checkout.stripe.saved.intentsOf(view.topup_id)[0]?.params['payment_method']).toBe(
    second.id,
  );
});

test('a payment method of another organization does not exist, and nothing is asked of Stripe about it', async () => {
  const { method } = await checkout.customer();
  const stranger = await checkout.customer();
  const methods = checkout.parts.paymentMethods;
  for (const organizationId of [stranger.organizationId, 'org_never_seen']) {
    await expect(methods.setDefault(organizationId, method.id)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(methods.detach(organizationId, method.id)).rejects.toMatchObject({
      code: 'not_found',
    });
  }
  expect(method.isDetached).toBe(false);
  expect(await methods.list('org_never_seen')).toEqual([]);
});

test('the page that saves a method is for this customer; other schemes than http(s) are refused by name', async () => {
  const { organizationId, method } = await checkout.customer();
  const request = {
    organization_id: organizationId,
    currency: 'USD',
    success_url: 'https://example.com/ok',
    cancel_url: 'https://example.com/no',
  };
  const { paymentMethods } = checkout.parts;
  expect(await paymentMethods.setup(request)).toEqual({ url: 'https://pay.example.com/setup' });
  expect(checkout.stripe.saved.setupPages.at(-1)).toMatchObject({
    mode: 'setup',
    customer: method.customer,
    currency: 'usd',
  });
  const count = checkout.stripe.saved.setupPages.length;
  for (const param of ['success_url', 'cancel_url', 'currency'] as const) {
    const wrong = paymentMethods.setup({ ...request, [param]: 'javascript:alert(1)' });
    await expect(wrong).rejects.toMatchObject({ param });
  }
  expect(checkout.stripe.saved.setupPages).toHaveLength(count);
});

test('an event of another account is accepted, kept and ignored, even about a payment of ours', async () => {
  const { topupId, sessionId } = await checkout.open();
  checkout.stripe.pay(sessionId);
  const ours = checkout.stripe.event('checkout.session.completed', sessionId);
  const content = JSON.parse(ours.body.toString('utf8')) as Record<string, unknown>;
  const body = JSON.stringify({ ...content, account: 'acct_other' });
  await checkout.deliver(sign(body, Date.now()));
  expect((await checkout.topup(topupId))['state']).toBe('requires_payment');
  const sql = 'SELECT outcome, payload FROM checkout.webhook_inbox WHERE event_id = $1';
  expect(await checkout.query(sql, [content['id']])).toEqual([
    { outcome: 'other_account', payload: body },
  ]);
});

test('retention: old events that are done go, in both boxes; what waits, what is young and top-ups stay', async () => {
  const { topupId, sessionId } = await checkout.open();
  checkout.stripe.pay(sessionId);
  const event = checkout.stripe.event('payment_intent.succeeded', sessionId);
  await checkout.deliver(event);
  const DAY_MS = 86_400_000;
  const before = await checkout.inboxCount();
  checkout.aheadMs = 89 * DAY_MS;
  await checkout.parts.prune.run();
  expect(await checkout.inboxCount()).toBe(before);
  // Not published yet, so it stays however old it is.
  expect(await topicsOf(topupId)).toEqual(['topup.completed']);
  checkout.aheadMs = 0;
  await checkout.parts.relay.run();
  checkout.aheadMs = 91 * DAY_MS;
  await Promise.all([checkout.parts.prune.run(), checkout.twin.prune.run()]);
  const done = `SELECT count(*)::int AS n FROM checkout.webhook_inbox WHERE processed_at IS NOT NULL`;
  expect(await checkout.query(done, [])).toEqual([{ n: 0 }]);
  expect(await topicsOf(topupId)).toEqual([]);
  checkout.aheadMs = 0;
  // The event comes again after its row is gone: the top-up remembers.
  await checkout.deliver(event);
  expect((await checkout.topup(topupId))['state']).toBe('succeeded');
  expect(await topicsOf(topupId)).toEqual([]);
});
