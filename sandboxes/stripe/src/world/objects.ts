import type { BankAccountSecret } from '../payments/bank-debit.js';
import type {
  Invoice,
  InvoicePayment,
  InvoiceSecret,
  Price,
  Product,
  Subscription,
  SubscriptionSecret,
  TestClock,
  TestClockSecret,
} from '../billing/billing-objects.js';
import type { JsonObject, Metadata } from '../http/json.js';
import type { CardBehavior } from '../customers/test-cards.js';

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
  readonly balance: number;
  readonly invoice_prefix: string;
  readonly next_invoice_sequence: number;
  readonly test_clock: string | null;
  readonly deleted?: true;
};

export type BillingDetails = JsonObject & {
  readonly email: string | null;
  readonly name: string | null;
};

export type MethodType = 'card' | 'us_bank_account' | 'sepa_debit';

export type PaymentMethod = StripeObject<'payment_method'> & {
  readonly type: MethodType;
  /** Set when `type` is `card`; the other types have a property of their own name likewise. */
  readonly card?: JsonObject & { readonly brand: string; readonly last4: string };
  readonly billing_details: BillingDetails;
  readonly customer: string | null;
  readonly metadata: Metadata;
};

/** Secrets of a card or an account at Stripe, never shown. */
export type PaymentMethodSecret = {
  readonly behavior: CardBehavior;
  /** Of a bank account: how its debits end. */
  readonly bank?: BankAccountSecret;
  /** Saved with its owner present, for charges without them. */
  readonly isSetUp: boolean;
  /** Taken from its customer: never to be used again. */
  readonly isDetached?: true;
};

export type PaymentIntentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
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

/** The owner of a payment, when it is not a payment of its own. */
export type PaymentIntentSecret = {
  readonly session?: string;
  readonly invoice?: string;
} | null;

export type SetupIntent = StripeObject<'setup_intent'> & {
  readonly customer: string | null;
  readonly description: string | null;
  readonly last_setup_error: JsonObject | null;
  readonly metadata: Metadata;
  readonly next_action: JsonObject | null;
  readonly payment_method: string | null;
  readonly status:
    | 'requires_payment_method'
    | 'requires_confirmation'
    | 'requires_action'
    | 'succeeded'
    | 'canceled';
  readonly usage: 'off_session' | 'on_session';
};

export type SetupIntentSecret = {
  readonly session?: string;
  /** The saved method pays invoices from then on: the portal's way. */
  readonly isDefault?: true;
} | null;

export type PortalSession = StripeObject<'billing_portal.session'> & {
  readonly customer: string;
  readonly flow: JsonObject | null;
  readonly return_url: string | null;
  readonly url: string;
};

export type PortalConfiguration = StripeObject<'billing_portal.configuration'> & {
  readonly active: boolean;
  readonly features: JsonObject;
  readonly metadata: Metadata;
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
  readonly status: 'succeeded' | 'pending' | 'failed';
};

export type Refund = Identified<'refund'> & {
  readonly amount: number;
  readonly charge: string;
  readonly currency: string;
  readonly payment_intent: string | null;
  readonly balance_transaction: string | null;
  readonly status: 'succeeded' | 'pending' | 'requires_action' | 'failed' | 'canceled';
  readonly metadata: Metadata;
};

export type DisputeStatus =
  | 'warning_needs_response'
  | 'warning_under_review'
  | 'warning_closed'
  | 'needs_response'
  | 'under_review'
  | 'won'
  | 'lost';

export type FraudWarning = StripeObject<'radar.early_fraud_warning'> & {
  readonly actionable: boolean;
  readonly charge: string;
  readonly payment_intent: string | null;
};

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

/** A card is charged and refunded; money that comes by a bank debit is a payment. */
export type BalanceTransactionType =
  | 'charge'
  | 'payment'
  | 'refund'
  | 'payment_refund'
  | 'refund_failure'
  | 'payment_failure_refund'
  | 'adjustment'
  | 'stripe_fee'
  | 'payout';

export type BalanceTransaction = Identified<'balance_transaction'> & {
  readonly amount: number;
  readonly currency: string;
  readonly fee: number;
  readonly net: number;
  readonly source: string | null;
  readonly type: BalanceTransactionType;
};

export type LineItem = JsonObject & {
  readonly id: string;
  readonly object: 'item';
  readonly amount_total: number;
  readonly currency: string;
  readonly description: string;
  readonly price: Price;
  readonly quantity: number;
};

