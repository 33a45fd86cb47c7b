// Goal: what is asked of Stripe for each wish about a plan, what is told of it, and what a wrong wish leaves alone.
// Method: the use cases over a Stripe and stores in memory.
import type { PricedPlan } from '@orbit/contracts';
import type { InvoiceSnapshot, SubscriptionSnapshot } from '../domain/subscription.js';
import type { CustomerDirectory } from '../../topups/application/customer-directory.js';
import { ManagePlan } from './manage-plan.js';
import type { PlanProvider, PlanStore, StoredPlanPage, SubscriptionUpdate } from './plan-ports.js';
import {
  ProviderFailure,
  type OutboxEvent,
  type SettlementStore,
} from '../../topups/application/ports.js';
import { SubscriptionWebhook } from './subscription-webhook.js';
import { PublishSubscription } from './publish-subscription.js';

const NOW_MS = Date.parse('2026-03-10T00:00:00Z');
const clock = { nowMs: () => NOW_MS };
const priced = (tail: string, amount: number | null): PricedPlan => ({
  ...{ price_id: `price_${tail}`, plan_id: `plan_${tail}`, plan_name: tail },
  ...{ currency: 'USD', amount_minor: amount, interval: 'month' },
});
const STARTER = priced('starter', 4_900);
const GROWTH = priced('growth', 19_900);
const known = (plan: PricedPlan) => ({
  ...{ priceId: plan.price_id, planId: plan.plan_id, amountMinor: plan.amount_minor ?? 0 },
});

const onStarter: SubscriptionSnapshot = {
  ...{ id: 'sub_1', organizationId: 'org_a', status: 'active', itemId: 'si_1' },
  startMs: Date.parse('2026-03-01T00:00:00Z'),
  endedMs: null,
  periodStartMs: Date.parse('2026-03-01T00:00:00Z'),
  periodEndMs: Date.parse('2026-04-01T00:00:00Z'),
  cancelAtPeriodEnd: false,
  customerId: 'cus_1',
  duplicateOf: null,
  price: known(STARTER),
  stripePriceId: 'stripe_price_starter',
  held: null,
  paymentMethod: null,
};

class World {
  seen: SubscriptionSnapshot | null = null;
  invoice: InvoiceSnapshot | null = null;
  isAway = false;
  readonly updates: SubscriptionUpdate[] = [];
  readonly pages: string[] = [];
  /** What happened to pages that were open, and to what was bought twice. */
  readonly story: string[] = [];
  /** More that the customer has. */
  readonly others: SubscriptionSnapshot[] = [];
  readonly told: OutboxEvent[] = [];
  private version = 0n;
  private readonly closed = new Set<string>();
  private readonly kept = new Map<string, StoredPlanPage>();

  readonly provider: { -readonly [K in keyof PlanProvider]: PlanProvider[K] } = {
    ensurePrice: async ({ price_id: id }) => `stripe_${id}`,
    openPage: async (_page, key) => `https://pay.test/${this.pages.push(key)}`,
    openUpgradePage: async ({ seen, stripePriceId }) =>
      `https://pay.test/${seen.id}/${stripePriceId}`,
    expirePages: async (customer) => void this.story.push(`expire ${customer}`),
    listLive: async () => [this.read(), ...this.others].filter((one) => one !== null),
    undo: async (seen, kept) => {
      this.story.push(`undo ${seen.id} for ${kept}`);
      if (seen.id === this.seen?.id) {
        this.seen = { ...this.seen, duplicateOf: kept, status: 'canceled' };
      }
    },
    readLive: async () => this.read(),
    readSubscription: async () => this.read(),
    readInvoice: async () => this.invoice,
    update: async (_seen, update) => void this.updates.push(update),
  };
  readonly store: PlanStore = {
    readStripePrice: async () => null,
    readPriceOf: async () => null,
    savePrice: async () => undefined,
    readPage: async (org, key) => this.kept.get(org + key) ?? null,
    savePage: async (org, key, page) => {
      this.kept.set(org + key, page);
      return page;
    },
    nextVersion: async () => (this.version += 1n),
  };
  readonly settlements = {
    inTransaction: async (work: (tx: unknown) => Promise<unknown>) =>
      work({
        lockEvent: async (id: string) => !this.closed.has(id),
        closeEvent: async (id: string) => void this.closed.add(id),
        addToOutbox: async (event: OutboxEvent) => void this.told.push(event),
      }),
  } as unknown as SettlementStore;
  readonly tell = new PublishSubscription(this.provider, this.store, this.settlements, clock);
  readonly webhook = new SubscriptionWebhook(this.tell);
  readonly customers = {
    find: async (org: string) => (org === 'org_new' ? null : 'cus_1'),
    idOf: async () => 'cus_1',
  } as unknown as CustomerDirectory;
  readonly manage = new ManagePlan(this.customers, this.provider, this.store, this.tell, clock);

