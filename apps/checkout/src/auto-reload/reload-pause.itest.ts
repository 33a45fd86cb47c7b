// Goal: money that leaves calls for no new money. Method: as auto-reload.itest.ts; the ledger in memory says
// why a balance fell.
import type { AutoReloadView, ConfigureAutoReload, TakingReason } from '@orbit/contracts';
import { CheckoutUnderTest } from '../testing/checkout.fake.js';

let checkout: CheckoutUnderTest;
beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterAll(() => checkout?.close());
afterEach(() => {
  checkout.ledger.isAway = false;
  checkout.beforeStripe = () => undefined;
  checkout.aheadMs = 0;
});

const DAY_MS = 86_400_000;
const TERMS = { enabled: true, threshold: 1_000, amount: 5_000 };

const configure = (organization_id: string, change: Partial<ConfigureAutoReload> = {}) =>
  checkout.parts.configureAutoReload.configure({
    organization_id,
    currency: 'USD',
    ...TERMS,
    ...change,
  });
const resume = (organization_id: string) =>
  checkout.parts.configureAutoReload.resume({ organization_id });
const read = (organizationId: string): Promise<AutoReloadView> =>
  checkout.parts.configureAutoReload.read(organizationId);
const paid = (organizationId: string): string[] =>
  checkout.stripe.saved.intents
    .filter((one) => one.params['metadata[orbit_organization_id]'] === organizationId)
    .map((one) => String(one.params['amount']));
const events = async (organizationId: string, topic: string) =>
  (await checkout.written(organizationId)).filter((one) => one.topic === topic);

/** An event on both instances, three times each, at once. */
async function look(organizationId: string): Promise<void> {
  const both = [checkout.parts, checkout.twin];
  await Promise.all(
    [...both, ...both, ...both].map(async (parts) => {
      await parts.autoReload.markDue([organizationId]);
      await parts.autoReload.run();
    }),
  );
}

async function bookAndLook(organizationId: string): Promise<void> {
  await checkout.settle();
  await look(organizationId);
  await look(organizationId);
}

/** Auto-reload at 10 by 50, and 100 in the wallet. */
async function armed(): Promise<string> {
  const { organizationId } = await checkout.customer();
  checkout.ledger.set(organizationId, 10_000);
  expect(await configure(organizationId)).toMatchObject({ state: 'armed', paused_reason: null });
  return organizationId;
}

test.each(['refund', 'dispute', 'void', 'amendment', 'adjustment'] as const)(
  'a balance that fell by a %s charges no card: the policy is paused, told once, and a charge calls again after resuming',
  async (reason: TakingReason) => {
    const organizationId = await armed();
    checkout.ledger.take(organizationId, 10_000, reason);
    await look(organizationId);
    checkout.aheadMs = DAY_MS;
    await look(organizationId);
    expect(paid(organizationId)).toEqual([]);
    expect(await read(organizationId)).toMatchObject({
      enabled: true,
      state: 'paused',
      paused_reason: reason,
    });
    const told = await events(organizationId, 'auto_reload.paused');
    expect(told.map(({ value }) => value)).toMatchObject([{ reason, currency: 'USD' }]);
    // Charges change nothing while it is paused, nor does going on by itself.
    checkout.ledger.spend(organizationId, 100);
    await look(organizationId);
    expect(await resume(organizationId)).toMatchObject({ state: 'armed', paused_reason: null });
    await look(organizationId);
    expect(paid(organizationId)).toEqual([]);
    expect(await events(organizationId, 'auto_reload.resumed')).toHaveLength(1);
    checkout.ledger.spend(organizationId, 100);
    await look(organizationId);
    expect(paid(organizationId)).toEqual(['5000']);
    expect(await events(organizationId, 'auto_reload.paused')).toHaveLength(1);
  },
);

test('a part that is taken back pauses too, though the balance stays above the threshold', async () => {
  const organizationId = await armed();
  checkout.ledger.take(organizationId, 2_000, 'refund');
  await look(organizationId);
  expect(await read(organizationId)).toMatchObject({ state: 'paused', paused_reason: 'refund' });
  checkout.ledger.spend(organizationId, 7_500);
  await look(organizationId);
  expect(paid(organizationId)).toEqual([]);
});

