import { unknownCursor } from '@orbit/contracts';
import { buildCreditNote } from '../domain/credit-note-document.js';
import { buildReceipt } from '../domain/receipt.js';
import type { ReceiptDocument, Seller } from '../domain/receipt.js';
import type { InvoicePageQuery, InvoicePageRows, InvoiceStore, ReceiptRenderer } from './ports.js';

export interface NamedPdf {
  readonly filename: string;
  readonly content: Uint8Array;
}

/** Returns what the gateway asks about invoices. An organization sees its own only. */
export class ReadInvoices {
  constructor(
    private readonly store: InvoiceStore,
    private readonly renderer: ReceiptRenderer,
    private readonly seller: Seller,
  ) {}

  /** Errors: invalid_field for a cursor that is not this organization's, whether it exists elsewhere or not. */
  async page(query: InvoicePageQuery): Promise<InvoicePageRows> {
    const page = await this.store.readPage(query);
    if (page !== null) return page;
    throw unknownCursor();
  }

  /** Null when this organization has no such invoice. */
  async pdf(organizationId: string, invoiceId: string): Promise<NamedPdf | null> {
    const found = await this.store.read(organizationId, invoiceId);
    if (found === null) return null;
    const { invoice, corrections, creditNotes } = found;
    return this.named(buildReceipt(invoice, this.seller, corrections, creditNotes));
  }

  /** Null when this organization has no such credit note. */
  async creditNotePdf(organizationId: string, creditNoteId: string): Promise<NamedPdf | null> {
    const found = await this.store.readCreditNote(organizationId, creditNoteId);
    return found && this.named(buildCreditNote(found.note, found.invoice, this.seller));
  }

  private async named(document: ReceiptDocument): Promise<NamedPdf> {
    return {
      filename: `${document.number}.pdf`,
      content: await this.renderer.render(document),
    };
  }
}
