import type {
  Invoice,
  InvoiceLine,
  InvoicePayment,
  LineDraft,
  Subscription,
} from '../billing/billing-objects.js';
import type { Customer } from '../world/objects.js';

export function buildInvoiceLine(given: {
  readonly id: string;
  readonly invoice: string;
  readonly subscription: string;
  readonly currency: string;
  readonly draft: LineDraft;
}): InvoiceLine {
  const { draft } = given;
  return {
    id: given.id,
    object: 'line_item',
    amount: draft.amount,
    currency: given.currency,
    description: draft.description,
    discount_amounts: [],
    discountable: !draft.isProration,
    discounts: [],
    invoice: given.invoice,
    livemode: false,
    metadata: {},
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: draft.isProration,
        proration_details: { credited_items: null },
        subscription: given.subscription,
        subscription_item: draft.item,
      },
      type: 'subscription_item_details',
    },
    period: { end: draft.end, start: draft.start },
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: draft.price, product: draft.product },
      type: 'price_details',
      unit_amount_decimal: String(draft.unitAmount),
    },
    quantity: draft.quantity,
    quantity_decimal: String(draft.quantity),
    subscription: given.subscription,
    subtotal: draft.amount,
    taxes: [],
  };
}

export function buildInvoice(given: {
  readonly id: string;
  readonly created: number;
  readonly billingReason: Invoice['billing_reason'];
  readonly customer: Customer;
  readonly subscription: Subscription;
  readonly lines: readonly InvoiceLine[];
  readonly periodStart: number;
  readonly periodEnd: number;
  readonly finalizesAt: number | null;
  readonly merchant: string;
}): Invoice {
  const { customer, subscription } = given;
  const total = given.lines.reduce((sum, line) => sum + line.amount, 0);
  const due = Math.max(0, total);
  return {
    id: given.id,
    object: 'invoice',
    account_country: 'US',
    account_name: given.merchant,
    account_tax_ids: null,
    amount_due: due,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_paid_off_stripe: 0,
    amount_remaining: due,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    automatic_tax: {
      disabled_reason: null,
      enabled: false,
      liability: null,
      provider: null,
      status: null,
    },
    automatically_finalizes_at: given.finalizesAt,
    billing_reason: given.billingReason,
    collection_method: subscription.collection_method,
    created: given.created,
    currency: subscription.currency,
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: null,
    customer_email: customer.email,
    customer_name: customer.name,
    customer_phone: customer.phone,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: {
      object: 'list',
      data: given.lines,
      has_more: false,
      url: `/v1/invoices/${given.id}/lines`,
    },
    livemode: false,
    metadata: {},
    next_payment_attempt: given.finalizesAt,
    number: null,
    on_behalf_of: null,
    parent: {
      quote_details: null,
      subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
      type: 'subscription_details',
    },
    payment_settings: {
      default_mandate: null,
      payment_method_options: null,
      payment_method_types: null,
    },
    period_end: given.periodEnd,
    period_start: given.periodStart,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: {
      finalized_at: null,
      marked_uncollectible_at: null,
      paid_at: null,
      voided_at: null,
    },
    subtotal: total,
    subtotal_excluding_tax: total,
    test_clock: customer.test_clock,
    total,
    total_discount_amounts: [],
    total_excluding_tax: total,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  };
}

export function buildInvoicePayment(given: {
  readonly id: string;
  readonly created: number;
  readonly invoice: Invoice;
  readonly intent: string;
}): InvoicePayment {
  return {
    id: given.id,
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: given.invoice.amount_due,
    created: given.created,
    currency: given.invoice.currency,
    invoice: given.invoice.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: given.intent, type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  };
}
