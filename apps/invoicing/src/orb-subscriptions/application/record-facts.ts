import type { Subscription } from '../../billing/domain/subscription.js';
import type { Moment } from '../../timeline/domain/moments.js';
import { summaryOf } from '../domain/subscription-view.js';
import type { ChangeTransaction } from './ports.js';

/** Notifies receivers of webhooks of facts about a subscription as it is shown. */
export async function recordFacts(
  { facts }: Pick<ChangeTransaction, 'facts'>,
  { accountId, customerId, id }: Subscription,
  moments: readonly Moment[],
  shown: Readonly<Record<string, unknown>>,
  nowMs: number,
): Promise<void> {
  for (const { type, properties } of moments) {
    await facts.record({
      ...{ accountId, organizationId: customerId, objectId: id, type, properties, atMs: nowMs },
      resources: { subscription: shown },
      standardResources: { subscription: summaryOf(shown) },
    });
  }
}
