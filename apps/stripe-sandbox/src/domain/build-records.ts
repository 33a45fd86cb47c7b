import type { Metadata } from './json.js';
import type {
  BalanceTransaction,
  Charge,
  CheckoutSession,
  Customer,
  Dispute,
  LineItem,
  Refund,
} from './objects.js';

export function buildCustomer(given: {
  readonly id: string;
  readonly created: number;
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly description: string | null;
  readonly invoicePrefix: string;
  readonly metadata: Metadata;
}): Customer {
  return {
    id: given.id,
    object: 'customer',
    address: null,
    balance: 0,
    created: given.created,
    currency: null,
    default_source: null,
    delinquent: false,
    description: given.description,
    discount: null,
    email: given.email,
    invoice_prefix: given.invoicePrefix,
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: given.metadata,
    name: given.name,
    next_invoice_sequence: 1,
    phone: given.phone,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
}

export function buildLineItem(given: {
  readonly id: string;
  readonly name: string;
  readonly productDescription: string | null;
  readonly unitAmount: number;
  readonly quantity: number;
  readonly currency: string;
  readonly priceId: string;
  readonly productId: string;
  readonly created: number;
}): LineItem {
  const total = given.unitAmount * given.quantity;
  return {
    id: given.id,
    object: 'item',
    amount_discount: 0,
    amount_subtotal: total,
    amount_tax: 0,
    amount_total: total,
    currency: given.currency,
    description: given.name,
    metadata: {},
    price: {
      id: given.priceId,
      object: 'price',
      active: false,
      billing_scheme: 'per_unit',
      created: given.created,
      currency: given.currency,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: given.productDescription,
      product: given.productId,
      recurring: null,
      tax_behavior: 'unspecified',
      type: 'one_time',
      unit_amount: given.unitAmount,
      unit_amount_decimal: String(given.unitAmount),
    },
    quantity: given.quantity,
  };
}

export function buildCheckoutSession(given: {
  readonly id: string;
  readonly created: number;
  readonly amountTotal: number;
  readonly currency: string;
  readonly expiresAt: number;
  readonly successUrl: string;
  readonly cancelUrl: string | null;
  readonly clientReferenceId: string | null;
  readonly customer: string | null;
  readonly customerEmail: string | null;
  readonly customerCreation: 'always' | 'if_required';
  readonly locale: string | null;
  readonly submitType: string | null;
  readonly metadata: Metadata;
  readonly url: string;
}): CheckoutSession {
  return {
    id: given.id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: given.amountTotal,
    amount_total: given.amountTotal,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: given.cancelUrl,
    client_reference_id: given.clientReferenceId,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: given.created,
    currency: given.currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer: given.customer,
    customer_account: null,
    customer_creation: given.customer === null ? given.customerCreation : null,
    customer_details: null,
    customer_email: given.customerEmail,
    discounts: [],
    expires_at: given.expiresAt,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: given.locale,
    managed_payments: null,
    metadata: given.metadata,
    mode: 'payment',
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    payment_status: 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: given.submitType,
    subscription: null,
    success_url: given.successUrl,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: given.url,
    wallet_options: null,
  };
}

export function buildRefund(given: {
  readonly id: string;
  readonly created: number;
  readonly amount: number;
  readonly charge: Charge;
  readonly balanceTransaction: string;
  readonly reason: string | null;
  readonly metadata: Metadata;
}): Refund {
  return {
    id: given.id,
    object: 'refund',
    amount: given.amount,
    balance_transaction: given.balanceTransaction,
    charge: given.charge.id,
    created: given.created,
    currency: given.charge.currency,
    customer: given.charge.customer,
    customer_account: null,
    destination_details: { card: { reference_status: 'pending', type: 'refund' }, type: 'card' },
    metadata: given.metadata,
    payment_intent: given.charge.payment_intent,
    payment_method: given.charge.payment_method,
    reason: given.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  };
}

export function buildDispute(given: {
  readonly id: string;
  readonly created: number;
  readonly amount: number;
  readonly reason: string;
  readonly charge: Charge;
  readonly withdrawal: BalanceTransaction;
  readonly evidenceDueBy: number;
}): Dispute {
  return {
    id: given.id,
    object: 'dispute',
    amount: given.amount,
    balance_transactions: [given.withdrawal],
    charge: given.charge.id,
    created: given.created,
    currency: given.charge.currency,
    enhanced_eligibility_types: [],
    evidence: { customer_email_address: null, uncategorized_text: null },
    evidence_details: {
      due_by: given.evidenceDueBy,
      has_evidence: false,
      past_due: false,
      submission_count: 0,
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    network_reason_code: null,
    payment_intent: given.charge.payment_intent,
    reason: given.reason,
    status: 'needs_response',
  };
}
