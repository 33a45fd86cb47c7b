import { periodAt, type Cycle, type Period } from './cycle.js';
import { cycleOf, lengthOf } from './terms.js';
import { contains, type PlanSpan, type PriceInterval, type Timeline } from './timeline.js';

const MONTH: Cycle = { unit: 'month', count: 1 };

export type SubscriptionStatus = 'upcoming' | 'active' | 'ended';

/** Instants decide it, nobody sets it. */
export function statusAt({ startMs, endMs }: Timeline, nowMs: number): SubscriptionStatus {
  if (endMs !== null && endMs <= nowMs) return 'ended';
  return startMs > nowMs ? 'upcoming' : 'active';
}

/** The plan that counts at an instant; before the start the first one, after the end the last one. */
export function planAt({ plans }: Timeline, ms: number): PlanSpan | null {
  const now = plans.find((span) => contains(span, ms));
  if (now) return now;
  return (ms < (plans[0]?.startMs ?? ms) ? plans[0] : plans.at(-1)) ?? null;
}

/** The period of the shortest cycle among the prices that count; null unless the subscription is active. */
export function currentPeriod(timeline: Timeline, nowMs: number): Period | null {
  if (statusAt(timeline, nowMs) !== 'active') return null;
  const active = timeline.prices.filter((interval) => contains(interval, nowMs));
  const shortest = extreme(active, (a, b) => a < b);
  const anchor = shortest?.anchor ?? planAt(timeline, nowMs)?.anchor;
  if (!anchor) return null;
  const cycle = shortest?.cycle ?? MONTH;
  return clipped(periodAt(anchor, cycle, nowMs, timeline.timezone), timeline);
}

/** The end of the subscription's term at an instant: of the period of its longest cycle. */
export const termEndMs = (timeline: Timeline, ms: number): number =>
  termAt(timeline, ms)?.endMs ?? ms;

/** Where that term begins; not before the subscription. */
export const termStartMs = (timeline: Timeline, ms: number): number =>
  Math.max(termAt(timeline, ms)?.startMs ?? ms, timeline.startMs);

function termAt(timeline: Timeline, ms: number): Period | null {
  const active = timeline.prices.filter((interval) => contains(interval, ms));
  const longest = extreme(active, (a, b) => a > b);
  const anchor = longest?.anchor ?? planAt(timeline, ms)?.anchor;
  return anchor ? periodAt(anchor, longest?.cycle ?? MONTH, ms, timeline.timezone) : null;
}

/** The period of one interval; null unless it counts. */
export function intervalPeriod(
  timeline: Timeline,
  interval: PriceInterval,
  nowMs: number,
): Period | null {
  const cycle = cycleOf(interval.price);
  if (cycle === null || !contains(interval, nowMs)) return null;
  return clipped(periodAt(interval.anchor, cycle, nowMs, timeline.timezone), interval);
}

export const phaseAt = ({ phases }: Timeline, nowMs: number): number | null =>
  phases.find((phase) => contains(phase, nowMs))?.order ?? null;

function clipped(
  { startMs, endMs }: Period,
  within: { readonly startMs: number; readonly endMs: number | null },
): Period {
  return {
    startMs: Math.max(startMs, within.startMs),
    endMs: within.endMs === null ? endMs : Math.min(endMs, within.endMs),
  };
}

function extreme(
  intervals: readonly PriceInterval[],
  isBetter: (a: number, b: number) => boolean,
): { readonly cycle: Cycle; readonly anchor: PriceInterval['anchor'] } | null {
  let best: { cycle: Cycle; anchor: PriceInterval['anchor'] } | null = null;
  for (const { price, anchor } of intervals) {
    const cycle = cycleOf(price);
    if (cycle === null) continue;
    if (best === null || isBetter(lengthOf(cycle), lengthOf(best.cycle))) best = { cycle, anchor };
  }
  return best;
}
