// Goal: invoices carry the tax of their account's rates, and what is given back of them gives the tax back. Method: calls
// as the gateway makes them, over a real database, every answer checked.
import { TAX_RATES } from '@orbit/contracts';
import { shapeReader } from '@orbit/runtime';
import { billingUnderTest, type BillingUnderTest } from '../billing/billing-fixture.js';
import { SqlTaxRates } from './adapters/sql-tax-rates.js';
import { ServeTaxRates } from './application/serve-tax-rates.js';

let room: BillingUnderTest;
let rates: ServeTaxRates;
beforeAll(async () => {
  room = await billingUnderTest(Date.parse('2026-03-01T00:00:00Z'));
  rates = new ServeTaxRates(new SqlTaxRates(room.prisma));
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.item (id, account_id, name, metadata, external_connections, created_at)
    VALUES ('item_a', 'acct_a', 'Calls', '{}', '[]', now())`;
});
afterAll(() => room.drop());

const readPut = shapeReader(TAX_RATES.put.request, { root: 'request', isClosed: false });
/** What the shape refuses never gets to the use case. */
const put = async (...tax_rates: readonly Record<string, unknown>[]) =>
  rates.put(readPut({ account_id: 'acct_a', tax_rates }));
const write = (customer_id: string, unit_amount: string, body = {}) =>
  room.ask('create-invoice', {
    body: {
      ...{ customer_id, currency: 'USD', invoice_date: '2026-03-01', net_terms: 30 },
      line_items: [
        {
          ...{ name: 'Calls', item_id: 'item_a', quantity: 1, model_type: 'unit' },
          unit_config: { unit_amount },
          ...{ start_date: '2026-03-01', end_date: '2026-03-02' },
        },
      ],
      ...body,
    },
  });

test('107.00 with 8 % is 115.56, in the draft and issued; a refused rate changes nothing', async () => {
  await room.customer('org_tax');
  await put({ percentage: '8', description: 'Sales tax' });
  await expect(put({ percentage: '-1', description: 'x' })).rejects.toMatchObject({
    code: 'invalid_field',
  });
  expect(await rates.read('acct_a')).toMatchObject({ tax_rates: [{ percentage: '8' }] });
  const draft = await write('org_tax', '107.00');
  const path = { invoice_id: draft.id };
  const tax = {
    ...{ tax_rate_description: 'Sales tax', tax_rate_percentage: '8', amount: '8.56' },
    tax_reason: 'taxed',
  };
  const shown = {
    ...{ subtotal: '107.00', total: '115.56', amount_due: '115.56' },
    line_items: [{ amount: '107.00', tax_amounts: [tax] }],
  };
  expect(await room.ask('fetch-invoice', { path })).toMatchObject(shown);
  expect(await room.ask('issue-invoice', { path })).toMatchObject({ ...shown, status: 'issued' });
  await put();
  expect(await room.ask('fetch-invoice', { path })).toMatchObject(shown);
});

test('a credit note over a line gives back its share of the tax, and all parts all of it', async () => {
  await room.customer('org_back');
  await put({ percentage: '7.25', description: 'Tax' });
  const made = await write('org_back', '10.00', { will_auto_issue: true });
  expect(made).toMatchObject({ total: '10.73', amount_due: '10.73' });
  const [line] = made['line_items'] as readonly { id: string }[];
  const credit = (amount: string) =>
    room.ask('create-credit-note', {
      body: { reason: 'duplicate', line_items: [{ invoice_line_item_id: line?.id, amount }] },
    });
  expect(await credit('3.33')).toMatchObject({
    ...{ subtotal: '3.33', total: '3.57' },
    line_items: [{ amount: '3.33', tax_amounts: [{ amount: '0.24' }] }],
  });
  await credit('6.67');
  const path = { invoice_id: made.id };
  expect(await room.ask('fetch-invoice', { path })).toMatchObject({
    ...{ status: 'paid', amount_due: '0.00', total: '10.73' },
  });
});
