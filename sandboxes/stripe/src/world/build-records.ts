import type { Price } from '../billing/billing-objects.js';
import type { Metadata } from '../http/json.js';
import type { Charge, Customer, LineItem, Refund } from './objects.js';

export function buildCustomer(given: {
  readonly id: string;
  readonly created: number;
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly description: string | null;
  readonly invoicePrefix: string;
  readonly testClock: string | null;
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
    test_clock: given.testClock,
  };
}

/** A line as the session shows it; `isFree`: a trial begins with it. */
export function buildLineItem(given: {
  readonly id: string;
  readonly name: string;
  readonly price: Price;
  readonly quantity: number;
  readonly isFree: boolean;
}): LineItem {
  const { price, quantity } = given;
  const total = given.isFree ? 0 : price.unit_amount * quantity;
  return {
    id: given.id,
    object: 'item',
    amount_discount: 0,
    amount_subtotal: total,
    amount_tax: 0,
    amount_total: total,
    currency: price.currency,
    description: given.name,
    metadata: {},
    price,
    quantity,
  };
}

export function buildRefund(given: {
  readonly id: string;
  readonly created: number;
  readonly amount: number;
  readonly charge: Charge;
  readonly balanceTransaction: string | null;
  readonly status: Refund['status'];
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
    destination_details: given.charge.id.startsWith('py_')
      ? { type: 'us_bank_transfer', us_bank_transfer: { reference: null, reference_status: null } }
      : { card: { reference_status: 'pending', type: 'refund' }, type: 'card' },
    metadata: given.metadata,
    payment_intent: given.charge.payment_intent,
    payment_method: given.charge.payment_method,
    reason: given.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: given.status,
    transfer_reversal: null,
    ...(given.status === 'pending' ? { pending_reason: 'processing' } : {}),
  };
}
