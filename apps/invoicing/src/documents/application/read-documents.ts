import type { DocumentKind, DocumentPage } from '@orbit/contracts';
import { toCreditNote, toInvoice } from '../../billing/domain/invoice-view.js';
import type { ReceiptDocument, Seller } from '../../receipts/domain/receipt.js';
import {
  creditNoteSheet,
  invoiceSheet,
  receiptSheet,
  type SheetSource,
} from '../domain/invoice-sheet.js';
import type { DocumentRenderer, Documents, LinkedDocument, Payers } from './ports.js';

export interface NamedFile {
  readonly filename: string;
  readonly content: Uint8Array;
}

/** Brings a draft's amounts up to date. Errors: usage-metering's unavailable and timeout. */
export interface Drafts {
  run(parts: LinkedDocument['parts']): Promise<LinkedDocument['parts']>;
}

/** Documents that customers read by a link. Errors: the database's own; for drafts also usage-metering's. */
export class ReadDocuments {
  constructor(
    private readonly documents: Documents,
    private readonly payers: Payers,
    private readonly drafts: Drafts,
    private readonly renderer: DocumentRenderer,
    private readonly seller: Seller,
  ) {}

  /** Null: no invoice has this link. */
  async page(token: string): Promise<DocumentPage | null> {
    const found = await this.documents.find(token);
    if (found?.kind !== 'invoice') return null;
    const parts = await this.drafts.run(found.parts);
    const sheet = invoiceSheet(await this.sourceOf({ ...found, parts }), this.seller);
    return {
      ...{ title: sheet.title, seller: sheet.seller.name, number: sheet.number },
      ...{ headline: sheet.headline, facts: sheet.facts, bill_to: sheet.billTo },
      lines: sheet.lines.map(({ unitPrice, ...line }) => ({ ...line, unit_price: unitPrice })),
      totals: sheet.totals.map(({ label, value }) => ({ label, value })),
      notes: sheet.references,
      stamp: sheet.stamp?.text ?? null,
      footer: sheet.footer,
      has_pdf: parts.invoice.number !== null,
      has_receipt: parts.invoice.status === 'paid',
    };
  }

  /** Null: no document of this kind has this link. */
  async pdf(token: string, kind: DocumentKind): Promise<NamedFile | null> {
    const found = await this.documents.find(token);
    const sheet = found && (await this.sheetOf(found, kind));
    if (!sheet) return null;
    const suffix = kind === 'receipt' ? '-receipt' : '';
    return {
      filename: `${sheet.number}${suffix}.pdf`,
      content: await this.renderer.render(sheet),
    };
  }

  private async sheetOf(
    found: LinkedDocument,
    kind: DocumentKind,
  ): Promise<ReceiptDocument | null> {
    if (found.kind === 'credit_note') {
      if (kind !== 'credit_note') return null;
      const note = toCreditNote(found.note, found.parts.customer);
      return creditNoteSheet(note, await this.sourceOf(found), this.seller);
    }
    const { number, status } = found.parts.invoice;
    if (kind === 'invoice' && number !== null) {
      return invoiceSheet(await this.sourceOf(found), this.seller);
    }
    if (kind === 'receipt' && status === 'paid') {
      return receiptSheet(await this.sourceOf(found), this.seller);
    }
    return null;
  }

  /** Whom it names is fixed once it is issued, until it is made anew. */
  private async sourceOf({ accountId, parts }: LinkedDocument): Promise<SheetSource> {
    const { invoice } = parts;
    const shown = toInvoice(parts, true);
    const now = await this.payers.read(accountId, invoice.customerId);
    const payer = now ?? { name: '', email: '', billingAddress: null, customerTaxId: null };
    if (invoice.issuedMs === null) {
      return { invoice: shown, name: payer.name, email: payer.email };
    }
    const first = { ...payer, billingAddress: null, customerTaxId: null };
    const print = await this.documents.print(invoice.id, first, new Date(invoice.issuedMs));
    const { name, email, billingAddress, customerTaxId } = print;
    return {
      ...{ name, email },
      invoice: {
        ...shown,
        billing_address: billingAddress ?? shown['billing_address'],
        customer_tax_id: customerTaxId ?? shown['customer_tax_id'],
      },
    };
  }
}
