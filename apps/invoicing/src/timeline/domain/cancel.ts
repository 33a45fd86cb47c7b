import { allCutAt, type Timeline } from './timeline.js';

/** Ends everything at an instant. What would have begun later goes. */
export const endedAt = (timeline: Timeline, endMs: number): Timeline => ({
  ...timeline,
  endMs,
  plans: allCutAt(timeline.plans, endMs),
  phases: allCutAt(timeline.phases, endMs),
  prices: allCutAt(timeline.prices, endMs),
  adjustments: allCutAt(timeline.adjustments, endMs),
});

/** Takes an end back: what it cut goes on without end. Ends from before the cancellation are not known any more. */
export function reopened(timeline: Timeline): Timeline {
  const { endMs } = timeline;
  if (endMs === null) return timeline;
  const open = <T extends { readonly endMs: number | null }>(spans: readonly T[]): readonly T[] =>
    spans.map((span) => (span.endMs === endMs ? { ...span, endMs: null } : span));
  return {
    ...timeline,
    endMs: null,
    plans: open(timeline.plans),
    phases: open(timeline.phases),
    prices: open(timeline.prices),
    adjustments: open(timeline.adjustments),
  };
}
