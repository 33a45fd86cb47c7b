import type { Currency } from '@orbit/money';
import type { Correction, CorrectionKind, CorrectionState } from '../domain/correction.js';
import type { CreditNote } from '../domain/credit-note.js';
import type { Invoice } from '../domain/invoice.js';
import { buildReceipt, type Seller } from '../domain/receipt.js';
import { readPdf as read } from './read-pdf.fake.js';
import { PdfReceiptRenderer, type PageSize } from './pdf-receipt-renderer.js';

const PAID_MS = Date.parse('2026-05-16T11:22:33.444Z');
const SELLER: Seller = { name: 'Acme Messaging', addressLines: ['1 Market Street', 'Springfield'] };

const invoice = (change: Partial<Invoice> = {}): Invoice => ({
  id: 'inv_1',
  organizationId: 'org_01J9KP3R5W8YEQ4DXG6N7H2VKZ',
  year: 2026,
  sequence: 3,
  number: 'INV-2026-003',
  topupId: 'tu_1',
  amountMinor: 10_000n,
  currency: 'USD',
  credited: { micros: 100_000_000n, unit: 'USD' },
  account: 'acct_live',
  isNumberedBySeller: true,
  status: 'paid',
  periodStartMs: Date.parse('2026-05-01T00:00:00Z'),
  periodEndMs: Date.parse('2026-05-31T23:59:59Z'),
  paidAtMs: PAID_MS,
  reference: 'stripe_session:cs_live_abc123',
  paymentIntentId: 'pi_3Q0aBcDeFg',
  card: { brand: 'visa', last4: '4242' },
  receiptEmail: 'billing@example.com',
  createdAtMs: PAID_MS,
  ...change,
});

const render = (change: Partial<Invoice> = {}, pageSize: PageSize = 'A4'): Promise<Uint8Array> =>
  new PdfReceiptRenderer({ pageSize, fallbackFontPath: null }).render(
    buildReceipt(invoice(change), SELLER),
  );

test('a receipt says who, what, how much, when and how', async () => {
  const { text, info, pageCount, size } = await read(await render());
  for (const part of [
    'Acme Messaging',
    'Springfield',
    'Receipt',
    'INV-2026-003',
    'May 16, 2026',
    'org_01J9KP3R5W8YEQ4DXG6N7H2VKZ',
    'Visa •••• 4242',
    'Prepaid credit top-up',
    '$100.00 USD',
    'PAID',
    'pi_3Q0aBcDeFg',
    'stripe_session:cs_live_abc123',
  ])
    expect(text).toContain(part);
  expect(info).toMatchObject({ Title: 'Receipt INV-2026-003', Author: 'Acme Messaging' });
  expect(pageCount).toBe(1);
  expect(size).toEqual([595, 842]);
});

test('the same invoice gives the same bytes, in another renderer too', async () => {
  expect(Buffer.compare(await render(), await render())).toBe(0);
});

test('an invoice that is void carries no paid stamp', async () => {
  expect((await read(await render({ status: 'void' }))).text).not.toContain('PAID');
});

test.each<[Currency, bigint, string]>([
  ['JPY', 5_000n, '¥5,000 JPY'],
  ['KWD', 1_500n, '1.500 KWD'],
  ['INR', 123_456n, '₹1,234.56 INR'],
  ['KRW', 900_719_925_474n, '₩900,719,925,474 KRW'],
])('%s amounts follow the exponent of the currency', async (currency, amountMinor, shown) => {
  expect((await read(await render({ currency, amountMinor }))).text).toContain(shown);
});

test.each([
  ['Cyrillic and Greek', 'Компания Орбита ΑΒΓ', 'Компания Орбита ΑΒΓ'],
  ['a script without a font', 'Orbit 株式会社 🚀 شركة', 'Orbit'],
  ['control characters', 'a\u202Eb\nc\u0007d', 'a b c d'],
])('a payer in %s leaves one whole page', async (_what, organizationId, shown) => {
  const { text, pageCount } = await read(await render({ organizationId }, 'LETTER'));
  expect(text).toContain(shown);
  expect(pageCount).toBe(1);
});

test('the longest texts that may come still fit on one page', async () => {
  const long = 'W'.repeat(512);
  const card = { brand: long, last4: long };
  const { pageCount, text } = await read(
    await render(
      { organizationId: long, reference: long, paymentIntentId: long, receiptEmail: long, card },
      'LETTER',
    ),
  );
  expect(pageCount).toBe(1);
  expect(text).toContain('Nothing more is due');
});

test('a receipt with every change there is still fits on one page', async () => {
  const change = (kind: CorrectionKind, state: CorrectionState): Correction => ({
    ...{ kind, state, correctionId: state, organizationId: 'org', topupId: 'tu_1' },
    ...{ amountMicros: 10_000_000n, unit: 'USD', occurredAtMs: PAID_MS },
  });
  const note = (sequence: number): CreditNote => ({
    ...{ id: `cn_${sequence}`, account: 'acct_live', organizationId: 'org', invoiceId: 'inv_1' },
    ...{ year: 2026, sequence, number: `CN-2026-00${sequence}`, reason: 'refund' },
    ...{ correctionId: 're_1', amountMinor: 1_000n, status: 'issued' },
    ...{ creditedAtMs: PAID_MS, createdAtMs: PAID_MS },
  });
  const seller = { ...SELLER, addressLines: ['1', '2', '3', '4'] };
  const changes = [
    change('refund', 'completed'),
    change('refund', 'pending'),
    change('dispute', 'lost'),
    change('dispute', 'opened'),
    change('withdrawal', 'voided'),
  ];
  const notes = [1, 2, 3, 4, 5, 6].map(note);
  const document = buildReceipt(invoice({ status: 'disputed' }), seller, changes, notes);
  const renderer = new PdfReceiptRenderer({ pageSize: 'LETTER', fallbackFontPath: null });
  const { text, pageCount } = await read(await renderer.render(document));
  expect(pageCount).toBe(1);
  for (const part of ['DISPUTED', '-$10.00 USD', 'Remains paid', '$80.00 USD', 'and 2 more'])
    expect(text).toContain(part);
});
