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
  'create-backfill': { owner: 'usage-metering', step: 'scope' },
  'list-backfills': { owner: 'usage-metering' },
  'fetch-backfill': { owner: 'usage-metering' },
  'close-backfill': { owner: 'usage-metering' },
  'revert-backfill': { owner: 'usage-metering' },
  'search-events': { owner: 'usage-metering' },
  'get-event-volume': { owner: 'usage-metering' },
  'amend-event': { owner: 'usage-metering', step: 'amend' },
  'deprecate-event': { owner: 'usage-metering', step: 'deprecate' },
};
