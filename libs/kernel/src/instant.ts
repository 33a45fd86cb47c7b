const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Whether an instant has a year of four digits in UTC. PostgreSQL writes others ("10000-01-01", "0001-01-01 BC") in
 * forms that JavaScript does not read back, so they must not get as far as a row. False for NaN.
 */
export const isStorableInstant = (ms: number): boolean => ms >= FIRST_MS && ms <= LAST_MS;

let lastMs = Number.NaN;
let lastText = '';

/**
 * An instant as ISO 8601 in UTC with milliseconds. Events of one batch carry the same instant over and over,
 * so the last one is remembered.
 */
export function isoInstant(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
}
