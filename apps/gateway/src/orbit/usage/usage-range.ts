import { OrbitError, type Granularity } from '@orbit/contracts';

/** ISO instants, half-open. */
export interface HistoryRange {
  readonly from: string;
  readonly to: string;
}

const DAY_MS = 86_400_000;
const DAYS_MAX = 366;
const MONTHS_MAX = 120;

/** Errors: invalid_field for an end that is not after its start, or a range that is too long. */
export function readRange(from: string, to: string, granularity: Granularity): HistoryRange {
  const range = { from, to };
  if (Date.parse(to) <= Date.parse(from)) throw invalid('end_date is after start_date.');
  const isLong =
    granularity === 'day'
      ? Date.parse(to) - Date.parse(from) > DAYS_MAX * DAY_MS
      : bucketNames(range, granularity, MONTHS_MAX + 1).length > MONTHS_MAX;
  const most = granularity === 'day' ? `${DAYS_MAX} days` : `${MONTHS_MAX} months`;
  if (isLong) throw invalid(`A range by ${granularity} is at most ${most}.`);
  return range;
}

/** The UTC days or months that a range touches, in order: 2026-03-01 or 2026-03. */
export function bucketNames(
  { from, to }: HistoryRange,
  granularity: Granularity,
  countMax = Infinity,
): readonly string[] {
  const names: string[] = [];
  const endMs = Date.parse(to);
  const length = granularity === 'day' ? 10 : 7;
  for (let at = new Date(from); at.getTime() < endMs && names.length < countMax;) {
    names.push(at.toISOString().slice(0, length));
    at = nextBucket(at, granularity);
  }
  return names;
}

/** Not by Date.UTC, which takes the years 1 to 99 for those of the twentieth century. */
function nextBucket(at: Date, granularity: Granularity): Date {
  const next = new Date(at);
  next.setUTCHours(0, 0, 0, 0);
  if (granularity === 'day') next.setUTCDate(next.getUTCDate() + 1);
  else next.setUTCMonth(next.getUTCMonth() + 1, 1);
  return next;
}

const invalid = (message: string): OrbitError =>
  new OrbitError('invalid_field', message, { param: 'end_date' });
