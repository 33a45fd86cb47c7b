import type { PlanView, PricedPlan, SubscriptionView } from '@orbit/contracts';
import { allowancesOf, pricedPlan } from '../domain/plan.js';
import type {
  Catalog,
  SubscriptionStore,
} from '../../subscriptions/application/subscription-ports.js';

/** Answers what is asked about plans, and which one an organization has. */
export class ReadPlans {
  constructor(
    private readonly catalog: Catalog,
    private readonly store: SubscriptionStore,
  ) {}

  async list(): Promise<readonly PlanView[]> {
    const plans = await this.catalog.listPlans();
    return plans.filter(({ status }) => status === 'active');
  }

  async price(priceId: string): Promise<PricedPlan | null> {
    for (const plan of await this.list()) {
      const found = pricedPlan(plan, priceId);
      if (found !== null) return found;
    }
    return null;
  }

  async subscription(organizationId: string): Promise<SubscriptionView | null> {
    const state = await this.store.read(organizationId);
    if (state === null) return null;
    const plan = (await this.catalog.listPlans()).find(({ id }) => id === state.plan_id);
    if (plan === undefined) return null;
    return { ...state, plan_name: plan.name, allowances: allowancesOf(plan) };
  }
}
