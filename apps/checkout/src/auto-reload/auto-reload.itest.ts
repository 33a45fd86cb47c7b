// Goal: one crossing makes one payment, however many events, instances and crashes there are. Method: real
// PostgreSQL and Kafka, two instances, a ledger in memory, a Stripe that can decline, ask and die.
import type { AutoReloadView, ConfigureAutoReload } from '@orbit/contracts';
import { eventually } from '@orbit/testing';
import { CheckoutUnderTest } from '../testing/checkout.fake.js';

let checkout: CheckoutUnderTest;
beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterAll(() => checkout?.close());
afterEach(() => {
  checkout.stripe.isAway = false;
  checkout.stripe.faults.length = 0;
  checkout.ledger.isAway = false;
  checkout.beforeStripe = () => undefined;
  checkout.afterStripe = () => undefined;
  checkout.aheadMs = 0;
});

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const TERMS = { enabled: true, threshold: 5_000, amount: 10_000 };

const configure = (organization_id: string, change: Partial<ConfigureAutoReload> = {}) =>
  checkout.parts.configureAutoReload.configure({
    organization_id,
    currency: 'USD',
    ...TERMS,
    ...change,
  });
const read = (organizationId: string): Promise<AutoReloadView> =>
  checkout.parts.configureAutoReload.read(organizationId);
const reloadsOf = async (organizationId: string) =>
  (await checkout.topupsOf(organizationId, 'auto_reload')).map((row) => ({
    id: String(row['id']),
    amount: Number(row['amount_minor']),
    state: row['state'],
  }));
const intentCount = (organizationId: string) =>
  checkout.stripe.saved.intents.filter(
    (one) => one.params['metadata[orbit_organization_id]'] === organizationId,
  ).length;

/** `balance.low` on both instances, three times each, at once. */
async function low(organizationId: string): Promise<void> {
  const both = [checkout.parts, checkout.twin];
  const events = [...both, ...both, ...both];
  await Promise.all(
    events.map(async (parts) => {
      await parts.autoReload.markDue([organizationId]);
      await parts.autoReload.run();
    }),
  );
}

/** Lets the ledger book what came, and both instances look again. */
async function bookAndLook(organizationId: string): Promise<void> {
  await checkout.settle();
  await low(organizationId);
}

test('T22 balance 51, threshold 50, amount 100, 20 parallel charges of 1: one payment, final 131', async () => {
  const { organizationId } = await checkout.customer();
  checkout.ledger.set(organizationId, 5_100);
  const view = await configure(organizationId);
  expect(view).toMatchObject({ ...TERMS, state: 'armed' });
  expect(checkout.ledger.thresholds.get(organizationId)).toBe('50000000');
  expect(intentCount(organizationId)).toBe(0);
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      checkout.ledger.spend(organizationId, 100);
      await low(organizationId);
    }),
  );
  await bookAndLook(organizationId);
  await bookAndLook(organizationId);
  expect(checkout.ledger.balance(organizationId)).toBe(13_100);
  expect(await reloadsOf(organizationId)).toMatchObject([{ amount: 10_000, state: 'succeeded' }]);
  expect(intentCount(organizationId)).toBe(1);
  expect((await read(organizationId)).state).toBe('armed');
});

test('T22 a decision from a balance that is old by now is made again: still one payment', async () => {
  const { organizationId } = await checkout.customer();
  checkout.ledger.set(organizationId, 6_000);
  await configure(organizationId);
  checkout.ledger.set(organizationId, 3_100);
  // While one instance holds 31 in its hands, the other pays, and the ledger books that.
  checkout.ledger.afterRead = async () => {
    checkout.ledger.afterRead = () => Promise.resolve();
    await checkout.twin.autoReload.evaluate(organizationId);
    await checkout.settle();
    await checkout.twin.autoReload.evaluate(organizationId);
  };
  await checkout.parts.autoReload.evaluate(organizationId);
  await bookAndLook(organizationId);
  expect(intentCount(organizationId)).toBe(1);
  expect(checkout.ledger.balance(organizationId)).toBe(13_100);
});

