import { periodAt, type Period } from './cycle.js';
import { termsOf, type PriceTerms } from './terms.js';
import type { PriceInterval, Timeline } from './timeline.js';

/** One price in one billing period: what is charged for is decided here, how much elsewhere. */
export interface Charge extends Period {
  /** Of this interval and period: a period is charged once under it. */
  readonly key: string;
  readonly interval: PriceInterval;
  readonly terms: PriceTerms;
  /** The whole period; the charge is for the part of it in which the price was active. */
  readonly period: Period;
  /** When it falls due: the start of the part in advance, its end in arrears. */
  readonly dueMs: number;
}

/** Charges that are due at `untilMs`, each interval's in order. */
export const chargesUntil = (timeline: Timeline, untilMs: number): readonly Charge[] =>
  timeline.prices.flatMap((interval) => {
    const charges: Charge[] = [];
    for (const charge of chargesOf(interval, timeline.timezone, interval.startMs)) {
      if (charge.dueMs > untilMs) break;
      charges.push(charge);
    }
    return charges;
  });

/** The next instant after `afterMs` at which something falls due; null: nothing will. */
export function nextDueMs(timeline: Timeline, afterMs: number): number | null {
  let next: number | null = null;
  for (const interval of timeline.prices) {
    for (const { dueMs } of chargesOf(interval, timeline.timezone, afterMs - 1)) {
      if (dueMs <= afterMs) continue;
      if (next === null || dueMs < next) next = dueMs;
      break;
    }
  }
  return next;
}

/** Charges of which the part begins in a window. */
export const chargesIn = (timeline: Timeline, window: Period): readonly Charge[] =>
  timeline.prices.flatMap((interval) => {
    const charges: Charge[] = [];
    for (const charge of chargesOf(interval, timeline.timezone, window.startMs)) {
      if (charge.startMs >= window.endMs) break;
      if (charge.startMs >= window.startMs) charges.push(charge);
    }
    return charges;
  });

/** Whether a charge of this key is on the timeline, whenever it falls due. */
export function hasCharge(timeline: Timeline, key: string): boolean {
  return timeline.prices.some((interval) => {
    if (!key.startsWith(`${interval.id}@`)) return false;
    const periodMs = Number(key.slice(interval.id.length + 1));
    const [first] = chargesOf(interval, timeline.timezone, periodMs);
    return first?.key === key;
  });
}

/** The charges that run at an instant: they began and are not due yet. */
export const chargesAt = (timeline: Timeline, ms: number): readonly Charge[] =>
  timeline.prices.flatMap((interval) => {
    if (interval.startMs > ms) return [];
    const [first] = chargesOf(interval, timeline.timezone, ms);
    return first && first.startMs <= ms && ms < first.dueMs ? [first] : [];
  });

/** Of one interval, from the period in which `fromMs` lies, without end where the interval has none. */
export function* chargesOf(
  interval: PriceInterval,
  timezone: string,
  fromMs: number,
): Generator<Charge, void> {
  const terms = termsOf(interval.price);
  const { startMs, endMs, anchor } = interval;
  if (terms.cycle === null) {
    yield onceOf(interval, terms, timezone);
    return;
  }
  let period = periodAt(anchor, terms.cycle, Math.max(fromMs, startMs), timezone);
  while (endMs === null || period.startMs < endMs) {
    const part = {
      startMs: Math.max(period.startMs, startMs),
      endMs: endMs === null ? period.endMs : Math.min(period.endMs, endMs),
    };
    if (part.startMs < part.endMs) yield charge(interval, terms, period, part);
    period = periodAt(anchor, terms.cycle, period.endMs, timezone);
  }
}

/** Charged once: with its first month, or with what of the interval lies in it. */
function onceOf(interval: PriceInterval, terms: PriceTerms, timezone: string): Charge {
  const month = { unit: 'month', count: 1 } as const;
  const { startMs, endMs, anchor } = interval;
  const end = periodAt(anchor, month, startMs, timezone).endMs;
  const whole = { startMs, endMs: endMs === null ? end : Math.min(end, endMs) };
  return charge(interval, terms, whole, whole);
}

const charge = (
  interval: PriceInterval,
  terms: PriceTerms,
  period: Period,
  part: Period,
): Charge => ({
  ...part,
  key: `${interval.id}@${String(period.startMs)}`,
  interval,
  terms,
  period,
  dueMs: terms.isInAdvance ? part.startMs : interval.canDefer ? period.endMs : part.endMs,
});
