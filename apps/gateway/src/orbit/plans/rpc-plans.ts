import {
  PLAN_CHECKOUT_RPC,
  SUBSCRIPTION_RPC,
  USAGE_PERIOD_RPC,
  type ChangePlan,
  type ChannelQuantity,
  type CreatePlanCheckout,
  type PlanState,
  type PlanView,
  type PricedPlan,
  type SubscriptionView,
  type UsageBucket,
  type UsagePeriod,
} from '@orbit/contracts';
import type { Plans } from './plan-ports.js';
import { STRIPE_CALL_TIMEOUT_MS, type Rpc } from '../../edge/rpc/rpc-services.js';

export interface PlanServices {
  readonly invoicing: Rpc;
  readonly checkout: Rpc;
  readonly usageMetering: Rpc;
}

export class RpcPlans implements Plans {
  constructor(private readonly services: PlanServices) {}

  listPlans(): Promise<readonly PlanView[]> {
    return this.services.invoicing.call(SUBSCRIPTION_RPC.listPlans, {});
  }

  readPrice(priceId: string): Promise<PricedPlan | null> {
    return this.services.invoicing.call(SUBSCRIPTION_RPC.readPrice, { price_id: priceId });
  }

  async resolvePrice(stripePriceId: string): Promise<string | null> {
    const request = { stripe_price_id: stripePriceId };
    const found = await this.services.checkout.call<{ price_id: string } | null>(
      PLAN_CHECKOUT_RPC.resolvePrice,
      request,
    );
    return found?.price_id ?? null;
  }

  readSubscription(organizationId: string): Promise<SubscriptionView | null> {
    const request = { organization_id: organizationId };
    return this.services.invoicing.call(SUBSCRIPTION_RPC.read, request);
  }

  openCheckout(request: CreatePlanCheckout): Promise<{ readonly checkout_url: string }> {
    return this.atStripe(PLAN_CHECKOUT_RPC.create, request);
  }

  change(request: ChangePlan): Promise<PlanState> {
    return this.atStripe(PLAN_CHECKOUT_RPC.change, request);
  }

  cancel(organizationId: string): Promise<PlanState> {
    return this.atStripe(PLAN_CHECKOUT_RPC.cancel, { organization_id: organizationId });
  }

  resume(organizationId: string): Promise<PlanState> {
    return this.atStripe(PLAN_CHECKOUT_RPC.resume, { organization_id: organizationId });
  }

  readUsage(period: UsagePeriod): Promise<readonly ChannelQuantity[]> {
    return this.services.usageMetering.call(USAGE_PERIOD_RPC.total, period);
  }

  readUsageHistory(
    period: UsagePeriod,
    granularity: 'day' | 'month',
  ): Promise<readonly UsageBucket[]> {
    const request = { ...period, granularity };
    return this.services.usageMetering.call(USAGE_PERIOD_RPC.history, request);
  }

  private atStripe<T>(pattern: string, request: object): Promise<T> {
    return this.services.checkout.call(pattern, request, STRIPE_CALL_TIMEOUT_MS);
  }
}
