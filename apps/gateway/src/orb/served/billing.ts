import type { ServedOperations } from './served-operation.js';

/** Subscriptions and invoices. */
export const BILLING_OPERATIONS: ServedOperations = {};
