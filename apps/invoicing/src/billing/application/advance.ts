import { allocationsOf } from '../../purchases/domain/allocation.js';
import { derivedId } from '../domain/derived-id.js';
import { chargesUntil, nextDueMs, type Charge } from '../../timeline/domain/charges.js';
import { nextMomentMs, momentsSince, type ReportedMoments } from '../../timeline/domain/moments.js';
import { earlier } from '../../timeline/domain/timeline.js';
import { billedByKey, currencyOf } from '../domain/billed.js';
import { giveBack } from './give-back.js';
import { settingsAt } from '../../orb-subscriptions/domain/settings.js';
import type { Invoice, InvoiceDocument } from './invoice-ports.js';
import { issueUndrawn, feeDifference } from './price-draft.js';
import type { BillingCustomer, BillingTransaction, Subscription } from './ports.js';
import { summaryOf, toSubscription } from '../../orb-subscriptions/domain/subscription-view.js';
import { planAt } from '../../timeline/domain/position.js';

/** From the end of a period with usage until its invoice is issued, in milliseconds: what is late may still come. */
export const GRACE_MS = 12 * 60 * 60 * 1_000;

/**
 * Brings the documents of a subscription up to an instant: makes a draft for each day on which something fell due,
 * gives back what was billed too much, issues what needs no usage, and says when to look again. The caller holds the
 * locks of the subscription and its customer. May be repeated.
 */
export async function advance(
  tx: BillingTransaction,
  subscription: Subscription,
  customer: BillingCustomer,
  nowMs: number,
): Promise<void> {
  const { timeline, id, accountId } = subscription;
  const charges = chargesUntil(timeline, nowMs);
  const lines = await tx.invoices.billedLines(id);
  const billed = billedByKey(lines);
  const fees = feeDifference(subscription, charges, lines);
  const isWhole = await giveBack(tx, accountId, fees.credits, lines, nowMs);
  const hasGrown = fees.lines.some(({ isDifference }) => isDifference);
  const dates = await tx.invoices.datesOf(id);
  const drafted = new Set(dates.filter((date) => date.isDraft).map(({ dateMs }) => dateMs));
  const fresh = charges.filter(({ key, dueMs }) => !billed.has(key) && !drafted.has(dueMs));
  const allocations = allocationsOf(fresh, timeline.timezone);
  if (allocations.length > 0) {
    await tx.allocations.keep(subscription, customer, allocations, nowMs);
  }
  const due = new Map<number, Charge[]>();
  for (const charge of fresh) due.set(charge.dueMs, [...(due.get(charge.dueMs) ?? []), charge]);
  // A draft that waits takes it along.
  if (hasGrown && due.size === 0 && drafted.size === 0) due.set(nowMs, []);
  for (const [dueMs, group] of [...due].sort(([a], [b]) => a - b)) {
    const nth = dates.filter(({ dateMs }) => dateMs === dueMs).length;
    const hasUsage = group.some(({ terms }) => terms.kind === 'usage');
    const draft = draftOf(subscription, customer, {
      ...{ source: 'subscription', dateMs: dueMs, nth, nowMs },
      ...{ hasUsage, eligibleMs: hasUsage ? dueMs + GRACE_MS : dueMs },
    });
    await tx.invoices.insert(draft);
    // Prepaid credit may pay what is charged in arrears: the ledger is asked first, by the billing run.
    if (draft.willAutoIssue && group.every(({ terms }) => terms.isInAdvance)) {
      await issueUndrawn(tx, subscription, customer, draft.id, nowMs);
    }
  }
  const reported = await reportMoments(tx, subscription, nowMs);
  const next = earlier(nextDueMs(timeline, nowMs), nextMomentMs(timeline, nowMs));
  await tx.subscriptions.save({ ...subscription, reported }, isWhole ? next : nowMs);
}

/** The same, from a subscription that is not read yet. */
export async function advanceOne(
  tx: BillingTransaction,
  accountId: string,
  id: string,
  nowMs: number,
): Promise<void> {
  const subscription = await tx.subscriptions.lock(accountId, id);
  if (!subscription) return;
  const customer = await tx.customers.lock(accountId, subscription.customerId);
  if (customer) await advance(tx, subscription, customer, nowMs);
}

/** The purpose of a new draft of a subscription. */
export interface NewDraft {
  readonly source: 'subscription' | 'partial';
  readonly dateMs: number;
  /** Among the documents of this source and day. */
  readonly nth: number;
  readonly nowMs: number;
  readonly hasUsage: boolean;
  /** From then on it may be issued; null: nobody knows yet. */
  readonly eligibleMs: number | null;
}

/** A draft without lines, as the settings of its day say. The same draft has the same id whoever makes it. */
export function draftOf(
  subscription: Subscription,
  customer: BillingCustomer,
  { source, dateMs, nth, nowMs, hasUsage, eligibleMs }: NewDraft,
): Omit<Invoice, 'position'> {
  const { id, accountId, customerId } = subscription;
  const settings = settingsAt(subscription, dateMs);
  return {
    id: derivedId('inv', accountId, id, dateMs, source, nth),
    ...{ accountId, customerId, subscriptionId: id, source },
    ...{ stage: 'due', status: 'draft', number: null },
    currency: currencyOf(customer),
    invoiceDateMs: dateMs,
    createdAt: new Date(nowMs),
    eligibleMs,
    willAutoIssue: settings.auto_issuance ?? customer.autoIssuance ?? true,
    netTerms: settings.net_terms,
    ...{ dueMs: null, issuedMs: null, paidMs: null, paymentReceivedMs: null, voidedMs: null },
    collectMs: null,
    ...{
      subtotal: '0',
      total: '0',
      amountDue: '0',
      hasUsage,
      closed: null,
      draw: null,
      metadata: {},
    },
    document: emptyDocument(settings.default_invoice_memo, settings.auto_collection),
  };
}

export const emptyDocument = (
  memo: string | null,
  autoCollection: boolean | null,
): InvoiceDocument => ({
  memo,
  autoCollection,
  ...{ billingAddress: null, shippingAddress: null, customerTaxId: null },
  discounts: [],
  fixedDueMs: null,
});

/** Notifies receivers of webhooks of what has come in the life of a subscription; what is reported from then on. */
async function reportMoments(
  tx: BillingTransaction,
  subscription: Subscription,
  nowMs: number,
): Promise<ReportedMoments> {
  const { accountId, customerId, id, timeline } = subscription;
  const { moments, reported } = momentsSince(timeline, subscription.reported ?? null, nowMs);
  if (moments.length === 0) return reported;
  const customer = await tx.customers.find(accountId, { id: customerId });
  const span = planAt(timeline, nowMs);
  const plan = span && (await tx.catalogue.planView(accountId, span.planId, span.version));
  const shown = toSubscription(subscription, { customer: customer?.view ?? {}, plan }, nowMs);
  for (const { type, properties } of moments) {
    await tx.facts.record({
      ...{ accountId, organizationId: customerId, objectId: id, type, properties, atMs: nowMs },
      resources: { subscription: shown },
      standardResources: { subscription: summaryOf(shown) },
    });
  }
  return reported;
}
