// Goal: money goes back once and at most what is unspent, disputes hold and return or take it, and Stripe's books and
// the ledger's agree afterwards: T17, T18, T19 through all services and the sandbox. Method: public surfaces alone.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { formatAmount, micros } from '@orbit/money';
import { eventually } from '@orbit/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { BillingClient } from './client.js';
import { START_MS_MAX, startStack, STOP_MS_MAX, type RunningStack } from './stack.js';
import { putToStripe } from './stripe-requests.js';

let stack: RunningStack;
let operator: BillingClient;

beforeAll(async () => {
  stack = await startStack({
    settings: {
      RECONCILE_GRACE_SECONDS: '0',
      RECONCILE_INTERVAL_SECONDS: '0',
      MISSED_EVENTS_INTERVAL_SECONDS: '0',
      UNIT_PRICES: 'credits=0.02 USD',
    },
  });
  operator = new BillingClient(stack.gatewayUrl, stack.operatorApiKey);
}, START_MS_MAX);
afterAll(async () => {
  await stack?.stop();
}, STOP_MS_MAX);

interface Payer {
  readonly id: string;
  readonly client: BillingClient;
}
interface Transaction {
  readonly type: string;
  readonly amount_minor: number;
  readonly reference: string;
  readonly refunded_at: string | null;
  readonly metadata: Record<string, string>;
}
interface Refund {
  readonly id: string;
  readonly state: string;
  readonly payment_id: string;
}

async function payer(amount: number): Promise<Payer & { readonly key: string }> {
  const created = await operator.post<{ organization: { id: string }; api_key: { key: string } }>(
    `${stack.gatewayUrl}/api/v1/operator/organizations`,
    { name: 'Refund tests', currency: 'usd' },
  );
  const { id } = created.data.organization;
  const { key } = created.data.api_key;
  const client = new BillingClient(stack.gatewayUrl, key);
  await pay({ id, client }, amount);
  await eventually(async () => expect(await cents(client)).toBe(amount));
  return { id, client, key };
}

async function pay({ id, client }: Payer, amount: number): Promise<void> {
  const back = `${stack.gatewayUrl}/health/live`;
  const page = await client.post<{ checkoutUrl: string }>(
    '/balance/top-up',
    { amount, currency: 'usd', successUrl: back, cancelUrl: back },
    { 'Idempotency-Key': `e2e-refunds-${amount}-${id}` },
  );
  const card = { card_number: '4242424242424242', exp: '12 / 40', cvc: '123' };
  const owner = { name: 'Ada Lovelace', email: 'ada@example.com' };
  await fetch(page.data.checkoutUrl, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ ...card, ...owner, action: 'pay' }),
  });
}

const cents = async (client: BillingClient): Promise<number> =>
  (await client.get<{ balance_cents: number }>('/balance')).data.balance_cents;
const transactions = async (client: BillingClient): Promise<readonly Transaction[]> =>
  (await client.get<{ transactions: Transaction[] }>('/transactions?limit=100')).data.transactions;
const spend = (client: BillingClient, id: string, amount: string) =>
  client.post('/charges', { charge_id: id, amount, currency: 'USD', channel: 'sms' });
const topUpOf = async (client: BillingClient): Promise<string> => {
  const topup = (await transactions(client)).find(({ type }) => type === 'topup');
  return topup?.reference ?? '';
};
const refund = (client: BillingClient, body: object, key: string) =>
  client.post<Refund>('/refunds', body, { 'Idempotency-Key': key });
const isPaused = async (client: BillingClient): Promise<string | null> => {
  const path = '/status';
  const status = await client.get<{ outbound_block_reason: string | null }>(path);
  return status.data.outbound_block_reason;
};

