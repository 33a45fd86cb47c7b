import {
  OrbitError,
  type ChangePlan,
  type ChannelQuantity,
  type CreatePlanCheckout,
  type PlanPriceView,
  type PlanState,
  type PlanView,
  type PricedPlan,
  type SubscriptionView,
  type UsageBucket,
  type UsagePeriod,
} from '@orbit/contracts';
import type { Plans } from './orbit/plans/plan-ports.js';

const price = (id: string, amount: string | null, unit?: string, quantity: number | null = 1) => ({
  ...{ id, name: id, external_price_id: null, item: { id: 'item', name: 'Item' } },
  ...{ price_type: 'fixed_price' as const, model_type: 'unit' as const, currency: 'USD' },
  ...{ unit_config: { unit_amount: amount }, cadence: 'monthly' as const },
  ...{ billing_mode: 'in_advance' as const, fixed_price_quantity: quantity },
  ...{ plan_phase_order: null, metadata: {}, created_at: '2026-01-01T00:00:00.000Z' },
  credit_allocation: unit === undefined ? null : { currency: unit, allows_rollover: false },
});

const plan = (tail: string, name: string, metadata: object, prices: PlanPriceView[]): PlanView => ({
  ...{ id: `plan_${tail}`, name, description: '', external_plan_id: `plan_${tail}` },
  ...{ status: 'active', version: 1, currency: 'USD', net_terms: null, plan_phases: null },
  ...{ metadata: metadata as Record<string, string>, prices },
  created_at: '2026-01-01T00:00:00.000Z',
});

const PLANS: readonly PlanView[] = [
  plan('growth', 'Growth', { channels: 'sms,email', agents: '5', support: 'priority' }, [
    price('price_growth_monthly', '199.00'),
    price('price_growth_messages', '0.00', 'messages', 25_000),
    price('price_growth_voice', '0.00', 'voice_minutes', 500),
  ]),
  plan('enterprise', 'Enterprise', { channels: 'sms', agents: 'unlimited', support: 'dedicated' }, [
    price('price_enterprise_monthly', null),
    price('price_enterprise_messages', '0.00', 'messages', null),
    price('price_enterprise_voice', '0.00', 'voice_minutes', null),
  ]),
];

export const STATE: PlanState = {
  subscription_id: 'sub_1',
  plan_id: 'plan_growth',
  price_id: 'price_growth_monthly',
  status: 'active',
  current_period_start: '2026-05-01T00:00:00.000Z',
  current_period_end: '2026-06-01T00:00:00.000Z',
  cancel_at_period_end: false,
  pending_plan_id: null,
  payment_method: { type: 'card', last4: '4242', brand: 'visa' },
};

/** For tests: plans in memory; org_a has one. Writes down what it was asked. */
export class FakePlans implements Plans {
  used: readonly ChannelQuantity[] = [];
  buckets: readonly UsageBucket[] = [];

  constructor(private readonly calls: { name: string; payload: unknown }[]) {}

  async listPlans(): Promise<readonly PlanView[]> {
    return PLANS;
  }

  async readPrice(priceId: string): Promise<PricedPlan | null> {
    const found = PLANS.find(({ prices }) => prices[0]?.id === priceId);
    if (found === undefined) return null;
    const amount_minor = found.id === 'plan_growth' ? 19_900 : null;
    const about = { price_id: priceId, plan_id: found.id, plan_name: found.name };
    return { ...about, currency: 'USD', amount_minor, interval: 'month' };
  }

  async resolvePrice(stripePriceId: string): Promise<string | null> {
    return stripePriceId === 'price_1Stripe' ? 'price_growth_monthly' : null;
  }

  async readSubscription(organizationId: string): Promise<SubscriptionView | null> {
    if (organizationId !== 'org_a') return null;
    const allowances = { messages: 25_000, voice_minutes: 500, agent_invocations: 10_000 };
    return { ...STATE, plan_name: 'Growth', allowances };
  }

  async openCheckout(payload: CreatePlanCheckout): Promise<{ readonly checkout_url: string }> {
    this.calls.push({ name: 'plan_checkout.create', payload });
    return { checkout_url: 'https://pay.test/plan' };
  }

  async change(payload: ChangePlan): Promise<PlanState> {
    this.calls.push({ name: 'plan.change', payload });
    return STATE;
  }

  async cancel(organizationId: string): Promise<PlanState> {
    this.calls.push({ name: 'plan.cancel', payload: organizationId });
    if (organizationId !== 'org_a') throw new OrbitError('not_found', 'There is no plan.');
    return { ...STATE, cancel_at_period_end: true };
  }

  async resume(organizationId: string): Promise<PlanState> {
    this.calls.push({ name: 'plan.resume', payload: organizationId });
    return STATE;
  }

  async readUsage(payload: UsagePeriod): Promise<readonly ChannelQuantity[]> {
    this.calls.push({ name: 'usage.period', payload });
    return this.used;
  }

  async readUsageHistory(payload: UsagePeriod, granularity: string) {
    this.calls.push({ name: 'usage.history', payload: { ...payload, granularity } });
    return this.buckets;
  }
}
