import type { ChannelUsage, InvoicePage, InvoicePdf } from '@orbit/contracts';
import type { Invoicing, Metering, Principal } from '../../edge/ports.js';

/** What happened to a wallet, asked of the service that owns each answer, for one organization. */
export class ReadHistory {
  constructor(
    private readonly metering: Metering,
    private readonly invoicing: Invoicing,
  ) {}

  usageByChannel(principal: Principal, days: number): Promise<readonly ChannelUsage[]> {
    const { organizationId, currency } = principal;
    return this.metering.readUsageByChannel({ organization_id: organizationId, currency }, days);
  }

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