async function control<T>(path: string, body: object = {}): Promise<T> {
  const response = await fetch(`${stack.sandboxUrl}/_sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBeLessThan(300);
  return (await response.json()) as T;
}

interface Movement {
  readonly kind: string;
  readonly subject: string;
}
const reconcile = async (): Promise<readonly Movement[]> => {
  const url = `${stack.gatewayUrl}/api/v1/operator/reconcile/stripe`;
  return (await operator.post<{ differences: Movement[] }>(url, {})).data.differences;
};

test('T17: 100 paid, 25 used: 80 is refused naming 75.00, 75 goes back, again is the same', async () => {
  const { client } = await payer(10_000);
  expect((await spend(client, `t17-${Date.now()}`, '25.00')).status).toBe(201);
  await eventually(async () => expect(await cents(client)).toBe(7_500));
  const payment_id = await topUpOf(client);
  const above = await refund(client, { payment_id, amount: 8_000 }, 'e2e-t17-above');
  expect(above.status).toBe(422);
  expect(above.error).toMatchObject({ details: { max_refundable: '75.00' } });
  const first = await refund(client, { payment_id, amount: 7_500 }, 'e2e-t17-refund');
  expect(first.status).toBe(201);
  await eventually(async () => expect(await cents(client)).toBe(0));
  const again = await refund(client, { payment_id, amount: 7_500 }, 'e2e-t17-refund');
  expect([again.data.id, again.headers.get('idempotency-replayed')]).toEqual([
    first.data.id,
    'true',
  ]);
  const booked = (await transactions(client)).filter(({ type }) => type === 'refund');
  expect(booked.map(({ amount_minor }) => amount_minor)).toEqual([-7_500]);
  const read = await client.get<Refund>(`/refunds/${first.data.id}`);
  expect(read.data.state).toBe('succeeded');
  await eventually(async () => expect(await reconcile()).toEqual([]));
}, 180_000);

test('T18: a dispute pauses; lost it leaves −30, and the next top-up of 50 leaves 20; won it leaves 70', async () => {
  for (const status of ['lost', 'won'] as const) {
    const one = await payer(10_000);
    const { client } = one;
    expect((await spend(client, `t18-${status}-${Date.now()}`, '30.00')).status).toBe(201);
    await eventually(async () => expect(await cents(client)).toBe(7_000));
    const charge = await chargeOf(client);
    const dispute = await control<{ id: string }>(`charges/${charge}/dispute`);
    await eventually(async () => expect(await isPaused(client)).toBe('dispute'));
    await control(`disputes/${dispute.id}/close`, { status });
    const left = status === 'won' ? 7_000 : -3_000;
    await eventually(async () => expect(await cents(client)).toBe(left));
    await eventually(async () => expect(await isPaused(client)).not.toBe('dispute'));
    if (status === 'lost') {
      await pay(one, 5_000);
      await eventually(async () => expect(await cents(client)).toBe(2_000));
    }
  }
  await eventually(async () => expect(await reconcile()).toEqual([]));
}, 240_000);

test('T20: $10 buys 500 credits; a dispute takes them, and won it gives 500 back, not 10', async () => {
  const created = await operator.post<{ organization: { id: string }; api_key: { key: string } }>(
    `${stack.gatewayUrl}/api/v1/operator/organizations`,
    { name: 'Credits', currency: 'credits' },
  );
  const client = new BillingClient(stack.gatewayUrl, created.data.api_key.key);
  const one = { id: created.data.organization.id, client };
  // In a wallet of credits this says: to be paid in dollars.
  await pay(one, 1_000);
  await eventually(async () => expect(await cents(client)).toBe(500));
  const dispute = await control<{ id: string }>(`charges/${await chargeOf(client)}/dispute`);
  await eventually(async () => expect(await isPaused(client)).toBe('dispute'));
  const held = await client.get<Record<string, unknown>>('/balance');
  expect(held.data).toMatchObject({ balance: 500, held_cents: 500, available_cents: 0 });
  await control(`disputes/${dispute.id}/close`, { status: 'won' });
  await eventually(async () => expect(await isPaused(client)).toBeNull());
  const back = await client.get<Record<string, unknown>>('/balance');
  expect(back.data).toMatchObject({ balance: 500, held_cents: 0, currency: 'credits' });
  // The receipt says what was paid, and a refund goes by the same terms.
  await eventually(async () => {
    const receipts = await client.get<readonly Record<string, unknown>[]>('/invoices');
    expect(receipts.data[0]).toMatchObject({ amount: 1_000, currency: 'usd' });
  });
  const payment_id = await topUpOf(client);
  const part = await refund(client, { payment_id, amount: 400 }, 'e2e-t20-refund');
  expect(part.data).toMatchObject({ amount_minor: 400, amount: '200', unit: 'credits' });
  await eventually(async () => expect(await cents(client)).toBe(300));
  await eventually(async () => expect(await reconcile()).toEqual([]));
}, 180_000);

test('a refund that was made in the dashboard while webhooks were lost is found, and made up for by --fix', async () => {
  const { client } = await payer(10_000);
  const charge = await chargeOf(client);
  await control('faults', { webhook_drop: true, webhook_types: ['charge.*', 'refund.*'] });
  await control(`charges/${charge}/refund`, { amount: 2_500 });
  await eventually(async () =>
    expect((await reconcile()).map(({ kind }) => kind)).toEqual(['refund_not_booked']),
  );
  expect(await cents(client)).toBe(10_000);
  const report = JSON.parse(
    await stack.orbit('--json', 'reconcile', 'stripe', '--fix', '--yes'),
  ) as {
    differences: unknown[];
    replayed_events: number;
  };
  expect(report.replayed_events).toBeGreaterThan(0);
  expect(report.differences).toEqual([]);
  await eventually(async () => expect(await cents(client)).toBe(7_500));
  await fetch(`${stack.sandboxUrl}/_sandbox/faults`, { method: 'DELETE' });
  await eventually(async () => expect(await reconcile()).toEqual([]));
}, 180_000);

/** The block of the payer's only top-up, and what an operator does to it. */
async function operate(one: Payer, change: 'void' | 'amend', body: object = {}): Promise<void> {
  const url = `${stack.gatewayUrl}/api/v1/operator/organizations/${one.id}/blocks`;
  const { data } = await operator.get<{ blocks: { id: string; kind: string }[] }>(
    `${url}?include=all`,
  );
  const block = data.blocks.find(({ kind }) => kind === 'paid')?.id;
  const about = { reference: `${change}-${Date.now()}`, reason: 'e2e' };
  const answer = await operator.post(`${url}/${block}/${change}`, { ...about, ...body });
  expect(answer.status).toBe(200);
}

test('50 paid and voided, then refunded in Stripe’s dashboard: the balance is 0, and Stripe’s books agree', async () => {
  const one = await payer(5_000);
  await operate(one, 'void');
  expect(await cents(one.client)).toBe(0);
  const charge = await chargeOf(one.client);
  await control(`charges/${charge}/refund`, { amount: 2_000 });
  const refunded = async () =>
    (await transactions(one.client)).find(({ type }) => type === 'topup')?.refunded_at;
  await eventually(async () => expect(await refunded()).not.toBeNull());
  expect(await cents(one.client)).toBe(0);
  const payment_id = await topUpOf(one.client);
  const above = await refund(one.client, { payment_id, amount: 3_001 }, 'e2e-void-above');
  expect(above.error).toMatchObject({ details: { max_refundable: '30.00' } });
  const rest = await refund(one.client, { payment_id }, 'e2e-void-rest');
  expect([rest.status, rest.data]).toMatchObject([201, { amount_minor: 3_000 }]);
  await eventually(async () => {
    const read = await one.client.get<Refund>(`/refunds/${rest.data.id}`);
    expect(read.data.state).toBe('succeeded');
  });
  await eventually(async () => expect(await reconcile()).toEqual([]));
  expect(await cents(one.client)).toBe(0);
}, 180_000);

test('50 paid, 10 used, amended to 30, disputed and lost: −10, what was taken back is not taken again', async () => {
  const one = await payer(5_000);
  expect((await spend(one.client, `taken-${Date.now()}`, '10.00')).status).toBe(201);
  await eventually(async () => expect(await cents(one.client)).toBe(4_000));
  await operate(one, 'amend', { amount: '30.00' });
  expect(await cents(one.client)).toBe(2_000);
  const charge = await chargeOf(one.client);
  const dispute = await control<{ id: string }>(`charges/${charge}/dispute`);
  await eventually(async () => expect(await isPaused(one.client)).toBe('dispute'));
  await eventually(async () => expect(await reconcile()).toEqual([]));
  await control(`disputes/${dispute.id}/close`, { status: 'lost' });
  await eventually(async () => expect(await cents(one.client)).toBe(-1_000));
  await eventually(async () => expect(await reconcile()).toEqual([]));
}, 180_000);

test('all that these tests made the product ask of Stripe, Stripe’s published OpenAPI takes', async () => {
  const { routes, refused } = await putToStripe(stack);
  expect(routes).toEqual(
    expect.arrayContaining([
      'POST /v1/refunds',
      'GET /v1/refunds',
      'GET /v1/disputes',
      'GET /v1/balance_transactions',
      'GET /v1/events',
    ]),
  );
  expect(refused).toEqual([]);
}, 360_000);

test('after all of it Stripe’s balance transactions = stripe_clearing, to the cent', async () => {
  const one = await payer(10_000);
  const charge = await chargeOf(one.client);
  await control(`charges/${charge}/refund`, { amount: 4_000 });
  // A bank that claims everything, whatever went back of it: 140 and a fee leave Stripe.
  await control(`charges/${charge}/dispute`, { amount: 10_000 });
  await eventually(async () => expect(await isPaused(one.client)).toBe('dispute'));
  // The wallet of credits keeps it in credits, at the 50 for a dollar that its payment bought.
  await eventually(async () => {
    const { USD = NaN, credits = NaN } = await clearing();
    expect(USD + credits / 50).toBe(-(await balanceAtStripe()));
  });
  // The sum may be right while a refund and a dispute are still on their way; then it ends with 1.
  await eventually(async () => {
    const report = JSON.parse(await stack.orbit('--json', 'reconcile', 'stripe')) as {
      differences: unknown[];
      clearing: { currency: string; at_stripe: string; in_ledger: string }[];
    };
    const { USD = NaN, credits = NaN } = await clearing();
    expect(report.differences).toEqual([]);
    for (const [currency, booked] of Object.entries({ USD, credits })) {
      const amount = formatAmount(micros(BigInt(-booked) * 10_000n), currency);
      expect(report.clearing).toContainEqual({ currency, at_stripe: amount, in_ledger: amount });
    }
  });
}, 180_000);

/** Balance transactions of the whole account: gross amounts, and of fees those for disputes. In cents. */
async function balanceAtStripe(): Promise<number> {
  interface Page {
    readonly has_more: boolean;
    readonly data: readonly { id: string; type: string; amount: number; fee: number }[];
  }
  let sum = 0;
  for (let after = '', more = true; more;) {
    const page = await stripe<Page>(`balance_transactions?limit=100${after}`);
    for (const { type, amount, fee } of page.data)
      sum += amount - (type === 'adjustment' ? fee : 0);
    after = `&starting_after=${page.data.at(-1)?.id ?? ''}`;
    more = page.has_more;
  }
  return sum;
}

/** The account stripe_clearing over all entries, in hundredths of each unit. */
async function clearing(): Promise<Readonly<Record<string, number>>> {
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ currency: string; cents: string }>(
      `SELECT currency, sum(CASE WHEN to_account = 3 THEN amount_micros ELSE -amount_micros END) / 10000 AS cents
       FROM wallet_ledger.entry JOIN wallet_ledger.wallet USING (wallet_no)
       WHERE 3 IN (from_account, to_account) GROUP BY currency`,
    );
    return Object.fromEntries(rows.map(({ currency, cents }) => [currency, Number(cents)]));
  } finally {
    await client.end();
  }
}

/** The charge of the wallet's only top-up, as Stripe knows it. */
async function chargeOf(client: BillingClient): Promise<string> {
  const session = (await topUpOf(client)).replace('stripe_session:', '');
  const { payment_intent } = await stripe<{ payment_intent: string }>(
    `checkout/sessions/${session}`,
  );
  const intent = await stripe<{ latest_charge: string }>(`payment_intents/${payment_intent}`);
  return intent.latest_charge;
}

async function stripe<T>(path: string): Promise<T> {
  const secrets = JSON.parse(await readFile(join(stack.home, 'secrets.json'), 'utf8')) as {
    stripeSecretKey: string;
  };
  const headers = { authorization: `Bearer ${secrets.stripeSecretKey}` };
  return (await (await fetch(`${stack.sandboxUrl}/v1/${path}`, { headers })).json()) as T;
}

interface Receipt {
  readonly number: string;
  readonly status: string;
  readonly amount_refunded: number;
  readonly amount_net: number;
  readonly pdf_url: string;
  readonly credit_notes: readonly { number: string; amount: number; pdf_url: string }[];
}

test('a receipt shows its refunds, each with a credit note of its own, and two organizations never share a number', async () => {
  const payers = [await payer(10_000), await payer(10_000)];
  const receiptOf = async ({ client }: Payer): Promise<Receipt> => {
    const { data } = await client.get<readonly Receipt[]>('/invoices');
    expect(data).toHaveLength(1);
    return data[0]!;
  };
  const pdf = async (url: string, key: string): Promise<Buffer> => {
    const answer = await fetch(url, { headers: { 'x-api-key': key } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    return Buffer.from(await answer.arrayBuffer());
  };
  await eventually(async () => {
    const [a, b] = await Promise.all(payers.map(receiptOf));
    expect(a?.number).not.toBe(b?.number);
  });
  const [one, other] = payers;
  const paid = await receiptOf(one!);
  const before = await pdf(paid.pdf_url, one!.key);
  const payment_id = await topUpOf(one!.client);
  await refund(one!.client, { payment_id, amount: 2_500 }, 'e2e-receipt-part');
  await eventually(async () =>
    expect(await receiptOf(one!)).toMatchObject({
      ...{ number: paid.number, status: 'partially_refunded' },
      ...{ amount_refunded: 2_500, amount_net: 7_500, credit_notes: [{ amount: 2_500 }] },
    }),
  );
  const partly = await receiptOf(one!);
  expect(Buffer.compare(before, await pdf(partly.pdf_url, one!.key))).not.toBe(0);
  await refund(one!.client, { payment_id }, 'e2e-receipt-rest');
  await eventually(async () =>
    expect(await receiptOf(one!)).toMatchObject({
      ...{ status: 'refunded', amount_refunded: 10_000, amount_net: 0 },
      credit_notes: [{ amount: 2_500 }, { amount: 7_500 }],
    }),
  );
  const { credit_notes } = await receiptOf(one!);
  const [first, second] = credit_notes.map(({ number }) =>
    Number(/^CN-\d{4}-(\d{3,})$/.exec(number)?.[1]),
  );
  expect(second).toBeGreaterThan(first!);
  for (const { pdf_url } of credit_notes) {
    expect((await pdf(pdf_url, one!.key)).subarray(0, 5).toString()).toBe('%PDF-');
    expect((await fetch(pdf_url, { headers: { 'x-api-key': other!.key } })).status).toBe(404);
  }
  expect(await receiptOf(other!)).toMatchObject({ status: 'paid', credit_notes: [] });
}, 180_000);
