import type { Moment } from '../../timeline/domain/moments.js';
import type { PriceInterval, Timeline } from '../../timeline/domain/timeline.js';
import type { Subscription } from '../../billing/domain/subscription.js';
import { settingsAt } from './settings.js';

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * Facts about a planned or edited change, for receivers of webhooks. Billing reports the changes that have taken
 * effect.
 */
export const factsOfChange = (
  before: Subscription,
  after: Subscription,
  nowMs: number,
): readonly Moment[] => [
  ...ofEdit(before, after, nowMs),
  ...ofEnd(before.timeline, after.timeline, nowMs),
  ...ofPlans(before.timeline, after.timeline, nowMs),
  ...ofQuantities(before.timeline, after.timeline),
];

/** Each value that changed, as it was. */
function ofEdit(before: Subscription, after: Subscription, nowMs: number): readonly Moment[] {
  const was: Readonly<Record<string, unknown>> = {
    ...settingsAt(before, nowMs),
    metadata: before.metadata,
  };
  const is: Readonly<Record<string, unknown>> = {
    ...settingsAt(after, nowMs),
    metadata: after.metadata,
  };
  // A plan brings its own settings; that is a change of the plan.
  const isNewPlan = after.timeline.plans.length !== before.timeline.plans.length;
  const changed = Object.entries(was).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(is[name]),
  );
  if (isNewPlan || changed.length === 0) return [];
  return [
    {
      type: 'subscription.edited',
      properties: { previous_attributes: Object.fromEntries(changed) },
    },
  ];
}

function ofEnd(before: Timeline, after: Timeline, nowMs: number): readonly Moment[] {
  if (before.endMs === after.endMs) return [];
  if (after.endMs === null) {
    if (before.endMs === null) return [];
    const properties = { original_cancellation_date: iso(before.endMs) };
    return [{ type: 'subscription.cancellation_unscheduled', properties }];
  }
  if (after.endMs <= nowMs) return [];
  const properties = { cancellation_date: iso(after.endMs) };
  return [{ type: 'subscription.cancellation_scheduled', properties }];
}

function ofPlans(before: Timeline, after: Timeline, nowMs: number): readonly Moment[] {
  const known = new Set(before.plans.map((span) => `${String(span.startMs)} ${span.planId}`));
  return after.plans.flatMap((span, index): readonly Moment[] => {
    const isKnown = known.has(`${String(span.startMs)} ${span.planId}`);
    const previous = after.plans[index - 1];
    if (isKnown || !previous || span.startMs <= nowMs) return [];
    if (previous.planId === span.planId && previous.version !== span.version) {
      return [
        {
          type: 'subscription.plan_version_change_scheduled',
          properties: {
            effective_date: iso(span.startMs),
            new_plan_version_number: span.version,
            previous_plan_version_number: previous.version,
          },
        },
      ];
    }
    return [
      {
        type: 'subscription.plan_change_scheduled',
        properties: {
          change_date: iso(span.startMs),
          new_plan_id: span.planId,
          previous_plan_id: previous.planId,
        },
      },
    ];
  });
}

function ofQuantities(before: Timeline, after: Timeline): readonly Moment[] {
  const known = new Map(before.prices.map((interval) => [interval.id, interval]));
  return after.prices.flatMap((interval) => {
    const was = known.get(interval.id);
    if (!was || was.startMs !== interval.startMs) return [];
    const fresh = interval.steps.filter(
      (step) =>
        !was.steps.some(
          ({ fromMs, quantity }) => fromMs === step.fromMs && quantity === step.quantity,
        ),
    );
    return fresh.map(({ fromMs, quantity }) => ({
      type: 'subscription.fixed_fee_quantity_updated',
      properties: {
        price_id: interval.price.id,
        old_quantity: Number(quantityAt(was, fromMs)),
        new_quantity: Number(quantity),
        effective_date: iso(fromMs),
      },
    }));
  });
}

const quantityAt = ({ steps }: PriceInterval, ms: number): string =>
  (steps.filter(({ fromMs }) => fromMs <= ms).at(-1) ?? steps[0])?.quantity ?? '0';
