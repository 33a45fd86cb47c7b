import { Temporal } from 'temporal-polyfill';
import { dateAt, startOfDayMs } from './civil.js';

/** How long a billing period of one price is. */
export interface Cycle {
  readonly unit: 'day' | 'month';
  /** At least 1. */
  readonly count: number;
}

/** Where the periods of a subscription hang. A day that a month does not have is its last one. */
export interface Anchor {
  /** 1 to 31. */
  readonly day: number;
  /** 1 to 12. */
  readonly month: number;
  readonly year: number;
}

/** `[startMs, endMs)`. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

export const anchorAt = (ms: number, timezone: string): Anchor => {
  const { day, month, year } = dateAt(ms, timezone);
  return { day, month, year };
};

/** Periods that were worked out before: calendars are slow, and thousands of subscriptions hang on the same days. */
const known = new Map<string, Period>();
const KNOWN_MAX = 10_000;

/** The period of a cycle in which an instant lies. Periods tile all time: the end of one is the start of the next. */
export function periodAt(anchor: Anchor, cycle: Cycle, ms: number, timezone: string): Period {
  const { day, month, year } = anchor;
  const name = `${year}-${month}-${day} ${cycle.count} ${cycle.unit} ${ms} ${timezone}`;
  const before = known.get(name);
  if (before) return before;
  const period = findPeriod(anchor, cycle, ms, timezone);
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(name, period);
  return period;
}

function findPeriod(anchor: Anchor, cycle: Cycle, ms: number, timezone: string): Period {
  let index = guess(anchor, cycle, dateAt(ms, timezone));
  const boundary = (at: number): number => startOfDayMs(boundaryDate(anchor, cycle, at), timezone);
  let startMs = boundary(index);
  while (startMs > ms) startMs = boundary(--index);
  let endMs = boundary(index + 1);
  while (endMs <= ms) {
    startMs = endMs;
    endMs = boundary(++index + 1);
  }
  return { startMs, endMs };
}

/** Counted from the anchor each time, so that a short month does not pull the following ones down. */
function boundaryDate(anchor: Anchor, { unit, count }: Cycle, index: number): Temporal.PlainDate {
  if (unit === 'day')
    return clamped(anchor.year, anchor.month, anchor.day).add({ days: index * count });
  const months = monthOf(anchor) + index * count;
  return clamped(Math.floor(months / 12), (((months % 12) + 12) % 12) + 1, anchor.day);
}

const monthOf = ({ year, month }: { year: number; month: number }): number => year * 12 + month - 1;

const clamped = (year: number, month: number, day: number): Temporal.PlainDate =>
  Temporal.PlainDate.from({ year, month, day }, { overflow: 'constrain' });

function guess(anchor: Anchor, { unit, count }: Cycle, date: Temporal.PlainDate): number {
  const away =
    unit === 'month'
      ? monthOf(date) - monthOf(anchor)
      : clamped(anchor.year, anchor.month, anchor.day).until(date, { largestUnit: 'days' }).days;
  return Math.floor(away / count);
}
