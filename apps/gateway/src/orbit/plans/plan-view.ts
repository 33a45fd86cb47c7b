import { AGENT_CHANNELS, VOICE_CHANNEL } from '@orbit/allowances';
import type { Allowances, PlanState, PlanView, SavedMethodView } from '@orbit/contracts';

export type Quantity = number | 'unlimited';

/** A plan as the first seed shows it: a view of Orb's object. */
export interface OfferedPlan {
  readonly id: string;
  readonly name: string;
  readonly price_id: string;
  readonly price_monthly: number | null;
  readonly currency: string;
  readonly features: {
    readonly messages_included: Quantity;
    readonly channels: readonly string[];
    readonly agents: Quantity;
    readonly voice_minutes: Quantity;
    readonly support: string;
  };
}

/** Null for a plan without a price to pay: nobody can choose it. */
export function offeredPlan(plan: PlanView): OfferedPlan | null {
  const price = plan.prices.find((one) => one.credit_allocation === null);
  if (price === undefined) return null;
  const { unit_amount: amount } = price.unit_config;
  const { channels = '', agents = '0', support = '' } = plan.metadata;
  return {
    id: plan.id,
    name: plan.name,
    price_id: price.id,
    price_monthly: amount === null ? null : Number(amount),
    currency: plan.currency.toLowerCase(),
    features: {
      messages_included: includedIn(plan, 'messages'),
      channels: channels.split(','),
      agents: agents === 'unlimited' ? agents : Number(agents),
      voice_minutes: includedIn(plan, 'voice_minutes'),
      support,
    },
  };
}

function includedIn(plan: PlanView, unit: string): Quantity {
  const price = plan.prices.find((one) => one.credit_allocation?.currency === unit);
  return price === undefined ? 0 : (price.fixed_price_quantity ?? 'unlimited');
}

export interface CurrentPlan {
  readonly plan_id: string;
  readonly name: string;
  readonly status: string;
  readonly current_period_start: string;
  /** The period's last second. */
  readonly current_period_end: string;
  readonly cancel_at_period_end: boolean;
  readonly pending_plan_id: string | null;
  readonly payment_method: SavedMethodView | null;
}

export const currentPlan = (state: PlanState, name: string): CurrentPlan => ({
  plan_id: state.plan_id,
  name,
  status: state.status,
  current_period_start: toSecond(Date.parse(state.current_period_start)),
  current_period_end: lastSecond(state.current_period_end),
  cancel_at_period_end: state.cancel_at_period_end,
  pending_plan_id: state.pending_plan_id,
  payment_method: state.payment_method,
});

export const MESSAGE_CHANNELS = ['sms', 'whatsapp', 'email', 'rcs', 'viber'] as const;

export interface Used {
  readonly channel: string;
  readonly quantity: number;
}

const sumOf = (used: readonly Used[], channels: readonly string[]): number =>
  used.reduce((sum, one) => (channels.includes(one.channel) ? sum + one.quantity : sum), 0);

/** Usage of one period; the messages that a plan includes are one pool, which each channel shows. */
export function usageOf(used: readonly Used[], allowances: Allowances | null) {
  const included = (unit: keyof Allowances): Quantity =>
    allowances === null ? 0 : (allowances[unit] ?? 'unlimited');
  const sent = (channel: string) => ({
    sent: sumOf(used, [channel]),
    included: included('messages'),
  });
  return {
    messages: {
      sms: sent('sms'),
      whatsapp: sent('whatsapp'),
      email: sent('email'),
      rcs: sent('rcs'),
      viber: sent('viber'),
    },
    voice: {
      minutes_used: sumOf(used, [VOICE_CHANNEL]),
      minutes_included: included('voice_minutes'),
    },
    agents: {
      invocations: sumOf(used, AGENT_CHANNELS),
      invocations_included: included('agent_invocations'),
    },
  };
}

/** Usage of one day or month. */
export function bucketOf(used: readonly Used[]) {
  const messages = MESSAGE_CHANNELS.map((channel) => [channel, sumOf(used, [channel])] as const);
  return {
    messages: Object.fromEntries(messages),
    voice_minutes: sumOf(used, [VOICE_CHANNEL]),
    agent_invocations: sumOf(used, AGENT_CHANNELS),
  };
}

export const toSecond = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** A period that ends at midnight shows 23:59:59, as the seed does. */
export const lastSecond = (end: string): string => toSecond(Date.parse(end) - 1);
