import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** The text of a document's first page, and what the file says of itself. */
export async function readPdf(bytes: Uint8Array) {
  const pdf = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise;
  const page = await pdf.getPage(1);
  const { items } = await page.getTextContent();
  const text = items.map((item) => ('str' in item ? item.str : '')).join(' ');
  const { info } = await pdf.getMetadata();
  const size = page.view.slice(2).map(Math.round);
  await pdf.destroy();
  return { text: text.replace(/\s+/g, ' '), info, pageCount: pdf.numPages, size };
}
