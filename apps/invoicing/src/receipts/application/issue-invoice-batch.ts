import { newId, type Clock } from '@orbit/kernel';
import { formatAmount, microsFromMinor } from '@orbit/money';
import type { TraceHeaders } from '@orbit/runtime';
import { yearOf } from '../../subscriptions/domain/billing-period.js';
import { countByYear, numbersOf } from '../../numbering/domain/document-number.js';
import { issueInvoices, type Invoice, type PaidTopUp } from '../domain/invoice.js';
import { applyCorrections } from './apply-corrections.js';
import type { InvoiceStore, OutboxEvent, OutboxRelay } from './ports.js';

/** The trace of each payment that has one, by the id of its top-up. */
export type TopUpTraces = ReadonlyMap<string, TraceHeaders>;

/** Issues one receipt per top-up, however often the top-up is delivered. */
export class IssueInvoiceBatch {
  constructor(
    private readonly store: InvoiceStore,
    private readonly relay: OutboxRelay,
    private readonly clock: Clock,
    private readonly account: string,
  ) {}

  /** All of the batch or none of it, in a constant number of statements; the events follow through the outbox. */
  async run(topUps: readonly PaidTopUp[], traces: TopUpTraces = new Map()): Promise<void> {
    if (topUps.length === 0) return;
    const nowMs = this.clock.nowMs();
    await this.store.inTransaction(async (tx) => {
      await tx.lockSeries(this.account);
      const invoiced = await tx.readInvoicedTopUps(topUps.map((topUp) => topUp.topupId));
      const fresh = firstOfEach(topUps).filter((topUp) => !invoiced.has(topUp.topupId));
      if (fresh.length === 0) return;
      const years = fresh.map(({ paidAtMs }) => yearOf(paidAtMs));
      const last = await tx.takeNumbers(this.account, 'receipt', countByYear(years));
      const numbers = numbersOf('receipt', years, last);
      const ids = fresh.map(() => newId('inv', nowMs));
      const invoices = issueInvoices(this.account, fresh, ids, numbers, nowMs);
      await tx.insertInvoices(invoices);
      await tx.addToOutbox(
        invoices.map((invoice) => issuedEvent(invoice, nowMs, traces.get(invoice.topupId))),
      );
      // A refund's event may have come before its payment's.
      await applyCorrections(tx, this.account, invoices, nowMs);
    });
    this.relay.wake();
  }
}

function firstOfEach(topUps: readonly PaidTopUp[]): readonly PaidTopUp[] {
  const seen = new Set<string>();
  return topUps.filter(({ topupId }) => !seen.has(topupId) && seen.add(topupId));
}

function issuedEvent(
  invoice: Invoice,
  nowMs: number,
  trace: TraceHeaders | undefined,
): OutboxEvent {
  const { currency } = invoice;
  return {
    eventId: newId('evt', nowMs),
    createdAtMs: nowMs,
    trace,
    value: {
      invoice_id: invoice.id,
      number: invoice.number,
      organization_id: invoice.organizationId,
      amount: formatAmount(microsFromMinor(invoice.amountMinor, currency), currency),
      currency,
      topup_id: invoice.topupId,
      issued_at: new Date(invoice.createdAtMs).toISOString(),
    },
  };
}