test('T23 balance −270, threshold 50, amount 100: one charge of 400 gives 130', async () => {
  const { organizationId } = await checkout.customer();
  checkout.ledger.set(organizationId, -27_000);
  await configure(organizationId);
  await bookAndLook(organizationId);
  await bookAndLook(organizationId);
  expect(await reloadsOf(organizationId)).toMatchObject([{ amount: 40_000, state: 'succeeded' }]);
  expect(checkout.ledger.balance(organizationId)).toBe(13_000);
});

test('T23 the card declines three times: spaced retries, then off, one alert, no storm; switched on it works again', async () => {
  const { organizationId, method } = await checkout.customer('declines');
  checkout.ledger.set(organizationId, -27_000);
  await configure(organizationId);
  for (let storm = 0; storm < 5; storm++) await low(organizationId);
  expect(intentCount(organizationId)).toBe(1);
  expect(await read(organizationId)).toMatchObject({
    enabled: true,
    state: 'retrying',
    declines: 1,
    last_error: 'insufficient_funds',
  });
  // Each retry waits its turn: 15 minutes, then an hour.
  for (const [afterMs, count] of [
    [14 * MINUTE_MS, 1],
    [16 * MINUTE_MS, 2],
    [60 * MINUTE_MS, 2],
    [77 * MINUTE_MS, 3],
  ] as const) {
    checkout.aheadMs = afterMs;
    for (let storm = 0; storm < 3; storm++) await low(organizationId);
    expect(intentCount(organizationId)).toBe(count);
  }
  checkout.aheadMs = 10 * DAY_MS;
  await low(organizationId);
  expect(intentCount(organizationId)).toBe(3);
  expect(await read(organizationId)).toMatchObject({
    enabled: false,
    state: 'disabled',
    declines: 3,
    last_error: 'insufficient_funds',
  });
  await checkout.parts.relay.run();
  const alerts = () =>
    checkout.published.filter(
      ({ topic, key }) => topic === 'auto_reload.disabled' && key === organizationId,
    );
  await eventually(() => expect(alerts()).toHaveLength(1));
  expect(alerts()[0]?.value).toMatchObject({ reason: 'insufficient_funds', decline_count: 3 });
  method.behavior = 'pays';
  expect(await configure(organizationId)).toMatchObject({ enabled: true, declines: 0 });
  await bookAndLook(organizationId);
  expect(checkout.ledger.balance(organizationId)).toBe(13_000);
});

test('T23 the caps per day and month are kept, and what they leave is paid', async () => {
  const { organizationId } = await checkout.customer();
  checkout.ledger.set(organizationId, 0);
  // Days and months are those of the calendar: five days of one month, each met at its noon.
  const today = new Date();
  const firstNoonMs = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 1, 12);
  const goToDay = (day: number): void => {
    checkout.aheadMs = firstNoonMs + day * DAY_MS - Date.now();
  };
  goToDay(0);
  await configure(organizationId, { max_reloads_per_day: 2, max_amount_per_month: 35_000 });
  await bookAndLook(organizationId);
  for (let day = 0; day < 5; day++) {
    goToDay(day);
    for (let crossing = 0; crossing < 3; crossing++) {
      checkout.ledger.set(organizationId, 0);
      await bookAndLook(organizationId);
      await bookAndLook(organizationId);
    }
    if (day === 0) expect(await reloadsOf(organizationId)).toHaveLength(2);
  }
  const made = await reloadsOf(organizationId);
  expect(made.reduce((sum, { amount }) => sum + amount, 0)).toBe(30_000);
  expect(await read(organizationId)).toMatchObject({ state: 'capped', enabled: true });
});

test('a gap larger than a cap is closed as far as the cap goes; a target is reached exactly', async () => {
  const capped = await checkout.customer();
  checkout.ledger.set(capped.organizationId, -27_000);
  await configure(capped.organizationId, { max_amount_per_day: 25_000 });
  expect(await reloadsOf(capped.organizationId)).toMatchObject([{ amount: 20_000 }]);
  const exact = await checkout.customer();
  checkout.ledger.set(exact.organizationId, 1_234);
  await configure(exact.organizationId, { target: 20_000 });
  await bookAndLook(exact.organizationId);
  expect(checkout.ledger.balance(exact.organizationId)).toBe(20_000);
});

