import type { DocumentLine, ReceiptDocument, Stamp, TotalRow } from '../domain/receipt.js';
import {
  ACCENT_BAR_HEIGHT,
  COLORS,
  FOOTER_HEIGHT,
  MARGIN,
  MARK_SIZE,
  STYLES,
  type FontName,
  type TextStyle,
} from './receipt-style.js';

export type Fonts = Readonly<Record<Exclude<FontName, 'fallback'>, Buffer>> & {
  readonly fallback: Buffer | null;
};

const LOOKS: Readonly<Record<TotalRow['look'], TextStyle>> = {
  plain: STYLES.body,
  strong: STYLES.strong,
  total: STYLES.total,
};
const STAMP_COLORS: Readonly<Record<Stamp['tone'], string>> = {
  good: COLORS.paid,
  changed: COLORS.changed,
  bad: COLORS.bad,
};

/** Of one row of totals, at most. */
const TOTAL_HEIGHT = 22;

type Align = 'left' | 'right' | 'center';
/** Top left corner and width; the height is what the text needs. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A font as pdfkit holds it once embedded; its types do not say so. */
interface EmbeddedFont {
  readonly font?: { hasGlyphForCodePoint(codePoint: number): boolean };
}

/** Draws a document, from top to bottom. Every part returns the y where the next may begin. */
export class ReceiptPage {
  private readonly left = MARGIN;
  private readonly width: number;

  constructor(
    private readonly pdf: PDFKit.PDFDocument,
    private readonly fonts: Fonts,
  ) {
    this.width = pdf.page.width - 2 * MARGIN;
    pdf.registerFont('regular', fonts.regular);
    pdf.registerFont('semibold', fonts.semibold);
    if (fonts.fallback) pdf.registerFont('fallback', fonts.fallback);
  }

  draw(receipt: ReceiptDocument): void {
    this.pdf.rect(0, 0, this.pdf.page.width, ACCENT_BAR_HEIGHT).fill(COLORS.accent);
    let y = this.drawSeller(receipt, MARGIN);
    y = this.text(receipt.headline, STYLES.headline, this.box(y + 34)) + 22;
    y = this.drawFacts(receipt, y) + 30;
    y = this.drawLines(receipt, y);
    y = this.room(y, receipt.totals.length * TOTAL_HEIGHT);
    y = this.drawTotals(receipt, y) + 34;
    if (receipt.references.length > 0) this.drawReferences(receipt, y);
    this.drawFooters(receipt);
  }

  private drawSeller(receipt: ReceiptDocument, top: number): number {
    const { seller } = receipt;
    this.pdf.roundedRect(this.left, top, MARK_SIZE, MARK_SIZE, 8).fill(COLORS.accent);
    const initial = [...seller.name][0]?.toUpperCase() ?? '';
    const mark = { x: this.left, y: top + 7, width: MARK_SIZE };
    this.text(initial, STYLES.mark, mark, 'center');
    const half = this.width / 2;
    const column = this.left + MARK_SIZE + 12;
    const hasAddress = seller.addressLines.length > 0;
    const name = { x: column, y: hasAddress ? top : top + 9, width: half };
    let y = this.text(seller.name, STYLES.seller, name) + 3;
    for (const line of seller.addressLines)
      y = this.text(line, STYLES.small, { x: column, y, width: half }) + 1;
    const right = { x: this.left + half, y: top - 2, width: half };
    const titleEnd = this.text(receipt.title, STYLES.title, right, 'right');
    const numberEnd = this.text(
      receipt.number,
      STYLES.body,
      { ...right, y: titleEnd + 2 },
      'right',
    );
    return Math.max(y, numberEnd, top + MARK_SIZE);
  }

