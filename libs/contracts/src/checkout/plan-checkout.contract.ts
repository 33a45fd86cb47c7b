import { PlanState, PricedPlan } from '../invoicing/plans.contract.js';
import { organizationId } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import { nullable, object, optional, text, type Static } from '../schema/shape.js';
import { AT_STRIPE } from './fields.js';

const PRICE_ID_LENGTH_MAX = 255;

/** As the public asks. */
const change = {
  priceId: text({
    pattern: `^[^]{1,${PRICE_ID_LENGTH_MAX}}$`,
    says: `is a text of 1 to ${PRICE_ID_LENGTH_MAX} characters`,
    example: 'price_growth_monthly',
    description: 'The price_id of a plan.',
  }),
} as const;
export const ChangePlanBody = object(change, { title: 'ChangePlanBody' });
export type ChangePlanBody = Static<typeof ChangePlanBody>;

const returnUrl = (example: string) =>
  text({ format: 'http-url', says: 'is an absolute http or https URL', example });

export const PlanCheckoutBody = object(
  {
    ...change,
    successUrl: returnUrl('https://app.example.com/billing?success=true'),
    cancelUrl: returnUrl('https://app.example.com/billing?cancelled=true'),
  },
  { title: 'PlanCheckoutBody' },
);
export type PlanCheckoutBody = Static<typeof PlanCheckoutBody>;

const planOrder = { organization_id: organizationId, plan: PricedPlan } as const;

export const CreatePlanCheckout = object({
  ...planOrder,
  success_url: text(),
  cancel_url: text(),
  idempotency_key: optional(text()),
});
export type CreatePlanCheckout = Static<typeof CreatePlanCheckout>;

export const ChangePlan = object(planOrder);
export type ChangePlan = Static<typeof ChangePlan>;

const ofOrganization = object({ organization_id: organizationId });

/** Plans at Stripe. */
export const PLAN_CHECKOUT = {
  /** `conflict` when the organization has this plan or a dearer one already. */
  create: operation(
    'plan_checkout.create',
    CreatePlanCheckout,
    object({ checkout_url: text() }),
    ['conflict', 'idempotency_key_conflict', 'payment_provider_error'],
    AT_STRIPE,
  ),
  /** `not_found` without a plan. */
  change: operation(
    'plan.change',
    ChangePlan,
    PlanState,
    ['not_found', 'conflict', 'payment_declined', 'payment_provider_error'],
    AT_STRIPE,
  ),
  /** Ends with its period; safe to repeat. */
  cancel: operation(
    'plan.cancel',
    ofOrganization,
    PlanState,
    ['not_found', 'payment_provider_error'],
    AT_STRIPE,
  ),
  /** Takes the cancellation back; safe to repeat. */
  resume: operation(
    'plan.resume',
    ofOrganization,
    PlanState,
    ['not_found', 'payment_provider_error'],
    AT_STRIPE,
  ),
  /** Ours for a price of Stripe's. */
  resolvePrice: operation(
    'plan_price.resolve',
    object({ stripe_price_id: text() }),
    nullable(object({ price_id: text() })),
  ),
} as const;
