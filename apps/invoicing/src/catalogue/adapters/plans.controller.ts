import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  OrbitError,
  SUBSCRIPTION_RPC,
  type PlanView,
  type PricedPlan,
  type SubscriptionView,
} from '@orbit/contracts';
import { ReadPlans } from '../application/read-plans.js';

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

  @MessagePattern(SUBSCRIPTION_RPC.read)
  async read(
    @Payload() request: { readonly organization_id: unknown },
  ): Promise<SubscriptionView | null> {
    return this.plans.subscription(requireText(request.organization_id, 'organization_id'));
  }
}

function requireText(value: unknown, param: string): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  throw new OrbitError('invalid_field', `${param} is a text`, { param });
}