  private drawFacts(receipt: ReceiptDocument, top: number): number {
    const gap = 24;
    const column = (this.width - gap) / 2;
    const right = this.left + column + gap;
    this.rule(top);
    let y = top + 16;
    for (const { label, value } of receipt.facts) {
      this.text(label, STYLES.body, { x: this.left, y, width: 100 });
      const box = { x: this.left + 104, y, width: column - 104 };
      y = this.text(value, STYLES.strong, box) + 6;
    }
    let billToY = this.text('Bill to', STYLES.body, { x: right, y: top + 16, width: column }) + 6;
    for (const [i, line] of receipt.billTo.entries()) {
      const look = i === 0 ? STYLES.strong : STYLES.body;
      billToY = this.text(line, look, { x: right, y: billToY, width: column }) + 3;
    }
    return Math.max(y, billToY);
  }

  /** As many pages as the lines need; each begins with the head of the table. */
  private drawLines(receipt: ReceiptDocument, top: number): number {
    let y = this.drawLineHead(top);
    for (const line of receipt.lines) {
      if (y + this.heightOf(line) > this.bottom) y = this.drawLineHead(this.addPage());
      y = this.drawLine(line, y);
    }
    return y;
  }

  private drawLineHead(top: number): number {
    const columns = this.lineColumns(top);
    this.pdf.roundedRect(this.left, top, this.width, 24, 4).fill(COLORS.panel);
    const headY = top + 7;
    this.text('Description', STYLES.label, { ...columns.description, y: headY });
    this.text('Qty', STYLES.label, { ...columns.quantity, y: headY }, 'right');
    this.text('Unit price', STYLES.label, { ...columns.unitPrice, y: headY }, 'right');
    this.text('Amount', STYLES.label, { ...columns.amount, y: headY }, 'right');
    return top + 24;
  }

  private drawLine(line: DocumentLine, top: number): number {
    const y = top + 14;
    const columns = this.lineColumns(y);
    let end = this.text(line.description, STYLES.strong, columns.description);
    this.text(line.quantity, STYLES.body, columns.quantity, 'right');
    this.text(line.unitPrice, STYLES.body, columns.unitPrice, 'right');
    this.text(line.amount, STYLES.strong, columns.amount, 'right');
    for (const detail of line.details) {
      end = this.text(detail, STYLES.small, { ...columns.description, y: end + 3 });
    }
    const bottom = end + 14;
    this.rule(bottom);
    return bottom;
  }

  private heightOf({ description, details }: DocumentLine): number {
    const { width } = this.lineColumns(0).description;
    this.use(STYLES.strong, description);
    const head = this.pdf.heightOfString(description, { width });
    const small = details.map((detail) => {
      this.use(STYLES.small, detail);
      return this.pdf.heightOfString(detail, { width }) + 3;
    });
    return small.reduce((sum, each) => sum + each, head + 28);
  }

  private addPage(): number {
    this.pdf.addPage();
    this.pdf.rect(0, 0, this.pdf.page.width, ACCENT_BAR_HEIGHT).fill(COLORS.accent);
    return MARGIN;
  }

  /** Keeps the text that follows the lines on one page. */
  private room(y: number, height: number): number {
    return y + height > this.bottom ? this.addPage() : y;
  }

  private get bottom(): number {
    return this.pdf.page.height - FOOTER_HEIGHT;
  }

  private lineColumns(y: number): Record<'description' | 'quantity' | 'unitPrice' | 'amount', Box> {
    const inset = 10;
    const amount = 130;
    const unitPrice = 120;
    const quantity = 36;
    const right = this.left + this.width - inset;
    const quantityX = right - amount - unitPrice - quantity;
    return {
      description: { x: this.left + inset, y, width: quantityX - this.left - inset },
      quantity: { x: quantityX, y, width: quantity },
      unitPrice: { x: right - amount - unitPrice, y, width: unitPrice },
      amount: { x: right - amount, y, width: amount },
    };
  }

