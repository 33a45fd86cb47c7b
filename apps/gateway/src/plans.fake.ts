import {
  OrbitError,
  type ChannelQuantity,
  type PlanPriceView,
  type PlanState,
  type PlanView,
  type PricedPlan,
  type UsageBucket,
} from '@orbit/contracts';
import type { Clients } from './edge/rpc/clients.js';

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
export class FakePlans {
  used: readonly ChannelQuantity[] = [];
  buckets: readonly UsageBucket[] = [];

  constructor(private readonly calls: { name: string; payload: unknown }[]) {}

  clients(): Pick<Clients, 'plans' | 'subscriptions' | 'planCheckout' | 'usagePeriods'> {
    return {
      plans: {
        list: async () => PLANS,
        readPrice: async ({ price_id: priceId }) => readPrice(priceId),
      },
      subscriptions: {
        read: async ({ organization_id: id }) => {
          if (id !== 'org_a') return null;
          const allowances = { messages: 25_000, voice_minutes: 500, agent_invocations: 10_000 };
          return { ...STATE, plan_name: 'Growth', allowances };
        },
      },
      planCheckout: this.checkout(),
      usagePeriods: {
        total: async (payload) => {
          this.calls.push({ name: 'usage.period', payload });
          return this.used;
        },
        history: async (payload) => {
          this.calls.push({ name: 'usage.history', payload });
          return this.buckets;
        },
      },
    };
  }

  private checkout(): Clients['planCheckout'] {
    return {
      create: async (payload) => {
        this.calls.push({ name: 'plan_checkout.create', payload });
        return { checkout_url: 'https://pay.test/plan' };
      },
      change: async (payload) => {
        this.calls.push({ name: 'plan.change', payload });
        return STATE;
      },
      cancel: async ({ organization_id: id }) => {
        this.calls.push({ name: 'plan.cancel', payload: id });
        if (id !== 'org_a') throw new OrbitError('not_found', 'There is no plan.');
        return { ...STATE, cancel_at_period_end: true };
      },
      resume: async ({ organization_id: id }) => {
        this.calls.push({ name: 'plan.resume', payload: id });
        return STATE;
      },
      resolvePrice: async ({ stripe_price_id: id }) =>
        id === 'price_1Stripe' ? { price_id: 'price_growth_monthly' } : null,
    };
  }
}

function readPrice(priceId: string): PricedPlan | null {
  const found = PLANS.find(({ prices }) => prices[0]?.id === priceId);
  if (found === undefined) return null;
  const amount_minor = found.id === 'plan_growth' ? 19_900 : null;
  const about = { price_id: priceId, plan_id: found.id, plan_name: found.name };
  return { ...about, currency: 'USD', amount_minor, interval: 'month' };
}
