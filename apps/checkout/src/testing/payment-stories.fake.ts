import type { CheckoutParts } from '../checkout.module.js';
import type { CheckoutUnderTest } from './checkout.fake.js';
import { booksOf, type BooksView, type Fact, type Other } from './payment-books.fake.js';
import type { SignedEvent } from './stripe.fake.js';

/** One thing that reaches checkout: a webhook, or a call. Repeated as its sender would repeat it. */
export type Step = (instance: CheckoutParts) => Promise<unknown>;

export interface Chapter {
  /** In any order, and each any number of times. */
  readonly steps: readonly Step[];
  /** What has come of it then. */
  readonly books: Partial<BooksView>;
  readonly topup?: string;
  /** Throws what else is wrong. */
  readonly check?: () => void | Promise<void>;
}

/** A row of docs/cases.md: what happens at Stripe, told in chapters, each of which is over before the next begins. */
export interface Story {
  readonly title: string;
  /** Begins it anew, with an organization of its own. */
  begin(under: CheckoutUnderTest): Promise<Told>;
}

export interface Told {
  readonly organizationId: string;
  /** The top-up that `topup` of the chapters is about. */
  readonly topupId: string | null;
  readonly other?: Other;
  /** Each is made when the one before is over: what it does at Stripe happens first. */
  readonly chapters: readonly (() => Chapter)[];
}

const webhook =
  ({ body, signature }: SignedEvent): Step =>
  (instance) =>
    instance.receiveWebhook.run(body, signature);

type Change = Parameters<CheckoutUnderTest['open']>[0];

async function opened(under: CheckoutUnderTest, change: Change = {}) {
  const { topupId, sessionId } = await under.open(change);
  const organizationId = String((await under.topup(topupId))['organization_id']);
  const page = (type: string): Step => webhook(under.stripe.event(type, sessionId, under.nowMs()));
  const clawback = (type: string, about: object): Step =>
    webhook(under.stripe.clawbackEvent(type, about, under.nowMs()));
  return {
    topupId,
    organizationId,
    sessionId,
    intent: sessionId.replace('cs_', 'pi_'),
    page,
    clawback,
  };
}

const REFUND_TYPES = ['charge.refunded', 'refund.created', 'refund.updated'];

/** T17: 100 paid and 20 given, 45 used of which 25 paid: 80 is refused, 75 goes back. */
const refundAfterUse: Story = {
  title: 'T17 refund after use: 75 goes back, once, and the balance is 0',
  async begin(under) {
    const one = await opened(under);
    under.refundLedger.spent.set(one.topupId, 25_000_000n);
    const ask =
      (amount_minor: number): Step =>
      (instance) =>
        instance.refunds.request.run({
          organization_id: one.organizationId,
          topup_id: one.topupId,
          amount_minor,
          idempotency_key: `${one.topupId}-${amount_minor}`,
        });
    const refused: Step = async (instance) => {
      const answer = await ask(8_000)(instance).catch((error: unknown) => error);
      if ((answer as { code?: string }).code !== 'refund_exceeds_unspent') throw answer;
    };
    return {
      ...one,
      other: { granted: 20, spent: 45 },
      chapters: [
        () => {
          under.stripe.pay(one.sessionId);
          const steps = [one.page('checkout.session.completed')];
          return { steps, books: { balance: '75' }, topup: 'succeeded' };
        },
        () => {
          under.stripe.clawbacks.slow.add(one.intent);
          return { steps: [refused, ask(7_500)], books: { balance: '75', clawed: '0' } };
        },
        () => {
          const [made] = under.stripe.clawbacks.refundsOf(one.intent);
          if (made === undefined) throw new Error('no refund was made');
          under.stripe.clawbacks.settleRefund(made.id, 'succeeded');
          return {
            steps: [...REFUND_TYPES.map((type) => one.clawback(type, made)), ask(7_500)],
            books: { balance: '0', clawed: '75' },
            topup: 'refunded_partially',
          };
        },
      ],
    };
  },
};

interface DisputeRow {
  readonly title: string;
  readonly outcome: 'won' | 'lost';
  readonly change?: Change;
  readonly spent: number;
  readonly open: Partial<BooksView>;
  readonly closed: Partial<BooksView>;
  /** Next top-up and the balance after it. */
  readonly next?: readonly [amountMinor: number, balance: string];
}

