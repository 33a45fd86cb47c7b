import { Temporal } from 'temporal-polyfill';

/** The day that a calendar in `timezone` shows at an instant. */
export const dateAt = (ms: number, timezone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timezone).toPlainDate();

/** The first instant of a day: midnight, or what comes after it where the clocks skip midnight. */
export const startOfDayMs = (date: Temporal.PlainDate, timezone: string): number =>
  date.toZonedDateTime(timezone).epochMilliseconds;

/** The first instant of the day in which `ms` lies. */
export const midnightMs = (ms: number, timezone: string): number =>
  startOfDayMs(dateAt(ms, timezone), timezone);

/** Midnights between two instants: the day of `fromMs` counts, the day of `toMs` does not. */
export const civilDays = (fromMs: number, toMs: number, timezone: string): number =>
  dateAt(fromMs, timezone).until(dateAt(toMs, timezone), { largestUnit: 'days' }).days;

export type CivilUnit = 'days' | 'months';

/** The same civil time so many days or months later; the last day of a month where it has no such day. */
export const addCivil = (ms: number, count: number, unit: CivilUnit, timezone: string): number =>
  Temporal.Instant.fromEpochMilliseconds(ms)
    .toZonedDateTimeISO(timezone)
    .add(unit === 'days' ? { days: count } : { months: count }).epochMilliseconds;
