import PDFDocument from 'pdfkit';
import { formatMinor } from '../payments/amount.js';
import type { Invoice } from '../billing/billing-objects.js';

const MARGIN = 56;
const AMOUNT_WIDTH = 120;
const SMALL = 10;
const LARGE = 20;

/** `invoice_pdf`: the invoice as a document of one of the fonts that every reader has. Bytes depend on it alone. */
export function renderInvoicePdf(invoice: Invoice, merchant: string): Promise<Buffer> {
  const made = new Date(invoice.created * 1_000);
  const pdf = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    info: { Title: `Invoice ${invoice.number ?? ''}`, CreationDate: made, ModDate: made },
  });
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
    write(pdf, invoice, merchant);
    pdf.end();
  });
}

function write(pdf: PDFKit.PDFDocument, invoice: Invoice, merchant: string): void {
  const { currency } = invoice;
  pdf
    .font('Helvetica-Bold')
    .fontSize(LARGE)
    .text(`Invoice ${invoice.number ?? ''}`);
  pdf.font('Helvetica').fontSize(SMALL).moveDown();
  const reader = invoice['customer_email'];
  for (const line of [
    `From ${merchant}`,
    typeof reader === 'string' ? `To ${reader}` : null,
    `Made on ${dayOf(invoice.created)}, ${invoice.status}`,
  ]) {
    if (line !== null) pdf.text(printable(line));
  }
  pdf.moveDown();
  for (const line of invoice.lines.data) {
    const period = `${dayOf(line.period.start)} to ${dayOf(line.period.end)}`;
    row(pdf, `${line.description ?? ''}, ${period}`, line.amount, currency);
  }
  pdf.moveDown().font('Helvetica-Bold');
  row(pdf, 'Amount due', invoice.amount_due, currency);
  pdf.font('Helvetica').moveDown(2);
  pdf.text('Orbit Stripe sandbox: no card is charged and no money moves.');
}

function row(pdf: PDFKit.PDFDocument, title: string, amount: number, currency: string): void {
  const textWidth = pdf.page.width - 2 * MARGIN - AMOUNT_WIDTH;
  const money = `${amount < 0 ? '-' : ''}${formatMinor(Math.abs(amount), currency)} ${currency.toUpperCase()}`;
  const top = pdf.y;
  pdf.text(money, MARGIN + textWidth, top, { width: AMOUNT_WIDTH, align: 'right' });
  pdf.text(printable(title), MARGIN, top, { width: textWidth });
}

/** The font has Latin letters only. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e\xa1-\xff]/g, '?');

const dayOf = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(0, 10);
