import { derivedId } from '../domain/derived-id.js';
import { chargesUntil, nextDueMs, type Charge } from '../../timeline/domain/charges.js';
import { nextMomentMs } from '../../timeline/domain/moments.js';
import { earlier } from '../../timeline/domain/timeline.js';
import { billedByKey, currencyOf } from '../domain/billed.js';
import { giveBack } from './give-back.js';
import { settingsAt } from '../../orb-subscriptions/domain/settings.js';
import type { Invoice, InvoiceDocument } from './invoice-ports.js';
import { reportMoments } from './report-moments.js';
import { issueSettled, settleFees } from './price-draft.js';
import type { BillingCustomer, BillingTransaction, Subscription } from './ports.js';

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
  const fees = settleFees(subscription, charges, lines);
  const isWhole = await giveBack(tx, accountId, fees.credits, lines, nowMs);
  const hasGrown = fees.lines.some(({ isDifference }) => isDifference);
  const dates = await tx.invoices.datesOf(id);
  const drafted = new Set(dates.filter((date) => date.isDraft).map(({ dateMs }) => dateMs));
  const fresh = charges.filter(({ key, dueMs }) => !billed.has(key) && !drafted.has(dueMs));
  const due = new Map<number, Charge[]>();
  for (const charge of fresh) due.set(charge.dueMs, [...(due.get(charge.dueMs) ?? []), charge]);
  // A draft that waits takes it along.
  if (hasGrown && due.size === 0 && drafted.size === 0) due.set(nowMs, []);
  for (const [dueMs, group] of [...due].sort(([a], [b]) => a - b)) {
    const nth = dates.filter(({ dateMs }) => dateMs === dueMs).length;
    const draft = newDraft(subscription, customer, dueMs, group, nowMs, nth);
    await tx.invoices.insert(draft);
    // Prepaid credit may pay what is charged in arrears: the ledger is asked first, by the billing run.
    if (draft.willAutoIssue && group.every(({ terms }) => terms.isInAdvance)) {
      await issueSettled(tx, subscription, customer, draft.id, nowMs);
    }
  }
  const reported = await reportMoments(tx, subscription, nowMs);
  const next = earlier(nextDueMs(timeline, nowMs), nextMomentMs(timeline, nowMs));
  await tx.subscriptions.save({ ...subscription, reported }, isWhole ? next : nowMs);
}

function newDraft(
  subscription: Subscription,
  customer: BillingCustomer,
  dueMs: number,
  charges: readonly Charge[],
  nowMs: number,
  nth: number,
): Omit<Invoice, 'position'> {
  const { id, accountId, customerId } = subscription;
  const settings = settingsAt(subscription, dueMs);
  const hasUsage = charges.some(({ terms }) => terms.kind === 'usage');
  return {
    id: derivedId('inv', accountId, id, dueMs, 'subscription', nth),
    ...{ accountId, customerId, subscriptionId: id, source: 'subscription' },
    ...{ stage: 'due', status: 'draft', number: null },
    currency: currencyOf(customer),
    invoiceDateMs: dueMs,
    createdAt: new Date(nowMs),
    eligibleMs: hasUsage ? dueMs + GRACE_MS : dueMs,
    willAutoIssue: settings.auto_issuance ?? customer.autoIssuance ?? true,
    netTerms: settings.net_terms,
    ...{ dueMs: null, issuedMs: null, paidMs: null, paymentReceivedMs: null, voidedMs: null },
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
