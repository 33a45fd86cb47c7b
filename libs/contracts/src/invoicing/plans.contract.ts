import type { AllowanceUnit } from '@orbit/allowances';
import { organizationId } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import {
  flag,
  integer,
  list,
  nullable,
  object,
  oneOf,
  record,
  text,
  type Static,
} from '../schema/shape.js';

/** A price in Orb's shape: what a plan costs, or what it includes (`credit_allocation`). */
export const PlanPriceView = object({
  id: text(),
  name: text(),
  external_price_id: nullable(text()),
  item: object({ id: text(), name: text() }),
  price_type: oneOf(['fixed_price', 'usage_price']),
  model_type: oneOf(['unit']),
  /** Decimal string; null: agreed with each customer. */
  unit_config: object({ unit_amount: nullable(text()) }),
  cadence: oneOf(['monthly', 'annual']),
  billing_mode: oneOf(['in_advance', 'in_arrear']),
  currency: text(),
  /** Null: without limit. */
  fixed_price_quantity: nullable(integer()),
  plan_phase_order: nullable(integer()),
  credit_allocation: nullable(object({ currency: text(), allows_rollover: flag() })),
  metadata: record(text()),
  created_at: text(),
});
export type PlanPriceView = Static<typeof PlanPriceView>;

export const PlanPhaseView = object({
  id: text(),
  name: text(),
  description: nullable(text()),
  order: integer(),
  duration: nullable(integer()),
  duration_unit: nullable(text()),
});
export type PlanPhaseView = Static<typeof PlanPhaseView>;

/** A plan in Orb's shape. */
export const PlanView = object({
  id: text(),
  name: text(),
  description: text(),
  external_plan_id: nullable(text()),
  status: oneOf(['active', 'archived', 'draft']),
  version: integer(),
  currency: text(),
  net_terms: nullable(integer()),
  metadata: record(text()),
  plan_phases: nullable(list(PlanPhaseView)),
  prices: list(PlanPriceView),
  created_at: text(),
});
export type PlanView = Static<typeof PlanView>;

/** Data needed to sell one price. */
export const PricedPlan = object(
  {
    price_id: text({ minLength: 1 }),
    plan_id: text({ minLength: 1 }),
    plan_name: text(),
    currency: text(),
    /** Minor units; null: custom, not for sale by itself. */
    amount_minor: nullable(integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
    interval: oneOf(['month', 'year']),
  },
  { says: 'is a price of the catalogue' },
);
export type PricedPlan = Static<typeof PricedPlan>;

/** Plans, for the Orbit API. */
export const PLANS = {
  /** In the order in which they are offered. */
  list: operation('plans.list', object({}), list(PlanView)),
  readPrice: operation(
    'plan_price.read',
    object({ price_id: text({ pattern: '^[^\\u0000]+$', says: 'is a text' }) }),
    nullable(PricedPlan),
  ),
} as const;

export const SavedMethodView = object({
  type: text(),
  last4: nullable(text()),
  brand: nullable(text()),
});
export type SavedMethodView = Static<typeof SavedMethodView>;

const planState = {
  subscription_id: text(),
  plan_id: text(),
  price_id: text(),
  /** Stripe's word: active, trialing, past_due, unpaid, canceled, … */
  status: text(),
  current_period_start: text(),
  /** First instant after the period. */
  current_period_end: text(),
  cancel_at_period_end: flag(),
  /** The plan that begins with the next period. */
  pending_plan_id: nullable(text()),
  payment_method: nullable(SavedMethodView),
} as const;
/** A subscription, whatever its source. */
export const PlanState = object(planState);
export type PlanState = Static<typeof PlanState>;

/** Included units of a plan. Null: without limit. */
const Allowances = object({
  messages: nullable(integer()),
  voice_minutes: nullable(integer()),
  agent_invocations: nullable(integer()),
} satisfies Record<AllowanceUnit, unknown>);
export type Allowances = Static<typeof Allowances>;

export const SubscriptionView = object({
  ...planState,
  plan_name: text(),
  allowances: Allowances,
});
export type SubscriptionView = Static<typeof SubscriptionView>;

export const SUBSCRIPTIONS = {
  /** The one that counts now; null without one. */
  read: operation(
    'subscription.read',
    object({ organization_id: organizationId }),
    nullable(SubscriptionView),
  ),
} as const;
