import { planIntervals, settingsOf, type PlanContent, type PlanStart } from './new-timeline.js';
import { allCutAt, cutAt, type PlanSpan, type Span, type Timeline } from './timeline.js';

/**
 * From `start.startMs` on another plan: everything of the old one ends there, changes that were planned for later go,
 * and so does an end that was planned for later. Coupons go on, but for those of plans that never begin.
 */
export function withPlan(timeline: Timeline, plan: PlanContent, start: PlanStart): Timeline {
  const { startMs, createdMs, anchor } = start;
  const { planId, version } = plan;
  const content = planIntervals(plan, { ...start, endMs: null });
  const { plans, phases, prices, adjustments, trialEndMs } = timeline;
  const never = new Set(
    plans.filter((span) => span.startMs >= startMs).map((span) => span.couponIntervalId),
  );
  const coupons = adjustments.filter(({ id, couponId }) => couponId !== null && !never.has(id));
  const others = adjustments.filter(({ couponId }) => couponId === null);
  return {
    ...timeline,
    endMs: null,
    trialEndMs: start.trialEndMs ?? earlierTrial(trialEndMs, startMs),
    plans: [
      ...allCutAt(plans, startMs),
      {
        ...{ planId, version, createdMs, anchor, startMs, endMs: null, ...settingsOf(plan) },
        broughtIds: [...content.prices, ...content.adjustments].map(({ id }) => id),
        replaced: { plans, phases, prices, adjustments, trialEndMs },
      },
    ],
    phases: [...allCutAt(phases, startMs), ...content.phases],
    prices: [...allCutAt(prices, startMs), ...content.prices],
    adjustments: [...allCutAt(others, startMs), ...coupons, ...content.adjustments],
  };
}

/** A trial of the old plan ends with it. */
const earlierTrial = (trialEndMs: number | null, startMs: number): number | null =>
  trialEndMs === null ? null : Math.min(trialEndMs, startMs);

/**
 * Takes back every plan that has not begun: the subscription is as it was before the first of them was planned, with
 * what was changed besides since, and it ends when it ends now. Null when none is planned.
 */
export function withoutPlannedPlans(timeline: Timeline, nowMs: number): Timeline | null {
  const first = timeline.plans.find(({ startMs, replaced }) => startMs > nowMs && replaced);
  const before = first?.replaced;
  if (!before) return null;
  const { endMs } = timeline;
  const gone = timeline.plans.filter(({ startMs }) => startMs >= first.startMs);
  return {
    ...timeline,
    trialEndMs: before.trialEndMs === undefined ? timeline.trialEndMs : before.trialEndMs,
    plans: allCutAt(before.plans, endMs),
    phases: allCutAt(before.phases, endMs),
    adjustments: restored(timeline.adjustments, before.adjustments, gone, endMs),
    prices: restored(timeline.prices, before.prices, gone, endMs),
  };
}

interface Interval extends Span {
  readonly id: string;
}

/**
 * The intervals from before, and those that came since from elsewhere; an interval that the first plan cut goes on.
 */
function restored<T extends Interval>(
  now: readonly T[],
  before: readonly T[],
  gone: readonly PlanSpan[],
  endMs: number | null,
): readonly T[] {
  const cutMs = gone[0]?.startMs ?? null;
  const dropped = new Set(
    gone.flatMap(({ broughtIds = [], couponIntervalId }) => [
      ...broughtIds,
      ...(couponIntervalId === undefined ? [] : [couponIntervalId]),
    ]),
  );
  const known = new Map(now.map((interval) => [interval.id, interval]));
  const kept = before.flatMap((interval): readonly T[] => {
    const current = known.get(interval.id);
    // Cut away by the plan, or removed by hand since.
    if (!current) return cutMs !== null && interval.startMs >= cutMs ? [interval] : [];
    return [current.endMs === cutMs ? { ...current, endMs: interval.endMs } : current];
  });
  const added = now.filter(
    ({ id }) => !dropped.has(id) && !before.some((interval) => interval.id === id),
  );
  return [...kept, ...added].flatMap((interval) => cutAt(interval, endMs) ?? []);
}
