// Goal: what happens to a payment after it was made shows in its receipt, in any order of facts, once each.
import { createPrisma, type PrismaClient } from '@orbit/persistence';
import { createTestDatabase, seededRandom, uniqueId, type TestDatabase } from '@orbit/testing';
import { FollowCorrections } from './application/follow-corrections.js';
import { IssueInvoiceBatch } from './application/issue-invoice-batch.js';
import type { ListedInvoice } from './application/ports.js';
import { ReadInvoices } from './application/read-invoices.js';
import type { Correction, CorrectionKind, CorrectionState } from './domain/correction.js';
import type { PaidTopUp } from './domain/invoice.js';
import { PdfReceiptRenderer } from './adapters/pdf-receipt-renderer.js';
import { PrismaInvoiceStore } from './adapters/prisma-invoice-store.js';
import { readPdf } from './adapters/read-pdf.fake.js';

const PAID_MS = Date.parse('2026-05-16T11:22:33.444Z');
const clock = { nowMs: () => PAID_MS + 1_000 };
let database: TestDatabase;
let prisma: PrismaClient;
let issue: IssueInvoiceBatch;
let follow: FollowCorrections;
let invoices: ReadInvoices;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.urlFor('orbit_invoicing'), { poolSizeMax: 10 });
  const store = new PrismaInvoiceStore(prisma);
  issue = new IssueInvoiceBatch(store, { wake: () => undefined }, clock, 'acct_live');
  follow = new FollowCorrections(store, clock, 'acct_live');
  const renderer = new PdfReceiptRenderer({ pageSize: 'A4', fallbackFontPath: null });
  invoices = new ReadInvoices(store, renderer, { name: 'Orbit Billing', addressLines: [] });
});
afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});

const topUp = (organizationId: string, change: Partial<PaidTopUp> = {}): PaidTopUp => ({
  topupId: `tu_${organizationId}`,
  organizationId,
  amountMinor: 10_000n,
  currency: 'USD',
  credited: { micros: 100_000_000n, unit: 'USD' },
  reference: 'stripe_session:cs_1',
  paymentIntentId: 'pi_1',
  card: { brand: 'visa', last4: '4242' },
  receiptEmail: null,
  paidAtMs: PAID_MS,
  ...change,
});
/** `units`: of the wallet. */
const fact = (
  organizationId: string,
  kind: CorrectionKind,
  id: string,
  state: CorrectionState,
  units: number,
  change: Partial<Correction> = {},
): Correction => ({
  kind,
  correctionId: `${id}_${organizationId}`,
  organizationId,
  topupId: `tu_${organizationId}`,
  state,
  amountMicros: BigInt(Math.round(units * 1_000_000)),
  unit: 'USD',
  occurredAtMs: PAID_MS + 86_400_000,
  ...change,
});
const listed = async (organizationId: string): Promise<ListedInvoice> => {
  const page = await invoices.page({ organizationId, limit: 10, afterId: null });
  expect(page.invoices).toHaveLength(1);
  return page.invoices[0]!;
};
const shown = async (organizationId: string) => {
  const { status, standing, creditNotes } = await listed(organizationId);
  return {
    status,
    refunded: Number(standing?.refundedMinor),
    disputed: Number(standing?.disputedMinor),
    chargedBack: Number(standing?.chargedBackMinor),
    voided: Number(standing?.voidedMinor),
    net: Number(standing?.netMinor),
    notes: creditNotes.map((note) => `${note.reason} ${note.amountMinor} ${note.status}`).sort(),
  };
};
const nothing = { refunded: 0, disputed: 0, chargedBack: 0, voided: 0, net: 10_000, notes: [] };
const receiptText = async (organizationId: string): Promise<string> => {
  const pdf = await invoices.pdf(organizationId, (await listed(organizationId)).id);
  return (await readPdf(pdf!.content)).text;
};

test('a refund that comes while a receipt is read is in all of the answer or in none of it', async () => {
  const org = uniqueId('org');
  await issue.run([topUp(org)]);
  // Between the statements of one reading.
  let isTold = false;
  const interrupted = prisma.$extends({
    query: {
      receiptCorrection: {
        async findMany({ args, query }) {
          if (!isTold) {
            isTold = true;
            await follow.run([fact(org, 'refund', 'r1', 'completed', 25)]);
          }
          return query(args);
        },
      },
    },
  }) as unknown as PrismaClient;
  const store = new PrismaInvoiceStore(interrupted);
  const first = await store.readPage({ organizationId: org, limit: 10, afterId: null });
  expect(isTold).toBe(true);
  expect(first?.invoices[0]).toMatchObject({ status: 'paid', standing: { refundedMinor: 0n } });
  isTold = false;
  expect(await shown(org)).toMatchObject({ status: 'partially_refunded', refunded: 2_500 });
  const [{ id } = { id: '' }] = (
    await invoices.page({ organizationId: org, limit: 1, afterId: null })
  ).invoices;
  const read = await store.read(org, id);
  expect(read?.invoice.status).toBe('partially_refunded');
});

