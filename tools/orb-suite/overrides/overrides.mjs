import { CATALOGUE } from './catalogue.mjs';
import { CREDITS } from './credits.mjs';
import { CUSTOMERS } from './customers.mjs';
import { INVOICES } from './invoices.mjs';
import { SUBSCRIPTIONS } from './subscriptions.mjs';
import { USAGE } from './usage.mjs';

/**
 * Operations whose request of the suite names things that exclude one another, or that need a state of their own.
 * `path`, `query` and `body` answer what is sent instead; everything else is sent as the suite made it.
 */
export const OVERRIDES = {
  ...CUSTOMERS,
  ...CREDITS,
  ...CATALOGUE,
  ...USAGE,
  ...SUBSCRIPTIONS,
  ...INVOICES,
};