/** The dispute opens, is held, and is decided; its opening may be told along with the payment. */
const disputed = ({ title, outcome, change, spent, open, closed, next }: DisputeRow): Story => ({
  title,
  async begin(under) {
    const one = await opened(under, change);
    let dispute: ReturnType<typeof under.stripe.clawbacks.dispute> | undefined;
    const clawback = (type: string): Step => one.clawback(`charge.dispute.${type}`, dispute ?? {});
    const chapters = [
      (): Chapter => {
        under.stripe.pay(one.sessionId);
        dispute = under.stripe.clawbacks.dispute(one.intent);
        const told = ['created', 'funds_withdrawn', 'updated'].map(clawback);
        const steps = [one.page('checkout.session.completed'), ...told];
        return { steps, books: { ...open, isPaused: true }, topup: 'disputed' };
      },
      (): Chapter => {
        if (dispute !== undefined) under.stripe.clawbacks.closeDispute(dispute, outcome);
        const won = outcome === 'won' ? ['funds_reinstated'] : [];
        const steps = ['closed', 'updated', ...won].map(clawback);
        const topup = outcome === 'won' ? 'succeeded' : 'disputed';
        return { steps, books: { ...closed, isPaused: false }, topup };
      },
    ];
    const { organizationId } = one;
    if (next !== undefined) {
      const [amount_minor, balance] = next;
      const another = await opened(under, { organization_id: organizationId, amount_minor });
      chapters.push(() => {
        under.stripe.pay(another.sessionId);
        const types = ['checkout.session.completed', 'payment_intent.succeeded'];
        return { steps: types.map(another.page), books: { balance } };
      });
    }
    return { ...one, other: { spent }, chapters };
  },
});

/** As above, but nothing is told before all of it is over. */
const toldAfterwards = (
  title: string,
  happen: (
    under: CheckoutUnderTest,
    intent: string,
  ) => readonly (readonly [type: string, about: object])[],
  end: Omit<Chapter, 'steps'>,
  change: Change = {},
  other: Other = {},
): Story => ({
  title,
  async begin(under) {
    const one = await opened(under, change);
    const chapter = (): Chapter => {
      under.stripe.pay(one.sessionId);
      const clawbacks = happen(under, one.intent).map(([type, about]) => one.clawback(type, about));
      return { steps: [one.page('checkout.session.completed'), ...clawbacks], ...end };
    };
    return { ...one, other, chapters: [chapter] };
  },
});

/** T21: completed and not paid; the money comes later, or an invoice of nothing is paid. */
const unpaidFirst: Story = {
  title: 'T21 a session that is completed unpaid gives no credit until its money is there',
  async begin(under) {
    const one = await opened(under);
    const chapters = [
      (): Chapter => {
        const session = under.stripe.session(one.sessionId);
        session.status = 'complete';
        session.intent = { status: 'processing', amount_received: 0, currency: 'usd' };
        const invoice = under.stripe.clawbackEvent(
          'invoice.paid',
          { id: 'in_0', amount_paid: 0 },
          under.nowMs(),
        );
        const types = ['checkout.session.completed', 'payment_intent.processing'];
        const steps = [...types.map(one.page), webhook(invoice)];
        return { steps, books: { balance: '0' }, topup: 'processing' };
      },
      (): Chapter => {
        under.stripe.pay(one.sessionId);
        const types = [
          'checkout.session.async_payment_succeeded',
          'payment_intent.succeeded',
          'checkout.session.completed',
          'payment_intent.payment_failed',
        ];
        return { steps: types.map(one.page), books: { balance: '100' }, topup: 'succeeded' };
      },
    ];
    return { ...one, chapters };
  },
};

const CREDITS: Change = { currency: 'USD', wallet_unit: 'credits', amount_minor: 1_000 };

