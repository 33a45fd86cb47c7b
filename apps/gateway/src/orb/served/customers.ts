import { byExternalId, type ServedOperations } from './served-operation.js';

export const CUSTOMER_OPERATIONS: ServedOperations = {
  'create-customer': { owner: 'invoicing', step: 'create' },
  'list-customers': { owner: 'invoicing' },
  'fetch-customer': { owner: 'invoicing', customer: 'customer_id' },
  'fetch-customer-external-id': byExternalId('invoicing', 'fetch-customer'),
  'update-customer': { owner: 'invoicing', customer: 'customer_id', step: 'update' },
  'update-customer-external-id': byExternalId('invoicing', 'update-customer', 'update'),
  'delete-customer': { owner: 'invoicing', customer: 'customer_id', step: 'delete' },
};
