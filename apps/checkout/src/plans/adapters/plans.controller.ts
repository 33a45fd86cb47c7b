import { Controller } from '@nestjs/common';
import {
  PLAN_CHECKOUT,
  type ChangePlan,
  type CreatePlanCheckout,
  type PlanState,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { ManagePlan } from '../application/manage-plan.js';

interface OfOrganization {
  readonly organization_id: string;
}

/** Plans at Stripe, over Nest TCP. */
@Controller()
export class PlansController {
  constructor(private readonly plans: ManagePlan) {}

  @Handles(PLAN_CHECKOUT.create)
  async create(request: CreatePlanCheckout): Promise<{ readonly checkout_url: string }> {
    return this.plans.create(request);
  }

  @Handles(PLAN_CHECKOUT.change)
  async change(request: ChangePlan): Promise<PlanState> {
    return this.plans.change(request);
  }

  @Handles(PLAN_CHECKOUT.cancel)
  async cancel({ organization_id: organizationId }: OfOrganization): Promise<PlanState> {
    return this.plans.cancel(organizationId);
  }

  @Handles(PLAN_CHECKOUT.resume)
  async resume({ organization_id: organizationId }: OfOrganization): Promise<PlanState> {
    return this.plans.resume(organizationId);
  }

  @Handles(PLAN_CHECKOUT.resolvePrice)
  async resolve(request: {
    readonly stripe_price_id: string;
  }): Promise<{ readonly price_id: string } | null> {
    return this.plans.resolvePrice(request.stripe_price_id);
  }
}
