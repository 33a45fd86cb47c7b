import {
  instant,
  nullable,
  object,
  organizationId,
  sequence,
  text,
  type JsonSchema,
} from './schema.js';

/** Fact: what a subscription is at Stripe. The highest version of a subscription counts; older ones are dropped. */
export interface SubscriptionChanged {
  readonly subscription_id: string;
  readonly organization_id: string;
  /** The plan whose terms hold in the current period. */
  readonly plan_id: string;
  readonly price_id: string;
  readonly pending_plan_id: string | null;
  readonly status: string;
  readonly start_date: string;
  readonly ended_at: string | null;
  readonly current_period_start: string;
  readonly current_period_end: string;
  readonly cancel_at_period_end: boolean;
  readonly payment_method: {
    readonly type: string;
    readonly last4: string | null;
    readonly brand: string | null;
  } | null;
  readonly version: string;
  readonly occurred_at: string;
}

/** Fact: what an invoice of a subscription is at Stripe. Never credit: the ledger does not read it. */
export interface SubscriptionInvoiced {
  readonly invoice_id: string;
  readonly subscription_id: string;
  readonly organization_id: string;
  readonly plan_id: string;
  readonly number: string | null;
  readonly amount_minor: number;
  readonly currency: string;
  readonly status: string;
  /** The paid period, half-open. */
  readonly period_start: string;
  readonly period_end: string;
  readonly pdf_url: string | null;
  readonly created_at: string;
  readonly version: string;
  readonly occurred_at: string;
}

const flag: JsonSchema = { type: 'boolean' };
const url: JsonSchema = { type: 'string', maxLength: 2048 };

export const subscriptionChangedSchema = object({
  subscription_id: text,
  organization_id: organizationId,
  plan_id: text,
  price_id: text,
  pending_plan_id: nullable(text),
  status: text,
  start_date: instant,
  ended_at: nullable(instant),
  current_period_start: instant,
  current_period_end: instant,
  cancel_at_period_end: flag,
  payment_method: nullable(object({ type: text, last4: nullable(text), brand: nullable(text) })),
  version: sequence,
  occurred_at: instant,
});

export const subscriptionInvoicedSchema = object({
  invoice_id: text,
  subscription_id: text,
  organization_id: organizationId,
  plan_id: text,
  number: nullable(text),
  amount_minor: { type: 'integer' },
  currency: { type: 'string', pattern: '^[A-Z]{3}$' },
  status: text,
  period_start: instant,
  period_end: instant,
  pdf_url: nullable(url),
  created_at: instant,
  version: sequence,
  occurred_at: instant,
});
