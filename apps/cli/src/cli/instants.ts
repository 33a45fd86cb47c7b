import { UsageError } from './faults.js';

/** How operators name a moment, on every command alike. */
const RELATIVE = /^-(\d+)(s|m|h|d)$/;
const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const INSTANT =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:[.,](\d{1,9}))? ?(?:(Z)|([+-]\d\d)(?::?(\d\d))?))?$/i;

/**
 * `now`, `-2h` (s, m, h, d before now), an ISO 8601 instant with its zone, or a date, from its beginning in UTC.
 * Answers milliseconds; null for what is none of these or a day that no calendar has.
 */
export function readInstant(text: string, nowMs: number): number | null {
  if (text === 'now') return nowMs;
  const relative = RELATIVE.exec(text);
  if (relative) return nowMs - Number(relative[1]) * (UNIT_MS[relative[2] ?? ''] ?? Number.NaN);
  const match = INSTANT.exec(text);
  const date = match?.[1];
  if (!match || date === undefined || !isDay(date)) return null;
  const [, , minutes = '00:00', seconds = ':00', fraction = '0', , hours, more = '00'] = match;
  const zone = hours === undefined ? 'Z' : `${hours}:${more}`;
  const ms = Date.parse(`${date}T${minutes}${seconds}.${fraction}${zone}`);
  return Number.isNaN(ms) ? null : ms;
}

/** Date.parse takes February 30 for March 2. */
function isDay(date: string): boolean {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

/** The same for an option, as an instant in UTC. Errors: UsageError when it is none. */
export function toInstant(text: string, nowMs: number = Date.now()): string {
  const ms = readInstant(text, nowMs) ?? Number.NaN;
  if (Number.isNaN(new Date(ms).getTime())) {
    throw new UsageError(
      `"${text}" is no instant; write it like 2026-05-16T12:00:00Z, -2h or now.`,
    );
  }
  return new Date(ms).toISOString();
}
