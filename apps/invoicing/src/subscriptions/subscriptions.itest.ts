// Goal: what checkout tells of subscriptions and invoices is kept right in every order and however often, per
// organization; what a paid period includes is granted once. Method: the use cases over a real database.
import type { SubscriptionChanged, SubscriptionInvoiced } from '@orbit/events';
import { createPrisma, type PrismaClient } from '@orbit/persistence';
import { createTestDatabase, seededRandom, uniqueId, type TestDatabase } from '@orbit/testing';
import { PrismaGrantStore } from '../allowances/adapters/prisma-grant-store.js';
import { GrantAllowances } from '../allowances/application/grant-allowances.js';
import type { DueGrant } from '../allowances/application/ports.js';
import { FollowSubscriptions } from './application/follow-subscriptions.js';
import { ReadSubscription } from './application/read-subscription.js';
import { ReadPlans } from '../catalogue/application/read-plans.js';
import { listInvoices } from '../receipts/adapters/list-invoices.js';
import { PrismaCatalog } from '../catalogue/adapters/prisma-catalog.js';
import { PrismaSubscriptionStore } from './adapters/prisma-subscription-store.js';

const clock = { nowMs: () => Date.parse('2026-03-10T00:00:00Z') };
let database: TestDatabase;
let prisma: PrismaClient;
let follow: FollowSubscriptions;
let plans: ReadPlans;
let subscriptions: ReadSubscription;
let grants: GrantAllowances;
let granted: DueGrant[] = [];
let isLedgerAway = false;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.urlFor('orbit_invoicing'), { poolSizeMax: 6 });
  const store = new PrismaSubscriptionStore(prisma);
  const catalog = new PrismaCatalog(prisma);
  follow = new FollowSubscriptions(store, catalog, clock);
  plans = new ReadPlans(catalog);
  subscriptions = new ReadSubscription(catalog, store);
  const ledger = {
    grant: async (grant: DueGrant) => {
      if (isLedgerAway) throw new Error('away');
      granted.push(grant);
    },
  };
  grants = new GrantAllowances(new PrismaGrantStore(prisma), ledger, clock);
});
afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});
beforeEach(async () => {
  await grants.run();
  granted = [];
  isLedgerAway = false;
});

const changed = (org: string, more: Partial<SubscriptionChanged> = {}): SubscriptionChanged => ({
  subscription_id: `sub_${org}`,
  organization_id: org,
  plan_id: 'plan_starter',
  price_id: 'price_starter_monthly',
  pending_plan_id: null,
  status: 'active',
  start_date: '2026-03-01T00:00:00.000Z',
  ended_at: null,
  current_period_start: '2026-03-01T00:00:00.000Z',
  current_period_end: '2026-04-01T00:00:00.000Z',
  cancel_at_period_end: false,
  payment_method: { type: 'card', last4: '4242', brand: 'visa' },
  version: '10',
  occurred_at: '2026-03-01T00:00:00.000Z',
  ...more,
});
const invoiced = (org: string, more: Partial<SubscriptionInvoiced> = {}): SubscriptionInvoiced => ({
  invoice_id: `in_${org}`,
  subscription_id: `sub_${org}`,
  organization_id: org,
  plan_id: 'plan_starter',
  number: 'A-1',
  amount_minor: 4_900,
  currency: 'USD',
  status: 'paid',
  period_start: '2026-03-01T00:00:00.000Z',
  period_end: '2026-04-01T00:00:00.000Z',
  pdf_url: 'https://pay.test/i.pdf',
  created_at: '2026-03-01T00:00:00.000Z',
  version: '10',
  occurred_at: '2026-03-01T00:00:00.000Z',
  ...more,
});

test('the catalogue is stored once in the shape of Orb, and sells what has a price', async () => {
  const [starter, , enterprise] = await plans.list();
  expect(starter).toMatchObject({ id: 'plan_starter', plan_phases: null, version: 1 });
  expect(starter?.prices.map((price) => price.credit_allocation?.currency ?? null)).toEqual([
    ...[null, 'messages', 'voice_minutes', 'agent_invocations'],
  ]);
  expect(starter?.prices[0]?.unit_config).toEqual({ unit_amount: '49.00' });
  expect(enterprise?.prices[0]?.unit_config).toEqual({ unit_amount: null });
  expect(await plans.price('price_growth_monthly')).toEqual({
    ...{ price_id: 'price_growth_monthly', plan_id: 'plan_growth', plan_name: 'Growth' },
    ...{ currency: 'USD', amount_minor: 19_900, interval: 'month' },
  });
  expect(await plans.price('price_growth_messages')).toBeNull();
});

