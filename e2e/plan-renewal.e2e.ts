// Goal: a plan over its periods: renewed, declined, paid after all, upgraded on Stripe's page, downgraded,
// cancelled; and never twice. Method: public surfaces alone, time moved by Stripe's test clocks, Stripe asked
// through its own SDK.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@orbit/testing';
import { Kafka } from 'kafkajs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import Stripe from 'stripe';
import { BillingClient } from './client.js';
import { START_MS_MAX, startStack, STOP_MS_MAX, type RunningStack } from './stack.js';

const HOUR = 3_600;
const WAIT = { timeoutMs: 60_000 };
let stack: RunningStack;
let operator: BillingClient;
let stripe: Stripe;
let database: pg.Client;
beforeAll(async () => {
  stack = await startStack({ use: 'shared' });
  operator = new BillingClient(stack.gatewayUrl, stack.operatorApiKey);
  const secrets = JSON.parse(await readFile(join(stack.home, 'secrets.json'), 'utf8')) as {
    stripeSecretKey: string;
  };
  const { hostname: host, port } = new URL(stack.sandboxUrl);
  stripe = new Stripe(secrets.stripeSecretKey, { host, port, protocol: 'http', telemetry: false });
  database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
}, START_MS_MAX);
afterAll(async () => {
  await database?.end();
  await stack?.stop();
}, STOP_MS_MAX);

interface Plan {
  plan_id: string;
  status: string;
  current_period_start: string;
  cancel_at_period_end: boolean;
  pending_plan_id: string | null;
}
interface Invoice {
  amount: number;
  status: string;
  period_start: string;
}
interface Organization {
  readonly id: string;
  readonly client: BillingClient;
  readonly customer: string;
  readonly clock: Stripe.TestHelpers.TestClock;
}

/** An organization whose customer at Stripe stands on a test clock. */
async function organization(): Promise<Organization> {
  const created = await operator.post<{ organization: { id: string }; api_key: { key: string } }>(
    `${stack.gatewayUrl}/api/v1/operator/organizations`,
    { name: 'Renewal tests', currency: 'usd' },
  );
  const { id } = created.data.organization;
  const clock = await stripe.testHelpers.testClocks.create({
    frozen_time: Math.floor(Date.now() / 1_000),
  });
  const customer = await stripe.customers.create({
    test_clock: clock.id,
    metadata: { orbit_organization_id: id },
  });
  await database.query(
    'INSERT INTO checkout.stripe_customer (organization_id, customer_id, created_at) VALUES ($1, $2, now())',
    [id, customer.id],
  );
  const client = new BillingClient(stack.gatewayUrl, created.data.api_key.key);
  return { id, client, customer: customer.id, clock };
}

const plan = async ({ client }: Organization) => (await client.get<Plan | null>('/plan')).data;
const invoices = async ({ client }: Organization) =>
  (await client.get<Invoice[]>('/invoices')).data;
const order = (priceId: string) => ({
  priceId,
  successUrl: `${stack.gatewayUrl}/health/live`,
  cancelUrl: `${stack.gatewayUrl}/health/live`,
});
async function page({ client }: Organization, priceId: string): Promise<string> {
  const answer = await client.post<{ checkoutUrl: string }>('/checkout', order(priceId));
  expect(answer.status).toBe(200);
  return answer.data.checkoutUrl;
}
const press = (url: string, action = 'pay') =>
  fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { accept: action === 'pay' ? 'application/json' : 'text/html' },
    body: new URLSearchParams({
      ...{ name: 'Ada Lovelace', email: 'ada@example.com', action },
      ...{ card_number: '4242424242424242', exp: '12 / 40', cvc: '123' },
    }),
  });
const live = async ({ customer }: Organization) =>
  (await stripe.subscriptions.list({ customer, limit: 20 })).data;
async function paysWith(org: Organization, card: string): Promise<void> {
  const method = await stripe.paymentMethods.attach(card, { customer: org.customer });
  const [subscription] = await live(org);
  await stripe.subscriptions.update(subscription?.id ?? '', {
    default_payment_method: method.id,
  });
}
/** To shortly after the end of the period, when the renewal's invoice is final. */
async function nextPeriod(org: Organization): Promise<void> {
  const [subscription] = await live(org);
  const end = subscription?.items.data[0]?.current_period_end ?? 0;
  await advance(org, end + 2 * HOUR);
}
async function advance(org: Organization, to: number): Promise<void> {
  await stripe.testHelpers.testClocks.advance(org.clock.id, { frozen_time: to });
  await eventually(async () => {
    const clock = await stripe.testHelpers.testClocks.retrieve(org.clock.id);
    expect([clock.status, clock.frozen_time]).toEqual(['ready', to]);
  }, WAIT);
}
const granted = async ({ id }: Organization): Promise<number> => {
  const { rows } = await database.query<{ sum: string | null }>(
    `SELECT sum(b.amount_micros) / 1000000 AS sum FROM wallet_ledger.credit_block b
     JOIN wallet_ledger.wallet w USING (wallet_no) WHERE w.organization_id = $1 AND w.currency = 'messages'`,
    [id],
  );
  return Number(rows[0]?.sum ?? 0);
};

