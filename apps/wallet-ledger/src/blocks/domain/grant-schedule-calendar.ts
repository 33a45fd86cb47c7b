/** How often a grant repeats. */
export const CADENCES = ['day', 'week', 'month', 'year'] as const;
export type Cadence = (typeof CADENCES)[number];

/** When the periods of a schedule begin. */
export interface ScheduleCalendar {
  readonly cadence: Cadence;
  /** Start of period 0. */
  readonly anchorAtMs: number;
  /** IANA zone in whose civil time the periods are counted. */
  readonly timeZone: string;
}

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The name as it was given, or null when there is no such zone. What Intl resolves it to is another name of
 * the zone, an old one for many (Asia/Calcutta): whoever sent the new one would not find it again.
 */
export function readTimeZone(name: string): string | null {
  try {
    formatOf(name);
    return name;
  } catch {
    return null;
  }
}

/**
 * Start of period n: n cadences after the anchor, counted from the anchor itself, so that a month of 28 days
 * does not shorten the ones after it (31 → 28 → 31). The civil time of day stays; where the clocks skip it,
 * the period begins when they have skipped, and where it comes twice, at the first.
 */
export function periodStart(calendar: ScheduleCalendar, period: number): number {
  const { cadence, anchorAtMs, timeZone } = calendar;
  if (period === 0) return anchorAtMs;
  const civilMs = anchorAtMs + offsetMs(timeZone, anchorAtMs);
  return toInstant(timeZone, addCadences(civilMs, cadence, period));
}

/** The period that holds this instant; 0 when the first is still to come. */
export function periodAt(calendar: ScheduleCalendar, atMs: number): number {
  const days = { day: 1, week: 7, month: 31, year: 366 }[calendar.cadence];
  let period = Math.max(0, Math.floor((atMs - calendar.anchorAtMs) / (days * DAY_MS)) - 1);
  while (periodStart(calendar, period + 1) <= atMs) period += 1;
  return period;
}

/** Civil time is kept as if it were UTC, so that its fields can be read without a zone. */
function addCadences(civilMs: number, cadence: Cadence, count: number): number {
  if (cadence === 'day') return civilMs + count * DAY_MS;
  if (cadence === 'week') return civilMs + count * 7 * DAY_MS;
  const anchor = new Date(civilMs);
  const months = anchor.getUTCMonth() + (cadence === 'month' ? count : count * 12);
  const year = anchor.getUTCFullYear();
  const daysInMonth = new Date(Date.UTC(year, months + 1, 0)).getUTCDate();
  const day = Math.min(anchor.getUTCDate(), daysInMonth);
  return Date.UTC(year, months, day) + (((civilMs % DAY_MS) + DAY_MS) % DAY_MS);
}

function toInstant(timeZone: string, civilMs: number): number {
  const before = offsetMs(timeZone, civilMs - DAY_MS);
  const early = civilMs - before;
  if (offsetMs(timeZone, early) === before) return early;
  const after = offsetMs(timeZone, civilMs + DAY_MS);
  const late = civilMs - after;
  return offsetMs(timeZone, late) === after ? late : early;
}

/** The offset of civil time from UTC at an instant. */
function offsetMs(timeZone: string, atMs: number): number {
  if (timeZone === 'UTC') return 0;
  const fields: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(atMs)) {
    fields[type] = Number(value);
  }
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  const civilMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const wholeSecondMs = atMs - (((atMs % 1000) + 1000) % 1000);
  return civilMs - wholeSecondMs;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** Whether two names are of one zone; a schedule from before may have the name that Intl resolves. */
export const isSameZone = (a: string, b: string): boolean =>
  a === b || formatOf(a).resolvedOptions().timeZone === formatOf(b).resolvedOptions().timeZone;
