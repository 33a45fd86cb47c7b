// Goal: what crosses a threshold is reported once, to whoever listens, as the contract says. Method: a real database,
// subscriptions made as the gateway makes them, usage and balances at their ports; every answer and webhook is checked.
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { findOperation, responseFaults } from '@orbit/orb-api';
import { decimal, sumOf, usageOf } from '@orbit/pricing';
import { billingUnderTest, type BillingUnderTest } from '../billing/billing-fixture.js';
import { priceOf, usagePriceOf } from '../timeline/domain/test-timeline.js';
import type { SubscribablePlan } from '../billing/domain/subscription.js';
import { ALERT_CONTROLLERS, AlertsFeature } from './alerts.module.js';
import type { BalanceStep } from './application/ports.js';
import { SqlFacts } from '../webhooks/adapters/sql-facts.js';

type Fields = Record<string, unknown>;
const at = (text: string): number => Date.parse(text);
const START = at('2026-03-01T00:00:00Z');
const ACCOUNT = { id: 'acct_a', mode: 'test', default_currency: 'USD', timezone: 'UTC' } as const;

let room: BillingUnderTest;
let alerts: AlertsFeature;
/** Entries of wallets, as wallet-ledger would tell them. */
let steps: BalanceStep[] = [];
let asked = 0;

beforeAll(async () => {
  room = await billingUnderTest(START);
  const { prisma, billing, plans, events } = room;
  const { subscriptions, customers, catalogue } = billing.transactionOf(prisma);
  alerts = new AlertsFeature({
    ...{ prisma, subscriptions, customers, clock: { nowMs: () => Date.now() } },
    accountClock: { nowMs: () => Promise.resolve(room.time.nowMs) },
    factsIn: (sql) => new SqlFacts(sql, { nowMs: () => Date.now() }),
    catalogue: {
      ...catalogue,
      planView: (...of) => catalogue.planView(...of),
      plan: (_account, name) => Promise.resolve(plans.get('id' in name ? name.id : '') ?? null),
      price: () => Promise.resolve(null),
    },
    usage: {
      read: (_account, asks) => {
        asked += 1;
        if (asks.some(({ customerIds }) => customerIds.includes('org_broken'))) {
          return Promise.reject(new Error('it cannot be counted'));
        }
        const counted = asks.map((ask) => {
          const of = ask.customerIds.flatMap((id) => events.get(id) ?? []);
          const within = of.filter(({ atMs }) => ask.startMs <= atMs && atMs < ask.endMs);
          return [
            ask.key,
            usageOf(sumOf(within.map(({ quantity }) => decimal(quantity)))),
          ] as const;
        });
        return Promise.resolve(new Map(counted));
      },
      versions: (_account, ids) =>
        Promise.resolve(new Map(ids.map((id) => [id, String(events.get(id)?.length ?? 0)]))),
    },
    balances: {
      stepsAfter: (wallets) =>
        Promise.resolve(
          wallets.map(({ sequence }) => steps.filter((step) => step.sequence > sequence)),
        ),
      now: () => Promise.resolve(steps.at(-1) ?? { sequence: 0n, balance: decimal('0') }),
    },
  });
  await prisma.$executeRaw`
    INSERT INTO invoicing.webhook_endpoint (id, account_id, url, secret, payload_style, is_enabled, may_be_private, created_at)
    VALUES ('we_1', 'acct_a', 'http://127.0.0.1:1', 'whsec_c2Vj', 'expanded', true, true, now())`;
});
afterAll(() => room.drop());
beforeEach(() => {
  room.time.nowMs = START;
  steps = [];
});

async function call(operation: string, given: Partial<OrbCall>): Promise<OrbAnswer> {
  const full = { path: {}, query: {}, body: {}, customer: null, idempotency: null, ...given };
  for (const Controller of ALERT_CONTROLLERS) {
    const types = Reflect.getMetadata('design:paramtypes', Controller) as (new () => object)[];
    const uses = alerts.providers.map((one) => (one as { useValue: object }).useValue);
    const parts = types.map((type) => uses.find((use) => use instanceof type));
    const controller = new (Controller as unknown as new (...parts: unknown[]) => Fields)(...parts);
    for (const name of Object.getOwnPropertyNames(Controller.prototype)) {
      const handler = controller[name] as (call: OrbCall) => Promise<OrbAnswer>;
      const patterns = (Reflect.getMetadata('microservices:pattern', handler) ?? []) as string[];
      if (patterns.includes(orbPattern(operation))) {
        return handler.call(controller, { account: ACCOUNT, ...full });
      }
    }
  }
  throw new Error(`${operation} has no controller`);
}

