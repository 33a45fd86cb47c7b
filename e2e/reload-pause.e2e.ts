// Goal: money that leaves calls for no new money, through all services: a refund, a lost dispute, a void, a correction
// and a grant that expires charge no card; a charge does, after somebody went on. Method: public surfaces alone.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@orbit/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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

interface AutoReload {
  readonly enabled: boolean;
  readonly state: string;
  readonly paused_reason: string | null;
  readonly max_amount_per_payment: number;
  readonly max_amount_per_day: number;
}
interface Transaction {
  readonly type: string;
  readonly amount_minor: number;
  readonly reference: string;
}
interface Payer {
  readonly id: string;
  readonly client: BillingClient;
}

/** Auto-reload at 10.00 by 50.00, and a top-up of 100.00 whose card is kept. */
async function armed(): Promise<Payer> {
  const created = await operator.post<{ organization: { id: string }; api_key: { key: string } }>(
    `${stack.gatewayUrl}/api/v1/operator/organizations`,
    { name: 'Reload tests', currency: 'usd' },
  );
  const { id } = created.data.organization;
  const client = new BillingClient(stack.gatewayUrl, created.data.api_key.key);
  const back = `${stack.gatewayUrl}/health/live`;
  const page = await client.post<{ checkoutUrl: string }>(
    '/balance/top-up',
    { amount: 10_000, currency: 'usd', successUrl: back, cancelUrl: back },
    { 'Idempotency-Key': `e2e-reload-${id}` },
  );
  const card = { card_number: '4242424242424242', exp: '12 / 40', cvc: '123' };
  const owner = { name: 'Ada Lovelace', email: 'ada@example.com' };
  await fetch(page.data.checkoutUrl, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ ...card, ...owner, action: 'pay' }),
  });
  await eventually(async () => expect(await cents(client)).toBe(10_000));
  const terms = { enabled: true, threshold: 1_000, amount: 5_000 };
  const put = await client.put<AutoReload>('/credits/auto-reload', terms);
  expect(put.data).toMatchObject({
    ...terms,
    ...{ state: 'armed', paused_reason: null },
    ...{ max_amount_per_payment: 5_000, max_amount_per_day: 50_000 },
  });
  return { id, client };
}

const cents = async (client: BillingClient): Promise<number> =>
  (await client.get<{ balance_cents: number }>('/balance')).data.balance_cents;
const autoReload = async (client: BillingClient): Promise<AutoReload> =>
  (await client.get<AutoReload>('/credits/auto-reload')).data;
const transactions = async (client: BillingClient): Promise<readonly Transaction[]> =>
  (await client.get<{ transactions: Transaction[] }>('/transactions?limit=100')).data.transactions;
const topups = async (client: BillingClient): Promise<number[]> =>
  (await transactions(client))
    .filter(({ type }) => type === 'topup')
    .map((one) => one.amount_minor)
    .reverse();
let chargeCount = 0;
const spend = async (client: BillingClient, amount: string): Promise<void> => {
  chargeCount += 1;
  const charge_id = `reload-${Date.now()}-${chargeCount}`;
  const body = { charge_id, amount, currency: 'USD', channel: 'sms' };
  const answer = await client.post('/charges?wait=posted', body);
  expect(answer.status).toBe(201);
};
const ofOrganization = (id: string, path: string): string =>
  `${stack.gatewayUrl}/api/v1/operator/organizations/${id}/${path}`;

/** Paused for that reason, in both places that show it; the card has paid the first top-up and nothing else. */
async function pausedUnpaid({ id, client }: Payer, reason: string): Promise<void> {
  await eventually(async () =>
    expect(await autoReload(client)).toMatchObject({
      enabled: true,
      state: 'paused',
      paused_reason: reason,
    }),
  );
  await eventually(async () => {
    const status = await client.get<{ auto_reload: AutoReload | null }>('/status');
    expect(status.data.auto_reload).toMatchObject({ state: 'paused', paused_reason: reason });
  });
  expect(await topups(client)).toEqual([10_000]);
  expect(await reloads(id)).toBe(0);
}

/** Automatic payments that were begun, whatever became of them. */
async function reloads(id: string): Promise<number> {
  const found = await operator.get<{ organization_id: string; kind: string }[]>(
    `${stack.gatewayUrl}/api/v1/operator/topups?limit=100`,
  );
  const own = found.data.filter((one) => one.organization_id === id);
  expect(own).not.toEqual([]);
  return own.filter(({ kind }) => kind === 'auto_reload').length;
}

/** Going on pays nothing; money that a person brings and a charge after it do. */
async function goesOn(payer: Payer, balance: number, how: 'resume' | 'save'): Promise<void> {
  const { client } = payer;
  const resumed =
    how === 'resume'
      ? await client.post<AutoReload>('/credits/auto-reload/resume', {})
      : await client.put<AutoReload>('/credits/auto-reload', { enabled: true });
  expect(resumed.data).toMatchObject({ enabled: true, state: 'armed', paused_reason: null });
  const granted = await operator.post(ofOrganization(payer.id, 'grants'), {
    ...{ amount: '60.00', kind: 'promotional', reference: `go-on-${payer.id}` },
  });
  expect(granted.status).toBe(201);
  await eventually(async () => expect(await cents(client)).toBe(balance + 6_000));
  expect(await topups(client)).toEqual([10_000]);
  await spend(client, ((balance + 6_000 - 500) / 100).toFixed(2));
  await eventually(async () => expect(await cents(client)).toBe(5_500));
  expect(await topups(client)).toEqual([10_000, 5_000]);
  await eventually(async () =>
    expect(await autoReload(client)).toMatchObject({ state: 'armed', paused_reason: null }),
  );
}

