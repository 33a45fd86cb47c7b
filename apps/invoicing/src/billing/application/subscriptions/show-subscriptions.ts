import { planAt } from '../../domain/timeline/position.js';
import { toSubscription, toSummary, type SubscriptionParts } from './subscription-view.js';
import type { BillingCatalogue, BillingCustomers, Subscription } from '../ports.js';

/** Where what is shown is read: on a connection, or in a transaction. */
export interface ShownParts {
  readonly customers: BillingCustomers;
  readonly catalogue: Pick<BillingCatalogue, 'planView'>;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads what subscriptions show of their customers and plans, each once. */
export class ShowSubscriptions {
  async one(from: ShownParts, subscription: Subscription, nowMs: number): Promise<Fields> {
    const [shown] = await this.all(from, [subscription], nowMs);
    return shown as Fields;
  }

  all(
    from: ShownParts,
    subscriptions: readonly Subscription[],
    nowMs: number,
  ): Promise<readonly Fields[]> {
    return this.each(from, subscriptions, nowMs, (subscription, parts) =>
      toSubscription(subscription, parts, nowMs),
    );
  }

  summaries(
    from: ShownParts,
    subscriptions: readonly Subscription[],
    nowMs: number,
  ): Promise<readonly Fields[]> {
    return this.each(from, subscriptions, nowMs, (subscription, { customer, plan }) =>
      toSummary(subscription, customer, plan, nowMs),
    );
  }

  private async each(
    from: ShownParts,
    subscriptions: readonly Subscription[],
    nowMs: number,
    show: (subscription: Subscription, parts: SubscriptionParts) => Fields,
  ): Promise<readonly Fields[]> {
    const seen = new Map<string, Promise<Fields>>();
    const once = (key: string, read: () => Promise<Fields>): Promise<Fields> => {
      const known = seen.get(key) ?? read();
      seen.set(key, known);
      return known;
    };
    const shown: Fields[] = [];
    for (const subscription of subscriptions) {
      const { accountId, customerId, timeline } = subscription;
      const customer = await once(`customer ${customerId}`, async () => {
        const found = await from.customers.find(accountId, { id: customerId });
        return found?.view ?? {};
      });
      const span = planAt(timeline, nowMs);
      const plan =
        span &&
        (await once(`plan ${span.planId} ${String(span.version)}`, async () => {
          return (await from.catalogue.planView(accountId, span.planId, span.version)) ?? {};
        }));
      shown.push(show(subscription, { customer, plan }));
    }
    return shown;
  }
}
