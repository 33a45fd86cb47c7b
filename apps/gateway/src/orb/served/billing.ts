import { byExternalId, type ServedOperations } from './served-operation.js';

const served = { owner: 'invoicing' } as const;
const ofCustomer = { owner: 'invoicing', customer: 'customer_id' } as const;

/** Subscriptions and invoices. */
export const BILLING_OPERATIONS: ServedOperations = {
  'create-subscription': served,
  'list-subscriptions': served,
  'list-subscription-summaries': served,
  'fetch-subscription': served,
  'update-subscription': served,
  'fetch-subscription-schedule': served,
  'cancel-subscription': served,
  'unschedule-cancellation': served,
  'schedule-plan-change': served,
  'unschedule-plan-change': served,
  'trigger-phase': served,
  'update-fixed-fee-quantity': served,
  'unschedule-fixed-fee-quantity': served,
  'update-trial': served,
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
  'void-invoice': served,
  'create-credit-note': served,
  'list-credit-notes': served,
  'fetch-credit-note': served,
};