test('a full refund charges no card: it pauses auto-reload, and after resuming the next charge calls again', async () => {
  const payer = await armed();
  const [topup] = await transactions(payer.client);
  const refund = await payer.client.post(
    '/refunds',
    { payment_id: topup?.reference },
    { 'Idempotency-Key': `e2e-reload-refund-${payer.id}` },
  );
  expect(refund.status).toBe(201);
  await eventually(async () => expect(await cents(payer.client)).toBe(0));
  await pausedUnpaid(payer, 'refund');
  await goesOn(payer, 0, 'resume');
}, 180_000);

test('a refund in Stripe’s dashboard of a part pauses too, though the balance is not low', async () => {
  const payer = await armed();
  await control(`charges/${await chargeOf(payer.client)}/refund`, { amount: 2_500 });
  await eventually(async () => expect(await cents(payer.client)).toBe(7_500));
  await pausedUnpaid(payer, 'refund');
  await spend(payer.client, '70.00');
  await eventually(async () => expect(await cents(payer.client)).toBe(500));
  await pausedUnpaid(payer, 'refund');
  await goesOn(payer, 500, 'save');
}, 180_000);

test('a dispute pauses when it opens; lost it leaves −30 and the disputed card is not charged', async () => {
  const payer = await armed();
  await spend(payer.client, '30.00');
  const dispute = await control<{ id: string }>(`charges/${await chargeOf(payer.client)}/dispute`);
  await pausedUnpaid(payer, 'dispute');
  await control(`disputes/${dispute.id}/close`, { status: 'lost' });
  await eventually(async () => expect(await cents(payer.client)).toBe(-3_000));
  await pausedUnpaid(payer, 'dispute');
}, 180_000);

test('an operator’s void and negative adjustment charge no card', async () => {
  const voided = await armed();
  const blocks = await operator.get<{ blocks: { id: string }[] }>(
    ofOrganization(voided.id, 'blocks'),
  );
  const reason = { reason: 'agreed on the phone' };
  const done = await operator.post(
    ofOrganization(voided.id, `blocks/${blocks.data.blocks[0]?.id}/void`),
    {
      reference: `void-${voided.id}`,
      ...reason,
    },
  );
  expect(done.status).toBe(200);
  await eventually(async () => expect(await cents(voided.client)).toBe(0));
  await pausedUnpaid(voided, 'void');
  await goesOn(voided, 0, 'save');
  const adjusted = await armed();
  const less = { amount: '-95.00', reference: `adjust-${adjusted.id}`, ...reason };
  expect((await operator.post(ofOrganization(adjusted.id, 'adjustments'), less)).status).toBe(201);
  await eventually(async () => expect(await cents(adjusted.client)).toBe(500));
  await pausedUnpaid(adjusted, 'adjustment');
  await goesOn(adjusted, 500, 'resume');
}, 240_000);

test('a grant that expires charges no card; the next charge does', async () => {
  const { id, client } = await armed();
  await operator.post(ofOrganization(id, 'grants'), {
    ...{ amount: '20.00', kind: 'promotional', priority: 5, reference: `expiring-${id}` },
    // Long enough to spend beside it first, however busy the machine is.
    expires_at: new Date(Date.now() + 20_000).toISOString(),
  });
  await spend(client, '95.00');
  expect(await cents(client)).toBe(2_500);
  const expired = async () => expect(await cents(client)).toBe(500);
  await eventually(expired, { timeoutMs: 60_000 });
  await eventually(async () =>
    expect((await transactions(client)).filter(({ type }) => type === 'expiry')).toHaveLength(1),
  );
  expect(await topups(client)).toEqual([10_000]);
  expect(await autoReload(client)).toMatchObject({ state: 'armed', paused_reason: null });
  await spend(client, '0.01');
  await eventually(async () => expect(await cents(client)).toBe(5_499));
  expect(await topups(client)).toEqual([10_000, 5_000]);
}, 180_000);

async function control<T>(path: string, body: object = {}): Promise<T> {
  const response = await fetch(`${stack.sandboxUrl}/_sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBeLessThan(300);
  return (await response.json()) as T;
}

/** The charge of the first top-up, as Stripe knows it. */
async function chargeOf(client: BillingClient): Promise<string> {
  const topup = (await transactions(client)).find(({ type }) => type === 'topup');
  const session = (topup?.reference ?? '').replace('stripe_session:', '');
  const { payment_intent } = await stripe<{ payment_intent: string }>(
    `checkout/sessions/${session}`,
  );
  return (await stripe<{ latest_charge: string }>(`payment_intents/${payment_intent}`))
    .latest_charge;
}

async function stripe<T>(path: string): Promise<T> {
  const secrets = JSON.parse(await readFile(join(stack.home, 'secrets.json'), 'utf8')) as {
    stripeSecretKey: string;
  };
  const headers = { authorization: `Bearer ${secrets.stripeSecretKey}` };
  return (await (await fetch(`${stack.sandboxUrl}/v1/${path}`, { headers })).json()) as T;
}
