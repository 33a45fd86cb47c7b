// Goal: a billing run in batches makes the documents that each subscription gets by itself. Method: the same customers
// in two rooms, of which one goes in batches and the other one by one; and batches of which one member cannot go along.
import { decimal } from '@orbit/pricing';
import { priceOf, usagePriceOf } from '../timeline/domain/test-timeline.js';
import { billingUnderTest, type BillingUnderTest, type Shown } from './billing-fixture.js';

const START_MS = Date.parse('2026-03-01T00:00:00Z');
const MARCH_MS = Date.parse('2026-04-01T12:00:00Z');
const APRIL_MS = Date.parse('2026-05-01T12:00:00Z');
const COUNT = 7;
const customers = Array.from({ length: COUNT }, (_, index) => `cus_${index}`);
const rooms: BillingUnderTest[] = [];

beforeAll(async () => {
  for (const batchSizeMax of [1, 3]) rooms.push(await subscribed(batchSizeMax));
});
afterAll(async () => {
  for (const room of rooms) await room.drop();
});

/** Customers with a fee in advance, one in arrears and usage; the third has a balance, the fourth owes. */
async function subscribed(batchSizeMax: number): Promise<BillingUnderTest> {
  const room = await billingUnderTest(START_MS, undefined, undefined, batchSizeMax);
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.webhook_endpoint
      (id, account_id, url, secret, payload_style, is_enabled, may_be_private, created_at)
    VALUES ('we_1', 'acct_a', 'http://127.0.0.1:1', 'whsec_c2Vj', 'expanded', true, true, now())`;
  room.plans.set('all', {
    ...{ id: 'all', name: 'All', version: 1, status: 'active', invoicingCurrency: 'USD' },
    ...{ netTerms: 0, defaultInvoiceMemo: null, trialDays: null, phases: null, adjustments: [] },
    prices: [
      priceOf({ id: 'ahead' }),
      priceOf({ id: 'late', billing_mode: 'in_arrear' }),
      usagePriceOf({ id: 'calls', unit_config: { unit_amount: '0.5' } }),
    ],
  });
  for (const [index, id] of customers.entries()) {
    await room.customer(id);
    if (index === 2 || index === 3) {
      const type = index === 2 ? 'increment' : 'decrement';
      const path = { customer_id: id };
      await room.ask('create-customer-balance-transaction', {
        path,
        body: { amount: '4.00', type },
      });
    }
    await room.ask('create-subscription', { body: { customer_id: id, plan_id: 'all' } });
    const atMs = Date.parse('2026-03-10T00:00:00Z');
    room.events.set(id, [{ atMs, quantity: String(index + 1) }]);
  }
  return room;
}

async function invoicesOf(room: BillingUnderTest, id: string): Promise<readonly Shown[]> {
  const query = { customer_id: id, 'status[]': ['draft', 'issued', 'paid', 'void'], limit: 100 };
  return (await room.ask('list-invoices', { query }))['data'] as readonly Shown[];
}

/** What two rooms agree on: everything but names that are made up, and the order of numbers. */
const plain = (invoices: readonly Shown[]): unknown =>
  JSON.parse(
    JSON.stringify(invoices, (name, value: unknown) =>
      /^(id|.*_id|invoice_number|.*_url|invoice_pdf|created_at)$/.test(name) ? '' : value,
    ),
  );

test('batches and single steps make the same documents, numbered without gaps, and tell of each once', async () => {
  for (const room of rooms) {
    await room.jump(MARCH_MS);
    // April is issued over what changed in March meanwhile.
    const late = Date.parse('2026-03-20T00:00:00Z');
    for (const [id, events] of room.events) {
      if (id === 'cus_5') events.push({ atMs: late, quantity: '-2' });
      if (id === 'cus_6') events.push({ atMs: late, quantity: '3' });
    }
    await room.jump(APRIL_MS);
  }
  const [single, batched] = rooms as [BillingUnderTest, BillingUnderTest];
  for (const id of customers) {
    const [one, other] = [await invoicesOf(single, id), await invoicesOf(batched, id)];
    expect(plain(other)).toEqual(plain(one));
    expect(one.map(({ status }) => status)).not.toContain('draft');
  }
  for (const room of rooms) {
    const shown = (await Promise.all(customers.map((id) => invoicesOf(room, id)))).flat();
    const numbers = shown
      .map((one) => Number(String(one['invoice_number']).split('-').at(-1)))
      .sort(less);
    expect(numbers).toEqual(Array.from({ length: shown.length }, (_, index) => index + 1));
    const told = await room.prisma.$queryRaw<{ object_id: string; body: string }[]>`
      SELECT object_id, expanded_body AS body FROM invoicing.webhook_event WHERE type = 'invoice.issued'`;
    expect(told.map((row) => row.object_id).sort()).toEqual(shown.map(({ id }) => id).sort());
    for (const { object_id: id, body } of told) {
      const { invoice } = JSON.parse(body) as { invoice: Shown };
      const now = shown.find((one) => one.id === id);
      expect(invoice['invoice_number']).toBe(now?.['invoice_number']);
      expect(invoice['hosted_invoice_url']).toBe(now?.['hosted_invoice_url']);
      expect(invoice['line_items']).toEqual(now?.['line_items']);
    }
  }
});

test('a batch that the database refuses goes one by one, and stops at nobody but the one who is wrong', async () => {
  const room = rooms[1] as BillingUnderTest;
  const mayMs = Date.parse('2026-06-01T12:00:00Z');
  // Whoever has this customer's documents is told that they cannot be kept.
  await room.prisma.$executeRaw`
    UPDATE invoicing.orb_subscription SET settings = settings || '{"net_terms": -1}' WHERE customer_id = 'cus_1'`;
  await expect(room.billing.run.runDue('acct_a', mayMs)).rejects.toThrow();
  await room.prisma.$executeRaw`
    UPDATE invoicing.orb_subscription SET settings = settings || '{"net_terms": 0}' WHERE customer_id = 'cus_1'`;
  await room.jump(mayMs);
  for (const id of customers) {
    const [may] = await invoicesOf(room, id);
    expect(may).toMatchObject({ status: 'issued' });
    expect(decimal(String(may?.['total'])).toString()).toBe('20');
  }
  const shown = (await Promise.all(customers.map((id) => invoicesOf(room, id)))).flat();
  expect(new Set(shown.map((one) => one['invoice_number'])).size).toBe(shown.length);
});

const less = (one: number, other: number): number => one - other;