test('renewed, declined, paid after all, upgraded, downgraded, cancelled: every period granted once', async () => {
  const org = await organization();
  const { client } = org;
  await press(await page(org, 'price_starter_monthly'));
  await eventually(async () => expect((await plan(org))?.status).toBe('active'), WAIT);
  await eventually(async () => expect(await granted(org)).toBe(5_000), WAIT);
  const first = await plan(org);
  const charge = (id: string, quantity: number) =>
    client.post('/charges', {
      ...{ charge_id: id, amount: '0.015', currency: 'USD', channel: 'sms', quantity },
    });
  await eventually(async () => expect((await charge('c1', 2)).status).toBe(201), WAIT);

  await nextPeriod(org);
  await eventually(async () => expect(await invoices(org)).toHaveLength(2), WAIT);
  await eventually(async () => expect(await granted(org)).toBe(10_000), WAIT);
  // Invoices and plans are told in two topics, in no order between them.
  await eventually(async () => {
    const second = await plan(org);
    expect(Date.parse(second?.current_period_start ?? '')).toBeGreaterThan(
      Date.parse(first?.current_period_start ?? ''),
    );
  }, WAIT);
  // What was sent stays where it was: in the old period, not in the new one.
  await eventually(async () => {
    const day = 86_400_000;
    const range = [Date.now() - day, Date.now() + day].map((ms) => new Date(ms).toISOString());
    const [start, end] = range.map((text) => text.slice(0, 10));
    const history = await client.get<{ messages: { sms: number } }[]>(
      `/usage/history?start_date=${start}&end_date=${end}`,
    );
    expect(history.data.reduce((sum, { messages }) => sum + messages.sms, 0)).toBe(2);
  }, WAIT);
  const usage = await client.get<{ messages: { sms: { sent: number } } }>('/usage');
  expect(usage.data.messages.sms).toEqual({ sent: 0, included: 5_000 });

  await paysWith(org, 'pm_card_chargeCustomerFail');
  await nextPeriod(org);
  await eventually(async () => expect((await plan(org))?.status).toBe('past_due'), WAIT);
  const declined = await client.post('/plan/change', { priceId: 'price_growth_monthly' });
  expect([declined.status, declined.error?.code]).toEqual([402, 'payment_declined']);
  expect(declined.error?.message).toContain('declined');
  expect((await client.post('/checkout', order('price_growth_monthly'))).status).toBe(409);
  expect(await plan(org)).toMatchObject({ plan_id: 'plan_starter', status: 'past_due' });
  expect(await granted(org)).toBe(10_000);
  await eventually(async () => {
    const [unpaid] = await invoices(org);
    expect(unpaid).toMatchObject({ amount: 4_900, status: 'open' });
  }, WAIT);

  await paysWith(org, 'pm_card_visa');
  const [open] = (await stripe.invoices.list({ customer: org.customer, status: 'open' })).data;
  const [subscription] = await live(org);
  const method = String(subscription?.default_payment_method);
  await stripe.invoices.pay(open?.id ?? '', { payment_method: method });
  await eventually(async () => expect((await plan(org))?.status).toBe('active'), WAIT);
  await eventually(async () => expect(await granted(org)).toBe(15_000), WAIT);

  await press(await page(org, 'price_growth_monthly'), 'confirm');
  await eventually(async () => expect((await plan(org))?.plan_id).toBe('plan_growth'), WAIT);
  await eventually(async () => expect(await granted(org)).toBe(35_000), WAIT);
  expect((await live(org)).map(({ status }) => status)).toEqual(['active']);

  const down = await client.post<Plan>('/plan/change', { priceId: 'price_starter_monthly' });
  expect(down.data).toMatchObject({ plan_id: 'plan_growth', pending_plan_id: 'plan_starter' });
  await nextPeriod(org);
  await eventually(async () => {
    const now = await plan(org);
    expect(now).toMatchObject({ plan_id: 'plan_starter', pending_plan_id: null });
  }, WAIT);
  await eventually(async () => expect(await granted(org)).toBe(40_000), WAIT);

  await client.post('/plan/cancel', {});
  expect((await client.post<Plan>('/plan/resume', {})).data.cancel_at_period_end).toBe(false);
  await nextPeriod(org);
  await eventually(async () => expect(await granted(org)).toBe(45_000), WAIT);
  await client.post('/plan/cancel', {});
  await nextPeriod(org);
  await eventually(async () => expect(await plan(org)).toBeNull(), WAIT);
  expect(await granted(org)).toBe(45_000);
  expect((await client.get<{ balance_cents: number }>('/balance')).data.balance_cents).toBe(0);
}, 480_000);

