import { byExternalId, type ServedOperations } from './served-operation.js';

const served = { owner: 'invoicing' } as const;

/** Alerts on credit, usage, costs and spend. */
export const ALERT_OPERATIONS: ServedOperations = {
  'create-customer-alert': { owner: 'invoicing', customer: 'customer_id' },
  'create-customer-alert-external-customer-id': byExternalId('invoicing', 'create-customer-alert'),
  'create-subscription-alert': served,
  'create-plan-alert': served,
  'list-alerts': served,
  'fetch-alert': served,
  'update-alert': served,
  'delete-alert': served,
  'enable-alert': served,
  'disable-alert': served,
};
