import type { InvoicePage, InvoicePdf } from '@orbit/contracts';
import type { Invoicing, Principal } from '../../edge/ports.js';

/** What happened to a wallet, asked of the service that owns each answer, for one organization. */
export class ReadHistory {
  constructor(private readonly invoicing: Invoicing) {}

  invoices(principal: Principal, limit: number, afterId?: string): Promise<InvoicePage> {
    return this.invoicing.listInvoices(principal.organizationId, limit, afterId);
  }

  invoicePdf(principal: Principal, invoiceId: string): Promise<InvoicePdf | null> {
    return this.invoicing.readPdf(principal.organizationId, invoiceId);
  }

  creditNotePdf(principal: Principal, creditNoteId: string): Promise<InvoicePdf | null> {
    return this.invoicing.readCreditNotePdf(principal.organizationId, creditNoteId);
  }
}
