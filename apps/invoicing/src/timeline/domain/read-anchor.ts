import { anchorAt, type Anchor } from './cycle.js';
import { firstOfMonth } from './new-timeline.js';

type Fields = Readonly<Record<string, unknown>>;

/** Where periods hang, as a request says it: a configuration, the day of the start, or the first of the month. */
export function readAnchor(
  config: Fields | null,
  isAligned: boolean,
  startMs: number,
  timezone: string,
): Anchor {
  const start = anchorAt(startMs, timezone);
  if (config === null) return isAligned ? start : firstOfMonth(startMs, timezone);
  const { day, month, year } = config as {
    day: number;
    month?: number | null;
    year?: number | null;
  };
  return { day, month: month ?? start.month, year: year ?? start.year };
}
