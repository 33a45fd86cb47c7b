import { ALERT_OPERATIONS } from './served/alerts.js';
import { BILLING_OPERATIONS } from './served/billing.js';
import { CATALOGUE_OPERATIONS } from './served/catalogue.js';
import { CREDITS_OPERATIONS } from './served/credits.js';
import { CUSTOMER_OPERATIONS } from './served/customers.js';
import type { ServedOperations } from './served/served-operation.js';
import { USAGE_OPERATIONS } from './served/usage.js';
import { WEBHOOK_OPERATIONS } from './served/webhooks.js';

/** Every operation of the contract that is served. One that is not here answers `feature_not_available`. */
export const SERVED_OPERATIONS: ServedOperations = {
  ping: { owner: 'gateway' },
  ...CUSTOMER_OPERATIONS,
  ...CATALOGUE_OPERATIONS,
  ...USAGE_OPERATIONS,
  ...BILLING_OPERATIONS,
  ...CREDITS_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
  ...ALERT_OPERATIONS,
};