test('what a person pays meanwhile is counted: a payment that is paid and not booked yet closes the gap too', async () => {
  const { organizationId } = await checkout.customer();
  checkout.ledger.set(organizationId, 6_000);
  await configure(organizationId);
  await checkout.parts.chargeTopUp.run(checkout.chargeRequest(organizationId));
  checkout.ledger.set(organizationId, 1_000);
  await low(organizationId);
  expect(await reloadsOf(organizationId)).toEqual([]);
  await bookAndLook(organizationId);
  expect(checkout.ledger.balance(organizationId)).toBe(11_000);
  expect(await reloadsOf(organizationId)).toEqual([]);
});

test('a bank that wants its customer is asked once: the page is shown, no further payment, then it is paid', async () => {
  const { organizationId } = await checkout.customer('asks_owner');
  checkout.ledger.set(organizationId, 0);
  await configure(organizationId);
  for (let storm = 0; storm < 5; storm++) await low(organizationId);
  expect(intentCount(organizationId)).toBe(1);
  const view = await read(organizationId);
  expect(view).toMatchObject({ state: 'requires_action', last_error: 'authentication_required' });
  expect(view.action_url).toMatch(/^https:\/\/bank/);
  const [row] = await checkout.topupsOf(organizationId, 'auto_reload');
  const intentId = String(row?.['payment_intent_id']);
  checkout.stripe.saved.succeed(intentId);
  await checkout.deliver(checkout.stripe.savedEvent('payment_intent.succeeded', intentId));
  await bookAndLook(organizationId);
  expect(checkout.ledger.balance(organizationId)).toBe(10_000);
  expect(await read(organizationId)).toMatchObject({ state: 'armed', last_error: null });
});

test('without a saved method it tries three times, spaced, pays nothing, and turns itself off', async () => {
  const { organizationId, method } = await checkout.customer();
  method.isDetached = true;
  checkout.ledger.set(organizationId, 0);
  for (const aheadMs of [0, 16 * MINUTE_MS, 120 * MINUTE_MS]) {
    checkout.aheadMs = aheadMs;
    if (aheadMs === 0) await configure(organizationId);
    await low(organizationId);
  }
  expect(await reloadsOf(organizationId)).toEqual([]);
  expect(await read(organizationId)).toMatchObject({
    state: 'disabled',
    last_error: 'payment_method_required',
  });
});

test('T22 a crash at each step of the payment neither charges twice nor forgets', async () => {
  for (const step of ['listMethods', 'charge']) {
    for (const when of ['beforeStripe', 'afterStripe'] as const) {
      const { organizationId } = await checkout.customer();
      checkout.ledger.set(organizationId, 6_000);
      await configure(organizationId);
      checkout.ledger.set(organizationId, 4_900);
      let crashes = 2;
      checkout[when] = (call) => {
        if (call !== step || crashes === 0) return;
        crashes -= 1;
        throw new Error('crash');
      };
      await low(organizationId);
      for (const seconds of [31, 62, 93]) {
        checkout.aheadMs = seconds * 1_000;
        await checkout.twin.autoReload.run();
      }
      await bookAndLook(organizationId);
      expect(await reloadsOf(organizationId)).toMatchObject([{ state: 'succeeded' }]);
      expect(intentCount(organizationId)).toBe(1);
      expect(checkout.ledger.balance(organizationId)).toBe(14_900);
      checkout.aheadMs = 0;
    }
  }
});

