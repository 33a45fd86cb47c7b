// Goal: invoices that Stripe made are seen beside ours, and nobody changes them here. Method: calls as the gateway
// makes them, over a real database, every answer checked against the contract.
import type { OrbCall } from '@orbit/contracts';
import { billingUnderTest, type BillingUnderTest, type Shown } from './billing-fixture.js';

let room: BillingUnderTest;
beforeAll(async () => {
  room = await billingUnderTest(Date.parse('2026-03-01T00:00:00Z'));
  await room.customer('org_plan');
  await room.customer('org_other');
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.item (id, account_id, name, metadata, external_connections, created_at)
    VALUES ('item_a', 'acct_a', 'Setup', '{}', '[]', now())`;
});
afterAll(() => room.drop());

const mirror = async (id: string, status: string, minor: bigint, day: string, more = 'USD') => {
  const number = status === 'draft' ? null : `STRIPE-${id}`;
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.subscription_invoice (id, stripe_invoice_id, subscription_id, organization_id, plan_id, number,
      amount_minor, currency, status, period_start, period_end, pdf_url, created_at, version)
    VALUES (${`inv_${id}`}, ${`in_${id}`}, 'sub_stripe', 'org_plan', 'plan_starter', ${number}, ${minor}, ${more}, ${status},
      ${new Date(day)}, ${new Date('2026-04-01')}, 'https://stripe.test/pdf', ${new Date(day)}, 1)`;
};
const list = async (query: OrbCall['query']) =>
  (await room.ask('list-invoices', { query })) as Shown & {
    data: Shown[];
    pagination_metadata: { next_cursor: string | null };
  };

test("Stripe's invoices are listed with ours, newest first, page by page, and filtered alike", async () => {
  await mirror('paid', 'paid', 4_900n, '2026-03-02');
  await mirror('open', 'open', 500n, '2026-03-04', 'JPY');
  await mirror('lost', 'uncollectible', 4_900n, '2026-03-05');
  await mirror('void', 'void', 4_900n, '2026-03-06');
  await mirror('draft', 'draft', 4_900n, '2026-03-07');
  const own = await room.ask('create-invoice', {
    body: {
      ...{ customer_id: 'org_plan', currency: 'USD', invoice_date: '2026-03-03', net_terms: 0 },
      line_items: [
        {
          ...{ name: 'Setup', item_id: 'item_a', quantity: 1, model_type: 'unit' },
          ...{ unit_config: { unit_amount: '30.09' }, start_date: '2026-03-01' },
          end_date: '2026-03-02',
        },
      ],
    },
  });
  const status = ['draft', 'issued', 'paid', 'void'];
  const all = await list({ 'status[]': status });
  expect(all.data.map(({ id }) => id)).toEqual([
    ...['inv_draft', 'inv_void', 'inv_lost', 'inv_open', own.id, 'inv_paid'],
  ]);
  const seen: string[] = [];
  for (let cursor: string | null = null; ;) {
    const page = await list({
      'status[]': status,
      limit: 1,
      ...(cursor === null ? {} : { cursor }),
    });
    seen.push(...page.data.map(({ id }) => id));
    cursor = page.pagination_metadata.next_cursor;
    if (cursor === null) break;
  }
  expect(seen).toEqual(all.data.map(({ id }) => id));
  expect((await list({})).data.map(({ id }) => id)).toEqual(['inv_lost', 'inv_open', 'inv_paid']);
  expect((await list({ 'amount[gt]': '499.99' })).data).toMatchObject([{ total: '500' }]);
  expect((await list({ subscription_id: 'sub_stripe' })).data).toHaveLength(3);
  expect((await list({ customer_id: 'org_other' })).data).toEqual([]);
  expect((await list({ 'invoice_date[lt]': '2026-03-03T00:00:00Z' })).data).toHaveLength(1);
  expect(await room.ask('fetch-invoice', { path: { invoice_id: 'inv_paid' } })).toMatchObject({
    ...{ invoice_number: 'STRIPE-paid', status: 'paid', total: '49.00', amount_due: '49.00' },
    ...{ invoice_source: 'subscription', invoice_pdf: 'https://stripe.test/pdf' },
    subscription: { id: 'sub_stripe' },
    customer: { id: 'org_plan', external_customer_id: 'ext-org_plan' },
    line_items: [{ amount: '49.00', end_date: '2026-04-01T00:00:00.000Z' }],
  });
  const account = { id: 'acct_b', mode: 'test', default_currency: 'USD', timezone: 'UTC' } as const;
  const foreign = await room.call('fetch-invoice', { account, path: { invoice_id: 'inv_paid' } });
  expect(foreign.status).toBe(404);
});

test.each([
  ['mark-invoice-as-paid', { payment_received_date: '2026-03-02' }],
  ['pay-invoice', {}],
  ['void-invoice', {}],
  ['issue-invoice', {}],
  ['update-invoice', { metadata: { a: 'b' } }],
])('%s is refused for each of them, and changes nothing', async (operation, body) => {
  for (const id of ['inv_paid', 'inv_open', 'inv_draft']) {
    const path = { invoice_id: id };
    const before = await room.ask('fetch-invoice', { path });
    const answer = await room.call(operation, { path, body });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('billed by Stripe');
    expect(await room.ask('fetch-invoice', { path })).toEqual(before);
  }
});
