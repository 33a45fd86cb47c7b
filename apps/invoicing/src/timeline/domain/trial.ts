import type { PriceInterval, Timeline } from './timeline.js';

/** A trial ends at another instant: usage is charged, and fees begin, from there on. */
export function withTrialEnd(timeline: Timeline, endMs: number): Timeline {
  const { trialEndMs: before } = timeline;
  return {
    ...timeline,
    trialEndMs: endMs,
    prices: timeline.prices.map((interval) => moved(interval, before, endMs)).filter(hasTime),
  };
}

function moved(interval: PriceInterval, before: number | null, endMs: number): PriceInterval {
  if (interval.isTrial) return { ...interval, endMs };
  if (interval.startMs !== before) return interval;
  const [first, ...rest] = interval.steps;
  const steps = first
    ? [{ ...first, fromMs: endMs }, ...rest.filter(({ fromMs }) => fromMs > endMs)]
    : [];
  return { ...interval, startMs: endMs, steps };
}

const hasTime = ({ startMs, endMs }: PriceInterval): boolean => endMs === null || startMs < endMs;
