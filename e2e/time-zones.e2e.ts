// Goal: the zone that an administrator gives the database moves neither a day of usage, nor an instant, nor a
// plan's period. Method: the database is set to a zone in the east and one in the west, every connection is
// ended, and the story of an organization is told through public surfaces.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@orbit/testing';
import { Kafka } from 'kafkajs';
import pg from 'pg';
import { BillingClient } from './client.js';
import { START_MS_MAX, startStack, STOP_MS_MAX, type RunningStack } from './stack.js';

const WAIT = { timeoutMs: 60_000 };
const DAY_MS = 86_400_000;
let stack: RunningStack;
let operator: BillingClient;
let database: pg.Client;
beforeAll(async () => {
  stack = await startStack({ use: 'last' });
  operator = new BillingClient(stack.gatewayUrl, stack.operatorApiKey);
  database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
}, START_MS_MAX);
afterAll(async () => {
  await database?.end();
  await stack?.stop();
}, STOP_MS_MAX);

/** As an administrator does it: for the database, and for each role in it; then all connect anew. */
async function moveDatabaseTo(zone: string): Promise<void> {
  const { rows } = await database.query<{ name: string }>(
    "SELECT quote_ident(rolname) AS name FROM pg_roles WHERE rolname LIKE 'orbit\\_%'",
  );
  await database.query(`ALTER DATABASE orbit SET timezone TO '${zone}'`);
  for (const { name } of rows)
    await database.query(`ALTER ROLE ${name} IN DATABASE orbit SET timezone TO '${zone}'`);
  await database.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
}

async function organization(): Promise<{ id: string; client: BillingClient }> {
  const body = { name: 'Zone tests', currency: 'usd' };
  const url = `${stack.gatewayUrl}/api/v1/operator/organizations`;
  // Until its connections are new, a service may answer 503.
  return eventually(async () => {
    const { status, data } = await operator.post<{
      organization: { id: string };
      api_key: { key: string };
    }>(url, body);
    expect(status).toBe(201);
    const client = new BillingClient(stack.gatewayUrl, data.api_key.key);
    return { id: data.organization.id, client };
  }, WAIT);
}

async function payPage(client: BillingClient, path: string, body: object): Promise<void> {
  const returns = { successUrl: 'https://example.com/ok', cancelUrl: 'https://example.com/no' };
  await eventually(async () => {
    const order = { ...body, ...returns };
    const key = { 'Idempotency-Key': `zones${path.replaceAll('/', '-')}` };
    const answer = await client.post<{ checkoutUrl: string }>(path, order, key);
    expect([answer.status, answer.error]).toEqual([200, undefined]);
    await stack.orbit('sandbox', 'pay', answer.data.checkoutUrl);
  }, WAIT);
}

async function sendCharge(organizationId: string, chargeId: string, at: string): Promise<void> {
  const producer = new Kafka({
    ...{ clientId: 'sender', brokers: [...stack.kafkaBrokers], logLevel: 0 },
  }).producer();
  await producer.connect();
  const value = JSON.stringify({
    ...{ charge_id: chargeId, organization_id: organizationId, amount: '0.02', currency: 'USD' },
    ...{ channel: 'sms', quantity: 1, authorization_id: null, occurred_at: at, metadata: {} },
  });
  await producer.send({ topic: 'charge.requested', messages: [{ key: organizationId, value }] });
  await producer.disconnect();
}

const near = (instant: string | undefined, ms: number): void => {
  expect(Math.abs(Date.parse(instant ?? '') - ms)).toBeLessThan(10 * 60_000);
};

test.each([
  ['east', 'Pacific/Auckland'],
  ['west', 'America/Los_Angeles'],
])(
  'a database in the %s, %s: days, instants and periods are the same',
  async (_, zone) => {
    await moveDatabaseTo(zone);
    const startMs = Date.now();
    const days = [-1, 0, 1].map((n) => new Date(startMs + n * DAY_MS).toISOString().slice(0, 10));
    const [yesterday = '', today = '', tomorrow = ''] = days;
    const { id, client } = await organization();
    await payPage(client, '/balance/top-up', { amount: 10_000, currency: 'usd' });
    await eventually(async () => {
      expect((await client.get<{ balance_cents: number }>('/balance')).data.balance_cents).toBe(
        10_000,
      );
    }, WAIT);

    const posted = await client.post<{ status: string }>('/charges?wait=posted', {
      ...{ charge_id: 'today', amount: '0.01', currency: 'USD', channel: 'sms' },
    });
    expect([posted.status, posted.data.status]).toEqual([201, 'posted']);
    await sendCharge(id, 'late-yesterday', `${yesterday}T23:59:30.000Z`);
    await sendCharge(id, 'early-today', `${today}T00:00:30.000Z`);

    interface Day {
      readonly period: string;
      readonly messages: { readonly sms: number };
    }
    await eventually(async () => {
      const range = `start_date=${yesterday}&end_date=${tomorrow}`;
      const history = (await client.get<Day[]>(`/usage/history?${range}`)).data;
      expect(history.map(({ period, messages }) => [period, messages.sms])).toEqual([
        [yesterday, 1],
        [today, 2],
      ]);
      const channels = async (count: number) =>
        (
          await client.get<{ total_messages: number }[]>(`/usage-by-channel?days=${count}`)
        ).data.map((row) => row.total_messages);
      expect([await channels(1), await channels(2)]).toEqual([[2], [3]]);
    }, WAIT);

    interface Entries {
      readonly transactions: readonly { readonly created_at: string }[];
    }
    const entries = (await client.get<Entries>('/transactions')).data.transactions;
    expect(entries).toHaveLength(4);
    for (const entry of entries) near(entry.created_at, startMs);
    const topups = await operator.get<{ organization_id: string; created_at: string }[]>(
      `${stack.gatewayUrl}/api/v1/operator/topups`,
    );
    near(topups.data.find((one) => one.organization_id === id)?.created_at, startMs);
    const receipt = await eventually(async () => {
      const [first] = (await client.get<Record<string, string>[]>('/invoices')).data;
      expect(first).toBeDefined();
      return first;
    }, WAIT);
    near(receipt?.['created_at'], startMs);
    expect(receipt?.['period_start']).toMatch(new RegExp(`^${today.slice(0, 7)}-01T00:00:00`));

    await payPage(client, '/checkout', { priceId: 'price_starter_monthly' });
    const plan = await eventually(async () => {
      const { data } = await client.get<Record<string, string> | null>('/plan');
      expect(data?.['status']).toBe('active');
      return data;
    }, WAIT);
    near(plan?.['current_period_start'], startMs);
    const lengthDays =
      (Date.parse(plan?.['current_period_end'] ?? '') -
        Date.parse(plan?.['current_period_start'] ?? '')) /
      DAY_MS;
    expect(lengthDays).toBeGreaterThan(27.9);
    expect(lengthDays).toBeLessThan(31.1);
    expect((await stack.orbit('ledger', 'verify')).length).toBeGreaterThan(0);
  },
  240_000,
);
