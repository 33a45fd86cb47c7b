import { decimal } from '@orbit/pricing';
import type { InvoiceLine } from '../../billing/domain/print-line.js';
import { taxLines, taxShare, type TaxPayer } from './tax-lines.js';
import { readTaxRates, type TaxRate } from './tax-rate.js';

const rate = (percentage: string, more: Partial<TaxRate> = {}): TaxRate => ({
  ...{ country: null, state: null, percentage, description: 'Tax', inclusive: false },
  ...{ reverse_charge: false, rounding: 'line', ...more },
});
const lines = (...amounts: readonly string[]): readonly InvoiceLine[] =>
  amounts.map((amount, index) => ({
    ...{ id: `line_${String(index)}`, chargeKey: null, amount, tax: '0.00', body: {} },
  }));
const taxes = (
  amounts: readonly string[],
  rates: readonly TaxRate[],
  payer: TaxPayer = {},
): readonly string[] => taxLines(lines(...amounts), rates, payer, 2).map(({ tax }) => tax);
const reasons = (payer: TaxPayer, ...rates: readonly TaxRate[]) =>
  (
    taxLines(lines('100.00'), rates, payer, 2)[0]?.body['tax_amounts'] as {
      amount: string;
      tax_reason: string;
    }[]
  ).map(({ amount, tax_reason }) => `${amount} ${tax_reason}`);

test('107.00 with 8 % is 115.56: 8.56 on top', () => {
  expect(taxes(['107.00'], [rate('8')])).toEqual(['8.56']);
});

test('T27: 20 % on 3 × 10.03 is 6.03 by lines and 6.02 for the invoice; 7.25 % on 7 × 0.99 is 0.49 or 0.50', () => {
  const byInvoice = { rounding: 'invoice' as const };
  const cents = (all: readonly string[]): number =>
    all.reduce((sum, one) => sum + Math.round(Number(one) * 100), 0);
  const three = ['10.03', '10.03', '10.03'];
  const seven = Array.from({ length: 7 }, () => '0.99');
  expect(cents(taxes(three, [rate('20')]))).toBe(603);
  expect(taxes(three, [rate('20', byInvoice)])).toEqual(['2.01', '2.01', '2.00']);
  expect(cents(taxes(seven, [rate('7.25')]))).toBe(49);
  expect(cents(taxes(seven, [rate('7.25', byInvoice)]))).toBe(50);
});

test('an inclusive rate is in the line already: 119.00 contain 19.00 at 19 %, and nothing is put on top', () => {
  const [line] = taxLines(lines('119.00'), [rate('19', { inclusive: true })], {}, 2);
  expect(line).toMatchObject({ tax: '0.00', body: { tax_amounts: [{ amount: '19.00' }] } });
});

test('rates go by the shipping address, then by the billing address; the exempt and businesses pay none', () => {
  const german = rate('19', { country: 'DE', reverse_charge: true });
  const state = rate('4', { country: 'US', state: 'NY' });
  const de = { country: 'DE' };
  expect(reasons({ billing_address: de }, german, state)).toEqual(['19.00 taxed']);
  expect(reasons({ billing_address: de, shipping_address: { country: 'FR' } }, german)).toEqual([]);
  const ny = { country: 'US', state: 'NY' };
  expect(reasons({ billing_address: ny }, german, state)).toEqual(['4.00 taxed']);
  expect(reasons({ billing_address: { country: 'US', state: 'CA' } }, state)).toEqual([]);
  const tax_id = { country: 'DE', type: 'eu_vat', value: 'DE1' };
  expect(reasons({ billing_address: de, tax_id }, german)).toEqual(['0.00 reverse_charge']);
  const exempt = { billing_address: de, exempt_from_automated_tax: true };
  expect(reasons(exempt, german)).toEqual(['0.00 customer_exempt']);
  expect(reasons({}, rate('0'))).toEqual(['0.00 zero_rated']);
});

test('parts of a line take all of its tax, one after another', () => {
  const line = { amount: '10.00', tax: '0.83' };
  let before = decimal('0');
  let sum = decimal('0');
  for (const part of ['3.33', '3.33', '3.34']) {
    sum = sum.plus(taxShare(line, before, decimal(part), 2));
    before = before.plus(decimal(part));
  }
  expect(sum.toString()).toBe('0.83');
});

test('a state goes with its country; what is left out has its default', () => {
  const rate = { percentage: '08.50', description: 'x' };
  expect(readTaxRates([rate, { ...rate, state: 'NY' }])).toMatchObject({
    field: 'tax_rates.1.state',
  });
  expect(readTaxRates([rate])).toEqual({
    rates: [
      {
        ...{ country: null, state: null, percentage: '8.5', description: 'x' },
        ...{ inclusive: false, reverse_charge: false, rounding: 'line' },
      },
    ],
  });
});
