import type { Subscription, SubscriptionStatus } from './billing-objects.js';
import type { JsonObject } from '../http/json.js';
import type { Work } from '../world/work.js';

const OVER: readonly SubscriptionStatus[] = ['canceled', 'incomplete_expired'];

export const isOver = (subscription: Subscription): boolean => OVER.includes(subscription.status);

/** Moves a living subscription to a status; nothing is sent when it has it already. */
export async function setStatus(
  work: Work,
  id: string,
  status: 'active' | 'past_due',
): Promise<void> {
  const { body } = await work.lock('subscription', id);
  const isTrial = status === 'active' && body.status === 'trialing';
  if (body.status === status || isTrial || isOver(body)) return;
  await changeSubscription(work, body, { status });
}

/** Saves a change and sends its event, with the changed fields as they were. */
export async function changeSubscription(
  work: Work,
  before: Subscription,
  change: Partial<Subscription>,
): Promise<Subscription> {
  const after = await work.patch('subscription', before, change);
  const names = Object.keys(change).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  if (names.length === 0) return after;
  const previous: JsonObject = Object.fromEntries(names.map((name) => [name, before[name]]));
  work.emit('customer.subscription.updated', after, previous);
  return after;
}

/** Ends a subscription for good. */
export async function endSubscription(
  work: Work,
  subscription: Subscription,
  reason: 'cancellation_requested' | 'payment_failed',
  details: JsonObject = {},
): Promise<Subscription> {
  await work.tx.dropTask('renew_subscription', subscription.id);
  const ended = await work.patch('subscription', subscription, {
    canceled_at: subscription.canceled_at ?? work.now,
    cancellation_details: { ...subscription.cancellation_details, ...details, reason },
    ended_at: work.now,
    status: 'canceled',
  });
  if (subscription.latest_invoice !== null) {
    const { body: invoice } = await work.lock('invoice', subscription.latest_invoice);
    await work.tx.dropTask('retry_invoice', invoice.id);
    await work.tx.dropTask('finalize_invoice', invoice.id);
    if (invoice.status === 'open' || invoice.status === 'draft') {
      await work.patch('invoice', invoice, { auto_advance: false, next_payment_attempt: null });
    }
  }
  work.emit('customer.subscription.deleted', ended);
  return ended;
}

/** The fields of a subscription for `cancel_at_period_end`, set and taken back. */
export function cancellation(
  work: Work,
  subscription: Subscription,
  isEnding: boolean,
): Partial<Subscription> {
  const end = subscription.items.data[0]?.current_period_end ?? work.now;
  return {
    cancel_at: isEnding ? end : null,
    cancel_at_period_end: isEnding,
    canceled_at: isEnding ? work.now : null,
    cancellation_details: {
      ...subscription.cancellation_details,
      reason: isEnding ? 'cancellation_requested' : null,
    },
  };
}
