import type { SubscriptionView } from '@orbit/contracts';
import type { Catalog } from '../../catalogue/application/ports.js';
import { allowancesOf } from '../../catalogue/domain/plan.js';
import type { SubscriptionStore } from './subscription-ports.js';

/** Returns which plan an organization has, and what it includes. */
export class ReadSubscription {
  constructor(
    private readonly catalog: Catalog,
    private readonly store: SubscriptionStore,
  ) {}

  /** Null without a plan that counts now. */
  async run(organizationId: string): Promise<SubscriptionView | null> {
    const state = await this.store.read(organizationId);
    if (state === null) return null;
    const plan = (await this.catalog.listPlans()).find(({ id }) => id === state.plan_id);
    if (plan === undefined) return null;
    return { ...state, plan_name: plan.name, allowances: allowancesOf(plan) };
  }
}
