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
let database: TestDatabase;
let prisma: PrismaClient;
let issue: IssueInvoiceBatch;
let invoices: ReadInvoices;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.urlFor('orbit_invoicing'), { poolSizeMax: 10 });
  const store = new PrismaInvoiceStore(prisma);
  issue = new IssueInvoiceBatch(store, { wake: () => undefined }, clock, 'acct_live');
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
  credited: { micros: 100_000_000n, unit: 'USD' },
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

const numbersOf = async (organizationId: string): Promise<string[]> =>
  (await page(organizationId)).invoices.map((row) => row.number);
/** Every sequence that was given of a kind and year, in order. */
async function given(kind: 'invoice' | 'credit_note', year: number): Promise<number[]> {
  const rows = await prisma.$queryRawUnsafe<{ sequence: number }[]>(
    `SELECT sequence FROM invoicing.${kind} WHERE year = ${year} ORDER BY sequence`,
  );
  return rows.map(({ sequence }) => sequence);
}
const oneTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test('50 top-ups of two organizations issued at once, each twice, get the numbers 1 to 50 without a gap', async () => {
  const runs = Array.from({ length: 50 }, (_, i) => [topUp(i % 2 === 0 ? 'org_a' : 'org_b', i)]);
  await Promise.all([...runs, ...runs].map(issueAsConsumer));
  expect(await given('invoice', 2026)).toEqual(oneTo(50));
  const [a, b] = [await numbersOf('org_a'), await numbersOf('org_b')];
  expect([a.length, b.length]).toEqual([25, 25]);
  expect(new Set([...a, ...b]).size).toBe(50);
  expect([...a, ...b]).toContain('INV-2026-050');
  expect((await page('org_a')).total).toBe(25);
  expect(await prisma.invoiceOutbox.count({ where: { key: 'org_a' } })).toBe(25);
});

test('a batch that fails takes no number', async () => {
  const year = (i: number, change: Partial<PaidTopUp> = {}): PaidTopUp => ({
    ...topUp('org_f', i, Date.parse('2031-02-03T00:00:00Z')),
    ...change,
  });
  await issue.run([year(1)]);
  await expect(issue.run([year(2), year(3, { amountMinor: 0n })])).rejects.toThrow();
  await issue.run([year(2), year(3)]);
  expect(await numbersOf('org_f')).toEqual(['INV-2031-003', 'INV-2031-002', 'INV-2031-001']);
});

test('each year counts from one, over all organizations of the seller', async () => {
  const lastMs = Date.parse('2041-12-31T23:59:59.999Z');
  await issue.run([
    topUp('org_y', 1, lastMs),
    topUp('org_y', 2, lastMs + 1),
    topUp('org_z', 1, lastMs),
  ]);
  expect(await numbersOf('org_y')).toEqual(['INV-2042-001', 'INV-2041-001']);
  expect(await numbersOf('org_z')).toEqual(['INV-2041-002']);
});

test('receipts from before keep their numbers, and the seller goes on behind the largest of them', async () => {
  const old = async (organizationId: string, sequence: number): Promise<void> => {
    await prisma.$executeRawUnsafe(
      `INSERT INTO invoicing.invoice SELECT * FROM jsonb_populate_record(NULL::invoicing.invoice, $1::text::jsonb)`,
      JSON.stringify({
        ...{ id: `inv_${organizationId}_${sequence}`, organization_id: organizationId },
        ...{ year: 2019, sequence, number: `INV-2019-${String(sequence).padStart(3, '0')}` },
        ...{ topup_id: `tu_${organizationId}_${sequence}`, amount_minor: 10_000, currency: 'USD' },
        ...{ status: 'paid', period_start: '2019-05-01', period_end: '2019-05-31T23:59:59Z' },
        ...{
          paid_at: '2019-05-02',
          reference: 'r',
          payment_intent_id: 'pi',
          created_at: '2019-05-02',
        },
        ...{ account: 'acct_live', is_numbered_by_seller: false },
      }),
    );
  };
  for (const sequence of [1, 2]) await old('org_old_a', sequence);
  await old('org_old_b', 1);
  // What the migration wrote down for them.
  await prisma.documentSeries.create({
    data: { account: 'acct_live', kind: 'receipt', year: 2019, last: 2 },
  });
  await issue.run([topUp('org_old_b', 9, Date.parse('2019-06-01T00:00:00Z'))]);
  expect(await numbersOf('org_old_b')).toEqual(['INV-2019-003', 'INV-2019-001']);
  expect(await numbersOf('org_old_a')).toEqual(['INV-2019-002', 'INV-2019-001']);
});

test('a number of the seller that is taken is refused by the database itself', async () => {
  await issue.run([topUp('org_twice', 1, Date.parse('2051-02-03T00:00:00Z'))]);
  await expect(
    prisma.$executeRaw`
      INSERT INTO invoicing.invoice SELECT (jsonb_populate_record(i, '{"id": "inv_x", "topup_id": "x", "organization_id": "y"}')).*
      FROM invoicing.invoice i WHERE organization_id = 'org_twice'`,
  ).rejects.toThrow(/invoice_seller_number_key/);
});

test('pages walk from the newest to the oldest and end', async () => {
  await issue.run(Array.from({ length: 5 }, (_, i) => topUp('org_p', i)));
  const first = await page('org_p', 2);
  const second = await page('org_p', 2, first.invoices.at(-1)?.id);
  const third = await page('org_p', 2, second.invoices.at(-1)?.id);
  const all = [first, second, third];
  const walked = all.flatMap((p) => p.invoices.map((row) => Number(row.number.slice(9))));
  const [newest = 0] = walked;
  expect(walked).toEqual([0, 1, 2, 3, 4].map((i) => newest - i));
  expect(all.map((p) => p.hasMore)).toEqual([true, true, false]);
});

test("another organization's invoice gives null, and its id is no cursor", async () => {
  await issue.run([topUp('org_own', 1)]);
  const { id = '', number = '' } = (await page('org_own')).invoices[0] ?? {};
  expect((await invoices.pdf('org_own', id))?.filename).toBe(`${number}.pdf`);
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
  const relay = new KafkaOutboxRelay(prisma, producer, clock);
  await expect(relay.publishBatch()).rejects.toThrow('late acknowledgement');
  expect(await relay.publishBatch()).toBe(2);
  expect(await relay.publishBatch()).toBe(0);
  expect(sent[0]).toHaveLength(2);
  expect(sent[1]).toEqual(sent[0]);
});

test.each([
  ['DELETE FROM invoicing.invoice'],
  ['UPDATE invoicing.invoice SET amount_minor = 1'],
  ['DELETE FROM invoicing.document_series'],
  ['DELETE FROM invoicing.credit_note'],
  ['DELETE FROM invoicing.receipt_correction'],
  ['UPDATE invoicing.credit_note SET amount_minor = 1'],
  ["UPDATE invoicing.document_series SET account = 'x'"],
  ['SELECT * FROM usage_metering.usage_rollup'],
])('the role may not: %s', async (sql) => {
  await expect(prisma.$executeRawUnsafe(sql)).rejects.toThrow(/permission denied/);
});
