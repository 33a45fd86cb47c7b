import { adjustCharges } from '../../domain/invoice/adjust-charges.js';
import { rateCharges } from '../../domain/invoice/rate-charges.js';
import { settle, type Settlement } from '../../domain/invoice/settle.js';
import { chargesUntil, type Charge } from '../../domain/timeline/charges.js';
import { billedByKey, currencyOf } from './billed.js';
import type { BilledLine } from '../invoice-ports.js';
import { placesOf } from './places.js';
import type { BillingCustomer, BillingTransaction, Subscription } from '../ports.js';

/** What the past of a subscription's fees and removed charges differs by from what was billed. No usage is needed. */
export function settleFees(
  { timeline }: Subscription,
  customer: BillingCustomer,
  charges: readonly Charge[],
  lines: readonly BilledLine[],
): Settlement {
  const billed = billedByKey(lines);
  const fees = charges.filter(({ terms }) => terms.isInAdvance);
  const rated = rateCharges(fees, new Map(), timeline.timezone);
  const adjusted = adjustCharges(rated, timeline.adjustments, placesOf(currencyOf(customer)));
  const known = new Set(charges.map(({ key }) => key));
  return settle(
    adjusted,
    billed,
    [...billed.keys()].filter((key) => !known.has(key)),
  );
}

/** Whether a change takes back anything that was billed. */
export async function wouldGiveBack(
  tx: BillingTransaction,
  subscription: Subscription,
  customer: BillingCustomer,
  nowMs: number,
): Promise<boolean> {
  const lines = await tx.invoices.billedLines(subscription.id);
  const charges = chargesUntil(subscription.timeline, nowMs);
  return settleFees(subscription, customer, charges, lines).credits.length > 0;
}
