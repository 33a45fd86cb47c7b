import { Controller } from '@nestjs/common';
import { PLANS, type PlanView, type PricedPlan } from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { ReadPlans } from '../application/read-plans.js';

/** Plans of the Orbit API, over Nest TCP. */
@Controller()
export class PlansController {
  constructor(private readonly plans: ReadPlans) {}

  @Handles(PLANS.list)
  async list(): Promise<readonly PlanView[]> {
    return this.plans.list();
  }

  @Handles(PLANS.readPrice)
  async price({ price_id: priceId }: { readonly price_id: string }): Promise<PricedPlan | null> {
    return this.plans.price(priceId);
  }
}