test('T22 answers of Stripe that are lost, and a ledger that is away, delay the payment and never double it', async () => {
  const { organizationId } = await checkout.customer();
  checkout.ledger.set(organizationId, 6_000);
  await configure(organizationId);
  checkout.ledger.set(organizationId, 4_900);
  checkout.ledger.isAway = true;
  await low(organizationId);
  expect(await reloadsOf(organizationId)).toEqual([]);
  checkout.ledger.isAway = false;
  checkout.stripe.faults.push('drop_after', 'drop_after', 'drop_after');
  for (const seconds of [31, 65, 100, 140]) {
    checkout.aheadMs = seconds * 1_000;
    await low(organizationId);
  }
  await bookAndLook(organizationId);
  expect(intentCount(organizationId)).toBe(1);
  expect(checkout.ledger.balance(organizationId)).toBe(14_900);
});

test('the threshold reaches the ledger later when it is away, and follows a change', async () => {
  const { organizationId } = await checkout.customer();
  checkout.ledger.set(organizationId, 100_000);
  checkout.ledger.isAway = true;
  await configure(organizationId);
  expect(checkout.ledger.thresholds.has(organizationId)).toBe(false);
  checkout.ledger.isAway = false;
  await low(organizationId);
  expect(checkout.ledger.thresholds.get(organizationId)).toBe('50000000');
  await configure(organizationId, { threshold: 7_000 });
  expect(checkout.ledger.thresholds.get(organizationId)).toBe('70000000');
});

test('a policy keeps what is not said, can be switched off with one word, and is shown as it is', async () => {
  const { organizationId } = await checkout.customer();
  checkout.ledger.set(organizationId, 100_000);
  expect(await read(organizationId)).toMatchObject({ enabled: false, state: 'off' });
  // A cap is of several payments: it may be more than one of them.
  await configure(organizationId, {
    ...{ max_reloads_per_day: 3, target: 20_000, max_amount_per_month: 500_000_000 },
  });
  const base = { organization_id: organizationId, currency: 'USD' };
  const put = (change: Omit<ConfigureAutoReload, keyof typeof base>) =>
    checkout.parts.configureAutoReload.configure({ ...base, ...change });
  expect(await put({ enabled: false })).toMatchObject({
    enabled: false,
    state: 'off',
    threshold: 5_000,
    max_reloads_per_day: 3,
    target: 20_000,
  });
  expect(await put({ enabled: true, target: null })).toMatchObject({
    enabled: true,
    target: null,
    max_reloads_per_day: 3,
  });
  const stranger = await put({ enabled: false });
  expect(stranger.enabled).toBe(false);
});

test('each wrong term is refused by name and changes nothing', async () => {
  const { organizationId } = await checkout.customer();
  checkout.ledger.set(organizationId, 100_000);
  await configure(organizationId);
  const before = await checkout.policy(organizationId);
  const wrong: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ enabled: 'yes' }, 'enabled'],
    [{ threshold: -1 }, 'threshold'],
    [{ threshold: 1.5 }, 'threshold'],
    [{ threshold: 100_000_000 }, 'threshold'],
    [{ amount: 49 }, 'amount'],
    [{ amount: '10000' }, 'amount'],
    [{ target: 5_000 }, 'target'],
    [{ target: -1 }, 'target'],
    [{ max_reloads_per_day: 0 }, 'max_reloads_per_day'],
    [{ max_reloads_per_month: 1.5 }, 'max_reloads_per_month'],
    [{ max_amount_per_day: 9_999 }, 'max_amount_per_day'],
    [{ max_amount_per_month: 0 }, 'max_amount_per_month'],
    [{ max_amount_per_month: 1e21 }, 'max_amount_per_month'],
    [{ currency: 'credits' }, 'currency'],
  ];
  for (const [change, param] of wrong) {
    await expect(configure(organizationId, change)).rejects.toMatchObject({ param });
  }
  expect(await checkout.policy(organizationId)).toEqual(before);
  for (const param of ['threshold', 'amount'] as const) {
    const incomplete = { organization_id: 'org_new', currency: 'USD', ...TERMS };
    const { [param]: _left, ...rest } = incomplete;
    await expect(
      checkout.parts.configureAutoReload.configure(rest as ConfigureAutoReload),
    ).rejects.toMatchObject({ param });
  }
  expect(await checkout.policy('org_new')).toEqual({});
});
