import { ROUTING_NUMBER, type TestAccount } from './bank-debit.js';
import type { AcceptedCard } from './card.js';
import type { JsonObject, Metadata } from './json.js';
import type {
  Charge,
  MethodType,
  PaymentIntent,
  PaymentIntentStatus,
  PaymentMethod,
} from './objects.js';
import type { Decline } from './test-cards.js';

const EMPTY_ADDRESS = {
  city: null,
  country: null,
  line1: null,
  line2: null,
  postal_code: null,
  state: null,
};

interface NewMethod {
  readonly id: string;
  readonly created: number;
  readonly fingerprint: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly metadata: Metadata;
}

function methodBase(given: NewMethod, type: MethodType): PaymentMethod {
  return {
    id: given.id,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: {
      address: EMPTY_ADDRESS,
      email: given.email,
      name: given.name,
      phone: null,
      tax_id: null,
    },
    created: given.created,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: given.metadata,
    type,
  };
}

/** A US account or a European one; `status_details` and the like stay away as they do for test accounts. */
export function buildDebitMethod(
  given: NewMethod & { readonly account: TestAccount },
): PaymentMethod {
  const { type, number } = given.account;
  const last4 = number.slice(-4);
  const { fingerprint } = given;
  const base = methodBase(given, type);
  if (type === 'sepa_debit') {
    const sepa_debit = {
      bank_code: number.slice(4, 12),
      branch_code: '',
      country: number.slice(0, 2),
      fingerprint,
      generated_from: { charge: null, setup_attempt: null },
      last4,
    };
    return { ...base, sepa_debit };
  }
  const us_bank_account = {
    account_holder_type: 'individual',
    account_type: 'checking',
    bank_name: 'STRIPE TEST BANK',
    financial_connections_account: null,
    fingerprint,
    last4,
    networks: { preferred: 'ach', supported: ['ach'] },
    routing_number: ROUTING_NUMBER,
    status_details: {},
  };
  return { ...base, us_bank_account };
}

export function buildPaymentMethod(
  given: NewMethod & { readonly accepted: AcceptedCard },
): PaymentMethod {
  const { card, expMonth, expYear } = given.accepted;
  return {
    ...methodBase(given, 'card'),
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: card.brand,
      exp_month: expMonth,
      exp_year: expYear,
      fingerprint: given.fingerprint,
      funding: 'credit',
      generated_from: null,
      last4: card.number.slice(-4),
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
  };
}

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
    payment_method_details: { [method.type]: method[method.type], type: method.type },
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
