import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  INVOICES_RPC,
  OrbitError,
  type InvoicePage,
  type InvoicePdf,
  type InvoiceView,
} from '@orbit/contracts';
import type { ListedInvoice } from '../application/ports.js';
import { ReadInvoices, type NamedPdf } from '../application/read-invoices.js';

const LIMIT_MAX = 1_000;

interface InvoiceListRequest {
  readonly organization_id: string;
  readonly limit: number;
  readonly after_id?: string;
}

interface InvoicePdfRequest {
  readonly organization_id: string;
  readonly invoice_id: string;
}

interface CreditNotePdfRequest {
  readonly organization_id: string;
  readonly credit_note_id: string;
}

@Controller()
export class InvoicesController {
  constructor(private readonly readInvoices: ReadInvoices) {}

  @MessagePattern(INVOICES_RPC.list)
  async list(@Payload() request: InvoiceListRequest): Promise<InvoicePage> {
    const { limit } = request;
    if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
      throw new OrbitError('invalid_field', `limit is a whole number from 1 to ${LIMIT_MAX}`, {
        param: 'limit',
      });
    const page = await this.readInvoices.page({
      organizationId: requireText(request.organization_id, 'organization_id'),
      limit,
      afterId: request.after_id ?? null,
    });
    return {
      invoices: page.invoices.map(toResponse),
      has_more: page.hasMore,
      total: page.total,
    };
  }

  @MessagePattern(INVOICES_RPC.pdf)
  async pdf(@Payload() request: InvoicePdfRequest): Promise<InvoicePdf | null> {
    const pdf = await this.readInvoices.pdf(
      requireText(request.organization_id, 'organization_id'),
      requireText(request.invoice_id, 'invoice_id'),
    );
    return toPdf(pdf);
  }

  @MessagePattern(INVOICES_RPC.creditNotePdf)
  async creditNotePdf(@Payload() request: CreditNotePdfRequest): Promise<InvoicePdf | null> {
    const pdf = await this.readInvoices.creditNotePdf(
      requireText(request.organization_id, 'organization_id'),
      requireText(request.credit_note_id, 'credit_note_id'),
    );
    return toPdf(pdf);
  }
}

const toPdf = (pdf: NamedPdf | null): InvoicePdf | null =>
  pdf && {
    filename: pdf.filename,
    content_base64: Buffer.from(pdf.content).toString('base64'),
  };

function requireText(value: unknown, param: string): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  throw new OrbitError('invalid_field', `${param} is a text`, { param });
}

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
