// Goal: money comes in by itself and by one call, once, through all five services: gateway → checkout → Stripe's
// stand-in → webhook → Kafka → ledger. Method: public surfaces alone, on a stack of its own.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@orbit/testing';
import { BillingClient } from './client.js';
import { START_MS_MAX, startStack, STOP_MS_MAX, type RunningStack } from './stack.js';
import { putToStripe } from './stripe-requests.js';

let stack: RunningStack;
let operator: BillingClient;

beforeAll(async () => {
  stack = await startStack({ use: 'shared' });
  operator = new BillingClient(stack.gatewayUrl, stack.operatorApiKey);
}, START_MS_MAX);
afterAll(async () => {
  await stack?.stop();
}, STOP_MS_MAX);

interface Balance {
  balance_cents: number;
  auto_reload: { enabled: boolean; threshold: number | null } | null;
}
interface TopUp {
  balance: number;
  topped_up: number;
  currency: string;
  payment_id: string;
  state: string;
}
interface AutoReload {
  enabled: boolean;
  state: string;
  last_error: string | null;
  declines: number;
}

interface Organization {
  readonly id: string;
  readonly client: BillingClient;
}

/** An organization of its own, with that card saved by paying `amount` at the hosted page. */
async function organization(amount: number, card = '4242424242424242'): Promise<Organization> {
  const created = await operator.post<{ organization: { id: string }; api_key: { key: string } }>(
    `${stack.gatewayUrl}/api/v1/operator/organizations`,
    { name: 'Top-up tests', currency: 'usd' },
  );
  const client = new BillingClient(stack.gatewayUrl, created.data.api_key.key);
  const page = await client.post<{ checkoutUrl: string }>(
    '/balance/top-up',
    {
      amount,
      currency: 'usd',
      successUrl: `${stack.gatewayUrl}/health/live`,
      cancelUrl: `${stack.gatewayUrl}/health/live`,
    },
    { 'Idempotency-Key': `e2e-first-${amount}-${created.data.organization.id}` },
  );
  // Otherwise a refusal, as of a stack that is not up yet, would show as a missing address.
  expect(page.error).toBeUndefined();
  const owner = { name: 'Ada Lovelace', email: 'ada@example.com' };
  const form = { card_number: card, exp: '12 / 40', cvc: '123', ...owner };
  await press(page.data.checkoutUrl, { ...form, action: 'pay' });
  await eventually(async () => expect(await cents(client)).toBe(amount));
  return { id: created.data.organization.id, client };
}

async function press(url: string, form: Record<string, string>): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams(form),
  });
  return (await response.json()) as Record<string, unknown>;
}

async function setBehavior({ client }: Organization, behavior: string): Promise<void> {
  const methods = await client.get<{ id: string }[]>('/payment-methods');
  const url = `${stack.sandboxUrl}/_sandbox/payment_methods/${methods.data[0]?.id}/behavior`;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ behavior });
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBeLessThan(300);
}

/** Null takes them all back. */
async function faults(wanted: Record<string, unknown> | null): Promise<void> {
  const response = await fetch(`${stack.sandboxUrl}/_sandbox/faults`, {
    method: wanted === null ? 'DELETE' : 'POST',
    ...(wanted === null
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(wanted) }),
  });
  expect(response.status).toBeLessThan(300);
}

const cents = async (client: BillingClient): Promise<number> =>
  (await client.get<Balance>('/balance')).data.balance_cents;
const autoReload = async (client: BillingClient): Promise<AutoReload> =>
  (await client.get<AutoReload>('/credits/auto-reload')).data;
const charge = (client: BillingClient, id: string, amount: string) =>
  client.post('/charges', { charge_id: id, amount, currency: 'USD', channel: 'sms' });
