import type { ServedOperations } from './served-operation.js';

/** Events, metrics and what counts them. */
export const USAGE_OPERATIONS: ServedOperations = {
  'create-metric': { owner: 'usage-metering' },
  'list-metrics': { owner: 'usage-metering' },
  'fetch-metric': { owner: 'usage-metering' },
  'update-metric': { owner: 'usage-metering' },
  'archive-metric': { owner: 'usage-metering' },
  'unarchive-metric': { owner: 'usage-metering' },
  ingest: { owner: 'gateway', step: 'ingest' },
  'search-events': { owner: 'usage-metering' },
  'get-event-volume': { owner: 'usage-metering' },
  'amend-event': { owner: 'usage-metering', step: 'amend' },
  'deprecate-event': { owner: 'usage-metering', step: 'deprecate' },
};
