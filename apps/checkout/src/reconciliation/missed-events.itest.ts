// Goal: what Stripe did not deliver is found soon, from its list of events, with few questions.
// Method: real Postgres; a stand-in for Stripe that signs and lists events which nobody delivers;
// the clock is moved.
import { CheckoutUnderTest } from '../testing/checkout.fake.js';
import { CheckoutConfig } from '../checkout.config.js';

const INTERVAL_MS = new CheckoutConfig().MISSED_EVENTS_INTERVAL_SECONDS * 1_000;

let checkout: CheckoutUnderTest;
beforeEach(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterEach(() => checkout?.close());

/** What the background does: a look, then one more each interval. */
async function lookFor(ms: number): Promise<void> {
  for (const end = checkout.aheadMs + ms; checkout.aheadMs < end;) {
    checkout.aheadMs += INTERVAL_MS;
    await checkout.parts.reconcile.missed.run();
  }
}
const topicsOf = async (topupId: string): Promise<unknown[]> =>
  (await checkout.outbox(topupId)).map(({ topic }) => topic);

test('a checkout.session.completed that was dropped is credited within 30 s, once', async () => {
  const { topupId, sessionId } = await checkout.open();
  await checkout.parts.reconcile.missed.run();
  checkout.stripe.pay(sessionId);
  checkout.stripe.event('checkout.session.completed', sessionId);
  await checkout.parts.reconcile.missed.run();
  // It may still be on its way.
  expect(await topicsOf(topupId)).toEqual([]);
  await lookFor(30_000);
  expect(await topicsOf(topupId)).toEqual(['topup.completed']);
  expect((await checkout.topup(topupId))['state']).toBe('succeeded');
  await lookFor(120_000);
  expect(await topicsOf(topupId)).toEqual(['topup.completed']);
});

test('looking for missed events takes two requests, however many top-ups are open', async () => {
  for (let count = 0; count < 5; count++) await checkout.open();
  await checkout.parts.reconcile.missed.run();
  expect(checkout.stripe.listedEvents).toBe(2);
});

test('what happened while checkout was down, or Stripe could not be asked, is found afterwards', async () => {
  const { topupId, sessionId } = await checkout.open();
  checkout.stripe.pay(sessionId);
  checkout.stripe.event('checkout.session.completed', sessionId);
  checkout.aheadMs = 10 * 60_000;
  checkout.stripe.isAway = true;
  await expect(checkout.parts.reconcile.missed.run()).rejects.toThrow();
  checkout.stripe.isAway = false;
  await checkout.twin.reconcile.missed.run();
  expect(await topicsOf(topupId)).toEqual(['topup.completed']);
});
