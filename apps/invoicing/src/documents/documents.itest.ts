// Goal: whoever has a link reads its document, and nothing else; an issued document stays as it was printed until it is
// made anew. Method: a real database and real PDFs; invoices are made as the gateway makes them.
import { orbPattern, type OrbAnswer, type OrbCall, type PortalView } from '@orbit/contracts';
import { findOperation, responseFaults } from '@orbit/orb-api';
import { billingUnderTest, type BillingUnderTest } from '../billing/billing-fixture.js';
import { PdfReceiptRenderer } from '../receipts/adapters/pdf-receipt-renderer.js';
import { readPdf } from '../receipts/adapters/read-pdf.fake.js';
import { priceOf, usagePriceOf } from '../timeline/domain/test-timeline.js';
import type { ReadDocuments } from './application/read-documents.js';
import type { ServePortal } from './application/portal-sessions.js';
import { DOCUMENT_CONTROLLERS, documentsFeature } from './documents.module.js';

type Fields = Record<string, unknown>;
const at = (text: string): number => Date.parse(text);
const ACCOUNT = { id: 'acct_a', mode: 'test', default_currency: 'USD', timezone: 'UTC' } as const;
const PUBLIC_URL = 'https://billing.test';

let room: BillingUnderTest;
let uses: object[];
const real = { nowMs: at('2026-11-01T00:00:00Z') };

beforeAll(async () => {
  room = await billingUnderTest(at('2026-03-01T00:00:00Z'));
  const { prisma, billing } = room;
  const clock = { nowMs: () => real.nowMs };
  const { providers = [] } = documentsFeature({
    ...{ prisma, clock, publicUrl: PUBLIC_URL },
    accountClock: { nowMs: () => Promise.resolve(room.time.nowMs) },
    billingIn: (sql) => billing.transactionOf(sql).invoices,
    customers: billing.transactionOf(prisma).customers,
    invoicesOf: (...of) => billing.issuedOf(...of),
    drafts: billing.drafts,
    renderer: new PdfReceiptRenderer({ pageSize: 'A4', fallbackFontPath: null }),
    seller: { name: 'Acme', addressLines: ['1 Main Street'] },
  });
  uses = providers.map((one) => (one as { useValue: object }).useValue);
});
afterAll(() => room.drop());

const part = <T>(name: string): T => uses.find((use) => use.constructor.name === name) as T;
const documents = () => part<ReadDocuments>('ReadDocuments');
const portal = () => part<ServePortal>('ServePortal');

async function call(operation: string, given: Partial<OrbCall>): Promise<OrbAnswer> {
  const full = { path: {}, query: {}, body: {}, customer: null, idempotency: null, ...given };
  const [Controller] = DOCUMENT_CONTROLLERS;
  const types = Reflect.getMetadata('design:paramtypes', Controller as object) as {
    name: string;
  }[];
  const parts = types.map(({ name }) => part(name));
  const controller = new (Controller as unknown as new (...parts: unknown[]) => Fields)(...parts);
  const name = Object.getOwnPropertyNames(Object.getPrototypeOf(controller)).find((each) =>
    (
      (Reflect.getMetadata('microservices:pattern', controller[each] as object) ?? []) as string[]
    ).includes(orbPattern(operation)),
  );
  const handler = controller[name ?? ''] as (call: OrbCall) => Promise<OrbAnswer>;
  const answer = await handler.call(controller, { account: ACCOUNT, ...full });
  const found = findOperation(operation);
  if (found && answer.status === found.successStatus) {
    expect(responseFaults(found, JSON.parse(answer.body ?? 'null'))).toEqual([]);
  }
  return answer;
}
const bodyOf = (answer: OrbAnswer): Fields => JSON.parse(answer.body ?? 'null') as Fields;
const tokenIn = (url: unknown): string =>
  /\/documents\/([0-9a-f]{64})/.exec(String(url))?.[1] ?? '';

/** An invoice of March for 1,500 calls at 0.002 and a seat, and its links. */
async function issued(name: string) {
  await room.customer(name);
  room.plans.set(`plan_${name}`, {
    ...{
      id: `plan_${name}`,
      name,
      version: 1,
      status: 'active',
      invoicingCurrency: 'USD',
      netTerms: 14,
    },
    ...{ defaultInvoiceMemo: 'See you <soon>', trialDays: null, phases: null, adjustments: [] },
    prices: [
      usagePriceOf({ id: 'calls', name: 'Calls', unit_config: { unit_amount: '0.002' } }),
      priceOf({ id: 'seat', name: 'Seat', billing_mode: 'in_arrear' }),
    ],
  });
  room.time.nowMs = at('2026-03-01T00:00:00Z');
  await room.ask('create-subscription', { body: { customer_id: name, plan_id: `plan_${name}` } });
  room.events.set(name, [{ atMs: at('2026-03-02T00:00:00Z'), quantity: '1500' }]);
  await room.jump(at('2026-04-02T00:00:00Z'));
  const query = { customer_id: name };
  const { data } = await room.ask('list-invoices', { query });
  return (data as (Fields & { id: string })[])[0]!;
}

