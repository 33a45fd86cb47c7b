// Goal: with Kafka, Redis and PostgreSQL that demand TLS and a login, money comes, is spent and goes
// back; without a login, or with another service's rights, nobody gets anywhere.
// Method: `ORBIT_SECURED=on npm start`, and clients of all kinds at its doors.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@orbit/testing';
import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import pg from 'pg';
import { BillingClient } from './client.js';
import { START_MS_MAX, startStack, STOP_MS_MAX, type RunningStack } from './stack.js';

let stack: RunningStack;
let client: BillingClient;
let ca = '';
let kafkaUsers: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  stack = await startStack({ settings: { ORBIT_SECURED: 'on' } });
  client = new BillingClient(stack.gatewayUrl, stack.organizationApiKey);
  const secured = (name: string): string => readFileSync(join(stack.home, 'secured', name), 'utf8');
  ca = secured('certificate.pem');
  kafkaUsers = (JSON.parse(secured('users.json')) as { kafka: Record<string, string> }).kafka;
}, START_MS_MAX);
afterAll(() => stack?.stop(), STOP_MS_MAX);

const cents = async (): Promise<number> =>
  (await client.get<{ balance_cents: number }>('/balance')).data.balance_cents;

test('100.00 is paid, 25.00 spent, 75.00 refunded: over encrypted connections with a login each', async () => {
  const back = `${stack.gatewayUrl}/health/live`;
  const order = { amount: 10_000, currency: 'usd', successUrl: back, cancelUrl: back };
  const page = await client.post<{ checkoutUrl: string }>('/balance/top-up', order, {
    'Idempotency-Key': 'e2e-secured-top-up',
  });
  await fetch(page.data.checkoutUrl, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({
      ...{ card_number: '4242424242424242', exp: '12 / 40', cvc: '123' },
      ...{ name: 'Ada Lovelace', email: 'ada@example.com', action: 'pay' },
    }),
  });
  await eventually(async () => expect(await cents()).toBe(10_000));
  const charge = { charge_id: 'secured-1', amount: '25.00', currency: 'USD', channel: 'sms' };
  expect((await client.post('/charges?wait=posted', charge)).status).toBe(201);
  expect(await cents()).toBe(7_500);
  const { transactions } = (
    await client.get<{ transactions: { type: string; reference: string }[] }>('/transactions')
  ).data;
  const payment_id = transactions.find(({ type }) => type === 'topup')?.reference;
  const refund = { payment_id, amount: 7_500 };
  const given = await client.post('/refunds', refund, { 'Idempotency-Key': 'e2e-secured-refund' });
  expect(given.status).toBe(201);
  await eventually(async () => expect(await cents()).toBe(0));
  await eventually(async () => {
    const usage = await client.get<{ channels: { channel: string }[] }>('/usage-by-channel');
    expect(JSON.stringify(usage.data)).toContain('sms');
  });
}, 180_000);

const kafkaAs = (options: Partial<KafkaConfig>): Kafka =>
  new Kafka({
    ...{ clientId: 'stranger', brokers: [...stack.kafkaBrokers], logLevel: logLevel.NOTHING },
    ...{ retry: { retries: 0 }, connectionTimeout: 3_000, ...options },
  });
const loginOf = (name: string) => ({
  ssl: { ca },
  sasl: { mechanism: 'plain' as const, username: name, password: kafkaUsers[name] ?? '' },
});
const forge = async (kafka: Kafka, topic: string): Promise<unknown> => {
  const producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 0 } });
  try {
    await producer.connect();
    return await producer.send({ topic, messages: [{ key: 'x', value: '{}' }] });
  } finally {
    await producer.disconnect();
  }
};

test('Kafka: no TLS, no login and a wrong password get nowhere', async () => {
  await expect(forge(kafkaAs({}), 'charge.requested')).rejects.toThrow();
  await expect(forge(kafkaAs({ ssl: { ca } }), 'charge.requested')).rejects.toThrow();
  const wrong = { ...loginOf('orbit-gateway').sasl, password: 'wrong' };
  await expect(forge(kafkaAs({ ssl: { ca }, sasl: wrong }), 'charge.requested')).rejects.toThrow();
});

test('Kafka: the gateway may ask for charges and not say that money arrived; checkout the other way round', async () => {
  const gateway = kafkaAs(loginOf('orbit-gateway'));
  const checkout = kafkaAs(loginOf('orbit-checkout'));
  await expect(forge(gateway, 'topup.completed')).rejects.toThrow(/authoriz/i);
  await expect(forge(checkout, 'charge.requested')).rejects.toThrow(/authoriz/i);
  await expect(forge(checkout, 'charge.posted')).rejects.toThrow(/authoriz/i);
});

/** What a server says to one line. `close` where it hangs up without a word. */
const says = (socket: Socket, line: string): Promise<string> =>
  new Promise((resolve) => {
    socket.once('data', (data) => resolve(data.toString()));
    socket.once('close', () => resolve('close'));
    socket.once('error', () => resolve('close'));
    socket.write(`${line}\r\n`);
  });

test('Redis: plain connections and connections without a login get nowhere', async () => {
  const { hostname: host, port } = new URL(stack.redisUrl);
  const plain = connect({ host, port: Number(port) });
  expect(await says(plain, 'GET x')).toBe('close');
  plain.destroy();
  const nobody = tlsConnect({ host, port: Number(port), ca });
  expect(await says(nobody, 'GET x')).toMatch(/^-NOAUTH/);
  nobody.destroy();
});

test('PostgreSQL: a connection without TLS is refused, and one that does not know the authority refuses', async () => {
  const plain = new URL(stack.databaseUrl);
  plain.search = '';
  const open = async (connectionString: string): Promise<void> => {
    const connection = new pg.Client({ connectionString });
    connection.on('error', () => undefined);
    try {
      await connection.connect();
    } finally {
      await connection.end().catch(() => undefined);
    }
  };
  await expect(open(plain.href)).rejects.toThrow(/no encryption|pg_hba/);
  await expect(open(`${plain.href}?sslmode=verify-full`)).rejects.toThrow(/self-signed/);
  await expect(open(stack.databaseUrl)).resolves.toBeUndefined();
});
