import { invariant } from '@orbit/kernel';
import type { Usage } from '@orbit/pricing';
import { derivedId } from '../domain/derived-id.js';
import { adjustCharges } from '../domain/adjust-charges.js';
import { printLine, type InvoiceLine } from '../domain/print-line.js';
import { rateCharges } from '../domain/rate-charges.js';
import {
  billingDifference,
  type DueCredit,
  type BillingDifference,
} from '../domain/billing-difference.js';
import { chargesAt, chargesUntil, hasCharge, type Charge } from '../../timeline/domain/charges.js';
import type { Timeline } from '../../timeline/domain/timeline.js';
import { billedByKey, currencyOf, partlyByKey, placesOf } from '../domain/billed.js';
import { giveBack } from './give-back.js';
import type { BilledLine, Invoice } from './invoice-ports.js';
import { issueDraft } from './issue-draft.js';
import { applyCredits } from '../../draws/domain/apply-credits.js';
import {
  hasParts,
  NOTHING_HELD,
  type AppliedCredits,
  type DrawFacts,
  type DrawPlan,
} from '../../draws/domain/draw-plan.js';
import { planDraw } from '../../draws/domain/plan-draw.js';
import type { BillingCustomer, BillingTransaction, Subscription, UsageByKey } from './ports.js';

/** How long after its end a period that was billed is looked at again, in milliseconds. */
const CORRECTED_MS_MAX = 100 * 24 * 60 * 60 * 1_000;

/** Parts of a draft besides usage. */
export interface DraftCharges {
  /** Due on the day of the draft and not billed: they stand on it, whatever they cost. */
  readonly fresh: readonly Charge[];
  /** Billed before: they stand on it with what they differ by. */
  readonly earlier: readonly Charge[];
}

/** A partial invoice is for what runs on its day and was used by then; it corrects nothing that was billed before. */
export function chargesOfDraft(
  { timeline }: Subscription,
  { invoiceDateMs, source }: Pick<Invoice, 'invoiceDateMs' | 'source'>,
  billed: readonly BilledLine[],
): DraftCharges {
  const keys = new Set(
    billed.filter(({ isPartial }) => !isPartial).map(({ chargeKey }) => chargeKey),
  );
  if (source === 'partial') {
    const running = chargesAt(timeline, invoiceDateMs)
      .filter(({ key, terms, interval }) => {
        return terms.kind === 'usage' && !interval.isTrial && !keys.has(key);
      })
      .map((charge) => ({ ...charge, endMs: Math.min(charge.endMs, invoiceDateMs) }))
      .filter(({ startMs, endMs }) => startMs < endMs);
    return { fresh: running, earlier: [] };
  }
  const charges = chargesUntil(timeline, invoiceDateMs);
  return {
    fresh: charges.filter(({ key, dueMs }) => dueMs === invoiceDateMs && !keys.has(key)),
    earlier: charges.filter(
      ({ key, terms, dueMs }) =>
        keys.has(key) && (terms.isInAdvance || dueMs >= invoiceDateMs - CORRECTED_MS_MAX),
    ),
  };
}

/** Everything that was used by an instant and is on no document, as the documents that would have it. */
export function accruedCharges(
  subscription: Subscription,
  nowMs: number,
  billed: readonly BilledLine[],
): readonly { readonly source: 'subscription' | 'partial'; readonly charges: DraftCharges }[] {
  const ofToday = { invoiceDateMs: nowMs, source: 'subscription' } as const;
  const inArrears = ({ terms }: Charge): boolean => !terms.isInAdvance;
  const { earlier } = chargesOfDraft(subscription, ofToday, billed);
  const keys = new Set(earlier.map(({ key }) => key));
  for (const line of billed) if (!line.isPartial && line.chargeKey) keys.add(line.chargeKey);
  const ended = chargesUntil(subscription.timeline, nowMs).filter(
    (charge) => inArrears(charge) && !keys.has(charge.key),
  );
  const documents = [...new Set(ended.map(({ dueMs }) => dueMs))].map((dueMs) => ({
    source: 'subscription' as const,
    charges: { fresh: ended.filter((charge) => charge.dueMs === dueMs), earlier: [] },
  }));
  const corrected = { fresh: [], earlier: earlier.filter(inArrears) };
  const running = chargesOfDraft(subscription, { ...ofToday, source: 'partial' }, billed);
  return [
    ...(corrected.earlier.length > 0 ? [{ source: ofToday.source, charges: corrected }] : []),
    ...documents,
    ...(running.fresh.length > 0 ? [{ source: 'partial' as const, charges: running }] : []),
  ];
}

