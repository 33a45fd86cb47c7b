import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { OrbitError, PLAN_CHECKOUT_RPC, type PlanState, type PricedPlan } from '@orbit/contracts';
import { ManagePlan } from '../application/manage-plan.js';
import {
  fieldsOf,
  optionalTextOf,
  textOf,
  type Fields,
} from '../../topups/adapters/request-fields.js';

@Controller()
export class PlansController {
  constructor(private readonly plans: ManagePlan) {}

  @MessagePattern(PLAN_CHECKOUT_RPC.create)
  async create(@Payload() payload: unknown): Promise<{ readonly checkout_url: string }> {
    const fields = fieldsOf(payload);
    const key = optionalTextOf(fields, 'idempotency_key');
    return this.plans.create({
      organization_id: textOf(fields, 'organization_id'),
      plan: planOf(fields),
      success_url: textOf(fields, 'success_url'),
      cancel_url: textOf(fields, 'cancel_url'),
      ...(key === undefined ? {} : { idempotency_key: key }),
    });
  }

  @MessagePattern(PLAN_CHECKOUT_RPC.change)
  async change(@Payload() payload: unknown): Promise<PlanState> {
    const fields = fieldsOf(payload);
    const organization_id = textOf(fields, 'organization_id');
    return this.plans.change({ organization_id, plan: planOf(fields) });
  }

  @MessagePattern(PLAN_CHECKOUT_RPC.cancel)
  async cancel(@Payload() payload: unknown): Promise<PlanState> {
    return this.plans.cancel(textOf(fieldsOf(payload), 'organization_id'));
  }

  @MessagePattern(PLAN_CHECKOUT_RPC.resume)
  async resume(@Payload() payload: unknown): Promise<PlanState> {
    return this.plans.resume(textOf(fieldsOf(payload), 'organization_id'));
  }

  @MessagePattern(PLAN_CHECKOUT_RPC.resolvePrice)
  async resolve(@Payload() payload: unknown): Promise<{ readonly price_id: string } | null> {
    return this.plans.resolvePrice(textOf(fieldsOf(payload), 'stripe_price_id'));
  }
}

/** The gateway has it from the catalogue; anything else is no plan. */
function planOf(payload: Fields): PricedPlan {
  const plan = fieldsOf(payload['plan']);
  const amount = plan['amount_minor'];
  const isAmount = amount === null || (Number.isSafeInteger(amount) && Number(amount) > 0);
  if (!isAmount || textOf(plan, 'price_id') === '' || textOf(plan, 'plan_id') === '') {
    throw new OrbitError('invalid_field', 'plan is a price of the catalogue.', {
      param: 'priceId',
    });
  }
  return {
    price_id: textOf(plan, 'price_id'),
    plan_id: textOf(plan, 'plan_id'),
    plan_name: textOf(plan, 'plan_name'),
    currency: textOf(plan, 'currency'),
    amount_minor: amount === null ? null : Number(amount),
    interval: textOf(plan, 'interval') === 'year' ? 'year' : 'month',
  };
}
