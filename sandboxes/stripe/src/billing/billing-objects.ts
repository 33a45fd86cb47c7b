import type { JsonObject, Metadata } from '../http/json.js';

type StripeObject<Name extends string> = JsonObject & {
  readonly id: string;
  readonly object: Name;
  readonly created: number;
  readonly livemode: false;
};

export type Product = StripeObject<'product'> & {
  readonly active: boolean;
  readonly default_price: string | null;
  readonly description: string | null;
  readonly metadata: Metadata;
  readonly name: string;
};

export type Interval = 'day' | 'week' | 'month' | 'year';

export type Recurring = JsonObject & {
  readonly interval: Interval;
  readonly interval_count: number;
};

export type Price = StripeObject<'price'> & {
  readonly active: boolean;
  readonly currency: string;
  readonly lookup_key: string | null;
  readonly metadata: Metadata;
  readonly nickname: string | null;
  readonly product: string;
  readonly recurring: Recurring | null;
  readonly type: 'recurring' | 'one_time';
  readonly unit_amount: number;
};

export type SubscriptionItem = JsonObject & {
  readonly id: string;
  readonly object: 'subscription_item';
  readonly current_period_end: number;
  readonly current_period_start: number;
  readonly metadata: Metadata;
  readonly price: Price;
  readonly quantity: number;
  readonly subscription: string;
};

export type SubscriptionStatus =
  'incomplete' | 'incomplete_expired' | 'trialing' | 'active' | 'past_due' | 'canceled' | 'unpaid';

export type Subscription = StripeObject<'subscription'> & {
  readonly billing_cycle_anchor: number;
  readonly cancel_at: number | null;
  readonly cancel_at_period_end: boolean;
  readonly canceled_at: number | null;
  readonly cancellation_details: JsonObject;
  readonly collection_method: 'charge_automatically' | 'send_invoice';
  readonly currency: string;
  readonly customer: string;
  readonly days_until_due: number | null;
  readonly default_payment_method: string | null;
  readonly description: string | null;
  readonly ended_at: number | null;
  readonly items: JsonObject & { readonly data: readonly SubscriptionItem[] };
  readonly latest_invoice: string | null;
  readonly metadata: Metadata;
  readonly start_date: number;
  readonly status: SubscriptionStatus;
  readonly test_clock: string | null;
  readonly trial_end: number | null;
  readonly trial_start: number | null;
};

/** Lines for the next invoice: prorations, as Stripe's pending invoice items. */
export type SubscriptionSecret = {
  readonly pending: readonly LineDraft[];
};

/** One line before it has an invoice. */
export type LineDraft = JsonObject & {
  readonly amount: number;
  readonly description: string;
  readonly isProration: boolean;
  readonly item: string;
  readonly price: string;
  readonly product: string;
  readonly quantity: number;
  readonly unitAmount: number;
  readonly start: number;
  readonly end: number;
};

export type InvoiceLine = JsonObject & {
  readonly id: string;
  readonly object: 'line_item';
  readonly amount: number;
  readonly description: string | null;
  readonly period: JsonObject & { readonly start: number; readonly end: number };
};

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'void' | 'uncollectible';

export type BillingReason = 'subscription_create' | 'subscription_cycle' | 'subscription_update';

export type Invoice = StripeObject<'invoice'> & {
  readonly amount_due: number;
  readonly amount_paid: number;
  readonly amount_remaining: number;
  readonly attempt_count: number;
  readonly attempted: boolean;
  readonly auto_advance: boolean;
  readonly billing_reason: BillingReason;
  readonly collection_method: Subscription['collection_method'];
  readonly currency: string;
  readonly customer: string;
  readonly default_payment_method: string | null;
  readonly hosted_invoice_url: string | null;
  readonly invoice_pdf: string | null;
  readonly lines: JsonObject & { readonly data: readonly InvoiceLine[] };
  readonly metadata: Metadata;
  readonly next_payment_attempt: number | null;
  readonly number: string | null;
  readonly parent: JsonObject & {
    readonly subscription_details: JsonObject & { readonly subscription: string };
  };
  readonly period_end: number;
  readonly period_start: number;
  readonly status: InvoiceStatus;
  readonly status_transitions: JsonObject;
  readonly total: number;
};

/** The payment that stands behind an invoice, once it is finalized. */
export type InvoiceSecret = { readonly intent: string | null };

export type InvoicePayment = StripeObject<'invoice_payment'> & {
  readonly amount_paid: number | null;
  readonly amount_requested: number;
  readonly currency: string;
  readonly invoice: string;
  readonly payment: JsonObject & { readonly payment_intent: string };
  readonly status: 'open' | 'paid' | 'canceled';
};

export type TestClock = StripeObject<'test_helpers.test_clock'> & {
  readonly deletes_after: number;
  readonly frozen_time: number;
  readonly name: string | null;
  readonly status: 'ready' | 'advancing' | 'internal_failure';
};

/** Where an advancing clock goes. */
export type TestClockSecret = { readonly targetTime: number | null };
