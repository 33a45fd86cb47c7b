import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DocumentPage, PortalView } from '@orbit/contracts';
import { FakeWorld } from '../gateway.fake.js';

const world = new FakeWorld();
let app: NestFastifyApplication;
beforeAll(async () => {
  app = await world.start();
});
afterAll(() => app.close());

const PAGE: DocumentPage = {
  ...{ title: 'Invoice', seller: 'Acme', number: 'ORB-2026-001', headline: '$15.00 USD due' },
  facts: [{ label: 'Invoice number', value: 'ORB-2026-001' }],
  bill_to: ['<script>alert(1)</script>', `"quoted" & 'more'`],
  lines: [
    {
      description: 'Calls',
      details: ['May'],
      quantity: '1,500',
      unit_price: '',
      amount: '$15.00 USD',
    },
  ],
  totals: [{ label: 'Amount due', value: '$15.00 USD' }],
  ...{ notes: [], stamp: null, footer: 'Thank you.', has_pdf: true, has_receipt: false },
};
const PORTAL: PortalView = {
  ...{
    account_id: 'acct_live',
    customer_id: 'org_1',
    name: 'Ada <b>',
    seller: 'Acme',
    currency: 'EUR',
  },
  expires_at: '2026-05-16T13:00:00.000Z',
  invoices: [
    {
      ...{ token: 'tok', number: 'ORB-2026-001', status: 'issued', date: 'May 16, 2026' },
      ...{ total: '$15.00 USD', amount_due: '$15.00 USD', has_pdf: true },
    },
  ],
};

test('an invoice is shown to whoever has its link; what a customer wrote is never markup', async () => {
  world.customerPages.pages.set('tok', PAGE);
  const answer = await app.inject({ url: '/documents/tok' });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.body).toContain('$15.00 USD due');
  expect(answer.body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(answer.body).toContain('&quot;quoted&quot; &amp; &#39;more&#39;');
  expect(answer.body).toContain('href="/documents/tok/invoice.pdf"');
  expect(answer.body).not.toContain('receipt.pdf');
});

test('its PDF is a file; what is not there is a page that says so', async () => {
  const pdf = await app.inject({ url: '/documents/tok/invoice.pdf' });
  expect(pdf.headers).toMatchObject({
    'content-type': 'application/pdf',
    'content-disposition': 'inline; filename="ORB-2026-001.pdf"',
  });
  expect(pdf.body).toBe('%PDF-1.7');
  for (const url of [
    ...['/documents/tok/receipt.pdf', '/documents/other', '/portal/other'],
    ...['/documents/%3Cb%3E', '/documents/tok/other.pdf', '/documents/%00', '/portal/..%2f..'],
  ]) {
    const answer = await app.inject({ url });
    expect([url, answer.statusCode]).toEqual([url, 404]);
  }
});

test('a portal shows balance, payment methods and invoices, and its other parts while Stripe is away', async () => {
  world.customerPages.portals.set('session', PORTAL);
  const answer = await app.inject({ url: '/portal/session' });
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toContain('Billing of Ada &lt;b&gt;');
  expect(answer.body).toContain('12.50');
  expect(answer.body).toContain('href="/documents/tok/invoice.pdf"');
  world.customerPages.isCheckoutAway = true;
  const without = await app.inject({ url: '/portal/session' });
  expect(without.statusCode).toBe(200);
  expect(without.body).toContain('This cannot be shown at the moment');
  expect(without.body).toContain('12.50');
});

test('a payment method is saved at the page of Stripe, which leads back to the portal', async () => {
  const type = 'application/x-www-form-urlencoded';
  const answer = await app.inject({
    ...{ method: 'POST', url: '/portal/session/payment-methods', payload: '' },
    headers: { 'content-type': type },
  });
  expect(answer.statusCode).toBe(303);
  expect(answer.headers.location).toBe('https://pay.test/setup');
  expect(world.customerPages.setups).toEqual([
    {
      ...{ organization_id: 'org_1', currency: 'EUR' },
      success_url: 'http://orbit.test/portal/session',
      cancel_url: 'http://orbit.test/portal/session',
    },
  ]);
});
