import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  DOCUMENT_KINDS,
  DOCUMENTS_RPC,
  OrbitError,
  orbPattern,
  type DocumentKind,
  type DocumentPage,
  type InvoicePdf,
  type OrbAnswer,
  type OrbCall,
  type PortalView,
} from '@orbit/contracts';
import { ServePortal } from '../application/portal-sessions.js';
import { ReadDocuments } from '../application/read-documents.js';
import { RegenerateDocument } from '../application/regenerate-document.js';

const TOKEN_LENGTH_MAX = 200;

/** Documents and the customer portal, as the gateway calls them. */
@Controller()
export class DocumentsController {
  constructor(
    private readonly documents: ReadDocuments,
    private readonly regenerated: RegenerateDocument,
    private readonly portal: ServePortal,
  ) {}

  @MessagePattern(orbPattern('regenerate-invoice-pdf'))
  regenerateInvoice(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.regenerated.invoice(call);
  }

  @MessagePattern(orbPattern('regenerate-receipt-pdf'))
  regenerateReceipt(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.regenerated.receipt(call);
  }

  @MessagePattern(orbPattern('create-customer-portal-session'))
  createSession(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.portal.create(call);
  }

  @MessagePattern(DOCUMENTS_RPC.page)
  page(@Payload() { token }: { token: unknown }): Promise<DocumentPage | null> {
    return this.documents.page(readToken(token));
  }

  @MessagePattern(DOCUMENTS_RPC.pdf)
  async pdf(
    @Payload() { token, kind }: { token: unknown; kind: DocumentKind },
  ): Promise<InvoicePdf | null> {
    if (!DOCUMENT_KINDS.includes(kind)) {
      const message = `kind is one of ${DOCUMENT_KINDS.join(', ')}`;
      throw new OrbitError('invalid_field', message, { param: 'kind' });
    }
    const file = await this.documents.pdf(readToken(token), kind);
    return (
      file && {
        filename: file.filename,
        content_base64: Buffer.from(file.content).toString('base64'),
      }
    );
  }

  @MessagePattern(DOCUMENTS_RPC.portal)
  openPortal(@Payload() { token }: { token: unknown }): Promise<PortalView | null> {
    return this.portal.open(readToken(token));
  }
}

function readToken(value: unknown): string {
  if (typeof value === 'string' && value.length <= TOKEN_LENGTH_MAX) return value;
  throw new OrbitError('invalid_field', 'token is a text', { param: 'token' });
}