test('T21 the newest version counts in every order; nobody else sees the subscription', async () => {
  const org = uniqueId('org');
  const versions = [
    changed(org, { version: '12', status: 'past_due' }),
    changed(org, { version: '9', status: 'incomplete' }),
    changed(org, { version: '11' }),
  ];
  for (const event of [...versions, ...versions]) await follow.changed([event]);
  await follow.invoiced([invoiced(org)]);
  await grants.run();
  const seen = await subscriptions.run(org);
  expect(seen).toMatchObject({ status: 'past_due', plan_name: 'Starter' });
  expect(seen?.allowances).toEqual({
    ...{ messages: 5_000, voice_minutes: 100, agent_invocations: 2_000 },
  });
  expect(await subscriptions.run(uniqueId('org'))).toBeNull();
  // Another organization cannot take a subscription over by its id.
  await follow.changed([
    changed(uniqueId('org'), { subscription_id: `sub_${org}`, version: '99' }),
  ]);
  expect(await subscriptions.run(org)).toMatchObject({ status: 'past_due' });
  await follow.changed([changed(org, { version: '13', status: 'canceled' })]);
  expect(await subscriptions.run(org)).toBeNull();
});

test('a new subscription is shown from when its period is paid and can be used, and not hidden by an upgrade', async () => {
  const org = uniqueId('org');
  await follow.changed([changed(org)]);
  expect(await subscriptions.run(org)).toBeNull();
  await follow.invoiced([invoiced(org, { status: 'open' })]);
  expect(await subscriptions.run(org)).toBeNull();
  await follow.invoiced([invoiced(org, { version: '11' })]);
  isLedgerAway = true;
  await expect(grants.run()).rejects.toThrow('away');
  expect(await subscriptions.run(org)).toBeNull();
  isLedgerAway = false;
  await grants.run();
  expect(await subscriptions.run(org)).toMatchObject({ plan_id: 'plan_starter' });
  const growth = { plan_id: 'plan_growth', version: '12' };
  await follow.changed([changed(org, growth)]);
  await follow.invoiced([invoiced(org, { ...growth, invoice_id: `in_${org}_up` })]);
  expect(await subscriptions.run(org)).toMatchObject({ plan_id: 'plan_growth' });
});

test('a paid period is granted once, an upgrade in it the difference, an unpaid one nothing', async () => {
  const org = uniqueId('org');
  await follow.invoiced([invoiced(org, { status: 'open' })]);
  await grants.run();
  expect(granted).toEqual([]);
  const paid = invoiced(org, { version: '11' });
  await follow.invoiced([paid, paid]);
  isLedgerAway = true;
  await expect(grants.run()).rejects.toThrow('away');
  isLedgerAway = false;
  await grants.run();
  await follow.invoiced([paid]);
  const upgrade = { invoice_id: `in_${org}_up`, plan_id: 'plan_growth', version: '12' };
  await follow.invoiced([invoiced(org, upgrade), invoiced(org, { ...upgrade, version: '13' })]);
  await grants.run();
  await grants.run();
  const mine = granted.map(({ unit, quantity, planId }) => [unit, quantity, planId]);
  expect(mine.sort()).toEqual([
    ['agent_invocations', 2_000, 'plan_starter'],
    ['agent_invocations', 8_000, 'plan_growth'],
    ['messages', 20_000, 'plan_growth'],
    ['messages', 5_000, 'plan_starter'],
    ['voice_minutes', 100, 'plan_starter'],
    ['voice_minutes', 400, 'plan_growth'],
  ]);
});

