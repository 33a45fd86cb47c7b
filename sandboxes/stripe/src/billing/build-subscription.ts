import type { Price, Subscription, SubscriptionItem } from './billing-objects.js';
import { planOf } from './build-catalogue.js';
import type { Metadata } from '../http/json.js';
import type { Customer } from '../world/objects.js';

export function buildSubscriptionItem(given: {
  readonly id: string;
  readonly created: number;
  readonly metadata: Metadata;
  readonly price: Price;
  readonly quantity: number;
  readonly subscription: string;
  readonly start: number;
  readonly end: number;
}): SubscriptionItem {
  return {
    id: given.id,
    object: 'subscription_item',
    billing_thresholds: null,
    created: given.created,
    current_period_end: given.end,
    current_period_start: given.start,
    current_trial: null,
    discounts: [],
    metadata: given.metadata,
    plan: planOf(given.price),
    price: given.price,
    quantity: given.quantity,
    subscription: given.subscription,
    tax_rates: [],
  };
}

export function buildSubscription(given: {
  readonly id: string;
  readonly created: number;
  readonly anchor: number;
  readonly collectionMethod: Subscription['collection_method'];
  readonly currency: string;
  readonly customer: Customer;
  readonly daysUntilDue: number | null;
  readonly defaultPaymentMethod: string | null;
  readonly description: string | null;
  readonly items: readonly SubscriptionItem[];
  readonly metadata: Metadata;
  readonly saveDefaultPaymentMethod: 'off' | 'on_subscription';
  readonly status: Subscription['status'];
  readonly trialEnd: number | null;
}): Subscription {
  const url = `/v1/subscription_items?subscription=${given.id}`;
  return {
    id: given.id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: given.anchor,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: given.collectionMethod,
    created: given.created,
    currency: given.currency,
    customer: given.customer.id,
    customer_account: null,
    days_until_due: given.daysUntilDue,
    default_payment_method: given.defaultPaymentMethod,
    default_source: null,
    default_tax_rates: [],
    description: given.description,
    discounts: [],
    ended_at: null,
    invoice_settings: { account_tax_ids: null, issuer: { type: 'self' } },
    items: { object: 'list', data: given.items, has_more: false, url },
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: given.metadata,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: given.saveDefaultPaymentMethod,
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: given.created,
    status: given.status,
    test_clock: given.customer.test_clock,
    transfer_data: null,
    trial_end: given.trialEnd,
    trial_settings: { end_behavior: { missing_payment_method: 'create_invoice' } },
    trial_start: given.trialEnd === null ? null : given.created,
  };
}
