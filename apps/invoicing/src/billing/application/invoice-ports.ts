import type { CreatedBetween, PageQuery } from '@orbit/orb-api';
import type { Decimal } from '@orbit/pricing';
import type {
  Invoice,
  BilledLine,
  CreditNote,
  BalanceTransaction,
  InvoiceParts,
  InvoiceQuery,
  LineUndone,
  InvoicePaymentState,
  PaymentAttempt,
} from '../domain/invoice.js';
import type { CreditToReturn } from '../../draws/domain/draw-plan.js';
import type { InvoiceLine } from '../domain/print-line.js';

export type {
  InvoiceStage,
  InvoiceStatus,
  Invoice,
  InvoiceDocument,
  BilledLine,
  CreditNote,
  BalanceTransaction,
  InvoiceParts,
  Between,
  InvoiceQuery,
} from '../domain/invoice.js';

export interface Invoices {
  read(accountId: string, id: string): Promise<InvoiceParts | null>;
  /** By invoice date, newest first; one more than the limit where there are more. `createdAt` is the invoice date. */
  list(query: InvoiceQuery): Promise<readonly InvoiceParts[]>;
}

export interface NotedCustomer {
  readonly note: CreditNote;
  readonly customer: InvoiceParts['customer'];
}

export interface CreditNotes {
  readNote(accountId: string, id: string): Promise<NotedCustomer | null>;
  /** Newest first, one more than the limit where there are more. */
  listNotes(
    query: PageQuery & { readonly created: CreatedBetween },
  ): Promise<readonly NotedCustomer[]>;
}

export interface Balances {
  /** Newest first, one more than the limit where there are more. */
  listBalance(
    query: PageQuery & { readonly created: CreatedBetween },
    customerId: string,
  ): Promise<readonly BalanceTransaction[]>;
}

export interface InvoiceTransaction extends Invoices, CreditNotes, Balances {
  /** Null when the account has no such line. */
  invoiceOfLine(accountId: string, lineId: string): Promise<string | null>;
  /** The amounts given back of each line of an invoice. */
  creditedOf(invoiceId: string): Promise<ReadonlyMap<string, Decimal>>;
  lock(accountId: string, id: string): Promise<InvoiceParts | null>;
  /** False when there is one with this id already. */
  insert(invoice: Omit<Invoice, 'position'>): Promise<boolean>;
  save(invoice: Invoice): Promise<void>;
  /** In place of those that the draft had. */
  putLines(
    invoice: Pick<Invoice, 'id' | 'subscriptionId'>,
    lines: readonly InvoiceLine[],
  ): Promise<void>;
  /** Lines of all documents of a subscription that bill charges; the newest document last. */
  billedLines(subscriptionId: string): Promise<readonly BilledLine[]>;
  /** Documents of a subscription by the day that they are for. */
  datesOf(
    subscriptionId: string,
  ): Promise<readonly { readonly dateMs: number; readonly isDraft: boolean }[]>;
  /** How many partial invoices a subscription has, and how many of them are still drafts. */
  partialsOf(subscriptionId: string): Promise<{ readonly count: number; readonly open: number }>;
  /** Whether a document of a subscription is priced and its credit is not drawn yet. */
  isDrawing(subscriptionId: string): Promise<boolean>;
  credit(lineId: string, amount: string): Promise<void>;
  beginAttempt(invoiceId: string, attempt: PaymentAttempt): Promise<void>;
  endAttempt(id: string, state: InvoicePaymentState): Promise<void>;
  /** The amounts taken back of the lines of an invoice. */
  undoneOf(invoiceId: string): Promise<ReadonlyMap<string, LineUndone>>;
  /** Adds to what was taken back of a line. */
  undo(lineId: string, more: LineUndone): Promise<void>;
  /** Stores prepaid credit that the ledger is to receive. */
  returnCredit(accountId: string, credit: CreditToReturn, nowMs: number): Promise<void>;
  /** The next number of a kind of document, without gaps. Taken last, and given back with the transaction. */
  takeNumber(accountId: string, kind: 'invoice' | 'credit_note', year: number): Promise<string>;
  insertNote(note: Omit<CreditNote, 'position'>): Promise<void>;
  balanceOf(customerId: string): Promise<Decimal>;
  addToBalance(transaction: Omit<BalanceTransaction, 'position'>): Promise<void>;
}
