// Goal: whatever order subscription and invoice webhooks come in, three times each, and wherever checkout dies, what is
// told last is what Stripe has; nothing of it is ever credit. Method: a Stripe that moves through a story, shuffled
// deliveries, a death at each step; the reader keeps the highest version, as invoicing does.
import type { SubscriptionChanged, SubscriptionInvoiced } from '@orbit/events';
import { seededRandom, type SeededRandom } from '@orbit/testing';
import type { InvoiceSnapshot, SubscriptionSnapshot } from '../domain/subscription.js';
import type { PlanProvider, PlanStore } from './plan-ports.js';
import type { OutboxEvent, SettlementStore } from '../../topups/application/ports.js';
import { SubscriptionWebhook } from './subscription-webhook.js';
import { PublishSubscription } from './publish-subscription.js';

const SEED = Number(process.env['ORBIT_SEED'] ?? 2026);
const at = (text: string): number => Date.parse(`2026-${text}T00:00:00Z`);
const STARTED: SubscriptionSnapshot = {
  ...{ id: 'sub_1', organizationId: 'org_a', customerId: 'cus_1', duplicateOf: null },
  ...{ status: 'active', itemId: 'si_1', startMs: at('03-01'), endedMs: null },
  ...{ periodStartMs: at('03-01'), periodEndMs: at('04-01'), cancelAtPeriodEnd: false },
  price: { priceId: 'price_starter', planId: 'plan_starter', amountMinor: 4_900 },
  ...{ stripePriceId: 'stripe_starter', held: null, paymentMethod: null },
};
const invoice = (id: string, status: string, month: number, amountMinor = 4_900) =>
  ({
    ...{ id, subscriptionId: 'sub_1', number: status === 'draft' ? null : id, status },
    ...{ amountMinor, currency: 'USD', pdfUrl: null, createdMs: at(`0${month}-01`) },
    ...{ periodStartMs: at(`0${month}-01`), periodEndMs: at(`0${month + 1}-01`) },
  }) satisfies InvoiceSnapshot;

interface Truth {
  readonly type: string;
  readonly object: object;
  readonly subscription: SubscriptionSnapshot;
  readonly invoice?: InvoiceSnapshot;
}
const late = { ...STARTED, periodStartMs: at('04-01'), periodEndMs: at('05-01') };
const gone = { ...late, status: 'canceled', endedMs: at('04-20') };
const page = { id: 'cs_1', mode: 'subscription', subscription: 'sub_1', invoice: 'in_1' };
/** What Stripe has when it raises each event. */
const STORY: readonly Truth[] = [
  { type: 'customer.subscription.created', object: { id: 'sub_1' }, subscription: STARTED },
  of('invoice.created', STARTED, invoice('in_1', 'draft', 3)),
  of('invoice.finalized', STARTED, invoice('in_1', 'open', 3)),
  of('invoice.paid', STARTED, invoice('in_1', 'paid', 3)),
  { type: 'checkout.session.completed', object: page, subscription: STARTED },
  of('invoice.created', late, invoice('in_2', 'draft', 4)),
  of('invoice.payment_failed', { ...late, status: 'past_due' }, invoice('in_2', 'open', 4)),
  {
    ...{ type: 'customer.subscription.updated', object: { id: 'sub_1' } },
    subscription: { ...late, status: 'past_due' },
  },
  of('invoice.paid', late, invoice('in_2', 'paid', 4)),
  of('invoice.paid', late, invoice('in_0', 'paid', 4, 0)),
  { type: 'customer.subscription.deleted', object: { id: 'sub_1' }, subscription: gone },
];
function of(type: string, subscription: SubscriptionSnapshot, told: InvoiceSnapshot): Truth {
  return { type, object: { id: told.id }, subscription, invoice: told };
}

class Dead extends Error {}

class World {
  /** How far the story has come. */
  step = 0;
  readonly outbox: OutboxEvent[] = [];
  private version = 0n;
  private readonly closed = new Set<string>();

  constructor(private readonly die: (where: string) => void) {}

