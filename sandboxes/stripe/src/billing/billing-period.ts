import type { Interval, Recurring } from './billing-objects.js';

const DAY_SECONDS = 86_400;

/**
 * The instant `count` intervals after `anchor`, in seconds. Months keep the anchor's day and clamp to the end
 * of shorter months, so an anchor on the 31st comes back to the 31st.
 */
export function addIntervals(anchor: number, interval: Interval, count: number): number {
  if (interval === 'day') return anchor + count * DAY_SECONDS;
  if (interval === 'week') return anchor + count * 7 * DAY_SECONDS;
  const from = new Date(anchor * 1_000);
  const months = interval === 'year' ? count * 12 : count;
  const first = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months, 1);
  const start = new Date(first);
  const lastDay = new Date(
    Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 0),
  ).getUTCDate();
  const day = Math.min(from.getUTCDate(), lastDay);
  const secondOfDay = anchor % DAY_SECONDS;
  return first / 1_000 + (day - 1) * DAY_SECONDS + secondOfDay;
}

/** The end of the period that begins at `start`, counted from the anchor so that no month drifts. */
export function periodEnd(anchor: number, recurring: Recurring, start: number): number {
  const { interval, interval_count: step } = recurring;
  for (let count = 0; ; count += step) {
    const end = addIntervals(anchor, interval, count);
    if (end > start) return end;
  }
}

/** The part of `amount` that `seconds` of a whole period take, rounded half away from zero. */
export function prorate(amount: number, seconds: number, wholeSeconds: number): number {
  const scaled = BigInt(amount) * BigInt(seconds) * 2n;
  const whole = BigInt(wholeSeconds);
  const magnitude = ((scaled < 0n ? -scaled : scaled) + whole) / (whole * 2n);
  return Number(scaled < 0n ? -magnitude : magnitude);
}