test('T21 two pages open at once, paid in both orders: one subscription, the other paid back', async () => {
  for (const isOldFirst of [true, false]) {
    const org = await organization();
    const old = await page(org, 'price_starter_monthly');
    const fresh = await page(org, 'price_starter_monthly');
    // Ended by the newer one.
    const sessions = await stripe.checkout.sessions.list({ customer: org.customer, limit: 10 });
    expect(sessions.data.map(({ status }) => status)).toEqual(['open', 'expired']);
    expect((await press(old)).status).toBeGreaterThanOrEqual(400);
    // Two that were asked for in the same moment: neither saw the other.
    const metadata = { orbit_organization_id: org.id };
    const [line] = (await stripe.prices.list({ lookup_keys: ['price_starter_monthly'] })).data;
    const twin = await stripe.checkout.sessions.create({
      ...{ mode: 'subscription', customer: org.customer, metadata },
      line_items: [{ price: line?.id ?? '', quantity: 1 }],
      ...{ success_url: 'https://example.com/', subscription_data: { metadata } },
    });
    const pages = [fresh, twin.url ?? ''];
    const [first = '', second = ''] = isOldFirst ? pages : pages.reverse();
    await press(first);
    // A frozen clock would have both begin in the same second.
    await advance(org, org.clock.frozen_time + 60);
    await press(second);
    await eventually(async () => {
      const all = await stripe.subscriptions.list({ customer: org.customer, status: 'all' });
      expect(all.data.map(({ status }) => status).sort()).toEqual(['active', 'canceled']);
      const refunds = (await stripe.refunds.list({ limit: 100 })).data.filter(
        ({ metadata: of }) => of?.['orbit_duplicate_subscription'] !== undefined,
      );
      expect(refunds).toHaveLength(isOldFirst ? 1 : 2);
      expect(refunds[0]).toMatchObject({ amount: 4_900, reason: 'duplicate' });
      const told = (await invoices(org)).map(({ status }) => status);
      expect(told.sort()).toEqual(['paid', 'void']);
      expect(await plan(org)).toMatchObject({ plan_id: 'plan_starter', status: 'active' });
      expect(await granted(org)).toBe(5_000);
    }, WAIT);
  }
}, 240_000);

test('charges from Kafka, and charges that both pay: the plan first, the rest of the wallet, once', async () => {
  const org = await organization();
  const { client } = org;
  await press(await page(org, 'price_starter_monthly'));
  await eventually(async () => expect(await granted(org)).toBe(5_000), WAIT);
  // Who was shown a plan is charged by it; of others it is asked for a moment only, and then the wallet pays.
  await eventually(async () => expect((await plan(org))?.status).toBe('active'), WAIT);
  const about = `${stack.gatewayUrl}/api/v1/operator/organizations/${org.id}`;
  const grant = { amount: '1.00', kind: 'promotional', reference: 'for-the-rest' };
  expect((await operator.post(`${about}/grants`, grant)).status).toBe(201);
  const producer = new Kafka({
    ...{ clientId: 'sender', brokers: [...stack.kafkaBrokers], logLevel: 0 },
  }).producer();
  await producer.connect();
  const send = (id: string, quantity: number, amount: string) =>
    producer.send({
      topic: 'charge.requested',
      messages: [
        {
          key: org.id,
          value: JSON.stringify({
            ...{ charge_id: id, organization_id: org.id, amount, currency: 'USD', channel: 'sms' },
            ...{ quantity, authorization_id: null, occurred_at: new Date().toISOString() },
            metadata: {},
          }),
        },
      ],
    });
  const posted = async (id: string) =>
    (await client.get<{ status: string; amount: string; currency: string }>(`/charges/${id}`)).data;
  for (let copies = 0; copies < 2; copies++) await send('k1', 4_990, '49.90');
  await eventually(async () => {
    expect(await posted('k1')).toMatchObject({ status: 'posted', currency: 'messages' });
  }, WAIT);
  const split = await client.post<{ amount: string; from_plan: object }>('/charges?wait=posted', {
    ...{ charge_id: 'h1', amount: '0.08', currency: 'USD', channel: 'sms', quantity: 8 },
  });
  expect(split.status).toBe(201);
  for (let copies = 0; copies < 2; copies++) await send('k2', 6, '0.06');
  await eventually(async () => {
    expect(await posted('k2')).toMatchObject({ status: 'posted', amount: '0.04' });
    expect(await posted('k2~plan')).toMatchObject({ amount: '2', currency: 'messages' });
  }, WAIT);
  await send('k3', 3, '0.03');
  await send('k4', 3_000, '30.00');
  await eventually(async () => {
    expect(await posted('k3')).toMatchObject({ status: 'posted', amount: '0.03' });
    expect(await posted('k4')).toMatchObject({ status: 'rejected' });
  }, WAIT);
  await producer.disconnect();
  expect((await client.get<{ balance_cents: number }>('/balance')).data.balance_cents).toBe(93);
  await eventually(async () => {
    const { data } = await client.get<{ messages: { sms: object } }>('/usage');
    expect(data.messages.sms).toEqual({ sent: 4_990 + 8 + 6 + 3, included: 5_000 });
  }, WAIT);
}, 240_000);