export type CheckoutSession = StripeObject<'checkout.session'> & {
  /** Null in `setup` mode. */
  readonly amount_total: number | null;
  readonly cancel_url: string | null;
  readonly client_reference_id: string | null;
  readonly currency: string | null;
  readonly customer: string | null;
  readonly customer_details: JsonObject | null;
  readonly customer_email: string | null;
  readonly expires_at: number;
  readonly metadata: Metadata;
  readonly mode: SessionMode;
  readonly invoice: string | null;
  readonly payment_intent: string | null;
  readonly payment_method_types: readonly MethodType[];
  readonly payment_status: 'paid' | 'unpaid' | 'no_payment_required';
  readonly setup_intent: string | null;
  readonly status: 'open' | 'complete' | 'expired';
  readonly subscription: string | null;
  readonly success_url: string;
  readonly url: string | null;
};

export type SessionMode = 'payment' | 'setup' | 'subscription';

/** Further data of a session, besides its public face. */
export type CheckoutSessionSecret = {
  readonly line_items: readonly LineItem[];
  /** Parameters for the payment intent that the first attempt makes. */
  readonly payment_intent_data: {
    readonly description: string | null;
    readonly metadata: Metadata;
    readonly receipt_email: string | null;
    readonly setup_future_usage: 'off_session' | 'on_session' | null;
  };
  readonly setup_intent_data?: { readonly description: string | null; readonly metadata: Metadata };
  readonly customer_creation: 'always' | 'if_required';
  /** Subscription mode: what the payer subscribes to, and the intent that the page works with. */
  readonly subscription_data?: SessionSubscription;
  readonly attempt?: string;
};

export type SessionSubscription = {
  readonly items: readonly {
    readonly price: string;
    readonly quantity: number;
  }[];
  readonly description: string | null;
  readonly metadata: Metadata;
  /** From the moment of subscribing; 0: none. */
  readonly trialDays: number;
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
  payment_intent: { body: PaymentIntent; secret: PaymentIntentSecret };
  setup_intent: { body: SetupIntent; secret: SetupIntentSecret };
  'billing_portal.session': { body: PortalSession; secret: null };
  'billing_portal.configuration': { body: PortalConfiguration; secret: null };
  charge: { body: Charge; secret: null };
  refund: { body: Refund; secret: { readonly outcome: 'succeeded' | 'failed' | null } | null };
  dispute: { body: Dispute; secret: null };
  'radar.early_fraud_warning': { body: FraudWarning; secret: null };
  balance_transaction: { body: BalanceTransaction; secret: null };
  'checkout.session': { body: CheckoutSession; secret: CheckoutSessionSecret };
  product: { body: Product; secret: null };
  price: { body: Price; secret: null };
  subscription: { body: Subscription; secret: SubscriptionSecret };
  invoice: { body: Invoice; secret: InvoiceSecret };
  invoice_payment: { body: InvoicePayment; secret: null };
  'test_helpers.test_clock': { body: TestClock; secret: TestClockSecret };
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
  setup_intent: 'seti_',
  'billing_portal.session': 'bps_',
  'billing_portal.configuration': 'bpc_',
  charge: 'ch_',
  refund: 're_',
  dispute: 'du_',
  'radar.early_fraud_warning': 'issfr_',
  balance_transaction: 'txn_',
  'checkout.session': 'cs_test_',
  product: 'prod_',
  price: 'price_',
  subscription: 'sub_',
  invoice: 'in_',
  invoice_payment: 'inpay_',
  'test_helpers.test_clock': 'clock_',
  webhook_endpoint: 'we_',
} as const satisfies Record<Kind, string>;

/** The noun of "No such …". */
export function nounOf(kind: Kind): string {
  if (kind === 'payment_method') return 'PaymentMethod';
  return kind === 'setup_intent' ? 'setupintent' : kind;
}

/** Charges and refunds of bank debits have prefixes of their own. */
const OTHER_PREFIXES: Readonly<Record<string, Kind>> = { py_: 'charge', pyr_: 'refund' };

export function kindOfId(id: string): Kind | undefined {
  const other = Object.keys(OTHER_PREFIXES).find((prefix) => id.startsWith(prefix));
  if (other !== undefined) return OTHER_PREFIXES[other];
  const kinds = Object.keys(ID_PREFIX) as Kind[];
  return kinds.find((kind) => id.startsWith(ID_PREFIX[kind]));
}
