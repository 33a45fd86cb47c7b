import type { CheckoutSession, PaymentIntent, SetupIntent } from '../world/objects.js';
import { useTimeOf } from '../controls/clocks.js';
import { needLiving } from '../customers/customers.js';
import { markPaid } from '../invoices/invoices.js';
import type { Stored } from '../world/ports.js';
import { startSubscription, type NewItem } from './subscriptions.js';
import type { Work } from '../world/work.js';

const DAY_SECONDS = 86_400;

/**
 * Makes the subscription that a session sold, once its payment succeeded or is under way, or, with a trial,
 * once a method was saved. Returns what the session then shows.
 */
export async function subscribe(
  work: Work,
  stored: Stored<'checkout.session'>,
  intent: PaymentIntent | SetupIntent,
): Promise<Partial<CheckoutSession>> {
  const { body: session, secret } = stored;
  const data = secret.subscription_data;
  const customer = await needLiving(work, session.customer ?? '');
  await useTimeOf(work, customer);
  const items: NewItem[] = [];
  for (const { price, quantity } of data?.items ?? []) {
    const { body } = await work.need('price', price);
    items.push({ price: body, quantity, metadata: {} });
  }
  const trialDays = data?.trialDays ?? 0;
  const isPayment = intent.object === 'payment_intent';
  const { subscription, invoice } = await startSubscription(work, {
    customer,
    items,
    collectionMethod: 'charge_automatically',
    daysUntilDue: null,
    defaultPaymentMethod: intent.payment_method,
    description: data?.description ?? null,
    metadata: data?.metadata ?? {},
    saveDefaultPaymentMethod: 'off',
    trialEnd: trialDays === 0 ? null : work.now + trialDays * DAY_SECONDS,
    adopted: { intent: isPayment ? intent.id : null },
  });
  if (isPayment) {
    const belongsTo = { session: session.id, invoice: invoice.id };
    const { body } = await work.lock('payment_intent', intent.id);
    await work.tx.save('payment_intent', body, belongsTo);
    if (body.status === 'succeeded' && invoice.status === 'open') {
      await markPaid(work, { ...invoice, attempt_count: 1 });
    }
  }
  return { subscription: subscription.id, invoice: invoice.id };
}