  private read(): SubscriptionSnapshot | null {
    if (this.isAway) {
      const options = { isFinalForKey: false, isUnknownCustomer: false, cause: null };
      throw new ProviderFailure('away', options);
    }
    return this.seen;
  }
}

const page = {
  organization_id: 'org_a',
  plan: STARTER,
  success_url: 'https://app.test/ok',
  cancel_url: 'https://app.test/no',
};
const code = (wanted: string, param?: string) =>
  expect.objectContaining({ code: wanted, ...(param === undefined ? {} : { param }) }) as Error;

test('a page is opened once per key; another body under it is a conflict; a custom price is refused', async () => {
  const { manage, pages } = new World();
  const keyed = { ...page, idempotency_key: 'plan-key-0001' };
  expect(await manage.create(keyed)).toEqual(await manage.create(keyed));
  const other = manage.create({ ...keyed, plan: GROWTH });
  await expect(other).rejects.toEqual(code('idempotency_key_conflict'));
  const custom = manage.create({ ...page, plan: priced('enterprise', null) });
  await expect(custom).rejects.toEqual(code('invalid_field'));
  const script = manage.create({ ...page, success_url: 'javascript:alert(1)' });
  await expect(script).rejects.toEqual(code('invalid_field'));
  expect(pages).toHaveLength(1);
});

test('a new page ends those that nobody has paid', async () => {
  const world = new World();
  await world.manage.create(page);
  await world.manage.create(page);
  expect(world.story).toEqual(['expire cus_1', 'expire cus_1']);
  expect(world.pages).toHaveLength(2);
});

test('with a plan the page confirms a dearer one; anything else is a conflict and changes nothing', async () => {
  const world = new World();
  world.seen = onStarter;
  expect(await world.manage.create({ ...page, plan: GROWTH })).toEqual({
    checkout_url: 'https://pay.test/sub_1/stripe_price_growth',
  });
  await expect(world.manage.create(page)).rejects.toEqual(code('conflict', 'priceId'));
  const growth = { ...onStarter, price: known(GROWTH), stripePriceId: 'stripe_price_growth' };
  world.seen = growth;
  await expect(world.manage.create(page)).rejects.toEqual(code('conflict', 'priceId'));
  world.seen = { ...onStarter, status: 'past_due' };
  const unpaid = world.manage.create({ ...page, plan: GROWTH });
  await expect(unpaid).rejects.toEqual(code('conflict', 'priceId'));
  world.seen = { ...onStarter, held: { ...known(STARTER), stripePriceId: 'x', untilMs: Infinity } };
  const pending = world.manage.create({ ...page, plan: GROWTH });
  await expect(pending).rejects.toEqual(code('conflict', 'priceId'));
  expect([world.pages, world.story, world.updates]).toEqual([[], [], []]);
});

test('up is paid now; down holds what was paid for until the period ends; back again takes it back', async () => {
  const world = new World();
  world.seen = onStarter;
  await world.manage.change({ organization_id: 'org_a', plan: GROWTH });
  expect(world.updates.pop()).toEqual({
    ...{ stripePriceId: 'stripe_price_growth', isPaidNow: true, cancelAtPeriodEnd: false },
  });
  world.seen = { ...onStarter, price: known(GROWTH), stripePriceId: 'stripe_price_growth' };
  await world.manage.change({ organization_id: 'org_a', plan: STARTER });
  const held = {
    ...{ ...known(GROWTH), stripePriceId: 'stripe_price_growth', untilMs: onStarter.periodEndMs },
  };
  expect(world.updates.pop()).toEqual({
    ...{ stripePriceId: 'stripe_price_starter', held, cancelAtPeriodEnd: false },
  });
  world.seen = { ...onStarter, held };
  const state = await world.manage.cancel('org_a');
  expect(state).toMatchObject({ plan_id: 'plan_growth', pending_plan_id: 'plan_starter' });
  await world.manage.change({ organization_id: 'org_a', plan: GROWTH });
  expect(world.updates.pop()).toMatchObject({ stripePriceId: 'stripe_price_growth', held: null });
  // With the next period the cheaper plan is there, and nothing is pending.
  world.seen = { ...onStarter, held, periodStartMs: held.untilMs };
  const next = await world.manage.resume('org_a');
  expect(next).toMatchObject({ plan_id: 'plan_starter', pending_plan_id: null });
});

test("without a plan, or with another organization's, nothing is asked of Stripe", async () => {
  const world = new World();
  await expect(world.manage.cancel('org_new')).rejects.toEqual(code('not_found'));
  world.seen = onStarter;
  await expect(world.manage.cancel('org_b')).rejects.toEqual(code('not_found'));
  expect(world.updates).toEqual([]);
});

const event = (id: string, type: string, object: object) => ({
  ...{ id, type, object, account: null, subject: null },
});

