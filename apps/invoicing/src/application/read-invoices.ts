import { unknownCursor } from '@orbit/contracts';
import { buildReceipt, type Seller } from '../domain/receipt.js';
import type { InvoicePageQuery, InvoicePageRows, InvoiceStore, ReceiptRenderer } from './ports.js';

/** Answers what the gateway asks about invoices. An organization sees its own only. */
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
  async pdf(
    organizationId: string,
    invoiceId: string,
  ): Promise<{ filename: string; content: Uint8Array } | null> {
    const invoice = await this.store.read(organizationId, invoiceId);
    if (invoice === null) return null;
    const content = await this.renderer.render(buildReceipt(invoice, this.seller));
    return { filename: `${invoice.number}.pdf`, content };
  }
}
