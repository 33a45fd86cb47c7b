import { summaryOf, toSubscription } from '../../orb-subscriptions/domain/subscription-view.js';
import { momentsSince, type ReportedMoments } from '../../timeline/domain/moments.js';
import { planAt } from '../../timeline/domain/position.js';
import type { BillingTransaction, Subscription } from './ports.js';

/** Notifies receivers of webhooks of what has come in the life of a subscription; what is reported from then on. */
export async function reportMoments(
  tx: BillingTransaction,
  subscription: Subscription,
  nowMs: number,
): Promise<ReportedMoments> {
  const { accountId, customerId, id, timeline } = subscription;
  const { moments, reported } = momentsSince(timeline, subscription.reported ?? null, nowMs);
  if (moments.length === 0) return reported;
  const customer = await tx.customers.find(accountId, { id: customerId });
  const span = planAt(timeline, nowMs);
  const plan = span && (await tx.catalogue.planView(accountId, span.planId, span.version));
  const shown = toSubscription(subscription, { customer: customer?.view ?? {}, plan }, nowMs);
  for (const { type, properties } of moments) {
    await tx.facts.record({
      ...{ accountId, organizationId: customerId, objectId: id, type, properties, atMs: nowMs },
      resources: { subscription: shown },
      standardResources: { subscription: summaryOf(shown) },
    });
  }
  return reported;
}
