import { applyDecorators, Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiOperation,
  ApiProduces,
  ApiResponse,
  ApiSecurity,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import {
  DOCUMENT_ID_PATTERN,
  InvoicePagination,
  InvoicesQuery,
  OrbitError,
  ShownCreditNote,
  ShownInvoice,
  type InvoicePdf,
} from '@orbit/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiErrors, MetaModel } from '../../edge/docs/api-docs.js';
import { modelOf } from '../../edge/docs/shape-model.js';
import { Envelopes, type Meta } from '../../edge/http/envelope.js';
import { ownWallet } from '../../edge/requests/organization-wallets.js';
import { QueryOf } from '../../edge/requests/shape-params.js';
import { shownUnit, withShownUnit } from '../../edge/requests/wallet-unit.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';

export const PUBLIC_URL = Symbol('PUBLIC_URL');
const DOCUMENT_ID = new RegExp(DOCUMENT_ID_PATTERN);

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
  readonly data: readonly ShownInvoice[];
  readonly meta: Meta & { readonly pagination: InvoicePagination };
}

@ApiTags('Invoices')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/invoices')
export class InvoicesController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly envelopes: Envelopes,
    @Inject(PUBLIC_URL) private readonly publicUrl: string,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'List invoices of the subscription and receipts of top-ups, newest first',
  })
  @ApiExtraModels(
    modelOf(ShownInvoice),
    modelOf(ShownCreditNote),
    MetaModel,
    modelOf(InvoicePagination),
  )
  @ApiResponse({
    status: 200,
    description: 'One page; amounts are in minor units.',
    schema: {
      type: 'object',
      required: ['data', 'meta'],
      properties: {
        data: { type: 'array', items: { $ref: getSchemaPath(modelOf(ShownInvoice)) } },
        meta: {
          allOf: [
            { $ref: getSchemaPath(MetaModel) },
            {
              type: 'object',
              properties: { pagination: { $ref: getSchemaPath(modelOf(InvoicePagination)) } },
            },
          ],
        },
      },
    },
  })
  @ApiErrors('invalid_field', 'unknown_field')
  async list(
    @Req() request: FastifyRequest,
    @QueryOf(InvoicesQuery) { limit, cursor: after_id }: InvoicesQuery,
  ): Promise<InvoicesAnswer> {
    const { organization_id } = ownWallet(request.principal);
    const { invoices, has_more, total } = await this.clients.invoices.list({
      organization_id,
      limit,
      ...(after_id === undefined ? {} : { after_id }),
    });
    const data = invoices.map((invoice) => ({
      ...invoice,
      currency: shownUnit(invoice.currency),
      pdf_url: invoice.pdf_url ?? `${this.publicUrl}/api/v1/billing/invoices/${invoice.id}/pdf`,
      credit_notes: invoice.credit_notes.map((note) => ({
        ...withShownUnit(note),
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
    @Param('invoice_id') invoice_id: string,
  ): Promise<Buffer> {
    const { organization_id } = ownWallet(request.principal);
    const pdf = DOCUMENT_ID.test(invoice_id)
      ? await this.clients.invoices.pdf({ organization_id, invoice_id })
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
  constructor(@Inject(CLIENTS) private readonly clients: Clients) {}

  @Get(':credit_note_id/pdf')
  @ApiOperation({ summary: 'Get the credit note of a refund or a lost dispute as a PDF' })
  @ApiPdf()
  @ApiErrors('not_found')
  async creditNotePdf(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('credit_note_id') credit_note_id: string,
  ): Promise<Buffer> {
    const { organization_id } = ownWallet(request.principal);
    const pdf = DOCUMENT_ID.test(credit_note_id)
      ? await this.clients.invoices.creditNotePdf({ organization_id, credit_note_id })
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