  private readonly provider = {
    readSubscription: async () => {
      this.die('subscription');
      return STORY[this.step]?.subscription ?? null;
    },
    readInvoice: async (id: string) => {
      this.die('invoice');
      const seen = STORY.slice(0, this.step + 1).filter((one) => one.invoice?.id === id);
      return seen.at(-1)?.invoice ?? null;
    },
    listLive: async () => {
      const now = STORY[this.step]?.subscription;
      return now === undefined ? [] : [now];
    },
  } as unknown as PlanProvider;
  private readonly store = {
    nextVersion: async () => {
      this.die('version');
      return (this.version += 1n);
    },
  } as unknown as PlanStore;
  private readonly settlements = {
    inTransaction: async (work: (tx: unknown) => Promise<unknown>) => {
      const added: OutboxEvent[] = [];
      let closing: string | null = null;
      const outcome = await work({
        lockEvent: async (id: string) => !this.closed.has(id),
        closeEvent: async (id: string) => void (closing = id),
        addToOutbox: async (event: OutboxEvent) => void added.push(event),
      });
      this.die('commit');
      this.outbox.push(...added);
      if (closing !== null) this.closed.add(closing);
      this.die('answer');
      return outcome;
    },
  } as unknown as SettlementStore;
  readonly webhook = new SubscriptionWebhook(
    new PublishSubscription(this.provider, this.store, this.settlements, {
      nowMs: () => at('04-20'),
    }),
  );
}

/** Delivers until each has been answered three times; what died comes again. */
async function deliver(random: SeededRandom, world: World, isLive: boolean): Promise<void> {
  const waiting: number[] = [];
  const raise = (index: number): void => {
    world.step = index;
    waiting.push(index, index, index);
  };
  if (!isLive) STORY.forEach((_, index) => raise(index));
  let next = isLive ? 0 : STORY.length;
  while (next < STORY.length || waiting.length > 0) {
    if (next < STORY.length && (waiting.length === 0 || random.chance(0.4))) {
      raise(next++);
      continue;
    }
    const [index] = waiting.splice(random.integer(0, waiting.length - 1), 1);
    const { type, object } = STORY[index ?? 0] ?? { type: '', object: {} };
    const event = { id: `evt_${index}`, type, object, account: null, subject: null };
    try {
      await world.webhook.handle(event);
    } catch (error) {
      if (!(error instanceof Dead)) throw error;
      waiting.push(index ?? 0);
    }
  }
}

/** What a reader that keeps the highest version ends with. */
function latest<T extends { version: string }>(values: readonly T[]): T | undefined {
  return [...values].sort((a, b) => Number(BigInt(a.version) - BigInt(b.version))).at(-1);
}

function expectTruth({ outbox }: World): void {
  const changed = outbox.filter(({ topic }) => topic === 'subscription.changed');
  const invoiced = outbox.filter(({ topic }) => topic === 'subscription.invoiced');
  expect(changed.length + invoiced.length).toBe(outbox.length);
  const state = latest(changed.map(({ value }) => value as SubscriptionChanged));
  expect(state).toMatchObject({ status: 'canceled', plan_id: 'plan_starter' });
  expect(state?.current_period_end).toBe('2026-05-01T00:00:00.000Z');
  const invoices = invoiced.map(({ value }) => value as SubscriptionInvoiced);
  for (const [id, amount] of [
    ['in_1', 4_900],
    ['in_2', 4_900],
    ['in_0', 0],
  ] as const) {
    const told = latest(invoices.filter(({ invoice_id }) => invoice_id === id));
    expect(told).toMatchObject({ status: 'paid', amount_minor: amount, number: id });
  }
}

test(`T21 120 orders of 11 webhooks, three times each, while and after it happens: the same end (ORBIT_SEED=${SEED})`, async () => {
  const random = seededRandom(SEED);
  for (let round = 0; round < 120; round++) {
    const world = new World(() => undefined);
    await deliver(random, world, round % 2 === 0);
    expectTruth(world);
  }
});

test(`T21 T28 checkout dies at each step of each webhook: the same end (ORBIT_SEED=${SEED})`, async () => {
  const random = seededRandom(SEED);
  for (const where of ['version', 'invoice', 'subscription', 'commit', 'answer', 'any']) {
    for (let round = 0; round < 12; round++) {
      let deaths = 0;
      const world = new World((step) => {
        if ((where !== 'any' && step !== where) || deaths > 60 || !random.chance(0.5)) return;
        deaths += 1;
        throw new Dead(step);
      });
      await deliver(random, world, round % 2 === 0);
      expect(deaths).toBeGreaterThan(0);
      expectTruth(world);
    }
  }
});