const topups = async (client: BillingClient): Promise<number[]> => {
  const page = await client.get<{ transactions: { type: string; amount_minor: number }[] }>(
    '/transactions?limit=100',
  );
  const booked = page.data.transactions.filter(({ type }) => type === 'topup');
  return booked.map((one) => one.amount_minor).reverse();
};

test('POST credits/topup charges the saved card and answers the balance that has it, once per key', async () => {
  const { client } = await organization(15_000);
  const send = () =>
    client.post<TopUp>(
      '/credits/topup',
      { amount: 10_000 },
      { 'Idempotency-Key': 'e2e-saved-0001' },
    );
  // 202 when the booking takes longer than the answer waits; the same key then asks again, and pays nothing.
  const first = await eventually(async () => {
    const answer = await send();
    expect(answer.status).toBe(200);
    return answer;
  });
  expect(first.data).toMatchObject({
    balance: 25_000,
    topped_up: 10_000,
    currency: 'usd',
    payment_id: expect.stringMatching(/^pi_/) as unknown,
    state: 'succeeded',
  });
  const again = await send();
  expect(again.data).toEqual(first.data);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(await topups(client)).toEqual([15_000, 10_000]);
}, 180_000);

test('POST credits/topup: no card, a decline and a bank that asks are 402; the page finishes the payment', async () => {
  const saved = await organization(5_000);
  const top = () => saved.client.post<TopUp>('/credits/topup', { amount: 2_000 });
  await setBehavior(saved, 'insufficient_funds');
  const declined = await top();
  expect(declined.status).toBe(402);
  expect(declined.error).toMatchObject({
    code: 'payment_declined',
    details: { decline_code: 'insufficient_funds' },
  });
  await setBehavior(saved, 'authenticate_always');
  const asked = await top();
  expect(asked.status).toBe(402);
  expect(asked.error?.code).toBe('payment_action_required');
  expect(await cents(saved.client)).toBe(5_000);
  await press(String(asked.error?.details?.['url']), { action: 'complete_authentication' });
  await eventually(async () => expect(await cents(saved.client)).toBe(7_000));
  const methods = await saved.client.get<{ id: string }[]>('/payment-methods');
  await saved.client.delete(`/payment-methods/${methods.data[0]?.id}`);
  expect((await top()).error?.code).toBe('payment_method_required');
  expect(await topups(saved.client)).toEqual([5_000, 2_000]);
}, 180_000);

test('T21 a bank debit, at the page and saved: no credit while it is unpaid, one when the bank says so', async () => {
  const { client } = await organization(1_000);
  // Three seconds unless told: too few on a busy machine to look at the balance before the bank answers.
  await faults({ debit_settle_ms: 10_000 });
  const debit = {
    payment_method_type: 'us_bank_account',
    routing_number: '110000000',
    account_number: '000123456789',
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    action: 'pay',
  };
  const urls = { successUrl: stack.gatewayUrl, cancelUrl: stack.gatewayUrl };
  const page = await client.post<{ checkoutUrl: string }>(
    '/balance/top-up',
    { amount: 2_000, ...urls },
    { 'Idempotency-Key': 'e2e-debit-0001' },
  );
  expect(await press(page.data.checkoutUrl, debit)).toMatchObject({ status: 'complete' });
  expect(await cents(client)).toBe(1_000);
  await eventually(async () => expect(await cents(client)).toBe(3_000));
  const setup = await client.post<{ url: string }>('/payment-methods/setup', urls);
  expect(await press(setup.data.url, debit)).toMatchObject({ status: 'complete' });
  const methods = await client.get<{ type: string; is_default: boolean }[]>('/payment-methods');
  expect(methods.data[0]).toMatchObject({ type: 'us_bank_account', is_default: true });
  const under = await client.post<TopUp & { topup_id: string }>('/credits/topup', { amount: 500 });
  expect(under.status).toBe(202);
  expect(under.data).toMatchObject({ state: 'processing', topped_up: 0, balance: 3_000 });
  await eventually(async () => expect(await cents(client)).toBe(3_500));
  const seen = await client.get(`/topups/${under.data.topup_id}`);
  expect(seen.data).toMatchObject({ state: 'succeeded', amount: '5.00' });
  await faults(null);
}, 180_000);

