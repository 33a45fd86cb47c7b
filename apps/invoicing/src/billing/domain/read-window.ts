import type { OrbCall } from '@orbit/contracts';
import { addCivil } from '../../timeline/domain/civil.js';
import { readInstant } from '../../timeline/domain/read-instant.js';
import type { Period } from '../../timeline/domain/cycle.js';
import { ok, wrong, type Outcome } from './refusals.js';

/** The window that a read asks for; null: the running period. At most a year. */
export function readWindow({ query }: OrbCall, timezone: string): Outcome<Period | null> {
  const { timeframe_start: start, timeframe_end: end } = query;
  if (start === undefined && end === undefined) return ok(null);
  if (start === undefined || end === undefined) {
    return wrong('timeframe_start: give both it and timeframe_end, or none');
  }
  const startMs = readInstant(String(start), timezone);
  const endMs = readInstant(String(end), timezone);
  if (startMs === null) return wrong('timeframe_start: must be an instant of the years 1 to 9999');
  if (endMs === null) return wrong('timeframe_end: must be an instant of the years 1 to 9999');
  if (endMs <= startMs) return wrong('timeframe_end: must be after timeframe_start');
  if (endMs > addCivil(startMs, 12, 'months', timezone)) {
    return wrong('timeframe_end: must be at most a year after timeframe_start');
  }
  return ok({ startMs, endMs });
}
