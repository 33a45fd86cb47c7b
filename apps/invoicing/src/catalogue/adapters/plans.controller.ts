import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { SUBSCRIPTION_RPC, type PlanView, type PricedPlan } from '@orbit/contracts';
import { ReadPlans } from '../application/read-plans.js';
import { requireText } from './require-text.js';

@Controller()
export class PlansController {
  constructor(private readonly plans: ReadPlans) {}

  @MessagePattern(SUBSCRIPTION_RPC.listPlans)
  async list(): Promise<readonly PlanView[]> {
    return this.plans.list();
  }

  @MessagePattern(SUBSCRIPTION_RPC.readPrice)
  async price(@Payload() request: { readonly price_id: unknown }): Promise<PricedPlan | null> {
    return this.plans.price(requireText(request.price_id, 'price_id'));
  }
}