export const STORIES: readonly Story[] = [
  refundAfterUse,
  disputed({
    title:
      'T18 a dispute after spending is won: held 100, available −30, then 70 and sending again',
    outcome: 'won',
    spent: 30,
    open: { balance: '70', held: '100', available: '-30' },
    closed: { balance: '70', held: '0', available: '70', fees: '0' },
  }),
  disputed({
    title: 'T18 a dispute after spending is lost: −30 and a fee of 15; a top-up of 50 leaves 20',
    outcome: 'lost',
    spent: 30,
    open: { balance: '70', held: '100', available: '-30' },
    closed: { balance: '-30', held: '0', available: '-30', fees: '15', clawed: '100' },
    next: [5_000, '20'],
  }),
  toldAfterwards(
    'T19 a dispute that was won, then a full refund: 100 is clawed back in total',
    (under, intent) => {
      const dispute = under.stripe.clawbacks.dispute(intent);
      under.stripe.clawbacks.closeDispute(dispute, 'won');
      const refund = under.stripe.clawbacks.refundInDashboard(intent, 10_000);
      return [
        ['charge.dispute.created', dispute],
        ['charge.dispute.closed', dispute],
        ['charge.refunded', refund],
        ['refund.created', refund],
      ];
    },
    { books: { balance: '0', clawed: '100', held: '0', isPaused: false }, topup: 'refunded' },
  ),
  toldAfterwards(
    'T19 a refund of 40, then a dispute of 100 that is lost: 100 in total, never 140, never 0',
    (under, intent) => {
      const refund = under.stripe.clawbacks.refundInDashboard(intent, 4_000);
      const dispute = under.stripe.clawbacks.dispute(intent, 10_000);
      under.stripe.clawbacks.closeDispute(dispute, 'lost');
      return [
        ['refund.created', refund],
        ['charge.refunded', refund],
        ['charge.dispute.created', dispute],
        ['charge.dispute.closed', dispute],
      ];
    },
    { books: { balance: '0', clawed: '100', held: '0', isPaused: false }, topup: 'disputed' },
  ),
  disputed({
    title: 'T20 $10 buys 500 credits; a dispute takes 500, and won it gives 500 back, not 10',
    outcome: 'won',
    change: CREDITS,
    spent: 0,
    open: { balance: '500', held: '500', available: '0' },
    closed: { balance: '500', held: '0', available: '500', clawed: '0' },
  }),
  toldAfterwards(
    'T20 all of a dispute over credits is told after it was lost: 500 are gone, 750 of fee',
    (under, intent) => {
      const dispute = under.stripe.clawbacks.dispute(intent);
      under.stripe.clawbacks.closeDispute(dispute, 'lost');
      return ['created', 'funds_withdrawn', 'closed'].map((type) => [
        `charge.dispute.${type}`,
        dispute,
      ]);
    },
    { books: { balance: '0', clawed: '500', fees: '750' }, topup: 'disputed' },
    CREDITS,
  ),
  toldAfterwards(
    'T21 a refund that is told before its checkout session: credited once and netted',
    (under, intent) => {
      const refund = under.stripe.clawbacks.refundInDashboard(intent, 10_000);
      return REFUND_TYPES.map((type) => [type, refund]);
    },
    { books: { balance: '0', clawed: '100' }, topup: 'refunded' },
  ),
  toldAfterwards(
    'voided by an operator, then refunded in the dashboard in two parts: taken back once',
    (under, intent) =>
      [4_000, 6_000].map((amount) => {
        const refund = under.stripe.clawbacks.refundInDashboard(intent, amount);
        return ['refund.created', refund] as const;
      }),
    { books: { balance: '0', clawed: '100' }, topup: 'refunded' },
    {},
    { takenBack: 100 },
  ),
  toldAfterwards(
    'amended by −30, of 20 spent, then 40 refunded and 60 lost to a dispute: −20, not −50',
    (under, intent) => {
      const refund = under.stripe.clawbacks.refundInDashboard(intent, 4_000);
      const dispute = under.stripe.clawbacks.dispute(intent, 6_000);
      under.stripe.clawbacks.closeDispute(dispute, 'lost');
      return [
        ['refund.created', refund],
        ['charge.dispute.created', dispute],
        ['charge.dispute.closed', dispute],
      ];
    },
    { books: { balance: '-20', clawed: '100', held: '0', fees: '15' }, topup: 'disputed' },
    {},
    { takenBack: 30, spent: 20 },
  ),
  toldAfterwards(
    'T20 200 of 500 credits adjusted away, then half of their $10 refunded: 250 are left',
    (under, intent) => {
      const refund = under.stripe.clawbacks.refundInDashboard(intent, 500);
      return REFUND_TYPES.map((type) => [type, refund]);
    },
    { books: { balance: '250', clawed: '250' }, topup: 'refunded_partially' },
    CREDITS,
    { takenBack: 200 },
  ),
  toldAfterwards(
    'voided by an operator, then disputed and won: nothing is held, and nothing comes back',
    (under, intent) => {
      const dispute = under.stripe.clawbacks.dispute(intent);
      under.stripe.clawbacks.closeDispute(dispute, 'won');
      return ['created', 'funds_reinstated', 'closed'].map((type) => [
        `charge.dispute.${type}`,
        dispute,
      ]);
    },
    { books: { balance: '0', clawed: '0', held: '0', available: '0' }, topup: 'succeeded' },
    {},
    { takenBack: 100 },
  ),
  unpaidFirst,
];

/** What has come of it, by these facts. */
export const viewOf = (facts: readonly Fact[], { organizationId, other }: Told): BooksView =>
  booksOf(facts, organizationId, other);

export function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}
