import { readDecimal } from '@orbit/pricing';
import type { Fields } from '../../catalogue/domain/faults.js';
import { ok, wrong, type Outcome } from '../../billing/domain/refusals.js';
import type { Anchor } from '../../timeline/domain/cycle.js';
import { firstOfMonth } from '../../timeline/domain/new-timeline.js';
import { planAt, termEndMs, termStartMs } from '../../timeline/domain/position.js';
import { readInstant } from '../../timeline/domain/read-instant.js';
import { contains, type QuantityStep, type Timeline } from '../../timeline/domain/timeline.js';
import { listOf } from './own-effects.js';

/** Intervals that one entry of the request made or changed. */
export interface Touched {
  readonly field: string;
  readonly ids: readonly string[];
  readonly hasDay: boolean;
}

/** A date, or one of the running term; null: none. */
export function instantOf(
  value: unknown,
  field: string,
  timeline: Timeline,
  nowMs: number,
): Outcome<number | null> {
  if (value === null) return ok(null);
  const nowOrStart = Math.max(nowMs, timeline.startMs);
  if (value === 'start_of_term') return ok(termStartMs(timeline, nowOrStart));
  if (value === 'end_of_term') return ok(termEndMs(timeline, nowOrStart));
  const ms = readInstant(String(value), timeline.timezone);
  return ms === null ? wrong(`${field}: must be an instant of the years 1 to 9999`) : ok(ms);
}

/** Null: the request says nothing of quantities. */
export function transitionsIn(
  entry: Fields,
  field: string,
  timezone: string,
): Outcome<readonly QuantityStep[] | null> {
  const name = 'fixed_fee_quantity_transitions';
  if ((entry[name] ?? null) === null) return ok(null);
  const steps: QuantityStep[] = [];
  for (const [index, one] of listOf(entry, name).entries()) {
    const where = `${field}.${name}[${String(index)}]`;
    const fromMs = readInstant(String(one['effective_date']), timezone);
    if (fromMs === null) return wrong(`${where}.effective_date: must be an instant`);
    const quantity = readDecimal(one['quantity']);
    if (!quantity || quantity.isNegative) {
      return wrong(`${where}.quantity: must be a number of 0 or more`);
    }
    steps.push({ fromMs, quantity: quantity.toString() });
  }
  return ok(steps);
}

/** The setting of one interval in the request, else the one for all that have an end; null: none. */
export const canDeferIn = (entry: Fields, body: Fields, endMs: number | null): boolean | null =>
  (entry['can_defer_billing'] ?? (endMs === null ? null : body['can_defer_billing']) ?? null) as
    boolean | null;

/** Periods of an interval hang where those of the prices beside it do. */
export function anchorAtStart(timeline: Timeline, startMs: number): Anchor {
  const beside = timeline.prices.find((one) => contains(one, startMs));
  return (
    beside?.anchor ?? planAt(timeline, startMs)?.anchor ?? firstOfMonth(startMs, timeline.timezone)
  );
}
