import type { CheckoutUnderTest } from './checkout.fake.js';
import type { Chapter, Step, Story } from './payment-stories.fake.js';
import type { MethodBehavior } from './stripe-payments.fake.js';

const MINUTE_MS = 60_000;
const THRESHOLD_MINOR = 5_000;
const AMOUNT_MINOR = 10_000;

/** Auto-reload at threshold 50 in steps of 100, armed while the balance is 1,000. */
async function armed(under: CheckoutUnderTest, behavior: MethodBehavior) {
  const { organizationId } = await under.customer(behavior);
  under.ledger.set(organizationId, 100_000);
  await under.twin.configureAutoReload.configure({
    organization_id: organizationId,
    currency: 'USD',
    ...{ enabled: true, threshold: THRESHOLD_MINOR, amount: AMOUNT_MINOR },
    // T23: the policy lets one payment close the gap.
    max_amount_per_payment: 4 * AMOUNT_MINOR,
  });
  const low: Step = async (instance) => {
    await instance.autoReload.markDue([organizationId]);
    await instance.autoReload.evaluate(organizationId);
  };
  const intents = () =>
    under.stripe.saved.intents.filter(
      ({ params }) => params['metadata[orbit_organization_id]'] === organizationId,
    );
  return { organizationId, low, intents };
}

const fact = (title: string, holds: boolean): void => {
  if (!holds) throw new Error(title);
};

/** The balance falls, one payment is made by a bank debit, and its money comes later. */
const reloaded = (row: {
  readonly title: string;
  readonly granted: number;
  readonly spent: number;
  readonly paidMinor: number;
  readonly before: string;
  readonly after: string;
}): Story => ({
  title: row.title,
  async begin(under) {
    const { organizationId, low, intents } = await armed(under, 'debits');
    const paysOnce = (): void => {
      const amounts = intents().map(({ params }) => params['amount']);
      fact(`paid once, not ${amounts.join()}`, amounts.join() === String(row.paidMinor));
    };
    const chapters = [
      (): Chapter => {
        under.ledger.set(organizationId, (row.granted - row.spent) * 100);
        return { steps: [low, low, low], books: { balance: row.before }, check: paysOnce };
      },
      (): Chapter => {
        const [intent] = intents();
        if (intent === undefined) throw new Error('nothing was paid');
        under.stripe.saved.succeed(intent.id);
        const types = ['payment_intent.succeeded', 'payment_intent.processing'];
        const told = types.map((type): Step => {
          const { body, signature } = under.stripe.savedEvent(type, intent.id, under.nowMs());
          return (instance) => instance.receiveWebhook.run(body, signature);
        });
        return { steps: [...told, low], books: { balance: row.after }, check: paysOnce };
      },
    ];
    const other = { granted: row.granted, spent: row.spent };
    return { organizationId, topupId: null, other, chapters };
  },
});

/** T23: looked at now and then for days, three payments are tried, and one alert is given. */
async function declining(under: CheckoutUnderTest) {
  const { organizationId, low, intents } = await armed(under, 'declines');
  under.ledger.set(organizationId, -27_000);
  const later = [0, 0, 16, 60, 130, 300, 1_440, 14_400].map((minutes): Step => async (instance) => {
    under.aheadMs = Math.max(under.aheadMs, minutes * MINUTE_MS);
    await low(instance);
  });
  const check = async (): Promise<void> => {
    fact(`three tries, not ${intents().length}`, intents().length === 3);
    const alerts = (await under.written(organizationId)).filter(
      ({ topic }) => topic === 'auto_reload.disabled',
    );
    fact(`one alert, not ${alerts.length}`, alerts.length === 1);
    const policy = await under.policy(organizationId);
    fact('it is off', policy['enabled'] === false && policy['decline_count'] === 3);
  };
  const books = { balance: '-270' };
  const story = { organizationId, topupId: null, other: { granted: -270 } };
  return { low, intents, later, books, check, story };
}

const declined: Story = {
  title: 'T23 the card declines three times: off, one alert, no fourth try',
  async begin(under) {
    const { later: steps, books, check, story } = await declining(under);
    return { ...story, chapters: [() => ({ steps, books, check })] };
  },
};

/** As `declined`, and then Stripe tells of each decline: what has been decided stays. */
const declinedTold: Story = {
  title: 'T23 told of three declines after they were counted: off, one alert, no fourth try',
  async begin(under) {
    const { low, intents, later, books, check, story } = await declining(under);
    const untilOff: Step = async (instance) => {
      for (const step of later) await step(instance);
    };
    const told = (): Chapter => {
      const events = intents().map(({ id }) =>
        under.stripe.savedEvent('payment_intent.payment_failed', id, under.nowMs()),
      );
      const steps = events.map(
        ({ body, signature }): Step =>
          (instance) =>
            instance.receiveWebhook.run(body, signature),
      );
      return { steps: [...steps, low], books, check };
    };
    return { ...story, chapters: [() => ({ steps: [untilOff], books, check }), told] };
  },
};

export const RELOADS: readonly Story[] = [
  reloaded({
    title: 'T22 balance 51, threshold 50, twenty charges of 1: one payment of 100, then 131',
    ...{ granted: 51, spent: 20, paidMinor: 10_000, before: '31', after: '131' },
  }),
  reloaded({
    title: 'T23 balance −270: one payment of 400 closes the gap, then 130',
    ...{ granted: -270, spent: 0, paidMinor: 40_000, before: '-270', after: '130' },
  }),
];
/** In time's own order only. */
export const DECLINED = declined;
/** It moves the clock: one at a time. */
export const DECLINED_TOLD = declinedTold;
