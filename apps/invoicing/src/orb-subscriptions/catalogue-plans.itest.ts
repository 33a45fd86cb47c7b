// Goal: a plan that was made over /v1 is what a subscription is billed by. Method: the catalogue's own use cases make
// it, billing's adapter reads it, over one real database.
import { findOperation, responseFaults } from '@orbit/orb-api';
import { callOf, catalogueUnderTest, shown } from '../catalogue/orb-calls-fixture.js';
import { noPayments } from '../billing/billing-fixture.js';
import { noCredits } from '../draws/no-credits.fake.js';
import { CataloguePlans } from './adapters/catalogue-plans.js';
import { BillingFeature } from '../billing/billing.module.js';
import { orbSubscriptionsFeature } from './orb-subscriptions.module.js';
import { CreateSubscription } from './application/create-subscription.js';
import { SqlFacts } from '../webhooks/adapters/sql-facts.js';

let catalogue: Awaited<ReturnType<typeof catalogueUnderTest>>;
beforeAll(async () => {
  catalogue = await catalogueUnderTest('2026-05-16T12:00:00.000Z');
});
afterAll(() => catalogue.close());

test('a subscription to a plan of the catalogue shows its prices, and its fee is issued at once', async () => {
  const { prisma } = catalogue;
  const nowMs = Date.parse('2026-05-16T12:00:00.000Z');
  const item = shown(
    'create-item',
    await catalogue.items.create(callOf({ body: { name: 'Seats' } })),
  );
  const price = {
    ...{ name: 'Seats', item_id: item.id, cadence: 'monthly', model_type: 'unit' },
    ...{ unit_config: { unit_amount: '31.00' }, fixed_price_quantity: 1, billed_in_advance: true },
  };
  const body = { name: 'Pro', currency: 'USD', net_terms: 30, prices: [{ price }] };
  const plan = shown('create-plan', await catalogue.plans.create(callOf({ body })));
  await prisma.$executeRaw`
    INSERT INTO invoicing.customer (id, account_id, name, email, timezone, created_at)
    VALUES ('org_real', 'acct_a', 'Real', 'a@b.test', 'Europe/Berlin', now())`;
  const plans = new CataloguePlans(prisma);
  const clock = { nowMs: () => nowMs };
  const accountClock = {
    nowMs: () => Promise.resolve(nowMs),
    standsAtMs: () => Promise.resolve(null),
  };
  const billing = new BillingFeature({
    ...{ prisma, clock, accountClock },
    publicUrl: 'https://billing.test',
    plansIn: (sql) => new CataloguePlans(sql),
    factsIn: (sql) => new SqlFacts(sql, clock),
    usage: {
      read: () => Promise.resolve(new Map()),
      close: () => Promise.resolve(new Map()),
      readAll: () => Promise.resolve([]),
      closeAll: () => Promise.resolve([]),
      names: () => Promise.resolve(new Map()),
    },
    usageVersions: { versions: () => Promise.resolve(new Map()) },
    credits: noCredits,
    payments: noPayments,
    logger: { info: () => undefined, warn: () => undefined },
  });
  const { transactionOf } = billing;
  const metering = {
    read: () => Promise.resolve([]),
    check: () => Promise.resolve([]),
  };
  const parts = {
    prisma,
    clock,
    accountClock,
    catalogue: plans,
    transactionOf,
    metering,
    runDueNow: billing.runDueNow,
  };
  const { providers = [] } = orbSubscriptionsFeature(parts);
  const use = providers.map((one) => (one as { useValue: object }).useValue);
  const creates = use.find((one) => one instanceof CreateSubscription) as CreateSubscription;
  const call = callOf({ body: { customer_id: 'org_real', plan_id: plan.id } });
  const made = shown('create-subscription', await creates.run(call));
  expect(made).toMatchObject({ net_terms: 30, plan: { id: plan.id, name: 'Pro' } });
  expect(responseFaults(findOperation('create-subscription') as never, made)).toEqual([]);
  const [invoice] = await prisma.$queryRaw<{ total: string }[]>`
    SELECT total::text FROM invoicing.orb_invoice WHERE customer_id = 'org_real'`;
  expect(invoice).toEqual({ total: '16.00' });
  const [counted] = await prisma.$queryRaw<{ status: string }[]>`
    SELECT status FROM invoicing.orb_invoice WHERE customer_id = 'org_real'`;
  expect(counted).toEqual({ status: 'issued' });
});
