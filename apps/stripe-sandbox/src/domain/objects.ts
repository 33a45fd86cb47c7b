import type { CardBehavior } from './card.js';
import type { JsonObject, Metadata } from './json.js';

/**
 * The objects of Stripe's API, as far as we set them. Names, units and nulls are Stripe's: amounts
 * are integers of minor units, instants are whole seconds since the Unix epoch.
 */
type Identified<Name extends string> = JsonObject & {
  readonly id: string;
  readonly object: Name;
  readonly created: number;
};
type StripeObject<Name extends string> = Identified<Name> & { readonly livemode: false };

export type Customer = StripeObject<'customer'> & {
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly description: string | null;
  readonly invoice_settings: JsonObject & { readonly default_payment_method: string | null };
  readonly metadata: Metadata;
  readonly deleted?: true;
};

export type BillingDetails = JsonObject & {
  readonly email: string | null;
  readonly name: string | null;
};

export type PaymentMethod = StripeObject<'payment_method'> & {
  readonly type: 'card';
  readonly card: JsonObject & { readonly brand: string; readonly last4: string };
  readonly billing_details: BillingDetails;
  readonly customer: string | null;
  readonly metadata: Metadata;
};

/** What Stripe knows of a card and never shows. */
export type PaymentMethodSecret = {
  readonly behavior: CardBehavior;
  /** Saved with its owner present, for charges without them. */
  readonly isSetUp: boolean;
};

export type PaymentIntentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'succeeded'
  | 'canceled';

export type PaymentIntent = StripeObject<'payment_intent'> & {
  readonly amount: number;
  readonly amount_received: number;
  readonly currency: string;
  readonly customer: string | null;
  readonly description: string | null;
  readonly last_payment_error: JsonObject | null;
  readonly latest_charge: string | null;
  readonly metadata: Metadata;
  readonly next_action: JsonObject | null;
  readonly payment_method: string | null;
  readonly receipt_email: string | null;
  readonly setup_future_usage: 'off_session' | 'on_session' | null;
  readonly status: PaymentIntentStatus;
};

export type Charge = StripeObject<'charge'> & {
  readonly amount: number;
  readonly amount_refunded: number;
  readonly balance_transaction: string | null;
  readonly currency: string;
  readonly customer: string | null;
  readonly disputed: boolean;
  readonly paid: boolean;
  readonly payment_intent: string | null;
  readonly payment_method: string | null;
  readonly refunded: boolean;
  readonly status: 'succeeded' | 'failed';
};

export type Refund = Identified<'refund'> & {
  readonly amount: number;
  readonly charge: string;
  readonly currency: string;
  readonly payment_intent: string | null;
  readonly status: 'succeeded';
  readonly metadata: Metadata;
};

export type DisputeStatus = 'needs_response' | 'under_review' | 'won' | 'lost';

export type Dispute = StripeObject<'dispute'> & {
  readonly amount: number;
  readonly balance_transactions: readonly BalanceTransaction[];
  readonly charge: string;
  readonly currency: string;
  readonly is_charge_refundable: boolean;
  readonly metadata: Metadata;
  readonly payment_intent: string | null;
  readonly reason: string;
  readonly status: DisputeStatus;
};

export type BalanceTransaction = Identified<'balance_transaction'> & {
  readonly amount: number;
  readonly currency: string;
  readonly fee: number;
  readonly net: number;
  readonly source: string;
  readonly type: 'charge' | 'refund' | 'adjustment';
};

export type LineItem = JsonObject & {
  readonly id: string;
  readonly object: 'item';
  readonly amount_total: number;
  readonly currency: string;
  readonly description: string;
  readonly quantity: number;
};

export type CheckoutSession = StripeObject<'checkout.session'> & {
  readonly amount_total: number;
  readonly cancel_url: string | null;
  readonly client_reference_id: string | null;
  readonly currency: string;
  readonly customer: string | null;
  readonly customer_details: JsonObject | null;
  readonly customer_email: string | null;
  readonly expires_at: number;
  readonly metadata: Metadata;
  readonly mode: 'payment';
  readonly payment_intent: string | null;
  readonly payment_status: 'paid' | 'unpaid';
  readonly status: 'open' | 'complete' | 'expired';
  readonly success_url: string;
  readonly url: string | null;
};

/** What a session remembers besides its public face. */
export type CheckoutSessionSecret = {
  readonly line_items: readonly LineItem[];
  /** Parameters for the payment intent that the first attempt makes. */
  readonly payment_intent_data: {
    readonly description: string | null;
    readonly metadata: Metadata;
    readonly receipt_email: string | null;
    readonly setup_future_usage: 'off_session' | 'on_session' | null;
  };
  readonly customer_creation: 'always' | 'if_required';
};

export type WebhookEndpoint = StripeObject<'webhook_endpoint'> & {
  readonly url: string;
  readonly enabled_events: readonly string[];
  readonly status: 'enabled' | 'disabled';
  readonly description: string | null;
  readonly metadata: Metadata;
};

export type StripeEvent = StripeObject<'event'> & {
  readonly type: string;
  readonly data: { readonly object: JsonObject };
};

/** Kind of a stored object → its body and what is kept beside it. */
export interface SandboxObjects {
  customer: { body: Customer; secret: null };
  payment_method: { body: PaymentMethod; secret: PaymentMethodSecret };
  payment_intent: { body: PaymentIntent; secret: null };
  charge: { body: Charge; secret: null };
  refund: { body: Refund; secret: null };
  dispute: { body: Dispute; secret: null };
  balance_transaction: { body: BalanceTransaction; secret: null };
  'checkout.session': { body: CheckoutSession; secret: CheckoutSessionSecret };
  webhook_endpoint: { body: WebhookEndpoint; secret: { readonly signing_secret: string } };
}

export type Kind = keyof SandboxObjects;
export type BodyOf<K extends Kind> = SandboxObjects[K]['body'];
export type SecretOf<K extends Kind> = SandboxObjects[K]['secret'];

/** Id prefix of every kind; also how `expand` finds out what an id names. */
export const ID_PREFIX = {
  customer: 'cus_',
  payment_method: 'pm_',
  payment_intent: 'pi_',
  charge: 'ch_',
  refund: 're_',
  dispute: 'du_',
  balance_transaction: 'txn_',
  'checkout.session': 'cs_test_',
  webhook_endpoint: 'we_',
} as const satisfies Record<Kind, string>;

/** The noun of "No such …". */
export function nounOf(kind: Kind): string {
  if (kind === 'payment_method') return 'PaymentMethod';
  return kind === 'checkout.session' ? 'checkout.session' : kind;
}

export function kindOfId(id: string): Kind | undefined {
  const kinds = Object.keys(ID_PREFIX) as Kind[];
  return kinds.find((kind) => id.startsWith(ID_PREFIX[kind]));
}