test('pages of invoices are newest first and stable when newer ones come in between', async () => {
  const org = uniqueId('org');
  const at = (day: number) => ({
    invoice_id: `in_${org}_${day}`,
    created_at: `2026-03-0${day}T00:00:00.000Z`,
  });
  for (const day of [1, 2, 3]) await follow.invoiced([invoiced(org, at(day))]);
  await follow.invoiced([invoiced(org, { ...at(4), status: 'draft', number: null })]);
  const page = (afterId: string | null) =>
    listInvoices(prisma, { organizationId: org, limit: 2, afterId });
  const first = await page(null);
  expect(first).toMatchObject({ hasMore: true, total: 3 });
  expect(first?.invoices.map(({ id }) => id)).toEqual([`inv_${org}_3`, `inv_${org}_2`]);
  await follow.invoiced([invoiced(org, at(5))]);
  const second = await page(`inv_${org}_2`);
  expect(second?.invoices.map(({ id }) => id)).toEqual([`inv_${org}_1`]);
  expect(second?.hasMore).toBe(false);
  const stranger = { organizationId: uniqueId('org'), limit: 2, afterId: `inv_${org}_2` };
  expect(await listInvoices(prisma, stranger)).toBeNull();
});

test('T21 T28 every order, three times each, a death at each step: one end, each period granted once', async () => {
  const random = seededRandom();
  for (let round = 0; round < 12; round++) {
    const org = uniqueId('org');
    const april = {
      current_period_start: '2026-04-01T00:00:00.000Z',
      current_period_end: '2026-05-01T00:00:00.000Z',
    };
    const growth = { plan_id: 'plan_growth', price_id: 'price_growth_monthly' };
    const second = { invoice_id: `in_${org}_2`, plan_id: 'plan_growth' };
    const next = {
      ...{ invoice_id: `in_${org}_3`, plan_id: 'plan_growth' },
      ...{ period_start: april.current_period_start, period_end: april.current_period_end },
    };
    const told = [
      () => follow.changed([changed(org, { version: '1', status: 'incomplete' })]),
      () => follow.invoiced([invoiced(org, { version: '2', status: 'draft', number: null })]),
      () => follow.invoiced([invoiced(org, { version: '3', status: 'open' })]),
      () => follow.changed([changed(org, { version: '4' })]),
      () => follow.invoiced([invoiced(org, { version: '5' })]),
      () => follow.changed([changed(org, { ...growth, version: '6' })]),
      () => follow.invoiced([invoiced(org, { ...second, version: '7' })]),
      () => follow.invoiced([invoiced(org, { ...next, version: '8', status: 'open' })]),
      () =>
        follow.changed([changed(org, { ...growth, ...april, version: '9', status: 'past_due' })]),
      () => follow.invoiced([invoiced(org, { ...next, version: '10' })]),
      () => follow.changed([changed(org, { ...growth, ...april, version: '11' })]),
    ];
    for (const tell of random.shuffle([...told, ...told, ...told])) {
      await tell();
      // Dead before, within or after a grant: the next run finds it again.
      isLedgerAway = random.chance(0.3);
      if (random.chance(0.3)) await grants.run().catch(() => null);
      isLedgerAway = false;
    }
    await grants.run();
    expect(await subscriptions.run(org)).toMatchObject({
      ...{ status: 'active', plan_id: 'plan_growth', ...april },
    });
    const page = await listInvoices(prisma, { organizationId: org, limit: 9, afterId: null });
    expect(page?.invoices.map(({ status }) => status)).toEqual(['paid', 'paid', 'paid']);
    const mine = granted.filter(({ organizationId }) => organizationId === org);
    const sums = new Map<string, number>();
    for (const { unit, quantity, periodEndMs } of mine) {
      const name = `${unit} until ${new Date(periodEndMs).toISOString().slice(0, 7)}`;
      sums.set(name, (sums.get(name) ?? 0) + quantity);
    }
    expect([...sums].sort()).toEqual([
      ['agent_invocations until 2026-04', 10_000],
      ['agent_invocations until 2026-05', 10_000],
      ['messages until 2026-04', 25_000],
      ['messages until 2026-05', 25_000],
      ['voice_minutes until 2026-04', 500],
      ['voice_minutes until 2026-05', 500],
    ]);
  }
});

test('what was paid twice and paid back includes nothing, also when its payment is told late', async () => {
  const org = uniqueId('org');
  await follow.invoiced([invoiced(org, { version: '12', status: 'void' })]);
  await follow.invoiced([invoiced(org, { version: '11', status: 'paid' })]);
  await grants.run();
  expect(granted.filter(({ organizationId }) => organizationId === org)).toEqual([]);
});