  private drawTotals(receipt: ReceiptDocument, top: number): number {
    const inset = 10;
    const width = 250;
    const x = this.left + this.width - inset - width;
    let y = top + 14;
    for (const { label, value, look } of receipt.totals) {
      if (look === 'total') {
        this.rule(y + 2, x, width);
        y += 12;
      }
      this.text(label, LOOKS[look], { x, y, width: 110 });
      y = this.text(value, LOOKS[look], { x: x + 110, y, width: width - 110 }, 'right') + 8;
    }
    if (receipt.stamp) this.drawStamp(receipt.stamp, this.left + 26, top + 26);
    return y - 8;
  }

  /** Turned a little, like a stamp; drawn as vectors and real text. */
  private drawStamp({ text, date, tone }: Stamp, x: number, y: number): void {
    const color = STAMP_COLORS[tone];
    const stamp = { ...STYLES.stamp, color };
    this.use(stamp, text);
    const width = Math.max(124, this.pdf.widthOfString(text) + 36);
    const height = 50;
    this.pdf.save();
    this.pdf.rotate(-8, { origin: [x + width / 2, y + height / 2] });
    this.pdf.opacity(0.85);
    this.pdf.lineWidth(2).roundedRect(x, y, width, height, 7).stroke(color);
    this.pdf
      .lineWidth(0.75)
      .roundedRect(x + 4, y + 4, width - 8, height - 8, 4)
      .stroke(color);
    this.text(text, stamp, { x, y: y + (date === '' ? 14 : 8), width }, 'center');
    this.text(date, { ...STYLES.stampDate, color }, { x, y: y + 32, width }, 'center');
    this.pdf.restore();
  }

  private drawReferences(receipt: ReceiptDocument, top: number): void {
    const inset = 14;
    const width = this.width - 2 * inset;
    const heights = receipt.references.map(({ value }) => {
      this.use(STYLES.body, value);
      return this.pdf.heightOfString(value, { width }) + 24;
    });
    const height = heights.reduce((sum, each) => sum + each, 2 * inset - 10);
    const start = this.room(top, height);
    this.pdf.roundedRect(this.left, start, this.width, height, 6).fill(COLORS.panel);
    let y = start + inset;
    for (const { label, value } of receipt.references) {
      y = this.text(label, STYLES.label, { x: this.left + inset, y, width }) + 3;
      y = this.text(value, STYLES.body, { x: this.left + inset, y, width }) + 10;
    }
  }

  private drawFooters(receipt: ReceiptDocument): void {
    const { count } = this.pdf.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      this.pdf.switchToPage(page);
      const y = this.pdf.page.height - FOOTER_HEIGHT;
      this.rule(y);
      const width = this.width - 110;
      this.text(receipt.footer, STYLES.small, { x: this.left, y: y + 12, width });
      const right = { x: this.left + this.width - 140, y: y + 12, width: 140 };
      const place = `${receipt.number} · ${String(page + 1)} of ${String(count)}`;
      this.text(place, STYLES.small, right, 'right');
    }
  }

  private box(y: number): Box {
    return { x: this.left, y, width: this.width };
  }

  private rule(y: number, x = this.left, width = this.width): void {
    this.pdf.lineWidth(0.75).strokeColor(COLORS.line);
    this.pdf
      .moveTo(x, y)
      .lineTo(x + width, y)
      .stroke();
  }

  private text(text: string, style: TextStyle, box: Box, align: Align = 'left'): number {
    this.use(style, text);
    const { x, y, width } = box;
    this.pdf.fillColor(style.color).text(text, x, y, { width, align });
    return this.pdf.y;
  }

  /** Takes the style's font, or the fallback when that lacks a character; a last gap is drawn as a box. */
  private use(style: TextStyle, text: string): void {
    this.pdf.font(style.font).fontSize(style.size);
    if (this.fonts.fallback === null) return;
    const { font } = (this.pdf as unknown as { readonly _font: EmbeddedFont })._font;
    const lacks = [...text].some(
      (char) => font?.hasGlyphForCodePoint(char.codePointAt(0) ?? 0) === false,
    );
    if (lacks) this.pdf.font('fallback');
  }
}
