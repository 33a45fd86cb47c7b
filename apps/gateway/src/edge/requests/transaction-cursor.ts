/** Where a page of transactions ended: the instant and id of its last row. */
export interface TransactionCursor {
  readonly cursor_ts: string;
  readonly cursor_id: string;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/;
const ENTRY_ID = /^[A-Za-z0-9_-]{1,64}$/;

export function isCursorInstant(text: string): boolean {
  return INSTANT.test(text) && !Number.isNaN(Date.parse(text));
}

export function isCursorId(text: string): boolean {
  return ENTRY_ID.test(text);
}

/** The two halves as one text that is safe in a URL. */
export function encodeCursor(cursor: TransactionCursor): string {
  return toBase64Url(`${cursor.cursor_ts}|${cursor.cursor_id}`);
}

/** Null when the text is not a cursor that `encodeCursor` wrote. */
export function decodeCursor(text: string): TransactionCursor | null {
  if (!/^[A-Za-z0-9_-]{1,200}$/.test(text)) return null;
  const plain = fromBase64Url(text);
  const bar = plain.indexOf('|');
  const cursor = { cursor_ts: plain.slice(0, bar), cursor_id: plain.slice(bar + 1) };
  if (bar < 0 || !isCursorInstant(cursor.cursor_ts) || !isCursorId(cursor.cursor_id)) return null;
  return cursor;
}

function toBase64Url(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64url');
}

function fromBase64Url(text: string): string {
  return Buffer.from(text, 'base64url').toString('latin1');
}
