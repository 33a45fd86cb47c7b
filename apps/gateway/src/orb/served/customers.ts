import { byExternalId, type ServedOperations } from './served-operation.js';

export const CUSTOMER_OPERATIONS: ServedOperations = {
  'create-customer': { owner: 'invoicing', step: 'create' },
  'list-customers': { owner: 'invoicing' },
  'fetch-customer': { owner: 'invoicing', customer: 'customer_id' },
  'fetch-customer-external-id': byExternalId('invoicing', 'fetch-customer'),
  'update-customer': { owner: 'invoicing', customer: 'customer_id', step: 'update' },
  'update-customer-external-id': byExternalId('invoicing', 'update-customer', 'update'),
  'create-customer-portal-session': { owner: 'invoicing', customer: 'customer_id' },
  'create-customer-portal-session-by-external-id': byExternalId(
    'invoicing',
    'create-customer-portal-session',
  ),
  'sync-customer-payment-methods-from-gateway': { owner: 'checkout', customer: 'customer_id' },
  'sync-customer-payment-methods-from-gateway-by-external-id': byExternalId(
    'checkout',
    'sync-customer-payment-methods-from-gateway',
  ),
  'delete-customer': { owner: 'invoicing', customer: 'customer_id', step: 'delete' },
};
