import { periodEnd } from './billing-period.js';
import type { LineDraft, Subscription } from './billing-objects.js';
import { collectInvoice } from './collect.js';
import { needLiving } from '../customers/customers.js';
import {
  closeInvoice,
  createInvoice,
  DRAFT_SECONDS,
  finalizeInvoice,
} from '../invoices/invoices.js';
import { changeSubscription, endSubscription, isOver } from './subscription-state.js';
import { fullLine, planNext } from './subscriptions.js';
import type { Work } from '../world/work.js';

/** `renew_subscription`: the end of a period, of the subscription, or of the wait for its first payment. */
export async function renewSubscription(work: Work, id: string): Promise<void> {
  const { body: subscription, secret } = await work.lock('subscription', id);
  if (isOver(subscription)) return;
  if (subscription.status === 'incomplete') return expire(work, subscription);
  if (subscription.cancel_at !== null && subscription.cancel_at <= work.now) {
    await endSubscription(work, subscription, 'cancellation_requested');
    if (secret.pending.length > 0) await lastInvoice(work, subscription, secret.pending);
    return;
  }
  const [first] = subscription.items.data;
  if (first === undefined || first.current_period_end > work.now) {
    return planNext(work, subscription);
  }
  await nextPeriod(work, subscription, secret.pending);
}

async function nextPeriod(
  work: Work,
  subscription: Subscription,
  pending: readonly LineDraft[],
): Promise<void> {
  const [first] = subscription.items.data;
  const start = first?.current_period_end ?? work.now;
  const before = first?.current_period_start ?? start;
  const data = subscription.items.data.map((item) => {
    const recurring = item.price.recurring ?? { interval: 'month', interval_count: 1 };
    const end = periodEnd(subscription.billing_cycle_anchor, recurring, start);
    return { ...item, current_period_start: start, current_period_end: end };
  });
  const status = subscription.status === 'trialing' ? 'active' : subscription.status;
  const moved = await changeSubscription(work, subscription, {
    items: { ...subscription.items, data },
    status,
  });
  await work.tx.save('subscription', moved, { pending: [] });
  const lines: LineDraft[] = [...pending];
  for (const item of data) lines.push(await fullLine(work, item, false));
  const invoice = await createInvoice(work, {
    reason: 'subscription_cycle',
    customer: await needLiving(work, subscription.customer),
    subscription: moved,
    drafts: lines,
    periodStart: before,
    periodEnd: start,
    finalizesAt: work.now + DRAFT_SECONDS,
  });
  const named = await work.patch('subscription', moved, { latest_invoice: invoice.id });
  await planNext(work, named);
}

/** Nobody paid the first invoice within a day: there never was a subscription. */
async function expire(work: Work, subscription: Subscription): Promise<void> {
  await changeSubscription(work, subscription, {
    status: 'incomplete_expired',
    ended_at: work.now,
  });
  const { body: invoice } = await work.lock('invoice', subscription.latest_invoice ?? '');
  if (invoice.status === 'open') await closeInvoice(work, invoice, 'void');
}

/** The invoice of the prorations that were still pending when it ended. */
async function lastInvoice(
  work: Work,
  subscription: Subscription,
  drafts: readonly LineDraft[],
): Promise<void> {
  const invoice = await createInvoice(work, {
    reason: 'subscription_cycle',
    customer: await needLiving(work, subscription.customer),
    subscription,
    drafts,
    periodStart: work.now,
    periodEnd: work.now,
    finalizesAt: null,
  });
  const open = await finalizeInvoice(work, invoice);
  if (open.status === 'open') await collectInvoice(work, open);
}

/** `finalize_invoice`: the hour of the draft is over. */
export async function finalizeDraft(work: Work, id: string): Promise<void> {
  const { body } = await work.lock('invoice', id);
  if (body.status !== 'draft') return;
  const open = await finalizeInvoice(work, body);
  const isCollected = open.status === 'open' && open.collection_method === 'charge_automatically';
  if (isCollected) await collectInvoice(work, open);
}