async function ask(id: string, given: Partial<OrbCall>): Promise<Fields & { id: string }> {
  const answer = await call(id, given);
  const body = JSON.parse(answer.body ?? 'null') as Fields & { id: string };
  const operation = findOperation(id);
  expect({ status: answer.status, body }).toMatchObject({ status: operation?.successStatus });
  if (operation) expect(responseFaults(operation, body ?? undefined)).toEqual([]);
  return body;
}
async function refusal(id: string, given: Partial<OrbCall>): Promise<Fields> {
  const answer = await call(id, given);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  return JSON.parse(answer.body ?? '{}') as Fields;
}

const plan = (id: string, fields: Partial<SubscribablePlan>): void => {
  room.plans.set(id, {
    ...{ id, name: id, version: 1, status: 'active', invoicingCurrency: 'USD', netTerms: 0 },
    ...{ defaultInvoiceMemo: null, trialDays: null, phases: null, adjustments: [], prices: [] },
    ...fields,
  });
};
async function subscribed(name: string, prices: SubscribablePlan['prices']): Promise<string> {
  await room.customer(name);
  plan(`plan_${name}`, { prices });
  const body = { customer_id: name, plan_id: `plan_${name}` };
  return (await room.ask('create-subscription', { body })).id;
}
const use = (customer: string, time: string, quantity: string): void => {
  const known = room.events.get(customer) ?? [];
  room.events.set(customer, [...known, { atMs: at(time), quantity }]);
};
async function told(objectId: string): Promise<readonly Fields[]> {
  const rows = await room.prisma.$queryRaw<{ expanded_body: string }[]>`
    SELECT expanded_body FROM invoicing.webhook_event
    WHERE object_id = ${objectId} AND (type LIKE '%exceeded' OR type LIKE '%.credit_balance_%') ORDER BY sequence`;
  return rows.map(({ expanded_body: body }) => JSON.parse(body) as Fields);
}
const calls = (amount = '1.00') =>
  usagePriceOf({ id: 'calls', unit_config: { unit_amount: amount } });
const fee = (amount: string) => priceOf({ id: 'fee', unit_config: { unit_amount: amount } });
const lines = (...values: number[]) => values.map((value) => ({ value }));
const metricOf = (price: Fields): string => (price['billable_metric'] as { id: string }).id;

test('usage that passes two thresholds at once is reported once, with the greatest, and again in the next period', async () => {
  const id = await subscribed('org_usage', [calls()]);
  const metric_id = metricOf(calls());
  const body = { type: 'usage_exceeded', metric_id, thresholds: lines(100, 10, 1000) };
  const alert = await ask('create-subscription-alert', { path: { subscription_id: id }, body });
  expect(alert).toMatchObject({
    enabled: true,
    thresholds: lines(10, 100, 1000),
    subscription: { id },
  });
  await alerts.subscriptions.run();
  expect(await told(id)).toEqual([]);

  use('org_usage', '2026-03-02T00:00:00Z', '99.5');
  use('org_usage', '2026-03-02T00:00:01Z', '0.5');
  await alerts.subscriptions.run();
  await alerts.subscriptions.run();
  expect(await told(id)).toMatchObject([
    {
      type: 'subscription.usage_exceeded',
      subscription: { id, status: 'active' },
      properties: {
        ...{ billable_metric_id: metric_id, quantity_threshold: 100, evaluated_quantity: 100 },
        alert_configuration: {
          id: alert.id,
          thresholds: [{ value: '10' }, { value: '100' }, { value: '1000' }],
        },
        ...{
          timeframe_start: '2026-03-01T00:00:00.000Z',
          timeframe_end: '2026-04-01T00:00:00.000Z',
        },
      },
    },
  ]);
  expect(await alerts.dueWork.nextDue('acct_a', at('2026-06-01T00:00:00Z'))).toBe(
    at('2026-04-01T00:00:00Z'),
  );

  room.time.nowMs = at('2026-04-02T00:00:00Z');
  await alerts.dueWork.runDue('acct_a', room.time.nowMs);
  expect(await told(id)).toHaveLength(1);
  use('org_usage', '2026-04-01T00:00:00Z', '10');
  await alerts.subscriptions.run();
  expect((await told(id)).at(-1)).toMatchObject({
    properties: { quantity_threshold: 10, timeframe_start: '2026-04-01T00:00:00.000Z' },
  });
});

test('nothing is asked of usage-metering while nothing changes', async () => {
  await alerts.subscriptions.run();
  const before = asked;
  await alerts.subscriptions.run();
  expect(asked).toBe(before);
});

