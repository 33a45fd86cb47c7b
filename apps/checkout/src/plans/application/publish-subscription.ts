import type { SubscriptionChanged, SubscriptionInvoiced } from '@orbit/events';
import { newId, type Clock } from '@orbit/kernel';
import {
  isLive,
  keptOf,
  planState,
  type InvoiceSnapshot,
  type SubscriptionSnapshot,
} from '../domain/subscription.js';
import type { PlanProvider, PlanStore } from './plan-ports.js';
import type { OutboxEvent, SettlementStore } from '../../topups/application/ports.js';

/** The cause of a reading: a webhook, or a call of ours. */
export interface SubscriptionNews {
  /** Null when it was no webhook. */
  readonly eventId: string | null;
  readonly subscriptionId: string | null;
  readonly invoiceId: string | null;
}

/**
 * Publishes the present state of a subscription, and of one of its invoices. The version is drawn before Stripe is
 * asked: the reading with the highest version is the latest, so readers that keep the highest end with the truth in
 * any order of events.
 */
export class PublishSubscription {
  constructor(
    private readonly provider: PlanProvider,
    private readonly store: PlanStore,
    private readonly settlements: SettlementStore,
    private readonly clock: Clock,
  ) {}

  async run({ eventId, subscriptionId, invoiceId }: SubscriptionNews): Promise<string> {
    const version = String(await this.store.nextVersion());
    const invoice = invoiceId === null ? null : await this.provider.readInvoice(invoiceId);
    const id = subscriptionId ?? invoice?.subscriptionId ?? null;
    const found = id === null ? null : await this.provider.readSubscription(id);
    const seen = found && (await this.once(found));
    const nowMs = this.clock.nowMs();
    const events = seen === null ? [] : eventsOf(seen, invoice, version, nowMs);
    const outcome = events.length === 0 ? 'not_ours' : 'subscription_told';
    return this.settlements.inTransaction(async (tx) => {
      if (eventId !== null && !(await tx.lockEvent(eventId))) return 'duplicate';
      for (const event of events) await tx.addToOutbox(event);
      if (eventId !== null) await tx.closeEvent(eventId, outcome, nowMs);
      return outcome;
    });
  }

  /**
   * One organization has one plan. Two pages that were open at once may both be paid: the first subscription counts,
   * any other is ended and paid back before its payment is published.
   */
  private async once(found: SubscriptionSnapshot): Promise<SubscriptionSnapshot | null> {
    const { organizationId, customerId } = found;
    if (organizationId === null || customerId === null) return found;
    const listed = isLive(found) ? await this.provider.listLive(customerId) : [];
    const live = listed.filter((one) => one.organizationId === organizationId);
    const kept = keptOf(live.filter(({ duplicateOf }) => duplicateOf === null));
    const undone = new Set<string>();
    for (const one of live) {
      if (kept === null || one.id === kept.id) continue;
      await this.provider.undo(one, kept.id);
      undone.add(one.id);
    }
    // Another webhook may have undone it between our two questions: publish only what was read after both.
    const seen = isLive(found) ? await this.provider.readSubscription(found.id) : found;
    if (seen === null || seen.duplicateOf === null || undone.has(seen.id)) return seen;
    await this.provider.undo(seen, seen.duplicateOf);
    return this.provider.readSubscription(seen.id);
  }
}

const instant = (ms: number): string => new Date(ms).toISOString();

function eventsOf(
  seen: SubscriptionSnapshot,
  invoice: InvoiceSnapshot | null,
  version: string,
  nowMs: number,
): OutboxEvent[] {
  const state = planState(seen);
  if (seen.organizationId === null || state === null) return [];
  const organization_id = seen.organizationId;
  const about = { organization_id, version, occurred_at: instant(nowMs) };
  const changed: SubscriptionChanged = {
    ...state,
    ...about,
    start_date: instant(seen.startMs),
    ended_at: seen.endedMs === null ? null : instant(seen.endedMs),
  };
  const events: OutboxEvent[] = [
    { ...envelope(nowMs), topic: 'subscription.changed', value: changed },
  ];
  if (invoice === null) return events;
  const invoiced: SubscriptionInvoiced = {
    ...about,
    invoice_id: invoice.id,
    subscription_id: seen.id,
    plan_id: state.plan_id,
    number: invoice.number,
    amount_minor: invoice.amountMinor,
    currency: invoice.currency,
    // What was paid twice was paid back: it includes nothing.
    status: seen.duplicateOf !== null && invoice.status === 'paid' ? 'void' : invoice.status,
    period_start: instant(invoice.periodStartMs),
    period_end: instant(invoice.periodEndMs),
    pdf_url: invoice.pdfUrl,
    created_at: instant(invoice.createdMs),
  };
  return [...events, { ...envelope(nowMs), topic: 'subscription.invoiced', value: invoiced }];
}

const envelope = (nowMs: number) => ({ eventId: newId('evt', nowMs), occurredAtMs: nowMs });
