import type { SubscriptionChanged, SubscriptionInvoiced } from '@orbit/events';
import type { Clock } from '@orbit/kernel';
import { allowancesOf, dueAllowances } from '../../catalogue/domain/plan.js';
import type { Catalog } from '../../catalogue/application/ports.js';
import type { SubscriptionStore } from './subscription-ports.js';

/** Keeps subscriptions and their invoices as checkout saw them, in any order and however often an event comes. */
export class FollowSubscriptions {
  constructor(
    private readonly store: SubscriptionStore,
    private readonly catalog: Catalog,
    private readonly clock: Clock,
    /** Called when periods may be due something, so that nobody waits for the next check. */
    private readonly onInvoiced: () => void = () => undefined,
  ) {}

  async changed(events: readonly SubscriptionChanged[]): Promise<void> {
    for (const event of events) await this.store.saveSubscription(event, this.clock.nowMs());
  }

  async invoiced(events: readonly SubscriptionInvoiced[]): Promise<void> {
    const plans = await this.catalog.listPlans();
    for (const event of events) {
      const plan = plans.find(({ id }) => id === event.plan_id);
      await this.store.saveInvoice(event, (had) =>
        plan === undefined ? [] : dueAllowances(allowancesOf(plan), had),
      );
    }
    this.onInvoiced();
  }
}
