import { useTimeOf } from '../controls/clocks.js';
import { collectInvoice } from '../billing/collect.js';
import { needLiving } from '../customers/customers.js';
import { needMethod } from '../payments/intents.js';
import { finalizeInvoice, markPaid } from './invoices.js';
import type { Work } from '../world/work.js';
import type { Invoice } from '../billing/billing-objects.js';
import { created, flag, ignored, listShape, object, oneOf, text } from '../http/params.js';
import { invalidRequest, StripeError } from '../http/stripe-error.js';
import { listAnswer, route, type ApiRoute, type RouteAnswer } from '../http/api-route.js';
import { checkOwner } from '../customers/method-params.js';

const statuses = ['draft', 'open', 'paid', 'uncollectible', 'void'] as const;

/** Invoices of subscriptions; the sandbox makes no others. */
export const INVOICE_ROUTES: readonly ApiRoute[] = [
  route(
    'GET',
    '/v1/invoices',
    {
      ...listShape,
      created: created(),
      customer: text(255),
      subscription: text(255),
      status: oneOf(...statuses),
      collection_method: oneOf('charge_automatically', 'send_invoice'),
    },
    (work, params) => {
      const { customer, subscription, status, collection_method } = params;
      const parent =
        subscription === undefined ? undefined : { subscription_details: { subscription } };
      const where = { customer, status, collection_method, parent };
      return listAnswer(work, 'invoice', params, where, '/v1/invoices');
    },
  ),
  route('GET', '/v1/invoices/:id', {}, async (work, _params, id) => {
    return (await work.need('invoice', id, 'invoice')).body;
  }),
  route(
    'POST',
    '/v1/invoices/:id/pay',
    {
      off_session: flag(),
      paid_out_of_band: flag(),
      payment_method: text(255),
      forgive: ignored(),
      mandate: ignored(),
    },
    async (work, params, id) => {
      const draft = await lockInvoice(work, id);
      const invoice = draft.status === 'draft' ? await finalizeInvoice(work, draft) : draft;
      if (invoice.status === 'paid') {
        throw invalidRequest('Invoice is already paid', { code: 'invoice_already_paid' });
      }
      if (params.paid_out_of_band === true) return markPaid(work, invoice);
      return pay(work, invoice, params.payment_method);
    },
  ),

  route(
    'GET',
    '/v1/invoice_payments',
    {
      ...listShape,
      created: created(),
      invoice: text(255),
      status: oneOf('open', 'paid', 'canceled'),
      payment: object({ type: oneOf('payment_intent', 'charge'), payment_intent: text(255) }),
    },
    (work, params) => {
      const { invoice, status } = params;
      const payment_intent = params.payment?.payment_intent;
      const payment = payment_intent === undefined ? undefined : { payment_intent };
      const where = { invoice, status, payment };
      return listAnswer(work, 'invoice_payment', params, where, '/v1/invoice_payments');
    },
  ),
];

/** An invoice by its customer's time. */
async function lockInvoice(work: Work, id: string): Promise<Invoice> {
  const { body } = await work.lock('invoice', id, 'invoice');
  await useTimeOf(work, await needLiving(work, body.customer));
  return body;
}

async function pay(work: Work, invoice: Invoice, given: string | undefined): Promise<RouteAnswer> {
  const method = given === undefined ? null : await needMethod(work, given, 'payment_method');
  if (method !== null) checkOwner(method, invoice.customer, 'payment_method');
  const result = await collectInvoice(work, invoice, method);
  if (result?.kind === 'declined') {
    const { code, declineCode, message } = result.decline;
    return new StripeError(402, 'card_error', message, {
      code,
      ...(declineCode === null ? {} : { declineCode }),
      paymentIntent: result.intent,
    });
  }
  if (result?.kind === 'requires_action') {
    return new StripeError(402, 'card_error', 'This payment requires additional user action.', {
      code: 'invoice_payment_intent_requires_action',
      paymentIntent: result.intent,
    });
  }
  return (await work.need('invoice', invoice.id)).body;
}
