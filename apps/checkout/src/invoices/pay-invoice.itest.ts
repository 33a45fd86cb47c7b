// Goal: an invoice is paid by the payer's default payment method, once per payment however often it is asked for; a
// decline is an answer, and a payer without a method is refused. Method: checkout's use case and its adapter of Stripe
// over the stand-in, after the request was read by the shape that both services share.
import type { InvoicePayment, PayInvoice } from '@orbit/contracts';
import { uniqueId } from '@orbit/testing';
import { CheckoutUnderTest } from '../testing/checkout.fake.js';
import { InvoicePaymentsController } from './adapters/invoice-payments.controller.js';

let checkout: CheckoutUnderTest;
beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterAll(() => checkout?.close());

const request = (organization_id: string, change: Partial<PayInvoice> = {}): PayInvoice => ({
  organization_id,
  invoice_id: `inv_${uniqueId()}`,
  payment_id: `pay_${uniqueId()}`,
  description: 'Invoice INV-2026-001',
  amount_minor: 12_345,
  currency: 'USD',
  ...change,
});
const pay = (asked: PayInvoice): Promise<InvoicePayment> =>
  new InvoicePaymentsController(checkout.parts.payInvoice).pay(asked);
const intentsOf = (payment_id: string) =>
  checkout.stripe.saved.intents.filter(
    ({ params }) => params['metadata[orbit_payment_id]'] === payment_id,
  );

test('an invoice of 123.45 is paid once, however often the same payment is asked for', async () => {
  const { organizationId, method } = await checkout.customer();
  const asked = request(organizationId);
  const paid = await pay(asked);
  expect(paid).toMatchObject({ payment_id: asked.payment_id, status: 'succeeded', failure: null });
  expect(await pay(asked)).toEqual(paid);
  const [intent, ...more] = intentsOf(asked.payment_id);
  expect(more).toEqual([]);
  expect(intent?.id).toBe(paid.payment_intent_id);
  expect(intent?.params).toMatchObject({
    amount: '12345',
    currency: 'usd',
    payment_method: method.id,
    description: asked.description,
    'metadata[orbit_invoice_id]': asked.invoice_id,
  });
  // Another payment of the invoice is another payment.
  const again = await pay({ ...asked, payment_id: `pay_${uniqueId()}` });
  expect(again.payment_intent_id).not.toBe(paid.payment_intent_id);
});

test('a decline is an answer with its code, the same for every repeat', async () => {
  const { organizationId } = await checkout.customer('declines');
  const asked = request(organizationId);
  const declined = await pay(asked);
  expect(declined).toMatchObject({ status: 'failed', failure: expect.any(String) as string });
  expect(await pay(asked)).toEqual(declined);
  expect(intentsOf(asked.payment_id)).toHaveLength(1);
});

test('a payer without a method, no amount and an unknown currency are refused, and Stripe makes nothing', async () => {
  const { organizationId } = await checkout.customer();
  const before = checkout.stripe.saved.intents.length;
  await expect(pay(request(`org_${uniqueId()}`))).rejects.toMatchObject({
    code: 'payment_method_required',
  });
  for (const amount_minor of [0, -1, 1.5, Number.NaN])
    await expect(pay(request(organizationId, { amount_minor }))).rejects.toMatchObject({
      code: 'invalid_field',
      param: 'amount_minor',
    });
  await expect(pay(request(organizationId, { currency: 'XXX' }))).rejects.toMatchObject({
    code: 'invalid_field',
    param: 'currency',
  });
  expect(checkout.stripe.saved.intents).toHaveLength(before);
});
