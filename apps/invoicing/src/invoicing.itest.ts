// Goal: the service as it runs: events over Kafka in, answers over RPC out; what is issued is told.
import { INVOICES, type InvoicePage, type InvoicePdf } from '@orbit/contracts';
import { createTopics, EventProducer, KafkaBatchServer } from '@orbit/messaging';
import {
  createLogger,
  readConfig,
  RpcClient,
  startService,
  type RunningService,
} from '@orbit/runtime';
import {
  SLOW_ANSWER_MS,
  createTestDatabase,
  eventually,
  testInfra,
  uniqueId,
  type TestDatabase,
} from '@orbit/testing';
import { Kafka, logLevel } from 'kafkajs';
import { createServer } from 'node:net';
import { InvoicingConfig } from './invoicing.config.js';
import { InvoicingResources, InvoicingModule } from './invoicing.module.js';

const prefix = `${uniqueId('invoicing')}.`;
const brokers = testInfra().kafkaBrokers;
const logger = createLogger('invoicing', 'fatal');
let database: TestDatabase;
let service: RunningService;
let producer: EventProducer;
let rpc: RpcClient;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

beforeAll(async () => {
  database = await createTestDatabase();
  await createTopics({ brokers, topicPrefix: prefix, services: ['invoicing'] });
  const [rpcPort, healthPort] = [await freePort(), await freePort()];
  const config = readConfig(InvoicingConfig, {
    DATABASE_URL: database.urlFor('orbit_invoicing'),
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_TOPIC_PREFIX: prefix,
    INVOICING_RPC: `127.0.0.1:${rpcPort}`,
    PUBLIC_URL: 'https://billing.test',
    WALLET_LEDGER_RPC: '127.0.0.1:1',
    USAGE_METERING_RPC: '127.0.0.1:1',
    CHECKOUT_RPC: '127.0.0.1:1',
    HEALTH_PORT: String(healthPort),
  });
  const resources = new InvoicingResources(config, logger);
  service = await startService({
    name: 'invoicing',
    module: InvoicingModule.of(resources),
    rpcAddress: config.INVOICING_RPC,
    healthPort,
    logger,
    prepare: () => resources.start(),
    ready: () => resources.ready(),
    strategy: new KafkaBatchServer({
      brokers,
      clientId: 'invoicing',
      groupId: 'invoicing',
      topicPrefix: prefix,
      producer: resources.producer,
      logger,
    }),
  });
  producer = new EventProducer({ brokers, clientId: 'test', topicPrefix: prefix });
  await producer.connect();
  rpc = new RpcClient({
    name: 'invoicing',
    host: '127.0.0.1',
    port: rpcPort,
    timeoutMs: SLOW_ANSWER_MS,
  });
}, 120_000);

afterAll(async () => {
  rpc.close();
  await producer.disconnect();
  await service.stop();
  await database.drop();
});

const topUp = (i: number, change: object = {}) => ({
  topup_id: `tu_${i}`,
  organization_id: 'org_k',
  amount: '100.00',
  currency: 'USD',
  reference: `stripe_session:cs_${i}`,
  payment_intent_id: `pi_${i}`,
  checkout_session_id: `cs_${i}`,
  payment_method: { brand: 'visa', last4: '4242' },
  receipt_email: null,
  occurred_at: '2026-05-16T11:22:33.444Z',
  ...change,
});
const publish = (values: readonly object[]) =>
  producer.publish(
    'topup.completed',
    values.map((value) => ({ key: 'org_k', value, id: uniqueId('evt'), timeMs: 0 })),
  );
const list = () =>
  rpc.call<InvoicePage>(INVOICES.list.name, { organization_id: 'org_k', limit: 50 });

interface Issued {
  readonly number: string;
  readonly topup_id: string;
  /** Of its headers. */
  readonly traceparent?: string | undefined;
}

/** Reads invoice.issued from its beginning until `count` values are there. */
async function readIssued(count: number): Promise<Issued[]> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: uniqueId('reader'), maxWaitTimeInMs: 100 });
  const values: Issued[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic: `${prefix}invoice.issued`, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      const value = JSON.parse(String(message.value)) as Issued;
      values.push({ ...value, traceparent: message.headers?.['traceparent']?.toString() });
      return Promise.resolve();
    },
  });
  await eventually(() => expect(values.length).toBeGreaterThanOrEqual(count), {
    timeoutMs: 30_000,
  });
  await consumer.disconnect();
  return values;
}

test('top-ups sent twice, with one that cannot be among them, give one receipt and one event each', async () => {
  const topUps = Array.from({ length: 12 }, (_, i) => topUp(i));
  await publish([...topUps, topUp(99, { amount: '1.005' }), ...topUps]);
  await eventually(async () => expect((await list()).total).toBe(12));
  const { invoices } = await list();
  expect(invoices.map((invoice) => invoice.number)).toEqual(
    topUps.map((_, i) => `INV-2026-${String(12 - i).padStart(3, '0')}`),
  );
  expect(invoices[0]).toMatchObject({
    amount: 10_000,
    currency: 'USD',
    status: 'paid',
    period_start: '2026-05-01T00:00:00Z',
    period_end: '2026-05-31T23:59:59Z',
  });
  const issued = await readIssued(12);
  expect(new Set(issued.map((event) => event.topup_id)).size).toBe(12);
});

test('a receipt is reported in the trace of its payment, also of several payments in one batch', async () => {
  const traceparents = ['6', '7'].map((digit) => `00-${digit.repeat(32)}-00f067aa0ba902b7-01`);
  const before = (await list()).total;
  const headers = [...traceparents.map((traceparent) => ({ traceparent })), {}];
  await producer.publish(
    'topup.completed',
    headers.map((own, i) => ({
      ...{ key: 'org_k', value: topUp(100 + i), id: uniqueId('evt'), timeMs: 0, headers: own },
    })),
  );
  await eventually(async () => expect((await list()).total).toBe(before + 3));
  const issued = await readIssued(before + 3);
  const traceOf = (i: number) =>
    issued.find((event) => event.topup_id === `tu_${100 + i}`)?.traceparent;
  expect([0, 1, 2].map(traceOf)).toEqual([...traceparents, undefined]);
});

test("a receipt opens for its organization and is nobody else's", async () => {
  await publish([topUp(0)]);
  await eventually(async () => expect((await list()).total).toBeGreaterThan(0));
  const invoice_id = (await list()).invoices[0]?.id;
  const read = (organization_id: string) =>
    rpc.call<InvoicePdf | null>(INVOICES.pdf.name, { organization_id, invoice_id });
  const pdf = await read('org_k');
  expect(
    Buffer.from(pdf?.content_base64 ?? '', 'base64')
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');
  expect(await read('org_other')).toBeNull();
});
