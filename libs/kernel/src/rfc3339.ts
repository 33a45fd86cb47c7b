import { isStorableInstant } from './instant.js';

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** Milliseconds of an RFC 3339 instant with a zone, what is smaller cut off; null for anything else. */
export function readRfc3339(value: unknown): number | null {
  const match = typeof value === 'string' ? RFC_3339.exec(value) : null;
  if (!match) return null;
  const [text, year, month, day] = match;
  // JavaScript takes February 30 for March 2.
  const civil = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(civil.getTime()) || civil.getUTCDate() !== Number(day)) return null;
  const ms = Date.parse(text.toUpperCase().replace(' ', 'T'));
  return isStorableInstant(ms) ? ms : null;
}