test('an answer lost after the charge was made, and webhooks twice and out of order: one payment, one credit', async () => {
  const { client } = await organization(1_000);
  const send = () =>
    client.post<TopUp>('/credits/topup', { amount: 4_000 }, { 'Idempotency-Key': 'e2e-lost-01' });
  await faults({
    webhook_duplicate: 2,
    webhook_reorder: true,
    next_error: { status: 0, after: true, count: 2, path: '/v1/payment_intents', method: 'POST' },
  });
  expect((await send()).error?.code).toBe('payment_provider_error');
  await eventually(async () => expect((await send()).status).toBe(200));
  await faults(null);
  expect(await cents(client)).toBe(5_000);
  expect(await topups(client)).toEqual([1_000, 4_000]);
}, 180_000);

test('T22 balance 51, threshold 50, amount 100, 20 parallel charges of 1: one payment, final 131', async () => {
  const { client } = await organization(5_100);
  const terms = { enabled: true, threshold: 5_000, amount: 10_000 };
  const put = await client.put<AutoReload>('/credits/auto-reload', terms);
  expect(put.data).toMatchObject({ ...terms, state: 'armed' });
  const charges = Array.from({ length: 20 }, (_, i) => charge(client, `t22-${i}`, '1.00'));
  for (const answer of await Promise.all(charges)) expect(answer.status).toBe(201);
  await eventually(async () => expect(await cents(client)).toBe(13_100));
  expect(await topups(client)).toEqual([5_100, 10_000]);
  // Null while checkout is slower to answer than the balance waits for it.
  await eventually(async () => {
    const balance = await client.get<Balance>('/balance');
    expect(balance.data.auto_reload).toEqual(terms);
  });
}, 180_000);

test('T23 balance −270, threshold 50, amount 100: one charge of 400 gives 130; three declines turn it off', async () => {
  const saved = await organization(3_000);
  const { client, id } = saved;
  const wallet = `${stack.gatewayUrl}/api/v1/operator/organizations/${id}/wallets/usd`;
  await operator.patch(wallet, { overdraft_limit: '300.00' });
  await eventually(async () => {
    expect((await charge(client, 't23-debt', '300.00')).status).toBe(201);
  });
  await eventually(async () => expect(await cents(client)).toBe(-27_000));
  const terms = { enabled: true, threshold: 5_000, amount: 10_000 };
  await client.put<AutoReload>('/credits/auto-reload', terms);
  await eventually(async () => expect(await cents(client)).toBe(13_000));
  expect(await topups(client)).toEqual([3_000, 40_000]);
  await setBehavior(saved, 'generic_decline');
  expect((await charge(client, 't23-low', '100.00')).status).toBe(201);
  await eventually(async () =>
    expect(await autoReload(client)).toMatchObject({
      enabled: false,
      state: 'disabled',
      declines: 3,
      last_error: 'generic_decline',
    }),
  );
  await eventually(async () => {
    const status = await client.get<{ auto_reload: AutoReload | null }>('/status');
    expect(status.data.auto_reload).toMatchObject({ enabled: false, state: 'disabled' });
  });
  expect(await cents(client)).toBe(3_000);
}, 240_000);

test('all that these tests made the product ask of Stripe, Stripe’s published OpenAPI takes', async () => {
  const { routes, refused } = await putToStripe(stack);
  expect(routes).toEqual(
    expect.arrayContaining([
      'POST /v1/customers',
      'POST /v1/checkout/sessions',
      'POST /v1/payment_intents',
      'GET /v1/checkout/sessions/:id',
      'GET /v1/customers/:id/payment_methods',
    ]),
  );
  expect(refused).toEqual([]);
}, 360_000);
