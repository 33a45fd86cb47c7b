import type { CreditNote, InvoiceParts } from '../../billing/domain/invoice.js';
import type { ReceiptDocument } from '../../receipts/domain/receipt.js';

type Fields = Readonly<Record<string, unknown>>;

/** A document that a link names. */
export type LinkedDocument =
  | { readonly kind: 'invoice'; readonly accountId: string; readonly parts: InvoiceParts }
  | {
      readonly kind: 'credit_note';
      readonly accountId: string;
      readonly note: CreditNote;
      readonly parts: InvoiceParts;
    };

/** Whom a document names. */
export interface Print {
  readonly name: string;
  readonly email: string;
  /** Null: as the document itself has them. */
  readonly billingAddress: Fields | null;
  readonly customerTaxId: Fields | null;
}

/** Errors: the database's own. */
export interface Documents {
  find(token: string): Promise<LinkedDocument | null>;
  /** Whom the document names; the first reader fixes it. */
  print(documentId: string, first: Print, madeAt: Date): Promise<Print>;
}

export interface DocumentTransaction {
  /** Nobody else changes the invoice until the transaction ends. */
  lock(accountId: string, invoiceId: string): Promise<InvoiceParts | null>;
  /** A further print, beside those that were made before. */
  addPrint(documentId: string, print: Print, madeAt: Date): Promise<void>;
}

/** Names of a customer as documents say them. */
export interface Payers {
  read(accountId: string, customerId: string): Promise<Print | null>;
}

/** Sets a document as a PDF; the same document gives the same bytes. */
export interface DocumentRenderer {
  render(document: ReceiptDocument): Promise<Uint8Array>;
}
