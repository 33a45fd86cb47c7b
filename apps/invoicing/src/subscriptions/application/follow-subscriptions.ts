import type { SubscriptionChanged, SubscriptionInvoiced } from '@orbit/events';
import type { Clock } from '@orbit/kernel';
import { allowancesOf, dueAllowances } from '../../catalogue/domain/plan.js';
import type { AllowanceLedger, Catalog, SubscriptionStore } from './subscription-ports.js';

const GRANT_BATCH = 100;

/** Keeps what checkout saw of subscriptions and their invoices, in any order and however often it is told. */
export class FollowSubscriptions {
  constructor(
    private readonly store: SubscriptionStore,
    private readonly catalog: Catalog,
    private readonly clock: Clock,
    /** Told when periods may be due something, so that nobody waits for the next look. */
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

/** Grants what paid periods include. The ledger grants once per reference, so a crash in between costs nothing. */
export class GrantAllowances {
  constructor(
    private readonly store: SubscriptionStore,
    private readonly ledger: AllowanceLedger,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    for (const grant of await this.store.readDueGrants(GRANT_BATCH)) {
      const isOver = grant.periodEndMs <= this.clock.nowMs();
      // Nobody could spend it any more.
      if (!isOver) await this.ledger.grant(grant);
      await this.store.closeGrant(grant, this.clock.nowMs());
    }
  }
}
