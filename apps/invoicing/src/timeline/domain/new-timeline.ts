import { anchorAt, type Anchor } from './cycle.js';
import { phaseSpans, type PlannedPhase } from './phases.js';
import type { ContractAdjustment, ContractPrice } from './terms.js';
import {
  cutAt,
  type AdjustmentInterval,
  type PriceInterval,
  type Span,
  type Timeline,
} from './timeline.js';

/** What a plan's version brings into a subscription. */
export interface PlanContent {
  readonly planId: string;
  readonly version: number;
  readonly phases: readonly PlannedPhase[] | null;
  readonly prices: readonly ContractPrice[];
  /** By price, where it counts a part of its metric's events. */
  readonly filters?: Readonly<Record<string, string>>;
  readonly adjustments: readonly ContractAdjustment[];
}

export interface PlanStart extends Span {
  readonly timezone: string;
  readonly anchor: Anchor;
  readonly trialEndMs: number | null;
  /** The phase that comes first; null: the plan's first. */
  readonly phaseOrder: number | null;
  readonly createdMs: number;
  /** A new id for each interval. */
  readonly newId: () => string;
}

/** The first of the month in which a subscription begins: where periods hang unless somebody says otherwise. */
export const firstOfMonth = (ms: number, timezone: string): Anchor => ({
  ...anchorAt(ms, timezone),
  day: 1,
});

/** A subscription of one plan, from its start. */
export function newTimeline(plan: PlanContent, start: PlanStart): Timeline {
  const { startMs, endMs, timezone, trialEndMs, anchor, createdMs } = start;
  const { planId, version } = plan;
  return {
    ...{ startMs, endMs, timezone, trialEndMs },
    plans: [{ startMs, endMs, planId, version, createdMs, anchor }],
    ...planIntervals(plan, start),
  };
}

/** Phases, prices and adjustments that a plan brings from `start.startMs` on. */
export function planIntervals(
  plan: PlanContent,
  start: PlanStart,
): Pick<Timeline, 'phases' | 'prices' | 'adjustments'> {
  const phases = phaseSpans(plan.phases ?? [], start, start.phaseOrder, start.timezone);
  const spanOf = (order: number | null): Span | null =>
    order === null ? start : (phases.find((phase) => phase.order === order) ?? null);
  const prices = plan.prices.flatMap((price) => {
    const phaseOrder = (price['plan_phase_order'] ?? null) as number | null;
    const span = spanOf(phaseOrder);
    if (!span) return [];
    const aligned = plan.phases?.find(({ order }) => order === phaseOrder)?.alignsBilling;
    const anchor = aligned ? anchorAt(span.startMs, start.timezone) : start.anchor;
    const filter = plan.filters?.[price.id] ?? null;
    return priceIntervals(price, span, { ...start, anchor, phaseOrder, filter });
  });
  const adjustments = plan.adjustments.flatMap((adjustment): AdjustmentInterval[] => {
    const phaseOrder = (adjustment['plan_phase_order'] ?? null) as number | null;
    const span = spanOf(phaseOrder);
    if (!span) return [];
    const { startMs, endMs } = span;
    return [{ id: start.newId(), adjustment, startMs, endMs, phaseOrder, couponId: null }];
  });
  return { phases, prices, adjustments };
}

interface PricePlace extends Pick<PlanStart, 'anchor' | 'trialEndMs' | 'newId'> {
  readonly phaseOrder: number | null;
  readonly filter: string | null;
}

/** During a trial usage is shown without a charge, so it has an interval of its own; fees begin after it. */
export function priceIntervals(
  price: ContractPrice,
  { startMs, endMs }: Span,
  { anchor, trialEndMs, phaseOrder, filter, newId }: PricePlace,
): readonly PriceInterval[] {
  const interval = (span: Span, isTrial: boolean): readonly PriceInterval[] => {
    const kept = cutAt(span, endMs);
    if (!kept) return [];
    const quantity = String((price['fixed_price_quantity'] ?? 1) as number);
    const isFee = price['price_type'] === 'fixed_price';
    const steps = isFee ? [{ fromMs: kept.startMs, quantity }] : [];
    const usageCustomerIds = null;
    return [
      { ...kept, id: newId(), price, anchor, phaseOrder, steps, isTrial, filter, usageCustomerIds },
    ];
  };
  const isTried = trialEndMs !== null && startMs < trialEndMs;
  if (!isTried) return interval({ startMs, endMs }, false);
  const after = interval({ startMs: trialEndMs, endMs }, false);
  if (price['price_type'] !== 'usage_price') return after;
  return [...interval({ startMs, endMs: trialEndMs }, true), ...after];
}
