import { isStorableInstant } from '@orbit/kernel';
import { Temporal } from 'temporal-polyfill';

const ZONED = /(Z|[+-]\d{2}:?\d{2})$/i;

/**
 * An instant as the contract takes one: with an offset, or civil time in `timezone`; a day alone is its midnight there.
 * Null for a time that no calendar has, or outside of the years 1 to 9999.
 */
export function readInstant(text: string, timezone: string): number | null {
  const ms = parse(text.trim().replace(' ', 'T'), timezone);
  return ms !== null && isStorableInstant(ms) ? ms : null;
}

function parse(text: string, timezone: string): number | null {
  try {
    const time = text.split(/[Tt]/)[1] ?? '';
    return ZONED.test(time)
      ? Temporal.Instant.from(text).epochMilliseconds
      : Temporal.PlainDateTime.from(text).toZonedDateTime(timezone).epochMilliseconds;
  } catch {
    return null; // Temporal says by an error that there is no such time.
  }
}
