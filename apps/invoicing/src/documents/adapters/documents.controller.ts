import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  DOCUMENTS,
  orbPattern,
  type DocumentKind,
  type DocumentPage,
  type InvoicePdf,
  type OrbAnswer,
  type OrbCall,
  type PortalView,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { ServePortal } from '../application/portal-sessions.js';
import { ReadDocuments } from '../application/read-documents.js';
import { RegenerateDocument } from '../application/regenerate-document.js';

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

  @Handles(DOCUMENTS.page)
  page({ token }: { readonly token: string }): Promise<DocumentPage | null> {
    return this.documents.page(token);
  }

  @Handles(DOCUMENTS.pdf)
  async pdf({
    token,
    kind,
  }: {
    readonly token: string;
    readonly kind: DocumentKind;
  }): Promise<InvoicePdf | null> {
    const file = await this.documents.pdf(token, kind);
    return (
      file && {
        filename: file.filename,
        content_base64: Buffer.from(file.content).toString('base64'),
      }
    );
  }

  @Handles(DOCUMENTS.portal)
  openPortal({ token }: { readonly token: string }): Promise<PortalView | null> {
    return this.portal.open(token);
  }
}
