// Goal: a plan from the page to the allowance, once, through all services: checkout → Stripe's stand-in → webhook →
// Kafka → invoicing → ledger. Method: public surfaces alone, on a stack of its own.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@orbit/testing';
import { BillingClient } from './client.js';
import { START_MS_MAX, startStack, STOP_MS_MAX, type RunningStack } from './stack.js';

let stack: RunningStack;
let operator: BillingClient;
beforeAll(async () => {
  stack = await startStack({ use: 'shared' });
  operator = new BillingClient(stack.gatewayUrl, stack.operatorApiKey);
}, START_MS_MAX);
afterAll(async () => {
  await stack?.stop();
}, STOP_MS_MAX);

interface Plan {
  plan_id: string;
  status: string;
  cancel_at_period_end: boolean;
  pending_plan_id: string | null;
  payment_method: { last4: string } | null;
}
interface Usage {
  messages: Record<string, { sent: number; included: number }>;
}
interface Invoice {
  id: string;
  amount: number;
  status: string;
}

async function organization(): Promise<BillingClient> {
  const created = await operator.post<{ api_key: { key: string } }>(
    `${stack.gatewayUrl}/api/v1/operator/organizations`,
    { name: 'Plan tests', currency: 'usd' },
  );
  return new BillingClient(stack.gatewayUrl, created.data.api_key.key);
}

const plan = async (client: BillingClient) => (await client.get<Plan | null>('/plan')).data;
const invoices = async (client: BillingClient) => (await client.get<Invoice[]>('/invoices')).data;
const balance = async (client: BillingClient) =>
  (await client.get<{ balance_cents: number }>('/balance')).data.balance_cents;
const order = (priceId: string) => ({
  priceId,
  successUrl: `${stack.gatewayUrl}/health/live`,
  cancelUrl: `${stack.gatewayUrl}/health/live`,
});

async function subscribe(client: BillingClient, priceId: string): Promise<void> {
  const page = await client.post<{ checkoutUrl: string }>('/checkout', order(priceId));
  expect(page.status).toBe(200);
  const owner = { name: 'Ada Lovelace', email: 'ada@example.com', action: 'pay' };
  const card = { card_number: '4242424242424242', exp: '12 / 40', cvc: '123' };
  await fetch(page.data.checkoutUrl, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ ...owner, ...card }),
  });
  await eventually(async () => expect((await plan(client))?.status).toBe('active'));
}

test('T21 a plan: bought, used before the wallet, upgraded, downgraded, cancelled, resumed; never wallet credit', async () => {
  const client = await organization();
  expect(await plan(client)).toBeNull();
  expect((await client.post('/plan/cancel', {})).status).toBe(404);
  expect((await client.post('/checkout', order('price_enterprise_monthly'))).status).toBe(400);
  const charge = (id: string, quantity: number, channel = 'sms') =>
    client.post<{ amount: string; currency: string }>('/charges', {
      ...{ charge_id: id, amount: '0.015', currency: 'USD', channel, quantity },
    });
  expect((await charge('plan_c0', 2)).error?.code).toBe('insufficient_funds');
  await subscribe(client, 'price_starter_monthly');
  // The wallet is empty: only the plan can pay. Who is shown a plan can use it, also who had none a moment ago.
  expect((await charge('plan_c1', 2)).status).toBe(201);
  expect(await plan(client)).toMatchObject({
    plan_id: 'plan_starter',
    cancel_at_period_end: false,
    payment_method: { type: 'card', last4: '4242', brand: 'visa' },
  });
  await eventually(async () =>
    expect(await invoices(client)).toMatchObject([{ amount: 4_900, status: 'paid' }]),
  );
  expect(await balance(client)).toBe(0);
  expect((await client.post('/checkout', order('price_starter_monthly'))).status).toBe(409);

  const again = await charge('plan_c1', 2);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect((await charge('plan_c2', 5_000)).error?.code).toBe('insufficient_funds');
  // An authorization holds the allowance, and gives back what is not captured.
  const held = await client.post<{ authorization_id: string; currency: string }>(
    '/authorizations',
    {
      ...{
        charge_id: 'plan_a1',
        amount: '49.98',
        currency: 'USD',
        channel: 'sms',
        quantity: 4_998,
      },
    },
  );
  expect([held.status, held.data.currency]).toEqual([201, 'messages']);
  expect((await charge('plan_c2b', 1)).error?.code).toBe('insufficient_funds');
  const released = `/authorizations/${held.data.authorization_id}/release`;
  expect((await client.post(released, {})).status).toBe(200);
  expect((await charge('plan_c3', 1, 'fax')).error?.code).toBe('insufficient_funds');
  expect(await balance(client)).toBe(0);
  await eventually(async () => {
    const { data } = await client.get<Usage>('/usage');
    expect(data.messages['sms']).toEqual({ sent: 2, included: 5_000 });
  });

  const up = await client.post<Plan>('/plan/change', { priceId: 'price_growth_monthly' });
  expect(up.data).toMatchObject({ plan_id: 'plan_growth', pending_plan_id: null });
  await eventually(async () => expect(await invoices(client)).toHaveLength(2));
  await eventually(async () => expect((await charge('plan_c4', 20_000)).status).toBe(201));
  const down = await client.post<Plan>('/plan/change', { priceId: 'price_starter_monthly' });
  expect(down.data).toMatchObject({ plan_id: 'plan_growth', pending_plan_id: 'plan_starter' });
  const cancelled = await client.post<Plan>('/plan/cancel', {});
  expect(cancelled.data.cancel_at_period_end).toBe(true);
  expect((await client.post<Plan>('/plan/resume', {})).data.cancel_at_period_end).toBe(false);
  await eventually(async () =>
    expect(await plan(client)).toMatchObject({
      ...{ plan_id: 'plan_growth', pending_plan_id: 'plan_starter', cancel_at_period_end: false },
    }),
  );
  expect(await balance(client)).toBe(0);

  const stranger = await organization();
  expect(await plan(stranger)).toBeNull();
  expect(await invoices(stranger)).toEqual([]);
}, 240_000);
