// Goal: the way of money through all five services agrees to the micro. Method: public surfaces alone —
// the HTTP API, the hosted payment page, libs/spend, a raw Kafka producer — on a stack of its own.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '@orbit/kernel';
import { EventProducer, patientAdmin } from '@orbit/messaging';
import { formatAmount, micros, parseAmount } from '@orbit/money';
import { SpendClient } from '@orbit/spend';
import { eventually } from '@orbit/testing';
import { Redis } from 'ioredis';
import { Kafka } from 'kafkajs';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { Browser } from 'playwright-core';
import { openBrowser } from './browser.js';
import { BillingClient } from './client.js';
import { payInBrowser } from './hosted-page.js';
import { START_MS_MAX, startStack, STOP_MS_MAX, type RunningStack } from './stack.js';

let stack: RunningStack;
let client: BillingClient;
let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
  stack = await startStack();
  client = new BillingClient(stack.gatewayUrl, stack.organizationApiKey);
}, START_MS_MAX);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
}, STOP_MS_MAX);

interface Balance {
  balance_cents: number;
  balance_exact: string;
  held: string;
  available: string;
  outbound_paused: boolean;
}
const balance = async (): Promise<Balance> => (await client.get<Balance>('/balance')).data;

async function topUp(amount: number, key: string): Promise<string> {
  const answer = await client.post<{ checkoutUrl: string }>(
    '/balance/top-up',
    {
      amount,
      currency: 'usd',
      successUrl: `${stack.gatewayUrl}/health/live`,
      cancelUrl: `${stack.gatewayUrl}/health/live?no`,
    },
    { 'Idempotency-Key': key },
  );
  expect(answer.status).toBe(200);
  return answer.data.checkoutUrl;
}

test('a top-up is paid in a browser on the hosted page and arrives in the wallet; a declined card moves nothing', async () => {
  expect((await balance()).balance_cents).toBe(0);
  const url = await topUp(10_000, 'e2e-topup-0001');
  expect(await topUp(10_000, 'e2e-topup-0001')).toBe(url);
  const declined = await payInBrowser(browser, url, '4000 0000 0000 0002');
  expect(await declined.textContent('body')).toMatch(/declined/i);
  expect((await balance()).balance_cents).toBe(0);
  const paid = await payInBrowser(browser, url, '4242 4242 4242 4242');
  expect(paid.url()).toContain('/health/live');
  await eventually(async () => expect((await balance()).balance_cents).toBe(10_000));
}, 180_000);

test('a card that asks for authentication pays once it is given; the command line pays as the page does', async () => {
  const url = await topUp(2_000, 'e2e-topup-0002');
  const page = await payInBrowser(browser, url, '4000 0025 0000 3155');
  expect((await balance()).balance_cents).toBe(10_000);
  await page.click('button[name=action][value=complete_authentication]');
  await eventually(async () => expect((await balance()).balance_cents).toBe(12_000));
  await stack.orbit('sandbox', 'pay', await topUp(3_000, 'e2e-topup-0003'));
  // At once: a script charges in its next line.
  expect((await balance()).balance_cents).toBe(15_000);
}, 180_000);

const PRICE_MICROS = { http: 7_500n, spend: 12_345n, kafka: 1n };
const COUNT = { http: 170, spend: 165, kafka: 165 };

test('500 charges over three ways in are posted once each', async () => {
  await Promise.all([chargeByHttp(), chargeBySpend(), chargeByKafka()]);
  const expected =
    150_000_000n -
    (Object.keys(COUNT) as (keyof typeof COUNT)[]).reduce(
      (sum, way) => sum + BigInt(COUNT[way]) * PRICE_MICROS[way],
      0n,
    );
  const exact = formatAmount(micros(expected), 'USD');
  await eventually(async () => {
    const now = await balance();
    expect(now).toMatchObject({ balance_exact: exact, held: '0.00', available: exact });
  });
}, 180_000);

async function chargeByHttp(): Promise<void> {
  for (let n = 0; n < COUNT.http; n += 10) {
    const answers = await Promise.all(
      Array.from({ length: Math.min(10, COUNT.http - n) }, (_, i) =>
        client.post('/charges', {
          charge_id: `sms_${n + i}`,
          amount: '0.0075',
          currency: 'USD',
          channel: 'sms',
        }),
      ),
    );
    for (const answer of answers) expect([200, 201, 202]).toContain(answer.status);
  }
}

