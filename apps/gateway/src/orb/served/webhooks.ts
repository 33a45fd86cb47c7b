import type { ServedOperations } from './served-operation.js';

/** Where events are sent. */
export const WEBHOOK_OPERATIONS: ServedOperations = {
  'create-webhook-endpoint': { owner: 'invoicing' },
  'list-webhook-endpoints': { owner: 'invoicing' },
  'fetch-webhook-endpoint': { owner: 'invoicing' },
  'update-webhook-endpoint': { owner: 'invoicing' },
  'delete-webhook-endpoint': { owner: 'invoicing' },
  'disable-webhook-endpoint': { owner: 'invoicing' },
  'enable-webhook-endpoint': { owner: 'invoicing' },
};
