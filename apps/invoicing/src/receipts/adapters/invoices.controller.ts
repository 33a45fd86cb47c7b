import { Controller } from '@nestjs/common';
import {
  INVOICES,
  type InvoiceListQuery,
  type InvoicePage,
  type InvoicePdf,
  type InvoiceView,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import type { ListedInvoice } from '../application/ports.js';
import { ReadInvoices, type NamedPdf } from '../application/read-invoices.js';

@Controller()
export class InvoicesController {
  constructor(private readonly readInvoices: ReadInvoices) {}

  @Handles(INVOICES.list)
  async list({ organization_id, limit, after_id }: InvoiceListQuery): Promise<InvoicePage> {
    const page = await this.readInvoices.page({
      organizationId: organization_id,
      limit,
      afterId: after_id ?? null,
    });
    return {
      invoices: page.invoices.map(toResponse),
      has_more: page.hasMore,
      total: page.total,
    };
  }

  @Handles(INVOICES.pdf)
  async pdf(of: {
    readonly organization_id: string;
    readonly invoice_id: string;
  }): Promise<InvoicePdf | null> {
    return toPdf(await this.readInvoices.pdf(of.organization_id, of.invoice_id));
  }

  @Handles(INVOICES.creditNotePdf)
  async creditNotePdf(of: {
    readonly organization_id: string;
    readonly credit_note_id: string;
  }): Promise<InvoicePdf | null> {
    return toPdf(await this.readInvoices.creditNotePdf(of.organization_id, of.credit_note_id));
  }
}

const toPdf = (pdf: NamedPdf | null): InvoicePdf | null =>
  pdf && {
    filename: pdf.filename,
    content_base64: Buffer.from(pdf.content).toString('base64'),
  };

const toResponse = (invoice: ListedInvoice): InvoiceView => ({
  id: invoice.id,
  number: invoice.number,
  amount: Number(invoice.amountMinor),
  currency: invoice.currency,
  status: invoice.status,
  amount_refunded: Number(invoice.standing?.refundedMinor ?? 0n),
  amount_refund_pending: Number(invoice.standing?.refundPendingMinor ?? 0n),
  amount_disputed: Number(invoice.standing?.disputedMinor ?? 0n),
  amount_charged_back: Number(invoice.standing?.chargedBackMinor ?? 0n),
  amount_voided: Number(invoice.standing?.voidedMinor ?? 0n),
  amount_net: Number(invoice.standing?.netMinor ?? invoice.amountMinor),
  period_start: toSecond(invoice.periodStartMs),
  period_end: toSecond(invoice.periodEndMs),
  pdf_url: invoice.pdfUrl,
  credit_notes: invoice.creditNotes.map((note) => ({
    id: note.id,
    number: note.number,
    reason: note.reason,
    amount: Number(note.amountMinor),
    currency: invoice.currency,
    status: note.status,
    created_at: toSecond(note.creditedAtMs),
  })),
  created_at: toSecond(invoice.createdAtMs),
});

/** Whole seconds, as documents date: 2026-05-31T23:59:59Z. */
const toSecond = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;