test('costs count fees and adjustments, spend counts what its filters let through before them', async () => {
  const minimum = {
    ...{ id: 'adj_1', adjustment_type: 'minimum', minimum_amount: '60', item_id: 'i' },
    ...{
      applies_to_price_ids: ['calls'],
      filters: [],
      is_invoice_level: true,
      plan_phase_order: null,
    },
    ...{ reason: null, replaces_adjustment_id: null },
  };
  await room.customer('org_cost');
  plan('plan_cost', {
    prices: [calls(), fee('20')],
    adjustments: [minimum] as SubscribablePlan['adjustments'],
  });
  const { id } = await room.ask('create-subscription', {
    body: { customer_id: 'org_cost', plan_id: 'plan_cost' },
  });
  const path = { subscription_id: id };
  const cost = await ask('create-subscription-alert', {
    ...{ path, body: { type: 'cost_exceeded', thresholds: lines(80) } },
  });
  const filters = [{ field: 'price_id', operator: 'includes', values: ['calls'] }];
  const spend = await ask('create-subscription-alert', {
    ...{
      path,
      body: {
        type: 'spend_exceeded',
        currency: 'USD',
        thresholds: lines(25),
        price_filters: filters,
      },
    },
  });
  await alerts.subscriptions.run();
  expect(await told(id)).toMatchObject([
    {
      type: 'subscription.cost_exceeded',
      properties: {
        amount_threshold: '80',
        evaluated_amount: '80',
        alert_configuration: { id: cost.id },
      },
    },
  ]);
  use('org_cost', '2026-03-02T00:00:00Z', '25');
  await alerts.subscriptions.run();
  expect((await told(id)).slice(1)).toMatchObject([
    {
      type: 'subscription.spend_exceeded',
      properties: {
        amount_threshold: '25',
        evaluated_amount: '25',
        alert_configuration: { id: spend.id },
      },
    },
  ]);
});

test("a plan's alert watches its subscriptions, and is silent for one of them", async () => {
  const first = await subscribed('org_plan', [calls()]);
  await room.customer('org_plan2');
  const body = { customer_id: 'org_plan2', plan_id: 'plan_org_plan' };
  const second = (await room.ask('create-subscription', { body })).id;
  const alert = await ask('create-plan-alert', {
    path: { plan_id: 'plan_org_plan' },
    body: { type: 'cost_exceeded', thresholds: lines(5) },
  });
  expect(alert).toMatchObject({
    plan: { id: 'plan_org_plan', plan_version: '1' },
    subscription: null,
  });
  const query = { subscription_id: second };
  const path = { alert_configuration_id: alert.id };
  expect(await ask('disable-alert', { path, query })).toMatchObject({ enabled: false });
  use('org_plan', '2026-03-02T00:00:00Z', '5');
  use('org_plan2', '2026-03-02T00:00:00Z', '5');
  await alerts.subscriptions.run();
  expect(await told(first)).toHaveLength(1);
  expect(await told(second)).toEqual([]);
  const of = (subscription_id: string) => ask('list-alerts', { query: { subscription_id } });
  expect(await of(first)).toMatchObject({ data: [{ id: alert.id, enabled: true }] });
  expect(await of(second)).toMatchObject({ data: [{ id: alert.id, enabled: false }] });
  expect(await refusal('delete-alert', { path })).toMatchObject({ status: 400 });
  await ask('enable-alert', { path, query });
  await alerts.subscriptions.run();
  expect(await told(second)).toHaveLength(1);
});

