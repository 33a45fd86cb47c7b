import type { ServedOperations } from './served-operation.js';

/** Events, metrics and what counts them. */
export const USAGE_OPERATIONS: ServedOperations = {
  'create-metric': { owner: 'usage-metering' },
  'list-metrics': { owner: 'usage-metering' },
  'fetch-metric': { owner: 'usage-metering' },
  'update-metric': { owner: 'usage-metering' },
  'archive-metric': { owner: 'usage-metering' },
  'unarchive-metric': { owner: 'usage-metering' },
};
