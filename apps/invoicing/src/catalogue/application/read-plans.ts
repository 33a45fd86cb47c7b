import type { PlanView, PricedPlan } from '@orbit/contracts';
import { pricedPlan } from '../domain/plan.js';
import type { Catalog } from './ports.js';

/** Returns what is asked about plans. */
export class ReadPlans {
  constructor(private readonly catalog: Catalog) {}

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
}
