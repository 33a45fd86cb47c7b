import { judge } from '../customers/card.js';
import type { Invoice, Subscription } from './billing-objects.js';
import { invalidRequest } from '../http/stripe-error.js';
import { markPaid, subscriptionOf } from '../invoices/invoices.js';
import { attemptPayment, type AttemptResult } from '../payments/payments.js';
import type { Stored } from '../world/ports.js';
import { endSubscription, setStatus } from './subscription-state.js';
import type { Work } from '../world/work.js';

/** Days between the attempts that Stripe's plain retry schedule makes; after the last one it gives up. */
const RETRY_DAYS: readonly number[] = [3, 5, 7];
const DAY_SECONDS = 86_400;

/** Tries to collect an open invoice without its payer, with the method that they chose for it. */
export async function collectInvoice(
  work: Work,
  invoice: Invoice,
  given: Stored<'payment_method'> | null = null,
): Promise<AttemptResult | null> {
  const { secret } = await work.need('invoice', invoice.id);
  if (invoice.status !== 'open' || secret.intent === null) {
    throw invalidRequest(`Only open invoices are paid; this one is ${invoice.status}.`);
  }
  const method = given ?? (await methodFor(work, invoice));
  if (method === null) {
    await failInvoice(work, invoice, 'declined');
    return null;
  }
  const { body: intent } = await work.lock('payment_intent', secret.intent);
  if (intent.status === 'processing' || intent.status === 'succeeded') return null;
  const result = await attemptPayment(work, intent, method, {
    isOffSession: !mustAsk(method),
    isAuthenticated: false,
    returnUrl: invoice.hosted_invoice_url,
  });
  await followInvoice(work, invoice.id, result);
  return result;
}

/** A card that wants its owner is not declined: the invoice's page asks them. */
function mustAsk(method: Stored<'payment_method'>): boolean {
  const { behavior, isSetUp } = method.secret;
  const verdict = judge(behavior, { isOffSession: true, isSetUp });
  return verdict.kind === 'decline' && verdict.decline.code === 'authentication_required';
}

async function methodFor(work: Work, invoice: Invoice): Promise<Stored<'payment_method'> | null> {
  const { body: subscription } = await work.need('subscription', subscriptionOf(invoice));
  const { body: customer } = await work.need('customer', invoice.customer);
  const id =
    invoice.default_payment_method ??
    subscription.default_payment_method ??
    customer.invoice_settings.default_payment_method;
  return id === null ? null : work.lock('payment_method', id);
}

/** Applies the result of an attempt to an invoice and its subscription. */
export async function followInvoice(
  work: Work,
  invoiceId: string,
  result: AttemptResult,
): Promise<void> {
  const { body: invoice } = await work.lock('invoice', invoiceId);
  if (invoice.status !== 'open') return;
  if (result.kind === 'succeeded') {
    await markPaid(work, { ...invoice, attempt_count: invoice.attempt_count + 1 });
    await setStatus(work, subscriptionOf(invoice), 'active');
  }
  if (result.kind === 'processing') await setStatus(work, subscriptionOf(invoice), 'active');
  if (result.kind === 'declined') await failInvoice(work, invoice, 'declined');
  if (result.kind === 'requires_action') await failInvoice(work, invoice, 'requires_action');
  if (result.kind === 'succeeded') await keepForLater(work, invoice, result.intent.payment_method);
}

/** `save_default_payment_method: on_subscription`: what paid first pays on. */
async function keepForLater(work: Work, invoice: Invoice, method: string | null): Promise<void> {
  const { body } = await work.lock('subscription', subscriptionOf(invoice));
  const settings = body['payment_settings'] as Subscription['items'];
  const isWanted = settings['save_default_payment_method'] === 'on_subscription';
  if (!isWanted || body.default_payment_method !== null) return;
  await work.patch('subscription', body, { default_payment_method: method });
}

async function failInvoice(
  work: Work,
  invoice: Invoice,
  kind: 'declined' | 'requires_action',
): Promise<void> {
  const attempts = invoice.attempt_count + 1;
  const id = subscriptionOf(invoice);
  const { body: subscription } = await work.lock('subscription', id);
  // Never paid yet: its maker sees the refusal and tries again, Stripe does not.
  const isFirst = subscription.status === 'incomplete';
  const days = isFirst ? undefined : RETRY_DAYS[attempts - 1];
  const next = days === undefined ? null : work.now + days * DAY_SECONDS;
  const failed = await work.patch('invoice', invoice, {
    attempt_count: attempts,
    attempted: true,
    next_payment_attempt: next,
  });
  if (kind === 'requires_action') work.emit('invoice.payment_action_required', failed);
  work.emit('invoice.payment_failed', failed);
  if (isFirst) return;
  if (next !== null) {
    await setStatus(work, id, 'past_due');
    await work.plan('retry_invoice', invoice.id, next * 1_000);
    return;
  }
  await endSubscription(work, subscription, 'payment_failed');
}

/** `retry_invoice`. */
export async function retryInvoice(work: Work, id: string): Promise<void> {
  const { body } = await work.lock('invoice', id);
  if (body.status === 'open') await collectInvoice(work, body);
}