test('credit that expires calls for nothing; the next charge does, and pauses nothing', async () => {
  const organizationId = await armed();
  checkout.ledger.take(organizationId, 9_500, 'other');
  await look(organizationId);
  expect(paid(organizationId)).toEqual([]);
  expect((await read(organizationId)).state).toBe('armed');
  checkout.ledger.spend(organizationId, 1);
  await look(organizationId);
  expect(paid(organizationId)).toEqual(['5000']);
  expect(await events(organizationId, 'auto_reload.paused')).toEqual([]);
});

test('spent below the threshold and then refunded, seen together: nothing is paid, also not after resuming', async () => {
  const organizationId = await armed();
  checkout.ledger.spend(organizationId, 9_500);
  checkout.ledger.take(organizationId, 500, 'refund');
  await look(organizationId);
  expect(await read(organizationId)).toMatchObject({ state: 'paused' });
  expect(await configure(organizationId, { amount: 6_000 })).toMatchObject({
    state: 'armed',
    amount: 6_000,
  });
  await look(organizationId);
  expect(paid(organizationId)).toEqual([]);
});

test('a refund between the look and the payment: that payment stands, the next crossing is paused', async () => {
  const organizationId = await armed();
  checkout.ledger.spend(organizationId, 9_500);
  let isTaken = false;
  checkout.beforeStripe = (call) => {
    if (call !== 'charge' || isTaken) return;
    isTaken = true;
    checkout.ledger.take(organizationId, 500, 'refund');
  };
  await look(organizationId);
  await bookAndLook(organizationId);
  expect(paid(organizationId)).toEqual(['5000']);
  expect(await read(organizationId)).toMatchObject({ state: 'paused', paused_reason: 'refund' });
  checkout.ledger.spend(organizationId, 4_900);
  await bookAndLook(organizationId);
  expect(paid(organizationId)).toEqual(['5000']);
});

test.each(['look', 'sweep'] as const)(
  'a payment that waits for its owner is given up when the policy is paused, and is no decline (%s)',
  async (how) => {
    const { organizationId } = await checkout.customer('asks_owner');
    checkout.ledger.set(organizationId, 10_000);
    await configure(organizationId);
    checkout.ledger.spend(organizationId, 9_500);
    await look(organizationId);
    expect(await read(organizationId)).toMatchObject({ state: 'requires_action' });
    checkout.ledger.take(organizationId, 500, 'refund');
    // Stripe does not answer: the sweep gives it up later.
    if (how === 'sweep') {
      checkout.beforeStripe = (call) => {
        if (call === 'cancel') throw new Error('crash');
      };
    }
    await look(organizationId);
    checkout.beforeStripe = () => undefined;
    if (how === 'sweep') {
      checkout.aheadMs = 3_600_000;
      await checkout.twin.sweep.run();
    }
    const [row] = await checkout.topupsOf(organizationId, 'auto_reload');
    expect(row).toMatchObject({ state: 'expired', reason: 'not_authenticated' });
    const intents = checkout.stripe.saved.intents.filter(
      (one) => one.params['metadata[orbit_organization_id]'] === organizationId,
    );
    expect(intents.map(({ status }) => status)).toEqual(['canceled']);
    expect(await read(organizationId)).toMatchObject({
      ...{ enabled: true, state: 'paused', paused_reason: 'refund', action_url: null },
    });
    expect(await resume(organizationId)).toMatchObject({ state: 'armed', declines: 0 });
    expect(await events(organizationId, 'auto_reload.disabled')).toEqual([]);
  },
);

test('a debit that Stripe has begun goes on while the policy is paused: it is booked once, and nothing follows it', async () => {
  const { organizationId } = await checkout.customer('debits');
  checkout.ledger.set(organizationId, 10_000);
  await configure(organizationId);
  checkout.ledger.spend(organizationId, 9_500);
  await look(organizationId);
  checkout.ledger.take(organizationId, 500, 'refund');
  await look(organizationId);
  expect(await read(organizationId)).toMatchObject({ state: 'paused' });
  const [intent] = checkout.stripe.saved.intents.filter(
    (one) => one.params['metadata[orbit_organization_id]'] === organizationId,
  );
  checkout.stripe.saved.succeed(String(intent?.id));
  checkout.aheadMs = DAY_MS;
  await checkout.twin.sweep.run();
  const [row] = await checkout.topupsOf(organizationId, 'auto_reload');
  expect(row).toMatchObject({ state: 'succeeded' });
  expect(paid(organizationId)).toEqual(['5000']);
  expect(await read(organizationId)).toMatchObject({ state: 'paused', paused_reason: 'refund' });
});

