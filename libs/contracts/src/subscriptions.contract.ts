import type { AllowanceUnit } from '@orbit/allowances';

/** Nest TCP patterns about plans and subscriptions that invoicing answers. */
export const SUBSCRIPTION_RPC = {
  /** {} → PlanView[], in the order in which they are offered */
  listPlans: 'plans.list',
  /** {price_id} → PricedPlan | null */
  readPrice: 'plan_price.read',
  /** {organization_id} → SubscriptionView | null: the one that counts now */
  read: 'subscription.read',
} as const;

/** Nest TCP patterns about plans that checkout answers. Each asks Stripe. */
export const PLAN_CHECKOUT_RPC = {
  /** CreatePlanCheckout → {checkout_url}; throws conflict when the organization has a plan already. */
  create: 'plan_checkout.create',
  /** ChangePlan → PlanState; throws not_found without a plan, payment_declined. */
  change: 'plan.change',
  /** {organization_id} → PlanState: ends with its period; safe to repeat. */
  cancel: 'plan.cancel',
  /** {organization_id} → PlanState: takes the cancellation back; safe to repeat. */
  resume: 'plan.resume',
  /** {stripe_price_id} → {price_id} | null */
  resolvePrice: 'plan_price.resolve',
} as const;

/** Nest TCP patterns about usage between two instants that usage-metering answers. */
export const USAGE_PERIOD_RPC = {
  /** UsagePeriod → ChannelQuantity[] over [from, to) */
  total: 'usage.period',
  /** UsagePeriod & {granularity} → UsageBucket[], empty buckets left out, in order */
  history: 'usage.history',
} as const;

/** Included units of a plan. Null: without limit. */
export type Allowances = Readonly<Record<AllowanceUnit, number | null>>;

/** A price in Orb's shape: what a plan costs, or what it includes (`credit_allocation`). */
export interface PlanPriceView {
  readonly id: string;
  readonly name: string;
  readonly external_price_id: string | null;
  readonly item: { readonly id: string; readonly name: string };
  readonly price_type: 'fixed_price' | 'usage_price';
  readonly model_type: 'unit';
  /** Decimal string; null: agreed with each customer. */
  readonly unit_config: { readonly unit_amount: string | null };
  readonly cadence: 'monthly' | 'annual';
  readonly billing_mode: 'in_advance' | 'in_arrear';
  readonly currency: string;
  /** Null: without limit. */
  readonly fixed_price_quantity: number | null;
  readonly plan_phase_order: number | null;
  readonly credit_allocation: {
    readonly currency: string;
    readonly allows_rollover: boolean;
  } | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created_at: string;
}

export interface PlanPhaseView {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly order: number;
  readonly duration: number | null;
  readonly duration_unit: string | null;
}

/** A plan in Orb's shape. */
export interface PlanView {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly external_plan_id: string | null;
  readonly status: 'active' | 'archived' | 'draft';
  readonly version: number;
  readonly currency: string;
  readonly net_terms: number | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly plan_phases: readonly PlanPhaseView[] | null;
  readonly prices: readonly PlanPriceView[];
  readonly created_at: string;
}

/** Data needed to sell one price. */
export interface PricedPlan {
  readonly price_id: string;
  readonly plan_id: string;
  readonly plan_name: string;
  readonly currency: string;
  /** Minor units; null: custom, not for sale by itself. */
  readonly amount_minor: number | null;
  readonly interval: 'month' | 'year';
}

export interface SavedMethodView {
  readonly type: string;
  readonly last4: string | null;
  readonly brand: string | null;
}

/** A subscription, whatever its source. */
export interface PlanState {
  readonly subscription_id: string;
  readonly plan_id: string;
  readonly price_id: string;
  /** Stripe's word: active, trialing, past_due, unpaid, canceled, … */
  readonly status: string;
  readonly current_period_start: string;
  /** First instant after the period. */
  readonly current_period_end: string;
  readonly cancel_at_period_end: boolean;
  /** The plan that begins with the next period. */
  readonly pending_plan_id: string | null;
  readonly payment_method: SavedMethodView | null;
}

export interface SubscriptionView extends PlanState {
  readonly plan_name: string;
  readonly allowances: Allowances;
}

interface PlanOrder {
  readonly organization_id: string;
  readonly plan: PricedPlan;
}

export interface CreatePlanCheckout extends PlanOrder {
  readonly success_url: string;
  readonly cancel_url: string;
  readonly idempotency_key?: string;
}

export type ChangePlan = PlanOrder;

export interface UsagePeriod {
  readonly organization_id: string;
  /** ISO instants, half-open. */
  readonly from: string;
  readonly to: string;
}

export interface ChannelQuantity {
  readonly channel: string;
  readonly quantity: number;
}

export interface UsageBucket {
  /** 2026-03-01 or 2026-03. */
  readonly bucket: string;
  readonly channel: string;
  readonly quantity: number;
}