test('each entry of a wallet is judged once: falling and rising between two looks is reported both times', async () => {
  await room.customer('org_credit');
  const customer = { id: 'org_credit', external_customer_id: 'ext-org_credit' };
  steps = [{ sequence: 7n, balance: decimal('100'), bookedAtMs: START }];
  const create = (fields: Fields) =>
    ask('create-customer-alert', { customer, body: { currency: 'USD', ...fields } });
  const dropped = await create({ type: 'credit_balance_dropped', thresholds: lines(10, 50) });
  expect(dropped).toMatchObject({
    customer,
    balance_alert_status: [
      { threshold_value: 10, in_alert: false },
      { threshold_value: 50, in_alert: false },
    ],
  });
  await create({ type: 'credit_balance_depleted', thresholds: lines(0) });
  await create({ type: 'credit_balance_recovered' });
  steps.push(
    { sequence: 8n, balance: decimal('50'), bookedAtMs: START + 1 },
    { sequence: 9n, balance: decimal('-1'), bookedAtMs: START + 2_000 },
    { sequence: 10n, balance: decimal('30'), bookedAtMs: START + 3_000 },
  );
  await Promise.all([alerts.balances.run(), alerts.balances.run()]);
  const facts = await told('org_credit');
  expect(facts.map(({ type, created_at }) => [type, created_at])).toEqual([
    ['customer.credit_balance_dropped', '2026-03-01T00:00:00Z'],
    ['customer.credit_balance_dropped', '2026-03-01T00:00:02Z'],
    ['customer.credit_balance_depleted', '2026-03-01T00:00:02Z'],
    ['customer.credit_balance_recovered', '2026-03-01T00:00:03Z'],
  ]);
  expect(facts[0]).toMatchObject({
    customer: { id: 'org_credit' },
    properties: { balance_threshold: '50', pricing_unit: { name: 'USD' } },
  });
  const fetched = await ask('fetch-alert', { path: { alert_id: dropped.id } });
  expect(fetched).toMatchObject({
    balance_alert_status: [
      { threshold_value: 10, in_alert: false },
      { threshold_value: 50, in_alert: true },
    ],
  });
  const body = { type: 'credit_balance_depleted', currency: 'USD' };
  expect(await refusal('create-customer-alert', { customer, body })).toMatchObject({
    type: expect.stringContaining('400-duplicate-resource-creation') as string,
  });
});

test('a changed, disabled or deleted alert does what it says now', async () => {
  const id = await subscribed('org_change', [calls()]);
  const create = await ask('create-subscription-alert', {
    path: { subscription_id: id },
    body: { type: 'cost_exceeded', thresholds: lines(1000) },
  });
  const path = { alert_configuration_id: create.id };
  use('org_change', '2026-03-02T00:00:00Z', '50');
  await alerts.subscriptions.run();
  expect(await told(id)).toEqual([]);
  const refused = await refusal('update-alert', { path, body: { thresholds: [] } });
  expect(refused).toMatchObject({
    status: 400,
    detail: expect.stringMatching(/^thresholds /) as string,
  });
  await ask('disable-alert', { path });
  await ask('update-alert', { path, body: { thresholds: lines(40) } });
  await alerts.subscriptions.run();
  expect(await told(id)).toEqual([]);
  expect(await ask('enable-alert', { path })).toMatchObject({
    enabled: true,
    thresholds: lines(40),
  });
  await alerts.subscriptions.run();
  expect(await told(id)).toHaveLength(1);
  expect((await call('delete-alert', { path })).status).toBe(204);
  expect((await call('delete-alert', { path })).status).toBe(404);
  expect(await ask('list-alerts', { query: { subscription_id: id } })).toMatchObject({ data: [] });
});

test('what cannot be is refused, and nothing is there afterwards', async () => {
  const id = await subscribed('org_bad', [calls()]);
  const path = { subscription_id: id };
  const thresholds = lines(1);
  const unknown = { type: 'usage_exceeded', metric_id: 'metric_of_another', thresholds };
  expect(await refusal('create-subscription-alert', { path, body: unknown })).toMatchObject({
    detail: expect.stringMatching(/^metric_id /) as string,
  });
  const nobody = { subscription_id: 'sub_nobody' };
  const cost = { type: 'cost_exceeded', thresholds };
  expect(await refusal('create-subscription-alert', { path: nobody, body: cost })).toMatchObject({
    status: 404,
  });
  expect(await refusal('list-alerts', { query: {} })).toMatchObject({ status: 400 });
  const both = { customer_id: 'org_bad', subscription_id: id };
  expect(await refusal('list-alerts', { query: both })).toMatchObject({ status: 400 });
  const race = await Promise.all(
    [1, 2, 3].map(() => call('create-subscription-alert', { path, body: cost })),
  );
  expect(race.map(({ status }) => status).sort()).toEqual([201, 400, 400]);
  expect(await ask('list-alerts', { query: { subscription_id: id } })).toMatchObject({
    data: [{ type: 'cost_exceeded' }],
  });
});

test('a subscription that cannot be judged keeps no other waiting, and is reported', async () => {
  const broken = await subscribed('org_broken', [calls()]);
  const other = await subscribed('org_other', [calls()]);
  const body = { type: 'cost_exceeded', thresholds: lines(1) };
  for (const subscription_id of [broken, other]) {
    await ask('create-subscription-alert', { path: { subscription_id }, body });
  }
  use('org_other', '2026-03-02T00:00:00Z', '5');
  await expect(alerts.subscriptions.run()).rejects.toThrow('it cannot be counted');
  expect(await told(other)).toHaveLength(1);
  expect(await told(broken)).toEqual([]);
});