interface Story {
  readonly name: string;
  readonly facts: (org: string) => readonly Correction[];
  readonly end: Partial<Awaited<ReturnType<typeof shown>>>;
  readonly stamp: string;
}
const STORIES: readonly Story[] = [
  {
    name: 'a full refund',
    facts: (org) => [
      fact(org, 'refund', 'r1', 'pending', 100),
      fact(org, 'refund', 'r1', 'completed', 100),
    ],
    end: { status: 'refunded', refunded: 10_000, net: 0, notes: ['refund 10000 issued'] },
    stamp: 'REFUNDED',
  },
  {
    name: 'two partial refunds',
    facts: (org) => [
      fact(org, 'refund', 'r1', 'completed', 25),
      fact(org, 'refund', 'r2', 'completed', 10.5),
    ],
    end: {
      status: 'partially_refunded',
      refunded: 3_550,
      net: 6_450,
      notes: ['refund 1050 issued', 'refund 2500 issued'],
    },
    stamp: 'PART REFUNDED',
  },
  {
    name: 'a refund on its way',
    facts: (org) => [fact(org, 'refund', 'r1', 'pending', 100)],
    end: { status: 'paid' },
    stamp: 'PAID',
  },
  {
    name: 'a refund that fails after all',
    facts: (org) => [
      fact(org, 'refund', 'r1', 'completed', 100),
      fact(org, 'refund', 'r1', 'failed', 100),
    ],
    end: { status: 'paid' },
    stamp: 'PAID',
  },
  {
    name: 'an open dispute',
    facts: (org) => [fact(org, 'dispute', 'd1', 'opened', 100)],
    end: { status: 'disputed', disputed: 10_000 },
    stamp: 'DISPUTED',
  },
  {
    name: 'a dispute that is won',
    facts: (org) => [
      fact(org, 'dispute', 'd1', 'opened', 100),
      fact(org, 'dispute', 'd1', 'won', 100),
    ],
    end: { status: 'paid' },
    stamp: 'PAID',
  },
  {
    name: 'a partial refund, and a lost dispute of the rest',
    facts: (org) => [
      fact(org, 'refund', 'r1', 'completed', 40),
      fact(org, 'dispute', 'd1', 'opened', 60),
      fact(org, 'dispute', 'd1', 'lost', 60),
    ],
    end: {
      status: 'charged_back',
      refunded: 4_000,
      chargedBack: 6_000,
      net: 0,
      notes: ['dispute 6000 issued', 'refund 4000 issued'],
    },
    stamp: 'CHARGED BACK',
  },
  {
    name: 'a void whose money stays',
    facts: (org) => [fact(org, 'withdrawal', 'w1', 'voided', 60)],
    end: { status: 'void', voided: 6_000 },
    stamp: 'VOID',
  },
  {
    name: 'a void, and then a refund of the payment: one credit, not two',
    facts: (org) => [
      fact(org, 'withdrawal', 'w1', 'voided', 100),
      fact(org, 'refund', 'r1', 'completed', 100),
    ],
    end: { status: 'refunded', refunded: 10_000, net: 0, notes: ['refund 10000 issued'] },
    stamp: 'REFUNDED',
  },
];

function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first, i) =>
    ordersOf(items.filter((_, at) => at !== i)).map((rest) => [first, ...rest]),
  );
}

test.each(STORIES)(
  '$name: the same in every order, the receipt among them, each fact twice',
  async ({ facts, end, stamp }) => {
    let last = '';
    for (const order of ordersOf(['receipt', ...facts('').keys()] as const)) {
      const org = uniqueId('org');
      const steps = order.map((at) => async () => {
        if (at === 'receipt') await issue.run([topUp(org)]);
        else expect(await follow.run([facts(org)[at as number]!])).toEqual([]);
      });
      for (const step of [...steps, ...steps]) await step();
      const { notes, ...rest } = await shown(org);
      // Of a refund that failed a note stays when it was issued before that was known.
      const standing = notes.filter((note) => !note.endsWith('void'));
      expect({ ...rest, notes: standing }).toEqual({ ...nothing, ...end });
      last = org;
    }
    expect(await receiptText(last)).toContain(stamp);
  },
);

test('the receipt is another document after a refund, and the same one when nothing has changed', async () => {
  const org = uniqueId('org');
  await issue.run([topUp(org)]);
  const { id } = await listed(org);
  const bytes = async (): Promise<Buffer> => Buffer.from((await invoices.pdf(org, id))!.content);
  const paid = await bytes();
  await follow.run([fact(org, 'refund', 'r1', 'completed', 25)]);
  const refunded = await bytes();
  expect(Buffer.compare(paid, refunded)).not.toBe(0);
  expect(Buffer.compare(refunded, await bytes())).toBe(0);
  const text = await receiptText(org);
  const [note] = (await listed(org)).creditNotes;
  for (const part of ['PART REFUNDED', '-$25.00 USD', 'Remains paid', '$75.00 USD', note!.number])
    expect(text).toContain(part);
});

