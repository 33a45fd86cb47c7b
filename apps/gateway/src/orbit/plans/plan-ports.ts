import type {
  ChangePlan,
  ChannelQuantity,
  CreatePlanCheckout,
  PlanState,
  PlanView,
  PricedPlan,
  SubscriptionView,
  UsageBucket,
  UsagePeriod,
} from '@orbit/contracts';

/** Plans, and what organizations make of them. Errors: OrbitError `unavailable`, `timeout`, or what the service throws. */
export interface Plans {
  listPlans(): Promise<readonly PlanView[]>;
  readPrice(priceId: string): Promise<PricedPlan | null>;
  /** Ours for a price of Stripe's. */
  resolvePrice(stripePriceId: string): Promise<string | null>;
  /** Null without a plan. */
  readSubscription(organizationId: string): Promise<SubscriptionView | null>;
  openCheckout(request: CreatePlanCheckout): Promise<{ readonly checkout_url: string }>;
  change(request: ChangePlan): Promise<PlanState>;
  cancel(organizationId: string): Promise<PlanState>;
  resume(organizationId: string): Promise<PlanState>;
  /** Over [from, to). */
  readUsage(period: UsagePeriod): Promise<readonly ChannelQuantity[]>;
  readUsageHistory(
    period: UsagePeriod,
    granularity: 'day' | 'month',
  ): Promise<readonly UsageBucket[]>;
}