async function chargeBySpend(): Promise<void> {
  const redis = new Redis(stack.redisUrl);
  const producer = new EventProducer({
    brokers: [...stack.kafkaBrokers],
    clientId: 'e2e-send-service',
  });
  await producer.connect();
  const spend = new SpendClient({
    redis,
    clock: systemClock,
    loader: { load: () => Promise.resolve(null) },
    producer: { publish: (event) => producer.publish('charge.requested', [event as never]) },
  });
  for (let n = 0; n < COUNT.spend; n++) {
    const result = await spend.charge({
      organizationId: stack.organizationId,
      chargeId: `wa_${n}`,
      amountMicros: micros(PRICE_MICROS.spend),
      currency: 'USD',
      channel: 'whatsapp',
      quantity: 1,
      metadata: { country: '44' },
    });
    expect(result.status).not.toBe('refused');
  }
  await producer.disconnect();
  redis.disconnect();
}

async function chargeByKafka(): Promise<void> {
  // Not our producer and without CloudEvents headers: any client may write to the topic.
  const producer = new Kafka({
    clientId: 'someone-else',
    brokers: [...stack.kafkaBrokers],
    logLevel: 0,
  }).producer();
  await producer.connect();
  await producer.send({
    topic: 'charge.requested',
    messages: Array.from({ length: COUNT.kafka }, (_, n) => ({
      key: stack.organizationId,
      value: JSON.stringify({
        charge_id: `tok_${n}`,
        organization_id: stack.organizationId,
        amount: '0.000001',
        currency: 'USD',
        channel: 'tokens',
        quantity: 3,
        authorization_id: null,
        occurred_at: new Date().toISOString(),
        metadata: {},
      }),
    })),
  });
  await producer.disconnect();
}

interface Page {
  transactions: {
    id: string;
    type: string;
    amount_minor: number;
    amount: string;
    reference: string;
  }[];
  next_cursor: { cursor_ts: string; cursor_id: string } | null;
  has_more: boolean;
}

test('transactions, paged to the end, add up to the balance in integers and in micros', async () => {
  const all: Page['transactions'] = [];
  let path = '/transactions?limit=73';
  for (;;) {
    const { data } = await client.get<Page>(path);
    all.push(...data.transactions);
    if (!data.has_more || !data.next_cursor) break;
    const { cursor_ts: ts, cursor_id: id } = data.next_cursor;
    path = `/transactions?limit=73&cursor_ts=${encodeURIComponent(ts)}&cursor_id=${id}`;
  }
  expect(all).toHaveLength(503);
  expect(new Set(all.map(({ id }) => id)).size).toBe(503);
  const now = await balance();
  expect(all.reduce((sum, { amount_minor: minor }) => sum + minor, 0)).toBe(now.balance_cents);
  const exact = all.reduce((sum, { amount }) => {
    const parsed = parseAmount(amount);
    if (!parsed.ok) throw new Error(`transaction amount ${amount}`);
    return sum + parsed.amountMicros;
  }, 0n);
  expect(formatAmount(micros(exact), 'USD')).toBe(now.balance_exact);
});

test('usage per channel says the same, and delivery reports are counted', async () => {
  const reports = Array.from({ length: 20 }, (_, n) => ({
    charge_id: `sms_${n}`,
    status: n < 17 ? 'delivered' : 'failed',
    occurred_at: new Date().toISOString(),
  }));
  expect((await client.post('/delivery-reports', { reports })).status).toBe(202);
  await eventually(async () => {
    const { data } = await client.get<Record<string, unknown>[]>('/usage-by-channel?days=30');
    const byChannel = Object.fromEntries(data.map((row) => [row['channel'], row]));
    expect(byChannel['sms']).toMatchObject({
      total_messages: COUNT.http,
      delivered: 17,
      failed: 3,
      total_cost_exact: formatAmount(micros(BigInt(COUNT.http) * PRICE_MICROS.http), 'USD'),
    });
    expect(byChannel['whatsapp']).toMatchObject({ total_messages: COUNT.spend });
    expect(byChannel['tokens']).toMatchObject({
      total_messages: COUNT.kafka * 3,
      total_cost_exact: '0.000165',
    });
  });
}, 180_000);

