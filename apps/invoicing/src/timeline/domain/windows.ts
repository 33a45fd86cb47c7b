import { addCivil, midnightMs } from './civil.js';
import type { Period } from './cycle.js';
import { currentPeriod } from './position.js';
import type { Timeline } from './timeline.js';

/** The civil days of a window, in order; its first and last may be parts. */
export function daysOf({ startMs, endMs }: Period, timezone: string): readonly Period[] {
  const days: Period[] = [];
  let from = startMs;
  while (from < endMs) {
    const next = addCivil(midnightMs(from, timezone), 1, 'days', timezone);
    const to = Math.min(next, endMs);
    days.push({ startMs: from, endMs: to });
    from = to;
  }
  return days;
}

/** Billing periods of a subscription that a window touches, each cut to the window's end. */
export function periodsIn(timeline: Timeline, window: Period): readonly Period[] {
  const periods: Period[] = [];
  let at = Math.max(window.startMs, timeline.startMs);
  while (at < window.endMs) {
    const period = currentPeriod(timeline, at);
    if (!period) break;
    periods.push(period);
    at = period.endMs;
  }
  return periods;
}
