import { createHash } from 'node:crypto';

/** Where a page ends: the values by which the list is ordered, of its last row. */
export type CursorPosition = readonly (string | number)[];

interface CursorContent {
  readonly v: 1;
  /** Fingerprint of the list and its filters. */
  readonly l: string;
  readonly p: CursorPosition;
}

const CURSOR_LENGTH_MAX = 2_048;

/** Identity of a list: its operation, its path and its filters, without `limit` and `cursor`. */
export function fingerprintOf(
  operationId: string,
  pathValues: Readonly<Record<string, unknown>>,
  query: Readonly<Record<string, unknown>>,
): string {
  const filters = Object.entries({ ...pathValues, ...query })
    .filter(([name]) => name !== 'cursor' && name !== 'limit')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([operationId, filters]))
    .digest('base64url')
    .slice(0, 16);
}

export function encodeCursor(fingerprint: string, position: CursorPosition): string {
  const content: CursorContent = { v: 1, l: fingerprint, p: position };
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

/** Null for what is no cursor of this list with these filters. */
export function decodeCursor(fingerprint: string, cursor: string): CursorPosition | null {
  if (cursor.length > CURSOR_LENGTH_MAX) return null;
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null; // Not a cursor of ours; the caller says so.
  }
  const { v, l, p } = (content ?? {}) as Partial<CursorContent>;
  const isOurs = v === 1 && l === fingerprint && Array.isArray(p);
  return isOurs && p.every((part) => typeof part === 'string' || typeof part === 'number')
    ? p
    : null;
}
