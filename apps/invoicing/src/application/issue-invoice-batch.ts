import { newId, type Clock } from '@orbit/kernel';
import { formatAmount, microsFromMinor } from '@orbit/money';
import type { Invoice, PaidTopUp } from '../domain/invoice.js';
import { countersOf, numberInvoices } from '../domain/number-invoices.js';
import type { InvoiceStore, OutboxEvent, OutboxRelay } from './ports.js';

/** Issues one receipt per top-up, however often the top-up is delivered. */
export class IssueInvoiceBatch {
  constructor(
    private readonly store: InvoiceStore,
    private readonly relay: OutboxRelay,
    private readonly clock: Clock,
  ) {}

  /** All of the batch or none of it, in five statements at most; the events follow through the outbox. */
  async run(topUps: readonly PaidTopUp[]): Promise<void> {
    if (topUps.length === 0) return;
    const nowMs = this.clock.nowMs();
    await this.store.inTransaction(async (tx) => {
      const counters = await tx.lockCounters(countersOf(topUps));
      const invoiced = await tx.readInvoicedTopUps(topUps.map((topUp) => topUp.topupId));
      const fresh = firstOfEach(topUps).filter((topUp) => !invoiced.has(topUp.topupId));
      if (fresh.length === 0) return;
      const ids = fresh.map(() => newId('inv', nowMs));
      const numbered = numberInvoices(counters, fresh, ids, nowMs);
      await tx.insertInvoices(numbered.invoices);
      await tx.saveCounters(numbered.counters);
      await tx.addToOutbox(numbered.invoices.map((invoice) => issuedEvent(invoice, nowMs)));
    });
    this.relay.wake();
  }
}

function firstOfEach(topUps: readonly PaidTopUp[]): readonly PaidTopUp[] {
  const seen = new Set<string>();
  return topUps.filter(({ topupId }) => !seen.has(topupId) && seen.add(topupId));
}

function issuedEvent(invoice: Invoice, nowMs: number): OutboxEvent {
  return {
    eventId: newId('evt', nowMs),
    createdAtMs: nowMs,
    value: {
      invoice_id: invoice.id,
      number: invoice.number,
      organization_id: invoice.organizationId,
      amount: formatAmount(
        microsFromMinor(invoice.amountMinor, invoice.currency),
        invoice.currency,
      ),
      currency: invoice.currency,
      topup_id: invoice.topupId,
      issued_at: new Date(invoice.createdAtMs).toISOString(),
    },
  };
}