test('receipts are numbered without gaps and each is a PDF whose text carries the amount', async () => {
  // Invoicing reads the top-ups on its own; nothing above has waited for it.
  const data = await eventually(async () => {
    const { data: seen } =
      await client.get<{ id: string; number: string; amount: number; pdf_url: string }[]>(
        '/invoices',
      );
    expect(seen.map(({ number: n }) => n.slice(-3))).toEqual(['003', '002', '001']);
    return seen;
  });
  const first = data[2];
  expect(first).toMatchObject({ amount: 10_000, currency: 'usd', status: 'paid' });
  const number = first?.number ?? '';
  expect(number).toMatch(/^INV-\d{4}-001$/);
  const pdf = await client.bytes(`/invoices/${first?.id}/pdf`);
  expect(pdf).toMatchObject({ status: 200, type: 'application/pdf' });
  const text = await pdfText(pdf.bytes);
  expect(text).toContain('100.00');
  expect(text).toContain(number);
});

test('what can never be charged goes to the dead letters with its reason, and the partition goes on', async () => {
  const before = (await balance()).balance_exact;
  const good = {
    charge_id: 'after_the_bad_ones',
    organization_id: stack.organizationId,
    amount: '0.01',
    currency: 'USD',
    channel: 'sms',
    occurred_at: new Date().toISOString(),
  };
  const { charge_id: _id, ...withoutId } = good;
  const values = [
    '{"charge_id": "cut off',
    JSON.stringify(withoutId),
    JSON.stringify({ ...good, charge_id: 'bad_1', amount: '1e3' }),
    JSON.stringify({ ...good, charge_id: 'bad_2', amount: 5 }),
    JSON.stringify({ ...good, charge_id: 'bad_3', amount: '9999999999' }),
    JSON.stringify({ ...good, charge_id: 'bad_4', organization_id: 'org_nobody' }),
    JSON.stringify(good),
  ];
  const kafka = new Kafka({ clientId: 'careless', brokers: [...stack.kafkaBrokers], logLevel: 0 });
  const producer = kafka.producer();
  await producer.connect();
  // One key for all, so that the good one stands behind the bad ones in one partition.
  const messages = values.map((value) => ({ key: stack.organizationId, value }));
  await producer.send({ topic: 'charge.requested', messages });
  await producer.disconnect();

  const microsOf = (text: string): bigint => {
    const parsed = parseAmount(text);
    if (!parsed.ok) throw new Error(text);
    return parsed.amountMicros;
  };
  await eventually(async () => {
    expect(microsOf((await balance()).balance_exact)).toBe(microsOf(before) - 10_000n);
  });
  const admin = patientAdmin(kafka.admin());
  await admin.connect();
  // The balance moves with the commit; what the group has to tell is published right after it.
  await eventually(async () => {
    const offsets = await admin.fetchTopicOffsets('charge.requested.dlq');
    expect(offsets.reduce((sum, { high }) => sum + Number(high), 0)).toBe(6);
  });
  await admin.disconnect();
}, 180_000);

async function pdfText(bytes: Uint8Array): Promise<string> {
  const document = await getDocument({ data: bytes }).promise;
  const page = await document.getPage(1);
  const content = await page.getTextContent();
  return content.items.map((item) => ('str' in item ? item.str : '')).join(' ');
}

test('a traceparent goes on to charge.requested and charge.posted also while nothing is exported', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const trace = { traceparent, tracestate: 'vendor=1' };
  const charge = { amount: '0.01', currency: 'USD', channel: 'sms' };
  const send = (id: string, headers: Record<string, string> = {}) =>
    client.post('/charges?wait=posted', { ...charge, charge_id: id }, headers);
  const answers = await Promise.all([
    send('traced', trace),
    send('untraced'),
    send('nonsense', { traceparent: 'nonsense' }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  const seen = new Map<string, Record<string, string | undefined>>();
  const kafka = new Kafka({ brokers: [...stack.kafkaBrokers], logLevel: 0 });
  const consumer = kafka.consumer({ groupId: 'e2e-traces', maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: ['charge.requested', 'charge.posted'], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, message: { value, headers } }) => {
      // What the tests above sent is not all JSON.
      const [, id = ''] = /"charge_id":"([^"]+)"/.exec(String(value)) ?? [];
      const { traceparent: given, tracestate: state } = headers ?? {};
      seen.set(`${topic} ${id}`, { traceparent: given?.toString(), tracestate: state?.toString() });
      await Promise.resolve();
    },
  });
  await eventually(() => {
    for (const topic of ['charge.requested', 'charge.posted']) {
      expect(seen.get(`${topic} traced`)).toEqual(trace);
      for (const id of ['untraced', 'nonsense'])
        expect(seen.get(`${topic} ${id}`)).toEqual({
          traceparent: undefined,
          tracestate: undefined,
        });
    }
    return Promise.resolve();
  });
  await consumer.disconnect();
});
