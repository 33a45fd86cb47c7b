import type { JsonObject, Metadata } from '../http/json.js';
import type {
  Charge,
  MethodType,
  PaymentIntent,
  PaymentIntentStatus,
  PaymentMethod,
} from '../world/objects.js';
import type { Decline } from '../customers/test-cards.js';

export function buildPaymentIntent(given: {
  readonly id: string;
  readonly clientSecret: string;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  readonly customer: string | null;
  readonly description: string | null;
  readonly metadata: Metadata;
  readonly paymentMethod: string | null;
  readonly receiptEmail: string | null;
  readonly setupFutureUsage: 'off_session' | 'on_session' | null;
  readonly methodTypes: readonly MethodType[];
  readonly allowRedirects: 'always' | 'never' | null;
  readonly status: PaymentIntentStatus;
}): PaymentIntent {
  const { allowRedirects } = given;
  return {
    id: given.id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: given.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods:
      allowRedirects === null ? null : { allow_redirects: allowRedirects, enabled: true },
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic',
    client_secret: given.clientSecret,
    confirmation_method: 'automatic',
    created: given.created,
    currency: given.currency,
    customer: given.customer,
    customer_account: null,
    description: given.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: given.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: given.paymentMethod,
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: given.methodTypes,
    payment_record: null,
    processing: null,
    receipt_email: given.receiptEmail,
    review: null,
    setup_future_usage: given.setupFutureUsage,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: given.status,
    transfer_data: null,
    transfer_group: null,
  };
}

/** A failed charge is kept too, as Stripe keeps it, with its `decline`. */
export function buildCharge(given: {
  readonly id: string;
  readonly created: number;
  readonly intent: PaymentIntent;
  readonly method: PaymentMethod;
  readonly balanceTransaction: string | null;
  readonly status: Charge['status'];
  readonly decline: Decline | null;
}): Charge {
  const { intent, method, decline } = given;
  const isPaid = given.status === 'succeeded';
  const isCaptured = given.status !== 'failed';
  return {
    id: given.id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: isCaptured ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: given.balanceTransaction,
    billing_details: method.billing_details,
    calculated_statement_descriptor: 'ORBIT SANDBOX',
    captured: isCaptured,
    created: given.created,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: buildOutcome(decline),
    paid: isPaid,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: { [method.type]: detailsOf(method), type: method.type },
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: given.status,
    transfer_data: null,
    transfer_group: null,
  };
}

/** The method's details on a charge: of an account without the fields of a saved one. */
function detailsOf(method: PaymentMethod): JsonObject {
  const shown = method[method.type] as JsonObject;
  if (method.type === 'card') return shown;
  const known = Object.entries(shown).filter(([name]) => !SAVED_ONLY.includes(name));
  return { ...Object.fromEntries(known), mandate: null };
}

const SAVED_ONLY: readonly string[] = [
  ...['financial_connections_account', 'generated_from', 'networks', 'status_details'],
];

function buildOutcome(decline: Decline | null): JsonObject {
  const isPaid = decline === null;
  return {
    network_status: isPaid ? 'approved_by_network' : 'declined_by_network',
    reason: decline?.declineCode ?? null,
    risk_level: 'normal',
    seller_message: isPaid ? 'Payment complete.' : 'The bank declined the payment.',
    type: isPaid ? 'authorized' : 'issuer_declined',
  };
}

/** `last_payment_error` of an intent. */
export function buildPaymentError(
  decline: Decline,
  charge: string | null,
  method: PaymentMethod,
): JsonObject {
  return {
    ...(charge === null ? {} : { charge }),
    code: decline.code,
    ...(decline.declineCode === null ? {} : { decline_code: decline.declineCode }),
    doc_url: `https://stripe.com/docs/error-codes/${decline.code}`,
    message: decline.message,
    payment_method: method,
    type:
      decline.code === 'payment_intent_authentication_failure'
        ? 'invalid_request_error'
        : 'card_error',
  };
}
