import { addCivil, civilDays } from './civil.js';
import type { AdjustmentInterval, PlanSpan, PriceInterval, Span, Timeline } from './timeline.js';

/** A trial ends at another instant: usage is charged, and fees begin, from there on. What is later stays. */
export function withTrialEnd(timeline: Timeline, endMs: number): Timeline {
  const { trialEndMs: before } = timeline;
  return {
    ...timeline,
    trialEndMs: endMs,
    prices: timeline.prices.map((interval) => moved(interval, before, endMs)).filter(hasTime),
  };
}

function moved(interval: PriceInterval, before: number | null, endMs: number): PriceInterval {
  if (interval.isTrial) {
    const isLast = interval.endMs === before || interval.endMs === null || interval.endMs > endMs;
    return isLast ? { ...interval, endMs } : interval;
  }
  if (interval.startMs !== before) return interval;
  const [first, ...rest] = interval.steps;
  const steps = first
    ? [{ ...first, fromMs: endMs }, ...rest.filter(({ fromMs }) => fromMs > endMs)]
    : [];
  return { ...interval, startMs: endMs, steps };
}

const hasTime = ({ startMs, endMs }: Span): boolean => endMs === null || startMs < endMs;

/**
 * A trial ends at another instant, and everything that begins or ends with it or later moves as far: by civil days
 * where the new end is whole days away. The end of the subscription stays.
 */
export function withShiftedTrial(timeline: Timeline, endMs: number): Timeline {
  const { trialEndMs: before, timezone } = timeline;
  if (before === null) return timeline;
  const days = civilDays(before, endMs, timezone);
  const isDays = addCivil(before, days, 'days', timezone) === endMs;
  const at = (ms: number): number => {
    if (ms < before || ms === timeline.endMs) return ms;
    return isDays ? addCivil(ms, days, 'days', timezone) : ms + endMs - before;
  };
  return { ...shiftAll(timeline, at, timeline.endMs), endMs: timeline.endMs, trialEndMs: endMs };
}

type Parts = Pick<Timeline, 'plans' | 'phases' | 'prices' | 'adjustments'>;

function shiftAll<T extends Parts>(parts: T, at: (ms: number) => number, lastMs: number | null): T {
  const span = <S extends Span>(one: S): S => {
    const endMs = one.endMs === null ? null : at(one.endMs);
    const isOver = lastMs !== null && (endMs === null || endMs > lastMs);
    return { ...one, startMs: at(one.startMs), endMs: isOver ? lastMs : endMs };
  };
  const price = (one: PriceInterval): PriceInterval => ({
    ...span(one),
    steps: one.steps.map((step) => ({ ...step, fromMs: at(step.fromMs) })),
  });
  const plan = (one: PlanSpan): PlanSpan => ({
    ...span(one),
    ...(one.replaced ? { replaced: shiftAll(one.replaced, at, lastMs) } : {}),
  });
  return {
    ...parts,
    plans: parts.plans.map(plan).filter(hasTime),
    phases: parts.phases.map(span).filter(hasTime),
    prices: parts.prices.map(price).filter(hasTime),
    adjustments: parts.adjustments.map((one): AdjustmentInterval => span(one)).filter(hasTime),
  };
}
