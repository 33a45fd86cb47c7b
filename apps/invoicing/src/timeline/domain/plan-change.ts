import { planIntervals, settingsOf, type PlanContent, type PlanStart } from './new-timeline.js';
import { allCutAt, type PriceInterval, type Timeline } from './timeline.js';

/**
 * From `start.startMs` on another plan: everything of the old one ends there, changes that were planned for later go,
 * and so does an end that was planned for later. Coupons go on.
 */
export function withPlan(timeline: Timeline, plan: PlanContent, start: PlanStart): Timeline {
  const { startMs, createdMs, anchor } = start;
  const { planId, version } = plan;
  const content = planIntervals(plan, { ...start, endMs: null });
  const { plans, phases, prices, adjustments } = timeline;
  const coupons = adjustments.filter(({ couponId }) => couponId !== null);
  const others = adjustments.filter(({ couponId }) => couponId === null);
  return {
    ...timeline,
    endMs: null,
    trialEndMs: start.trialEndMs ?? timeline.trialEndMs,
    plans: [
      ...allCutAt(plans, startMs),
      {
        ...{ planId, version, createdMs, anchor, startMs, endMs: null, ...settingsOf(plan) },
        replaced: { plans, phases, prices, adjustments },
      },
    ],
    phases: [...allCutAt(phases, startMs), ...content.phases],
    prices: [...allCutAt(prices, startMs), ...content.prices],
    adjustments: [...allCutAt(others, startMs), ...coupons, ...content.adjustments],
  };
}

/**
 * Takes back every plan that has not begun: the subscription is as it was before the first of them was planned, but for
 * quantities that were changed since, and it ends when it ends now. Null when none is planned.
 */
export function withoutPlannedPlans(timeline: Timeline, nowMs: number): Timeline | null {
  const first = timeline.plans.find(({ startMs, replaced }) => startMs > nowMs && replaced);
  const before = first?.replaced;
  if (!before) return null;
  const known = new Map(timeline.prices.map((interval) => [interval.id, interval]));
  const { endMs } = timeline;
  return {
    ...timeline,
    plans: allCutAt(before.plans, endMs),
    phases: allCutAt(before.phases, endMs),
    adjustments: allCutAt(before.adjustments, endMs),
    prices: allCutAt(before.prices, endMs).map((interval): PriceInterval => ({
      ...interval,
      steps: known.get(interval.id)?.steps ?? interval.steps,
    })),
  };
}
