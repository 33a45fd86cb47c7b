// A room of billing over a real database. Plans and usage stand in at their ports: the catalogue and usage-metering
// have tests of their own.
import { orbPattern, type OrbAccount, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { findOperation, responseFaults } from '@orbit/orb-api';
import { createPrisma, type PrismaClient } from '@orbit/persistence';
import { decimal, sumOf, usageOf, type Usage } from '@orbit/pricing';
import { createTestDatabase, type TestDatabase } from '@orbit/testing';
import type { CreditLedger } from '../draws/application/ports.js';
import { noCredits } from '../draws/no-credits.fake.js';
import { BILLING_CONTROLLERS, BillingFeature } from './billing.module.js';
import {
  ORB_SUBSCRIPTION_CONTROLLERS,
  orbSubscriptionsFeature,
  type OrbSubscriptionParts,
} from '../orb-subscriptions/orb-subscriptions.module.js';
import { OrbitError } from '@orbit/contracts';
import type { InvoicePayments, UsageSource } from './application/ports.js';
import { LicensedUsage } from '../licenses/application/licensed-usage.js';
import { LICENSE_CONTROLLERS, licensesFeature } from '../licenses/licenses.module.js';
import type { BillingCatalogue } from './domain/stores.js';
import type { SubscribablePlan, UsageAsk } from './domain/subscription.js';
import { ConsumptionController } from '../consumption/adapters/consumption.controller.js';
import { consumptionFeature } from '../consumption/consumption.module.js';
import { SqlFacts } from '../webhooks/adapters/sql-facts.js';

export interface UsedEvent {
  readonly atMs: number;
  readonly quantity: string;
  /** What it has as the one property by which usage may be split. */
  readonly license?: string;
}
export type Shown = Readonly<Record<string, unknown>> & { readonly id: string };

export interface BillingUnderTest {
  readonly prisma: PrismaClient;
  /** Of the service's own role. */
  readonly databaseUrl: string;
  readonly billing: BillingFeature;
  readonly plans: Map<string, SubscribablePlan>;
  /** Events by customer. */
  readonly events: Map<string, UsedEvent[]>;
  readonly time: { nowMs: number; standsAtMs: number | null };
  call(operation: string, call: Partial<OrbCall>): Promise<OrbAnswer>;
  /** As `call`; what it says, after it was checked against the document. */
  ask(operation: string, call: Partial<OrbCall>): Promise<Shown>;
  customer(id: string, fields?: { timezone?: string; currency?: string | null }): Promise<void>;
  /** Moves time on and runs what is due, in so many steps. */
  jump(toMs: number, steps?: number): Promise<void>;
  drop(): Promise<void>;
}

const ACCOUNT: OrbAccount = {
  id: 'acct_a',
  mode: 'test',
  default_currency: 'USD',
  timezone: 'UTC',
};

export async function billingUnderTest(
  startMs: number,
  credits: CreditLedger = noCredits,
  payments: InvoicePayments = noPayments,
  batchSizeMax?: number,
): Promise<BillingUnderTest> {
  const database: TestDatabase = await createTestDatabase();
  const databaseUrl = database.urlFor('orbit_invoicing');
  const prisma = createPrisma(databaseUrl, { poolSizeMax: 8 });
  const time: BillingUnderTest['time'] = { nowMs: startMs, standsAtMs: null };
  const plans = new Map<string, SubscribablePlan>();
  const events = new Map<string, UsedEvent[]>();
  const clock = { nowMs: () => Date.now() };
  const accountClock = {
    nowMs: () => Promise.resolve(time.nowMs),
    standsAtMs: () => Promise.resolve(time.standsAtMs),
  };
  const catalogue: BillingCatalogue = {
    plan: (_account, name) =>
      Promise.resolve(plans.get('id' in name ? name.id : name.externalId) ?? null),
    planView: (_account, id) => Promise.resolve(planView(plans.get(id))),
    price: () => Promise.resolve(null),
  };
  const billing = new BillingFeature({
    ...{ prisma, clock, accountClock },
    publicUrl: 'https://billing.test',
    plansIn: () => ({ planView: (_account, id) => Promise.resolve(planView(plans.get(id))) }),
    factsIn: (sql) => new SqlFacts(sql, clock),
    usage: countedBy(events),
    usageVersions: { versions: (_account, ids) => Promise.resolve(versionsOf(events, ids)) },
    credits,
    payments,
    logger: { info: () => undefined, warn: () => undefined },
    ...(batchSizeMax === undefined ? {} : { batchSizeMax }),
  });
  const features = [
    billing,
    consumptionFeature({ ...billing.reads, usage: countedBy(events), accountClock }),
    licensesFeature(prisma, clock, accountClock, { ...billing.reads, usage: countedBy(events) }),
    orbSubscriptionsFeature({
      ...{ prisma, clock, accountClock, catalogue },
      transactionOf: billing.transactionOf,
      metering: METERING,
      runDueNow: billing.runDueNow,
    }),
  ];
  const providers = features.flatMap((feature) => feature.providers ?? []);
  const call = async (operation: string, given: Partial<OrbCall>): Promise<OrbAnswer> => {
    const full = { path: {}, query: {}, body: {}, customer: null, idempotency: null, ...given };
    const uses = providers.map((one) => (one as { useValue: object }).useValue);
    return serve(uses, operation, { account: ACCOUNT, ...full });
  };
  return {
    ...{ prisma, databaseUrl, billing, plans, events, time, call },
    ask: async (operation, given) => read(operation, await call(operation, given)),
    customer: async (id, { timezone = 'UTC', currency = null } = {}) => {
      await prisma.$executeRaw`
        INSERT INTO invoicing.customer (id, account_id, external_customer_id, name, email, timezone, currency, created_at)
        VALUES (${id}, 'acct_a', ${`ext-${id}`}, ${id}, 'a@b.test', ${timezone}, ${currency}, ${new Date(startMs)})`;
    },
    jump: async (toMs, steps = 1) => {
      const from = time.nowMs;
      for (let step = 1; step <= steps; step++) {
        time.nowMs = from + Math.floor(((toMs - from) * step) / steps);
        expect(await billing.run.runDue('acct_a', time.nowMs)).toMatchObject({ status: 'done' });
      }
    },
    drop: async () => {
      await prisma.$disconnect();
      await database.drop();
    },
  };
}

/** Nobody has saved a payment method. */
export const noPayments: InvoicePayments = {
  pay: () => Promise.reject(new OrbitError('payment_method_required', 'None is saved.')),
};

/** Calls the controller that answers an operation, as Nest would. */
function serve(uses: readonly object[], operation: string, call: OrbCall): Promise<OrbAnswer> {
  for (const Controller of [
    ...BILLING_CONTROLLERS,
    ConsumptionController,
    ...ORB_SUBSCRIPTION_CONTROLLERS,
    ...LICENSE_CONTROLLERS,
  ]) {
    const types = Reflect.getMetadata('design:paramtypes', Controller) as (new () => object)[];
    const parts = types.map((type) => uses.find((use) => use instanceof type));
    const controller = new (
      Controller as unknown as new (...parts: unknown[]) => Record<string, unknown>
    )(...parts);
    for (const name of Object.getOwnPropertyNames(Controller.prototype)) {
      const handler = controller[name] as (call: OrbCall) => Promise<OrbAnswer>;
      const patterns = (Reflect.getMetadata('microservices:pattern', handler) ?? []) as string[];
      if (patterns.includes(orbPattern(operation))) return handler.call(controller, call);
    }
  }
  throw new Error(`${operation} has no controller`);
}

function read(operationId: string, answer: OrbAnswer): Shown {
  const body = JSON.parse(answer.body ?? 'null') as Shown;
  const operation = findOperation(operationId);
  if (!operation) throw new Error(`${operationId} is no operation`);
  expect({ status: answer.status, body }).toMatchObject({ status: operation.successStatus });
  expect(responseFaults(operation, body ?? undefined)).toEqual([]);
  return body;
}

/** As the service asks for usage. */
const countedBy = (events: ReadonlyMap<string, readonly UsedEvent[]>): UsageSource =>
  new LicensedUsage(standIn(events));

/** Counts events by their time and the license that they name, as usage-metering does. */
function standIn(events: ReadonlyMap<string, readonly UsedEvent[]>): UsageSource {
  const count = (ask: UsageAsk): Usage => {
    const counted = ask.customerIds
      .flatMap((id) => events.get(id) ?? [])
      .filter(({ atMs }) => ask.startMs <= atMs && atMs < ask.endMs);
    const sum = (some: readonly UsedEvent[]) => sumOf(some.map((one) => decimal(one.quantity)));
    const [property] = ask.dimensions;
    if (property === undefined) return usageOf(sum(counted));
    return [...new Set(counted.map(({ license = null }) => license))].map((license) => ({
      values: { [property]: license },
      quantity: sum(counted.filter((one) => (one.license ?? null) === license)),
    }));
  };
  const all = (asks: readonly UsageAsk[]) => new Map(asks.map((ask) => [ask.key, count(ask)]));
  return {
    read: (_account, asks) => Promise.resolve(all(asks)),
    close: (_account, asks) => Promise.resolve(all(asks)),
    readAll: (_account, asks) => Promise.resolve(asks.map(all)),
    closeAll: (_account, asks) => Promise.resolve(asks.map(all)),
    names: (_account, ids) => Promise.resolve(new Map(ids.map((id) => [id, `name of ${id}`]))),
  };
}

const versionsOf = (
  events: ReadonlyMap<string, readonly UsedEvent[]>,
  ids: readonly string[],
): ReadonlyMap<string, string> =>
  new Map(ids.map((id) => [id, String(events.get(id)?.length ?? 0)]));

/** Metrics of usage-metering, whatever their ids; a filter that names `wrong` is one. */
const METERING: OrbSubscriptionParts['metering'] = {
  read: (_account, ids) =>
    Promise.resolve(
      ids.map((id) => ({
        ...{ id, name: id, item_id: 'item_1', status: 'active', is_additive: true },
      })),
    ),
  check: (_account, definitions) =>
    Promise.resolve(
      definitions.map(({ filter }) => ({
        faults: filter?.includes('wrong') === true ? ['filter: is no expression'] : [],
      })),
    ),
};

const planView = (plan: SubscribablePlan | undefined): Record<string, unknown> | null =>
  plan ? shownPlan(plan) : null;

const shownPlan = (plan: SubscribablePlan): Record<string, unknown> => ({
  id: plan.id,
  name: plan.name,
  description: '',
  external_plan_id: null,
  metadata: {},
  created_at: '2026-01-01T00:00:00.000Z',
  status: plan.status,
  version: plan.version,
  currency: 'USD',
  invoicing_currency: plan.invoicingCurrency,
  ...{ net_terms: plan.netTerms, default_invoice_memo: null, plan_phases: phasesOf(plan) },
  trial_config: { trial_period: plan.trialDays, trial_period_unit: 'days' },
  product: { id: 'p', name: 'P', created_at: '2026-01-01T00:00:00.000Z' },
  ...{ base_plan: null, base_plan_id: null, prices: plan.prices, adjustments: plan.adjustments },
  ...{ minimum: null, minimum_amount: null, maximum: null, maximum_amount: null, discount: null },
});

const phasesOf = ({ phases }: SubscribablePlan): unknown =>
  phases?.map(({ order, duration, durationUnit }) => ({
    ...{ id: `phase_${String(order)}`, name: `Phase ${String(order)}`, description: null, order },
    ...{ duration, duration_unit: durationUnit, discount: null },
    ...{ minimum: null, minimum_amount: null, maximum: null, maximum_amount: null },
  })) ?? null;
