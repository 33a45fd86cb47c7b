import { applyDecorators, Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiOperation,
  ApiProduces,
  ApiResponse,
  ApiSecurity,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { OrbitError, type InvoicePdf } from '@orbit/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReadHistory } from '../wallets/read-history.js';
import { ApiErrors, MetaModel } from '../../edge/docs/api-docs.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { Envelopes, type Meta } from '../../edge/http/envelope.js';
import {
  CreditNoteModel,
  DOCUMENT_ID,
  InvoiceModel,
  InvoicesQuery,
  PaginationModel,
} from './invoices.models.js';

export const PUBLIC_URL = Symbol('PUBLIC_URL');

const ApiPdf = (): MethodDecorator =>
  applyDecorators(
    ApiProduces('application/pdf'),
    ApiResponse({
      status: 200,
      description: 'The document.',
      content: { 'application/pdf': { schema: { type: 'string', format: 'binary' } } },
    }),
  );

interface InvoicesAnswer {
  readonly data: readonly InvoiceModel[];
  readonly meta: Meta & {
    readonly pagination: { cursor: string | null; has_more: boolean; total: number };
  };
}

@ApiTags('Invoices')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/invoices')
export class InvoicesController {
  constructor(
    private readonly readHistory: ReadHistory,
    private readonly envelopes: Envelopes,
    @Inject(PUBLIC_URL) private readonly publicUrl: string,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'List invoices of the subscription and receipts of top-ups, newest first',
  })
  @ApiExtraModels(InvoiceModel, CreditNoteModel, MetaModel, PaginationModel)
  @ApiResponse({
    status: 200,
    description: 'One page; amounts are in minor units.',
    schema: {
      type: 'object',
      required: ['data', 'meta'],
      properties: {
        data: { type: 'array', items: { $ref: getSchemaPath(InvoiceModel) } },
        meta: {
          allOf: [
            { $ref: getSchemaPath(MetaModel) },
            {
              type: 'object',
              properties: { pagination: { $ref: getSchemaPath(PaginationModel) } },
            },
          ],
        },
      },
    },
  })
  @ApiErrors('invalid_field', 'unknown_field')
  async list(
    @Req() request: FastifyRequest,
    @Query(new DtoReader(InvoicesQuery)) query: InvoicesQuery,
  ): Promise<InvoicesAnswer> {
    const { invoices, has_more, total } = await this.readHistory.invoices(
      request.principal,
      query.limit,
      query.cursor,
    );
    const data = invoices.map((invoice) => ({
      ...invoice,
      currency: invoice.currency.toLowerCase(),
      pdf_url: invoice.pdf_url ?? `${this.publicUrl}/api/v1/billing/invoices/${invoice.id}/pdf`,
      credit_notes: invoice.credit_notes.map((note) => ({
        ...note,
        currency: note.currency.toLowerCase(),
        pdf_url: `${this.publicUrl}/api/v1/billing/credit-notes/${note.id}/pdf`,
      })),
    }));
    const cursor = has_more ? (data.at(-1)?.id ?? null) : null;
    const meta = { ...this.envelopes.meta(request), pagination: { cursor, has_more, total } };
    return { data, meta };
  }

  @Get(':invoice_id/pdf')
  @ApiOperation({ summary: 'Get a receipt as a PDF, with its refunds and disputes' })
  @ApiPdf()
  @ApiErrors('not_found')
  async pdf(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('invoice_id') invoiceId: string,
  ): Promise<Buffer> {
    const pdf = DOCUMENT_ID.test(invoiceId)
      ? await this.readHistory.invoicePdf(request.principal, invoiceId)
      : null;
    if (!pdf) throw new OrbitError('not_found', 'There is no such invoice.');
    return sendPdf(reply, pdf);
  }
}

/** Documents of money of a receipt that went back to its payer. */
@ApiTags('Invoices')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/credit-notes')
export class CreditNotesController {
  constructor(private readonly readHistory: ReadHistory) {}

  @Get(':credit_note_id/pdf')
  @ApiOperation({ summary: 'Get the credit note of a refund or a lost dispute as a PDF' })
  @ApiPdf()
  @ApiErrors('not_found')
  async creditNotePdf(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('credit_note_id') creditNoteId: string,
  ): Promise<Buffer> {
    const pdf = DOCUMENT_ID.test(creditNoteId)
      ? await this.readHistory.creditNotePdf(request.principal, creditNoteId)
      : null;
    if (!pdf) throw new OrbitError('not_found', 'There is no such credit note.');
    return sendPdf(reply, pdf);
  }
}

function sendPdf(reply: FastifyReply, { filename, content_base64 }: InvoicePdf): Buffer {
  reply.header('content-type', 'application/pdf');
  const name = filename.replace(/[^A-Za-z0-9._-]/g, '_');
  reply.header('content-disposition', `inline; filename="${name}"`);
  return Buffer.from(content_base64, 'base64');
}
