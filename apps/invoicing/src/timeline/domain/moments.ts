import { planAt, statusAt, type SubscriptionStatus } from './position.js';
import type { Timeline } from './timeline.js';

/** The moments of a subscription's life that were reported so far. */
export interface ReportedMoments {
  readonly status: SubscriptionStatus;
  readonly hasTrialEnded: boolean;
  /** Null: none yet. */
  readonly planId: string | null;
  readonly version: number | null;
}

/** A moment of a subscription's life, as the contract names it and describes it. */
export interface Moment {
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * The moments since the last report, by the state at `nowMs`, and the report that follows. Null: nothing was reported
 * yet.
 */
export function momentsSince(
  timeline: Timeline,
  before: ReportedMoments | null,
  nowMs: number,
): { readonly moments: readonly Moment[]; readonly reported: ReportedMoments } {
  const status = statusAt(timeline, nowMs);
  const { startMs, endMs, trialEndMs } = timeline;
  const hasBegun = startMs <= nowMs && (endMs === null || endMs > startMs);
  const hasTrialEnded = trialEndMs !== null && trialEndMs <= nowMs;
  const span = hasBegun ? planAt(timeline, nowMs) : null;
  const planId = span?.planId ?? before?.planId ?? null;
  const version = span?.version ?? before?.version ?? null;
  const moments: Moment[] = [];
  const add = (verb: string, properties: Moment['properties'] = {}): void => {
    moments.push({ type: `subscription.${verb}`, properties });
  };
  const was = before?.status ?? 'upcoming';
  if (was === 'upcoming' && hasBegun) add('started');
  if (hasTrialEnded && before?.hasTrialEnded !== true && hasBegun) add('trial_ended');
  if (before && before.planId !== null && planId !== null && span) {
    if (before.planId !== planId) add('plan_changed', { previous_plan_id: before.planId });
    else if (before.version !== version) {
      add('plan_version_changed', {
        new_plan_version_number: version,
        previous_plan_version_number: before.version,
      });
    }
  }
  if (was !== 'ended' && status === 'ended') add('ended');
  return { moments, reported: { status, hasTrialEnded, planId, version } };
}

/** The next instant at which something is to be reported; null: none is known. */
export function nextMomentMs(timeline: Timeline, nowMs: number): number | null {
  const { startMs, endMs, trialEndMs, plans } = timeline;
  const instants = [startMs, endMs, trialEndMs, ...plans.map((span) => span.startMs)];
  const later = instants.filter((ms): ms is number => ms !== null && ms > nowMs);
  return later.length === 0 ? null : Math.min(...later);
}
