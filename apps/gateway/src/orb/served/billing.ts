import { byExternalId, type ServedOperations } from './served-operation.js';

const served = { owner: 'invoicing' } as const;
/** A change of a subscription, which may wait as a pending one. */
const change = { ...served, mayBePending: true } as const;
const ofCustomer = { owner: 'invoicing', customer: 'customer_id' } as const;

/** Subscriptions and invoices. */
export const BILLING_OPERATIONS: ServedOperations = {
  'create-subscription': change,
  'list-subscriptions': served,
  'list-subscription-summaries': served,
  'fetch-subscription': served,
  'update-subscription': served,
  'fetch-subscription-schedule': served,
  'cancel-subscription': change,
  'unschedule-cancellation': change,
  'schedule-plan-change': change,
  'unschedule-plan-change': change,
  'trigger-phase': change,
  'update-fixed-fee-quantity': change,
  'unschedule-fixed-fee-quantity': change,
  'update-trial': change,
  'add-edit-price-intervals': change,
  'redeem-coupon': change,
  'list-coupon-subscriptions': served,
  'list-subscription-changes': served,
  'fetch-subscription-change': served,
  'apply-subscription-change': served,
  'cancel-subscription-change': served,
  'fetch-subscription-usage': served,
  'fetch-subscription-costs': served,
  'fetch-customer-costs': ofCustomer,
  'fetch-customer-costs-external-id': byExternalId('invoicing', 'fetch-customer-costs'),
  'create-customer-balance-transaction': ofCustomer,
  'list-balance-transactions': ofCustomer,
  'list-invoices': served,
  'list-invoices-summary': served,
  'fetch-upcoming-invoice': served,
  'fetch-invoice': served,
  'create-invoice': served,
  'create-invoice-line-item': served,
  'delete-invoice-line-item': served,
  'update-invoice': served,
  'issue-invoice': served,
  'issue-invoice-summary': served,
  'mark-invoice-as-paid': served,
  'pay-invoice': served,
  'void-invoice': served,
  'create-credit-note': served,
  'list-credit-notes': served,
  'fetch-credit-note': served,
};
