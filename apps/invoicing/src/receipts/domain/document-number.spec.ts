import { decodeTopUp } from '../adapters/decode-topup.js';
import { monthOf } from '../../subscriptions/domain/billing-period.js';
import { countByYear, documentNumber, numbersOf } from '../../numbering/domain/document-number.js';
import { displayAmount, formatDate, plainText } from './receipt.js';

test.each([
  [1, 'INV-2026-001'],
  [42, 'INV-2026-042'],
  [999, 'INV-2026-999'],
  [1_000, 'INV-2026-1000'],
])('number %i of 2026 is %s', (sequence, number) => {
  expect(documentNumber('receipt', 2026, sequence)).toBe(number);
  expect(documentNumber('credit_note', 2026, sequence)).toBe(number.replace('INV', 'CN'));
});

test.each([
  ['2026-05-16T11:22:33.444Z', '2026-05-01T00:00:00.000Z', '2026-05-31T23:59:59.000Z'],
  ['2028-02-01T00:00:00.000Z', '2028-02-01T00:00:00.000Z', '2028-02-29T23:59:59.000Z'],
  ['2026-12-31T23:59:59.999Z', '2026-12-01T00:00:00.000Z', '2026-12-31T23:59:59.000Z'],
  ['2026-03-01T00:30:00+02:00', '2026-02-01T00:00:00.000Z', '2026-02-28T23:59:59.000Z'],
])('a payment at %s falls in %s to %s', (paid, start, end) => {
  const { startMs, endMs } = monthOf(Date.parse(paid));
  expect([startMs, endMs].map((ms) => new Date(ms).toISOString())).toEqual([start, end]);
});

test('numbers go on from the series, per UTC year, in the order given', () => {
  const years = [2026, 2026, 2027, 2026];
  expect([...countByYear(years)]).toEqual([
    [2026, 3],
    [2027, 1],
  ]);
  // Seven were given before; ten after three more were taken.
  const last = new Map([
    [2026, 10],
    [2027, 1],
  ]);
  expect(numbersOf('receipt', years, last).map(({ number }) => number)).toEqual([
    'INV-2026-008',
    'INV-2026-009',
    'INV-2027-001',
    'INV-2026-010',
  ]);
});

test.each([
  [10_000n, 'USD', '$100.00 USD'],
  [123_456_789n, 'EUR', '€1,234,567.89 EUR'],
  [5n, 'USD', '$0.05 USD'],
  [5_000n, 'JPY', '¥5,000 JPY'],
  [1_500n, 'KWD', '1.500 KWD'],
  [1_234_567_890n, 'KWD', '1,234,567.890 KWD'],
  [-250_000n, 'USD', '-$2,500.00 USD'],
] as const)('%s minor units of %s read %s', (amountMinor, currency, text) => {
  expect(displayAmount(amountMinor, currency)).toBe(text);
});

test('a date is the UTC day', () => {
  expect(formatDate(Date.parse('2026-05-16T23:59:59.999Z'))).toBe('May 16, 2026');
});

test('text on a receipt holds no control or direction characters and is not endless', () => {
  expect(plainText('a\u202Eb\n\tc\u0000d')).toBe('a b c d');
  expect([...plainText('😀'.repeat(500))]).toHaveLength(120);
});

test.each([
  ['10.005', 'USD', 'whole minor units'],
  ['100.50', 'JPY', 'whole minor units'],
  ['9999999999', 'USD', 'too_large'],
  ['10.00', 'XYZ', 'not supported'],
])('a top-up of %s %s is refused: %s', (amount, currency, detail) => {
  const decoded = decodeTopUp({
    topup_id: 'tu_1',
    organization_id: 'org_a',
    amount,
    currency,
    reference: 'stripe_session:cs_1',
    payment_intent_id: 'pi_1',
    checkout_session_id: null,
    payment_method: null,
    receipt_email: null,
    occurred_at: '2026-05-16T11:22:33Z',
  });
  expect(decoded).toEqual({ ok: false, detail: expect.stringContaining(detail) as unknown });
});
