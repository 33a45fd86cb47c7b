import type { InvoiceView } from '@orbit/contracts';
import type { InvoiceIssued } from '@orbit/events';
import type { Invoice } from '../domain/invoice.js';
import type { Counter } from '../domain/number-invoices.js';
import type { ReceiptDocument } from '../domain/receipt.js';

/** Where invoices, their counters and their outbox are kept. */
export interface InvoiceStore {
  /** All effects of `work` or none. Errors: the database's own; the batch is read again. */
  inTransaction<T>(work: (tx: InvoiceTransaction) => Promise<T>): Promise<T>;
  /** Newest first; null when `afterId` is not an invoice of this organization. */
  readPage(query: InvoicePageQuery): Promise<InvoicePageRows | null>;
  /** Null when this organization has no such invoice. */
  read(organizationId: string, invoiceId: string): Promise<Invoice | null>;
}

/** Every method is one SQL statement, whatever the number of rows. */
export interface InvoiceTransaction {
  /**
   * Locks the counters until the transaction ends, opening those that are not there at 0. Whoever
   * issues for the same organization and year waits here: that is what keeps numbers without gaps.
   */
  lockCounters(counters: readonly Omit<Counter, 'lastSequence'>[]): Promise<readonly Counter[]>;
  /** Of these top-ups, those that have their invoice already. Asked under the lock. */
  readInvoicedTopUps(topupIds: readonly string[]): Promise<ReadonlySet<string>>;
  insertInvoices(invoices: readonly Invoice[]): Promise<void>;
  saveCounters(counters: readonly Counter[]): Promise<void>;
  addToOutbox(events: readonly OutboxEvent[]): Promise<void>;
}

export interface OutboxEvent {
  /** The same on every repeat, so that readers can drop repeats. */
  readonly eventId: string;
  readonly value: InvoiceIssued;
  readonly createdAtMs: number;
}

export interface InvoicePageQuery {
  readonly organizationId: string;
  readonly limit: number;
  readonly afterId: string | null;
}

/** A receipt or the invoice of a subscription, as a list shows it. */
export interface ListedInvoice extends Pick<
  Invoice,
  'id' | 'number' | 'amountMinor' | 'periodStartMs' | 'periodEndMs' | 'createdAtMs'
> {
  readonly currency: string;
  readonly status: InvoiceView['status'];
  /** Stripe's document; null: the receipt is rendered here. */
  readonly pdfUrl: string | null;
}

export interface InvoicePageRows {
  readonly invoices: readonly ListedInvoice[];
  readonly hasMore: boolean;
  readonly total: number;
}

/** Publishes what the outbox holds. */
export interface OutboxRelay {
  /** Asks for a run soon; never throws, never waits. A failed run is repeated by the relay itself. */
  wake(): void;
}

export interface ReceiptRenderer {
  /** A PDF; the same document always gives the same bytes. */
  render(receipt: ReceiptDocument): Promise<Uint8Array>;
}