test('a credit note is a document with a number of its own that names its receipt, and is the organization’s alone', async () => {
  const org = uniqueId('org');
  await issue.run([topUp(org)]);
  await follow.run([fact(org, 'refund', 'r1', 'completed', 25)]);
  const { creditNotes, number } = await listed(org);
  const [note] = creditNotes;
  expect(note?.number).toMatch(/^CN-2026-\d{3}$/);
  const pdf = await invoices.creditNotePdf(org, note!.id);
  expect(pdf?.filename).toBe(`${note!.number}.pdf`);
  const { text, info } = await readPdf(pdf!.content);
  for (const part of ['Credit note', note!.number, number, '$25.00 USD', 'REFUNDED', 'May 17'])
    expect(text).toContain(part);
  expect(info).toMatchObject({ Title: `Credit note ${note!.number}` });
  expect(await invoices.creditNotePdf(uniqueId('org'), note!.id)).toBeNull();
});

test('a refund that fails after its credit note leaves the number, void', async () => {
  const org = uniqueId('org');
  await issue.run([topUp(org)]);
  await follow.run([fact(org, 'refund', 'r1', 'completed', 100)]);
  await follow.run([fact(org, 'refund', 'r1', 'failed', 100)]);
  expect(await shown(org)).toEqual({ ...nothing, status: 'paid', notes: ['refund 10000 void'] });
  const [note] = (await listed(org)).creditNotes;
  expect((await readPdf((await invoices.creditNotePdf(org, note!.id))!.content)).text).toContain(
    'VOID',
  );
});

test('what was bought in a custom unit goes back in money, by the terms of the receipt', async () => {
  const org = uniqueId('org');
  const credited = { micros: 500_000_000n, unit: 'credits' };
  await issue.run([topUp(org, { amountMinor: 1_000n, credited })]);
  await follow.run([fact(org, 'refund', 'r1', 'completed', 125, { unit: 'credits' })]);
  expect(await shown(org)).toMatchObject({ refunded: 250, net: 750, notes: ['refund 250 issued'] });
  const other = fact(org, 'refund', 'r2', 'completed', 1, { unit: 'tokens' });
  expect(await follow.run([other])).toEqual([other]);
  expect(await shown(org)).toMatchObject({ refunded: 250 });
});

test.each([
  ['JPY', 500n, 500, 200, '-¥200 JPY', '¥300 JPY'],
  ['KWD', 5_000n, 5, 1.25, '-1.250 KWD', '3.750 KWD'],
] as const)(
  '%s is credited and printed by its own exponent',
  async (currency, amountMinor, whole, part, back, rest) => {
    const org = uniqueId('org');
    const credited = { micros: BigInt(whole) * 1_000_000n, unit: currency };
    await issue.run([topUp(org, { amountMinor, currency, credited })]);
    await follow.run([fact(org, 'refund', 'r1', 'completed', part, { unit: currency })]);
    const text = await receiptText(org);
    for (const amount of [back, rest]) expect(text).toContain(amount);
  },
);

test("a fact of another organization's top-up changes nothing of it", async () => {
  const org = uniqueId('org');
  await issue.run([topUp(org)]);
  const stranger = {
    ...fact(org, 'refund', 'r1', 'completed', 100),
    organizationId: uniqueId('org'),
  };
  await follow.run([stranger]);
  expect(await shown(org)).toEqual({ ...nothing, status: 'paid' });
});

test('credit notes and receipts issued and corrected at once are numbered without gaps', async () => {
  const random = seededRandom(2026);
  const orgs = Array.from({ length: 30 }, () => uniqueId('org'));
  const work = orgs.flatMap((org) => [
    () => issue.run([topUp(org)]),
    () => issue.run([topUp(org)]),
    () => follow.run([fact(org, 'refund', 'r1', 'completed', 10)]),
    () =>
      follow.run([
        fact(org, 'refund', 'r1', 'completed', 10),
        fact(org, 'refund', 'r2', 'completed', 5),
      ]),
    // Takes numbers, and gives them back.
    () =>
      issue
        .run([topUp(uniqueId('org')), topUp(uniqueId('org'), { amountMinor: 0n })])
        .catch(() => undefined),
  ]);
  const shuffled = work
    .map((run) => ({ run, at: random.integer(0, 1_000_000) }))
    .sort((a, b) => a.at - b.at);
  await Promise.all(shuffled.map(({ run }) => retried(run)));
  for (const table of ['invoice', 'credit_note']) {
    const [row] = await prisma.$queryRawUnsafe<{ count: bigint; last: number; series: number }[]>(
      `SELECT count(*), max(sequence) AS last, (SELECT last FROM invoicing.document_series
         WHERE year = 2026 AND kind = '${table === 'invoice' ? 'receipt' : table}') AS series
       FROM invoicing.${table} WHERE year = 2026`,
    );
    expect(row?.last).toBe(Number(row?.count));
    expect(row?.series).toBe(row?.last);
  }
  for (const org of orgs) {
    expect(await shown(org)).toMatchObject({
      status: 'partially_refunded',
      notes: ['refund 1000 issued', 'refund 500 issued'],
    });
  }
});

/** A batch that could not get its turn in time runs again, as the consumer does it. */
async function retried(run: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run();
      return;
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}
