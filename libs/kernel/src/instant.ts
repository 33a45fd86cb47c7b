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
