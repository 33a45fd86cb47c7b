import type { ServedOperations } from './served-operation.js';

/** Items, prices, plans and what hangs on them. */
export const CATALOGUE_OPERATIONS: ServedOperations = {
  'create-item': { owner: 'invoicing' },
  'list-items': { owner: 'invoicing' },
  'fetch-item': { owner: 'invoicing' },
  'update-item': { owner: 'invoicing' },
  'archive-item': { owner: 'invoicing' },
  'create-price': { owner: 'invoicing' },
  'list-prices': { owner: 'invoicing' },
  'fetch-price': { owner: 'invoicing' },
  'fetch-price-external-id': { owner: 'invoicing' },
  'update-price': { owner: 'invoicing' },
  'update-price-by-external-id': { owner: 'invoicing' },
};
