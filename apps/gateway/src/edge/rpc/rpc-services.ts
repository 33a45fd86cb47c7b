import { INVOICES_RPC, type InvoicePage, type InvoicePdf } from '@orbit/contracts';
import type { Invoicing } from '../ports.js';

/** The part of `RpcClient` that these adapters need: one question, one answer, operating errors as OrbitError. */
export interface Rpc {
  call<T>(pattern: string, payload: unknown, timeoutMs?: number): Promise<T>;
}

/** Of calls behind which Stripe is asked; it may take several seconds. */
export const STRIPE_CALL_TIMEOUT_MS = 15_000;
/** The first PDF after a start reads the fonts, which takes seconds of a busy processor. */
const PDF_TIMEOUT_MS = 20_000;

export class RpcInvoicing implements Invoicing {
  constructor(private readonly rpc: Rpc) {}

  listInvoices(organizationId: string, limit: number, afterId?: string): Promise<InvoicePage> {
    const after = afterId === undefined ? {} : { after_id: afterId };
    return this.rpc.call(INVOICES_RPC.list, { organization_id: organizationId, limit, ...after });
  }

  readPdf(organizationId: string, invoiceId: string): Promise<InvoicePdf | null> {
    const payload = { organization_id: organizationId, invoice_id: invoiceId };
    return this.rpc.call(INVOICES_RPC.pdf, payload, PDF_TIMEOUT_MS);
  }

  readCreditNotePdf(organizationId: string, creditNoteId: string): Promise<InvoicePdf | null> {
    const payload = { organization_id: organizationId, credit_note_id: creditNoteId };
    return this.rpc.call(INVOICES_RPC.creditNotePdf, payload, PDF_TIMEOUT_MS);
  }
}