test('an attempt that a crash left unsent is not sent once money was taken back', async () => {
  const organizationId = await armed();
  checkout.ledger.spend(organizationId, 9_500);
  checkout.beforeStripe = (call) => {
    if (call === 'charge') throw new Error('crash');
  };
  await look(organizationId);
  checkout.beforeStripe = () => undefined;
  checkout.ledger.take(organizationId, 500, 'refund');
  for (const minutes of [1, 2, 15, 60]) {
    checkout.aheadMs = minutes * 60_000;
    await look(organizationId);
    await checkout.twin.sweep.run();
  }
  expect(paid(organizationId)).toEqual([]);
  expect(await read(organizationId)).toMatchObject({ state: 'paused' });
  const [row] = await checkout.topupsOf(organizationId, 'auto_reload');
  expect(row).toMatchObject({ state: 'failed', reason: 'never_sent' });
});

test('switched off and on again, a pause is still a pause that was ended: nothing is paid before the next charge', async () => {
  const organizationId = await armed();
  checkout.ledger.take(organizationId, 10_000, 'refund');
  await look(organizationId);
  expect(await configure(organizationId, { enabled: false })).toMatchObject({
    state: 'off',
    paused_reason: null,
  });
  expect(await configure(organizationId)).toMatchObject({ enabled: true, state: 'armed' });
  await look(organizationId);
  expect(paid(organizationId)).toEqual([]);
});

test('saved while what was taken is not looked at yet: it is paused all the same', async () => {
  const organizationId = await armed();
  checkout.ledger.take(organizationId, 10_000, 'void');
  expect(await configure(organizationId, { threshold: 2_000 })).toMatchObject({
    state: 'paused',
    paused_reason: 'void',
  });
  expect(paid(organizationId)).toEqual([]);
});

test('resuming needs the ledger, changes nothing without it, and nothing of a policy that runs', async () => {
  const organizationId = await armed();
  const running = await checkout.policy(organizationId);
  expect(await resume(organizationId)).toMatchObject({ state: 'armed' });
  expect(await checkout.policy(organizationId)).toEqual(running);
  checkout.ledger.take(organizationId, 10_000, 'dispute');
  await look(organizationId);
  const paused = await checkout.policy(organizationId);
  checkout.ledger.isAway = true;
  await expect(resume(organizationId)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(configure(organizationId)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await checkout.policy(organizationId)).toEqual(paused);
});

test('without named ceilings a jump of 50,000 takes 50 a payment and 500 a day, and is told once per ceiling', async () => {
  const organizationId = await armed();
  checkout.aheadMs = Math.ceil(Date.now() / DAY_MS) * DAY_MS + DAY_MS / 2 - Date.now();
  checkout.ledger.set(organizationId, -4_999_500);
  for (let round = 0; round < 14; round++) await bookAndLook(organizationId);
  expect(paid(organizationId)).toEqual(Array.from({ length: 10 }, () => '5000'));
  expect(await read(organizationId)).toMatchObject({ state: 'capped', max_amount_per_day: 50_000 });
  const told = await events(organizationId, 'auto_reload.limited');
  expect(told.map(({ value }) => value)).toMatchObject([
    { ceiling: 'amount_per_payment', wanted: '50050.00', paid: '50.00' },
    { ceiling: 'amount_per_day', paid: '0.00' },
  ]);
});

test('T23 with a policy that says 400, one payment closes the gap of a jump', async () => {
  const { organizationId } = await checkout.customer();
  checkout.ledger.set(organizationId, 6_000);
  const terms = { threshold: 5_000, amount: 10_000, max_amount_per_payment: 40_000 };
  expect(await configure(organizationId, terms)).toMatchObject(terms);
  checkout.ledger.set(organizationId, -27_000);
  await bookAndLook(organizationId);
  await bookAndLook(organizationId);
  expect(paid(organizationId)).toEqual(['40000']);
  expect(checkout.ledger.balance(organizationId)).toBe(13_000);
});

test('a ceiling below one step is refused by name and changes nothing', async () => {
  const organizationId = await armed();
  const before = await checkout.policy(organizationId);
  for (const max_amount_per_payment of [4_999, 0, 1.5, 100_000_000]) {
    await expect(configure(organizationId, { max_amount_per_payment })).rejects.toMatchObject({
      param: 'max_amount_per_payment',
    });
  }
  expect(await checkout.policy(organizationId)).toEqual(before);
});