export interface PricedDraft {
  readonly lines: readonly InvoiceLine[];
  readonly credits: readonly DueCredit[];
  /** The draw of prepaid credit; null: none. */
  readonly plan: DrawPlan | null;
}

/** The lines of a draft and what is to be given back with it. Pure: the same facts make the same lines. */
export function priceDraft(
  subscription: Subscription,
  draft: Pick<Invoice, 'id' | 'currency' | 'source'>,
  { fresh, earlier }: DraftCharges,
  billed: readonly BilledLine[],
  usage: UsageByKey,
  { held, daily }: DrawFacts = NOTHING_HELD,
): PricedDraft {
  const timeline =
    draft.source === 'partial' ? withoutMinimums(subscription.timeline) : subscription.timeline;
  const places = placesOf(draft.currency);
  const rated = rateCharges([...earlier, ...fresh], usage, timeline);
  const adjusted = adjustCharges(rated, timeline.adjustments, placesOf);
  const { lines: due, credits } = billingDifference(
    adjusted,
    billedByKey(billed),
    [],
    partlyByKey(billed),
  );
  const lines = due.map((line) =>
    printLine(derivedId('line', draft.id, line.adjusted.rated.charge.key), line, places),
  );
  if (held.size === 0) return { lines, credits, plan: null };
  const plan = planDraw({ timeline, fresh, earlier, lines, usage, daily }, held);
  return { lines, credits, plan: hasParts(plan) ? plan : null };
}

/** Minimums are of whole periods. */
const withoutMinimums = (timeline: Timeline): Timeline => ({
  ...timeline,
  adjustments: timeline.adjustments.filter(
    ({ adjustment }) => adjustment.adjustment_type !== 'minimum',
  ),
});

/** Further facts for the final pricing. */
export interface PricingFacts {
  /** Of earlier periods; null: it was not asked for. */
  readonly earlierUsage: UsageByKey | null;
  readonly draws: DrawFacts;
}

/**
 * Prices a draft of a subscription for good: the usage of its own periods as it was closed. What it gives back of other
 * documents is given back. Null when it was priced before. The caller holds the locks of subscription and customer, and
 * keeps what comes out.
 */
async function priceForGood(
  tx: BillingTransaction,
  subscription: Subscription,
  customer: BillingCustomer,
  invoiceId: string,
  nowMs: number,
  { earlierUsage, draws }: PricingFacts,
): Promise<{ readonly invoice: Invoice; readonly lines: readonly InvoiceLine[] } | null> {
  const parts = await tx.invoices.lock(subscription.accountId, invoiceId);
  invariant(parts !== null, 'a draft that is to be issued is there');
  const { stage } = parts.invoice;
  if (stage !== 'due' && stage !== 'closed') return null;
  const invoice = { ...parts.invoice, currency: currencyOf(customer) };
  const billed = await tx.invoices.billedLines(subscription.id);
  const { fresh, earlier } = chargesOfDraft(subscription, invoice, billed);
  // Without their usage nothing is known of what stands in arrears: it is looked at with the next document.
  const asked = earlierUsage === null ? earlier.filter(({ terms }) => terms.isInAdvance) : earlier;
  const usage = new Map<string, Usage>([
    ...(earlierUsage ?? []),
    ...Object.entries(invoice.closed ?? {}),
  ]);
  const charges = { fresh, earlier: asked };
  const priced = priceDraft(subscription, invoice, charges, billed, usage, draws);
  const manual = parts.lines.filter(({ chargeKey }) => chargeKey === null);
  await giveBack(tx, subscription.accountId, priced.credits, billed, nowMs);
  return {
    invoice: { ...invoice, draw: priced.plan },
    lines: [...priced.lines, ...manual],
  };
}

