import { buildReceipt, type Seller } from '../domain/receipt.js';
import type { InvoicePageQuery, InvoicePageRows, InvoiceStore, ReceiptRenderer } from './ports.js';

const NO_INVOICES: InvoicePageRows = { invoices: [], hasMore: false, total: 0 };

/** Answers what the gateway asks about invoices. An organization sees its own only. */
export class ReadInvoices {
  constructor(
    private readonly store: InvoiceStore,
    private readonly renderer: ReceiptRenderer,
    private readonly seller: Seller,
  ) {}

  /** A cursor that is not this organization's gives an empty page: it must not tell that the id exists. */
  async page(query: InvoicePageQuery): Promise<InvoicePageRows> {
    return (await this.store.readPage(query)) ?? NO_INVOICES;
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