test('T21 an invoice of 0 is told as an invoice and never as money; a repeat tells nothing', async () => {
  const world = new World();
  world.seen = { ...onStarter, status: 'trialing' };
  world.invoice = {
    ...{ id: 'in_1', subscriptionId: 'sub_1', number: 'A-1', amountMinor: 0, currency: 'USD' },
    ...{ status: 'paid', periodStartMs: onStarter.periodStartMs, pdfUrl: null },
    ...{ periodEndMs: onStarter.periodEndMs, createdMs: onStarter.startMs },
  };
  const paid = event('evt_1', 'invoice.paid', { id: 'in_1' });
  expect(await world.webhook.handle(paid)).toBe('subscription_told');
  expect(await world.webhook.handle(paid)).toBe('duplicate');
  expect(world.told.map(({ topic }) => topic)).toEqual([
    ...['subscription.changed', 'subscription.invoiced'],
  ]);
  expect(world.told[1]?.value).toMatchObject({ amount_minor: 0, status: 'paid' });
});

test('T21 each event is a hint: what Stripe says now is told, with a higher version each time', async () => {
  const world = new World();
  world.seen = { ...onStarter, status: 'past_due' };
  const types = ['updated', 'created', 'deleted'];
  for (const [n, type] of types.entries()) {
    const about = { id: 'sub_1', status: 'active' };
    await world.webhook.handle(event(`evt_${n}`, `customer.subscription.${type}`, about));
  }
  const told = world.told.map(({ value }) => value as { status?: string; version?: string });
  expect(told.map(({ status }) => status)).toEqual(['past_due', 'past_due', 'past_due']);
  expect(told.map(({ version }) => version)).toEqual(['1', '2', '3']);
});

test("other types, payments' pages and foreign subscriptions tell nothing; Stripe away is tried again", async () => {
  const world = new World();
  world.seen = { ...onStarter, organizationId: null };
  const session = { id: 'cs_1', mode: 'payment', subscription: null };
  expect(await world.webhook.handle(event('e1', 'checkout.session.completed', session))).toBeNull();
  expect(await world.webhook.handle(event('e2', 'product.created', {}))).toBeNull();
  const about = { id: 'sub_1' };
  const created = event('e3', 'customer.subscription.created', about);
  expect(await world.webhook.handle(created)).toBe('not_ours');
  world.isAway = true;
  const late = world.webhook.handle(event('e4', 'customer.subscription.updated', about));
  await expect(late).rejects.toEqual(code('unavailable'));
  expect(world.told).toEqual([]);
});

test('T21 bought twice: whichever is told first, the first one stays and the other is undone, unpaid', async () => {
  const second = { ...onStarter, id: 'sub_2', startMs: onStarter.startMs + 1_000 };
  for (const [told, other] of [
    [onStarter, second],
    [second, onStarter],
  ] as const) {
    const world = new World();
    world.seen = told;
    world.others.push(other);
    world.invoice = {
      ...{
        id: 'in_1',
        subscriptionId: told.id,
        number: 'A-1',
        amountMinor: 4_900,
        currency: 'USD',
      },
      ...{ status: 'paid', periodStartMs: told.periodStartMs, pdfUrl: null },
      ...{ periodEndMs: told.periodEndMs, createdMs: told.startMs },
    };
    await world.webhook.handle(event('evt_1', 'invoice.paid', { id: 'in_1' }));
    expect(world.story).toEqual(['undo sub_2 for sub_1']);
    const isKept = told.id === 'sub_1';
    expect(world.told.map(({ value }) => (value as { status?: string }).status)).toEqual(
      isKept ? ['active', 'paid'] : ['canceled', 'void'],
    );
  }
});

test('T21 bought twice: a webhook that asked before another one undid it tells what became of it', async () => {
  const world = new World();
  world.seen = onStarter;
  world.invoice = {
    ...{ id: 'in_1', subscriptionId: 'sub_1', number: 'A-1', amountMinor: 4_900, currency: 'USD' },
    ...{ status: 'paid', periodStartMs: onStarter.periodStartMs, pdfUrl: null },
    ...{ periodEndMs: onStarter.periodEndMs, createdMs: onStarter.startMs },
  };
  const { listLive } = world.provider;
  world.provider.listLive = async (customer) => {
    world.seen = { ...onStarter, duplicateOf: 'sub_0', status: 'canceled' };
    return (await listLive(customer)).filter(({ id }) => id !== 'sub_1');
  };
  await world.webhook.handle(event('evt_1', 'invoice.paid', { id: 'in_1' }));
  const told = world.told.map(({ value }) => (value as { status?: string }).status);
  expect(told).toEqual(['canceled', 'void']);
  // Whatever the other one did not get to.
  expect(world.story).toEqual(['undo sub_1 for sub_0']);
});
