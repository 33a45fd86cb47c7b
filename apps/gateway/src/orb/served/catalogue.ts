import type { ServedOperations } from './served-operation.js';

/** Items, prices, plans and what hangs on them. */
export const CATALOGUE_OPERATIONS: ServedOperations = {
  'create-item': { owner: 'invoicing' },
  'list-items': { owner: 'invoicing' },
  'fetch-item': { owner: 'invoicing' },
  'update-item': { owner: 'invoicing' },
  'archive-item': { owner: 'invoicing' },
};