test('an issued invoice has a page and a PDF that say its numbers; a link opens no other document', async () => {
  const invoice = await issued('org_doc');
  expect(invoice['hosted_invoice_url']).toMatch(
    /^https:\/\/billing\.test\/documents\/[0-9a-f]{64}$/,
  );
  expect(invoice['invoice_pdf']).toBe(`${String(invoice['hosted_invoice_url'])}/invoice.pdf`);
  const token = tokenIn(invoice['invoice_pdf']);
  const page = await documents().page(token);
  expect(page).toMatchObject({
    ...{ number: invoice['invoice_number'], seller: 'Acme', has_pdf: true, has_receipt: false },
    headline: '$13.00 USD due April 15, 2026',
  });
  const file = await documents().pdf(token, 'invoice');
  expect(file?.filename).toBe(`${String(invoice['invoice_number'])}.pdf`);
  const { text, pageCount } = await readPdf(file!.content);
  expect(pageCount).toBe(1);
  for (const said of [
    'Calls',
    '1,500',
    '$3.00 USD',
    'Seat',
    '$13.00 USD',
    'See you <soon>',
    '1 of 1',
  ]) {
    expect(text).toContain(said);
  }
  expect(await documents().pdf(token, 'receipt')).toBeNull();
  expect(await documents().pdf(token, 'credit_note')).toBeNull();
  for (const other of ['', token.slice(1), token.toUpperCase(), "' OR 1=1 --", '0'.repeat(64)]) {
    expect(await documents().page(other)).toBeNull();
  }
});

test('a paid invoice has a receipt, a credit note its own file', async () => {
  const { id } = await issued('org_paid');
  const body = { payment_received_date: '2026-04-03' };
  const paid = await room.ask('mark-invoice-as-paid', { path: { invoice_id: id }, body });
  const token = tokenIn(paid['invoice_pdf']);
  const receipt = await documents().pdf(token, 'receipt');
  expect((await readPdf(receipt!.content)).text).toContain('$13.00 USD paid on April 3, 2026');
  const [line] = paid['line_items'] as { id: string }[];
  const note = await room.ask('create-credit-note', {
    body: { reason: 'duplicate', line_items: [{ invoice_line_item_id: line!.id, amount: '1.00' }] },
  });
  const file = await documents().pdf(tokenIn(note['credit_note_pdf']), 'credit_note');
  expect((await readPdf(file!.content)).text).toContain('$1.00 USD credited');
  expect(await documents().pdf(tokenIn(note['credit_note_pdf']), 'invoice')).toBeNull();
});

test('a print keeps whom it named, until it is made anew', async () => {
  const { id, invoice_pdf: url } = await issued('org_print');
  const token = tokenIn(url);
  const text = async () => (await readPdf((await documents().pdf(token, 'invoice'))!.content)).text;
  expect(await text()).toContain('org_print');
  await room.prisma
    .$executeRaw`UPDATE invoicing.customer SET name = 'Renamed' WHERE id = 'org_print'`;
  expect(await text()).not.toContain('Renamed');
  const path = { invoice_id: id };
  expect((await call('regenerate-invoice-pdf', { path })).status).toBe(200);
  expect(await text()).toContain('Renamed');
  const refusal = await call('regenerate-receipt-pdf', { path });
  expect(bodyOf(refusal)).toMatchObject({
    status: 400,
    detail: expect.stringMatching(/^invoice_id/) as string,
  });
  expect((await call('regenerate-invoice-pdf', { path: { invoice_id: 'inv_none' } })).status).toBe(
    404,
  );
});

test('a long invoice has as many pages as it needs, each with its number', async () => {
  await room.customer('org_long');
  const prices = Array.from({ length: 60 }, (_, index) =>
    priceOf({ id: `seat_${String(index)}`, name: `Seat ${String(index)}` }),
  );
  room.plans.set('plan_long', {
    ...{ id: 'plan_long', name: 'long', version: 1, status: 'active', invoicingCurrency: 'USD' },
    ...{
      netTerms: 0,
      defaultInvoiceMemo: null,
      trialDays: null,
      phases: null,
      adjustments: [],
      prices,
    },
  });
  await room.ask('create-subscription', {
    body: { customer_id: 'org_long', plan_id: 'plan_long' },
  });
  const { data } = await room.ask('list-invoices', { query: { customer_id: 'org_long' } });
  const [invoice] = data as Fields[];
  const file = await documents().pdf(tokenIn(invoice?.['invoice_pdf']), 'invoice');
  expect(await readPdf(file!.content)).toMatchObject({
    pageCount: 6,
    text: expect.stringContaining('1 of 6') as string,
  });
});

test('a portal session shows its customer until it expires or another one replaces it', async () => {
  await issued('org_portal');
  const customer = { id: 'org_portal', external_customer_id: null };
  const open = async (body: Fields = {}) =>
    bodyOf(await call('create-customer-portal-session', { customer, body }));
  const first = await open({ expires_in_minutes: 5 });
  expect(first).toMatchObject({
    ...{ customer_id: 'org_portal', created_at: '2026-11-01T00:00:00.000Z' },
    ...{
      expires_at: '2026-11-01T00:05:00.000Z',
      url: expect.stringMatching(/^https:\/\/billing\.test\/portal\/[\w-]{43}$/) as string,
    },
  });
  const tokenOf = ({ url }: Fields): string => String(url).split('/').at(-1) ?? '';
  const seen = await portal().open(tokenOf(first));
  expect(seen).toMatchObject({
    customer_id: 'org_portal',
    seller: 'Acme',
  } satisfies Partial<PortalView>);
  expect(seen?.invoices).toMatchObject([{ status: 'issued', total: '$13.00 USD', has_pdf: true }]);
  const beside = await open({ invalidate_existing: false });
  expect(await portal().open(tokenOf(first))).not.toBeNull();
  const last = await open();
  expect(await portal().open(tokenOf(first))).toBeNull();
  expect(await portal().open(tokenOf(beside))).toBeNull();
  real.nowMs += 60 * 60_000;
  expect(await portal().open(tokenOf(last))).toBeNull();
  const [row] = await room.prisma.$queryRaw<{ held: string }[]>`
    SELECT string_agg(encode(token_hash, 'escape'), ' ') AS held FROM invoicing.portal_session`;
  expect(row?.held).not.toContain(tokenOf(last));
});
