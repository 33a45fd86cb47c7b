import type { ServedOperations } from './served-operation.js';

/** Events, metrics and what counts them. */
export const USAGE_OPERATIONS: ServedOperations = {};
