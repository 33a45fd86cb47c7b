import { invariant } from '@orbit/kernel';
import type { Usage } from '@orbit/pricing';
import { derivedId } from '../domain/derived-id.js';
import { adjustCharges } from '../domain/adjust-charges.js';
import { printLine, type InvoiceLine } from '../domain/print-line.js';
import { rateCharges } from '../domain/rate-charges.js';
import { settle, type DueCredit, type Settlement } from '../domain/settle.js';
import { chargesUntil, type Charge } from '../../timeline/domain/charges.js';
import { billedByKey, currencyOf, placesOf } from '../domain/billed.js';
import { giveBack } from './give-back.js';
import type { BilledLine, Invoice } from './invoice-ports.js';
import { issueDraft } from './issue-draft.js';
import type { BillingCustomer, BillingTransaction, Subscription, UsageByKey } from './ports.js';

/** How long after its end a period that was billed is looked at again, in milliseconds. */
const CORRECTED_MS_MAX = 100 * 24 * 60 * 60 * 1_000;

/** What a draft is made of besides usage. */
export interface DraftCharges {
  /** Due on the day of the draft and not billed: they stand on it, whatever they cost. */
  readonly fresh: readonly Charge[];
  /** Billed before: they stand on it with what they differ by. */
  readonly earlier: readonly Charge[];
}

export function chargesOfDraft(
  { timeline }: Subscription,
  invoiceDateMs: number,
  billed: readonly BilledLine[],
): DraftCharges {
  const charges = chargesUntil(timeline, invoiceDateMs);
  const keys = new Set(billed.map(({ chargeKey }) => chargeKey));
  return {
    fresh: charges.filter(({ key, dueMs }) => dueMs === invoiceDateMs && !keys.has(key)),
    earlier: charges.filter(
      ({ key, terms, dueMs }) =>
        keys.has(key) && (terms.isInAdvance || dueMs >= invoiceDateMs - CORRECTED_MS_MAX),
    ),
  };
}

export interface PricedDraft {
  readonly lines: readonly InvoiceLine[];
  readonly credits: readonly DueCredit[];
}

/** The lines of a draft and what is to be given back with it. Pure: the same facts make the same lines. */
export function priceDraft(
  subscription: Subscription,
  draft: Pick<Invoice, 'id' | 'currency'>,
  { fresh, earlier }: DraftCharges,
  billed: readonly BilledLine[],
  usage: UsageByKey,
): PricedDraft {
  const { timeline } = subscription;
  const places = placesOf(draft.currency);
  const rated = rateCharges([...earlier, ...fresh], usage, timeline.timezone);
  const adjusted = adjustCharges(rated, timeline.adjustments, places);
  const { lines, credits } = settle(adjusted, billedByKey(billed), []);
  return {
    credits,
    lines: lines.map((line) =>
      printLine(derivedId('line', draft.id, line.adjusted.rated.charge.key), line, places),
    ),
  };
}

/**
 * Prices and issues a draft of a subscription: the usage of its own periods as it was closed, of earlier ones as
 * `earlierUsage` says (null: it was not asked for). Null when it is none any more. The caller holds the locks of subscription and customer.
 */
export async function issueSettled(
  tx: BillingTransaction,
  subscription: Subscription,
  customer: BillingCustomer,
  invoiceId: string,
  nowMs: number,
  earlierUsage: UsageByKey | null = null,
): Promise<Invoice | null> {
  const parts = await tx.invoices.lock(subscription.accountId, invoiceId);
  invariant(parts !== null, 'a draft that is to be issued is there');
  const { invoice } = parts;
  if (invoice.stage === 'issued') return null;
  const billed = await tx.invoices.billedLines(subscription.id);
  const { fresh, earlier } = chargesOfDraft(subscription, invoice.invoiceDateMs, billed);
  // Without their usage nothing is known of what stands in arrears: it is looked at with the next document.
  const asked = earlierUsage === null ? earlier.filter(({ terms }) => terms.isInAdvance) : earlier;
  const usage = new Map<string, Usage>([
    ...(earlierUsage ?? []),
    ...Object.entries(invoice.closed ?? {}),
  ]);
  const priced = priceDraft(subscription, invoice, { fresh, earlier: asked }, billed, usage);
  const manual = parts.lines.filter(({ chargeKey }) => chargeKey === null);
  const lines = [...priced.lines, ...manual];
  const issued = await issueDraft(
    tx,
    { ...invoice, currency: currencyOf(customer) },
    customer,
    lines,
    nowMs,
  );
  await giveBack(tx, subscription.accountId, priced.credits, billed, nowMs);
  return issued;
}

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
