import { createPrisma, type PrismaClient } from '@orbit/persistence';
import { createTestDatabase, type TestDatabase } from '@orbit/testing';
import { IssueInvoiceBatch } from '../application/issue-invoice-batch.js';
import { ReadInvoices } from '../application/read-invoices.js';
import type { PaidTopUp } from '../domain/invoice.js';
import { KafkaOutboxRelay } from './kafka-outbox-relay.js';
import { PdfReceiptRenderer } from './pdf-receipt-renderer.js';
import { PrismaInvoiceStore } from './prisma-invoice-store.js';

const PAID_MS = Date.parse('2026-05-16T11:22:33.444Z');
const clock = { nowMs: () => PAID_MS + 1_000 };
const logger = { warn: () => undefined };
let database: TestDatabase;
let prisma: PrismaClient;
let issue: IssueInvoiceBatch;
let invoices: ReadInvoices;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.urlFor('orbit_invoicing'), { poolSizeMax: 10 });
  const store = new PrismaInvoiceStore(prisma);
  issue = new IssueInvoiceBatch(store, { wake: () => undefined }, clock);
  const renderer = new PdfReceiptRenderer({ pageSize: 'A4', fallbackFontPath: null });
  invoices = new ReadInvoices(store, renderer, { name: 'Orbit Billing', addressLines: [] });
});

afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});

const topUp = (organizationId: string, i: number, paidAtMs = PAID_MS): PaidTopUp => ({
  topupId: `tu_${organizationId}_${i}`,
  organizationId,
  amountMinor: 10_000n,
  currency: 'USD',
  reference: `stripe_session:cs_${i}`,
  paymentIntentId: `pi_${i}`,
  card: { brand: 'visa', last4: '4242' },
  receiptEmail: null,
  paidAtMs,
});
/** A batch that could not get its turn in time runs again, as the consumer does it. */
async function issueAsConsumer(batch: readonly PaidTopUp[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await issue.run(batch);
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}
const page = (organizationId: string, limit = 100, afterId: string | null = null) =>
  invoices.page({ organizationId, limit, afterId });

test('50 top-ups issued at once, each twice, get the numbers 1 to 50 without a gap', async () => {
  const runs = Array.from({ length: 50 }, (_, i) => [topUp('org_a', i)]);
  await Promise.all([...runs, ...runs].map(issueAsConsumer));
  const { invoices: rows, total } = await page('org_a');
  expect(rows.map((row) => Number(row.number.slice(9)))).toEqual(
    Array.from({ length: 50 }, (_, i) => 50 - i),
  );
  expect(rows[0]?.number).toBe('INV-2026-050');
  expect(total).toBe(50);
  expect(await prisma.invoiceOutbox.count({ where: { key: 'org_a' } })).toBe(50);
});

test('a batch that fails takes no number', async () => {
  await issue.run([topUp('org_f', 1)]);
  await expect(
    issue.run([topUp('org_f', 2), { ...topUp('org_f', 3), amountMinor: 0n }]),
  ).rejects.toThrow();
  await issue.run([topUp('org_f', 2), topUp('org_f', 3)]);
  const { invoices: rows } = await page('org_f');
  expect(rows.map((row) => row.number)).toEqual(['INV-2026-003', 'INV-2026-002', 'INV-2026-001']);
});

test('each year and each organization counts from one', async () => {
  const lastMs = Date.parse('2026-12-31T23:59:59.999Z');
  await issue.run([topUp('org_y', 1, lastMs), topUp('org_y', 2, lastMs + 1), topUp('org_z', 1)]);
  const numbers = async (id: string) => (await page(id)).invoices.map((row) => row.number);
  expect(await numbers('org_y')).toEqual(['INV-2027-001', 'INV-2026-001']);
  expect(await numbers('org_z')).toEqual(['INV-2026-001']);
});

test('pages walk from the newest to the oldest and end', async () => {
  await issue.run(Array.from({ length: 5 }, (_, i) => topUp('org_p', i)));
  const first = await page('org_p', 2);
  const second = await page('org_p', 2, first.invoices.at(-1)?.id);
  const third = await page('org_p', 2, second.invoices.at(-1)?.id);
  const all = [first, second, third];
  expect(all.flatMap((p) => p.invoices.map((row) => Number(row.number.slice(9))))).toEqual([
    5, 4, 3, 2, 1,
  ]);
  expect(all.map((p) => p.hasMore)).toEqual([true, true, false]);
});

test("another organization's invoice gives null, and its id is no cursor", async () => {
  await issue.run([topUp('org_own', 1)]);
  const id = (await page('org_own')).invoices[0]?.id ?? '';
  expect((await invoices.pdf('org_own', id))?.filename).toBe('INV-2026-001.pdf');
  expect(await invoices.pdf('org_other', id)).toBeNull();
  await expect(page('org_other', 10, id)).rejects.toMatchObject({ code: 'invalid_field' });
});

test('the relay publishes each event in order, and again under the same id when marking failed', async () => {
  await prisma.invoiceOutbox.updateMany({ data: { publishedAt: new Date(PAID_MS) } });
  await issue.run([topUp('org_r', 1), topUp('org_r', 2)]);
  const sent: string[][] = [];
  let failures = 1;
  const producer = {
    publish: (_topic: string, events: readonly { id: string }[]) => {
      sent.push(events.map((event) => event.id));
      return failures-- > 0 ? Promise.reject(new Error('late acknowledgement')) : Promise.resolve();
    },
  };
  const relay = new KafkaOutboxRelay(prisma, producer, clock, logger);
  await expect(relay.publishBatch()).rejects.toThrow('late acknowledgement');
  expect(await relay.publishBatch()).toBe(2);
  expect(await relay.publishBatch()).toBe(0);
  expect(sent[0]).toHaveLength(2);
  expect(sent[1]).toEqual(sent[0]);
});

test.each([
  ['DELETE FROM invoicing.invoice'],
  ['UPDATE invoicing.invoice SET amount_minor = 1'],
  ['DELETE FROM invoicing.invoice_counter'],
  ['SELECT * FROM usage_metering.usage_rollup'],
])('the role may not: %s', async (sql) => {
  await expect(prisma.$executeRawUnsafe(sql)).rejects.toThrow(/permission denied/);
});
