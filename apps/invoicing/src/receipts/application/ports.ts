import type { InvoiceView } from '@orbit/contracts';
import type { InvoiceIssued } from '@orbit/events';
import type { TraceHeaders } from '@orbit/runtime';
import type { Correction, Standing } from '../domain/correction.js';
import type { CreditNote } from '../domain/credit-note.js';
import type { DocumentKind } from '../../numbering/domain/document-number.js';
import type { Invoice, InvoiceStatus } from '../domain/invoice.js';
import type { ReceiptDocument } from '../domain/receipt.js';

/** A receipt with all that happened to its payment since. */
export interface CorrectedInvoice {
  readonly invoice: Invoice;
  readonly corrections: readonly Correction[];
  readonly creditNotes: readonly CreditNote[];
}

/** Where invoices, their numbers and their outbox are kept. */
export interface InvoiceStore {
  /** All effects of `work` or none. Errors: the database's own; the batch is read again. */
  inTransaction<T>(work: (tx: InvoiceTransaction) => Promise<T>): Promise<T>;
  /** Newest first; null when `afterId` is not an invoice of this organization. */
  readPage(query: InvoicePageQuery): Promise<InvoicePageRows | null>;
  /** Null when this organization has no such invoice. */
  read(organizationId: string, invoiceId: string): Promise<CorrectedInvoice | null>;
  /** Null when this organization has no such credit note. */
  readCreditNote(
    organizationId: string,
    creditNoteId: string,
  ): Promise<{ readonly note: CreditNote; readonly invoice: Invoice } | null>;
}

/** Every method is one SQL statement, whatever the number of rows. */
export interface InvoiceTransaction {
  /**
   * Waits for its turn, which ends with the transaction. Whoever issues or corrects documents of a seller takes it
   * first, so what is read after it stays true, and a number is never given twice or left out.
   */
  lockSeries(account: string): Promise<void>;
  /** Takes so many numbers of each year; answers the last one taken. A rollback gives them back. */
  takeNumbers(
    account: string,
    kind: DocumentKind,
    counts: ReadonlyMap<number, number>,
  ): Promise<ReadonlyMap<number, number>>;
  /** Of these top-ups, those that have their invoice already. */
  readInvoicedTopUps(topupIds: readonly string[]): Promise<ReadonlySet<string>>;
  readInvoicesOf(topupIds: readonly string[]): Promise<readonly Invoice[]>;
  insertInvoices(invoices: readonly Invoice[]): Promise<void>;
  saveStatuses(
    changes: readonly { readonly id: string; readonly status: InvoiceStatus }[],
  ): Promise<void>;
  /** One per correction; what is known already is kept when it counts more. */
  saveCorrections(corrections: readonly Correction[]): Promise<void>;
  readCorrections(topupIds: readonly string[]): Promise<readonly Correction[]>;
  readCreditNotes(invoiceIds: readonly string[]): Promise<readonly CreditNote[]>;
  insertCreditNotes(notes: readonly CreditNote[]): Promise<void>;
  voidCreditNotes(ids: readonly string[]): Promise<void>;
  addToOutbox(events: readonly OutboxEvent[]): Promise<void>;
}

export interface OutboxEvent {
  /** The same on every repeat, so that readers can drop repeats. */
  readonly eventId: string;
  readonly value: InvoiceIssued;
  readonly createdAtMs: number;
  /** Of the payment that the receipt is for; goes into the headers of the event. */
  readonly trace: TraceHeaders | undefined;
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
  /** Null: of a subscription; refunds of it are Stripe's own, and on its own documents. */
  readonly standing: Standing | null;
  readonly creditNotes: readonly CreditNote[];
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
