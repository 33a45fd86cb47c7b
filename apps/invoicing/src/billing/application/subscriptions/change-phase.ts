import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { statusAt, planAt } from '../../domain/timeline/position.js';
import { withNextPhase, type PlannedPhase } from '../../domain/timeline/phases.js';
import { instantIn } from '../read-request.js';
import { against, ok, wrong } from '../refusals.js';
import type { ChangeSubscription } from './change-subscription.js';

/** Moves a subscription on to the next phase of its plan. */
export class ChangePhase {
  constructor(private readonly change: ChangeSubscription) {}

  trigger(call: OrbCall): Promise<OrbAnswer> {
    return this.change.run(call, async ({ subscription, nowMs, tx }) => {
      const { timeline, accountId } = subscription;
      const date = instantIn(call.body, 'effective_date', timeline.timezone, nowMs);
      if (!date.ok) return date;
      const atMs = date.value as number;
      if (statusAt(timeline, atMs) !== 'active') {
        return wrong('effective_date: the subscription is not active then');
      }
      const span = planAt(timeline, atMs);
      const plan = span && (await tx.catalogue.planView(accountId, span.planId, span.version));
      const moved = withNextPhase(timeline, plannedPhases(plan), atMs);
      if (!moved) return against('The plan has no phase after the one that is active then.');
      return ok({ ...subscription, timeline: moved });
    });
  }
}

function plannedPhases(plan: Readonly<Record<string, unknown>> | null): readonly PlannedPhase[] {
  const phases = (plan?.['plan_phases'] ?? []) as readonly Readonly<Record<string, unknown>>[];
  return phases.map((phase) => ({
    order: phase['order'] as number,
    duration: phase['duration'] as number | null,
    durationUnit: phase['duration_unit'] as PlannedPhase['durationUnit'],
    alignsBilling: false,
  }));
}
