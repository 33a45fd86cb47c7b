import { readFileSync } from 'node:fs';
import PDFDocument from 'pdfkit';
import type { ReceiptRenderer } from '../application/ports.js';
import type { ReceiptDocument } from '../domain/receipt.js';
import { ReceiptPage, type Fonts } from './receipt-page.js';

export type PageSize = 'A4' | 'LETTER';

export interface PdfReceiptOptions {
  readonly pageSize: PageSize;
  /** TTF or OTF for scripts that Inter lacks (it has Latin, Greek and Cyrillic); null when there is none. */
  readonly fallbackFontPath: string | null;
}

const fontFile = (name: string): Buffer =>
  readFileSync(new URL(`../../../assets/fonts/${name}`, import.meta.url));

/**
 * Sets a receipt with pdfkit, in process. Fonts are embedded (subsets), so it looks the same
 * everywhere and its text can be copied. Dates in the file are those of the payment and of what
 * changed it since: the same facts always give the same bytes.
 */
export class PdfReceiptRenderer implements ReceiptRenderer {
  private readonly fonts: Fonts;

  constructor(private readonly options: PdfReceiptOptions) {
    this.fonts = {
      regular: fontFile('Inter-Regular.ttf'),
      semibold: fontFile('Inter-SemiBold.ttf'),
      fallback: options.fallbackFontPath === null ? null : readFileSync(options.fallbackFontPath),
    };
  }

  render(receipt: ReceiptDocument): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const pdf = new PDFDocument({
        size: this.options.pageSize,
        margin: 0,
        // The footer says how many pages there are.
        bufferPages: true,
        pdfVersion: '1.7',
        lang: 'en',
        displayTitle: true,
        info: {
          Title: `${receipt.title} ${receipt.number}`,
          Author: receipt.seller.name,
          Subject: receipt.headline,
          Creator: 'Orbit Billing',
          Producer: 'Orbit Billing',
          CreationDate: new Date(receipt.createdAtMs),
          ModDate: new Date(receipt.changedAtMs),
        },
      });
      const chunks: Buffer[] = [];
      pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
      pdf.on('end', () => resolve(Buffer.concat(chunks)));
      pdf.on('error', reject);
      new ReceiptPage(pdf, this.fonts).draw(receipt);
      pdf.end();
    });
  }
}
