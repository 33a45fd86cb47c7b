import type { ServedOperations } from './served-operation.js';

/** Credits on the wallet, and alerts. */
export const CREDITS_OPERATIONS: ServedOperations = {};