/** Prices a draft that no prepaid credit pays, and issues it. Null when it was priced before. Locks as above. */
export async function issueUndrawn(
  tx: BillingTransaction,
  subscription: Subscription,
  customer: BillingCustomer,
  invoiceId: string,
  nowMs: number,
): Promise<Invoice | null> {
  const facts = { earlierUsage: null, draws: NOTHING_HELD };
  const priced = await priceForGood(tx, subscription, customer, invoiceId, nowMs, facts);
  return priced && issueDraft(tx, priced.invoice, customer, priced.lines, nowMs);
}

/** Writes down what the periods of a draft held when they were closed. */
export async function keepClosed(
  tx: BillingTransaction,
  accountId: string,
  invoiceId: string,
  closed: UsageByKey,
): Promise<void> {
  const parts = await tx.invoices.lock(accountId, invoiceId);
  if (parts?.invoice.stage !== 'due') return;
  await tx.invoices.save({ ...parts.invoice, stage: 'closed', closed: Object.fromEntries(closed) });
}

/** Prices a draft and writes down what it draws. One that draws nothing is drawn. Locks as above. */
export async function keepPriced(
  tx: BillingTransaction,
  subscription: Subscription,
  customer: BillingCustomer,
  invoiceId: string,
  nowMs: number,
  facts: PricingFacts,
): Promise<void> {
  const priced = await priceForGood(tx, subscription, customer, invoiceId, nowMs, facts);
  if (!priced) return;
  const { invoice, lines } = priced;
  await tx.invoices.putLines(invoice, lines);
  await tx.invoices.save({ ...invoice, stage: invoice.draw ? 'priced' : 'drawn' });
}

/** Writes down what prepaid credit paid of a priced document. */
export async function keepDrawn(
  tx: BillingTransaction,
  accountId: string,
  invoiceId: string,
  applied: AppliedCredits,
): Promise<void> {
  const parts = await tx.invoices.lock(accountId, invoiceId);
  if (parts?.invoice.stage !== 'priced') return;
  const { invoice } = parts;
  await tx.invoices.putLines(invoice, applyCredits(parts.lines, applied, invoice.currency));
  await tx.invoices.save({ ...invoice, stage: 'drawn' });
}

/** The difference between a subscription's past fees and removed charges and their bills. No usage is needed. */
export function feeDifference(
  { timeline }: Subscription,
  charges: readonly Charge[],
  lines: readonly BilledLine[],
): BillingDifference {
  const billed = billedByKey(lines);
  const fees = charges.filter(({ terms }) => terms.isInAdvance);
  const rated = rateCharges(fees, new Map(), timeline);
  const adjusted = adjustCharges(rated, timeline.adjustments, placesOf);
  const known = new Set(charges.map(({ key }) => key));
  const partly = partlyByKey(lines);
  const gone = [
    ...[...billed.keys()].filter((key) => !known.has(key)),
    ...[...partly.keys()].filter((key) => !hasCharge(timeline, key)),
  ];
  return billingDifference(adjusted, billed, gone, partly);
}

/** Whether a change takes back anything that was billed. */
export async function wouldGiveBack(
  tx: BillingTransaction,
  subscription: Subscription,
  nowMs: number,
): Promise<boolean> {
  const lines = await tx.invoices.billedLines(subscription.id);
  const charges = chargesUntil(subscription.timeline, nowMs);
  return feeDifference(subscription, charges, lines).credits.length > 0;
}
