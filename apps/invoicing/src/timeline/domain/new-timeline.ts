import { anchorAt, type Anchor } from './cycle.js';
import { phaseSpans, type PlannedPhase } from './phases.js';
import type { ContractAdjustment, ContractPrice } from './terms.js';
import {
  cutAt,
  earlier,
  type AdjustmentInterval,
  type LicenseAllocation,
  type PlanSettings,
  type PriceInterval,
  type Span,
  type Timeline,
} from './timeline.js';

/** Own dates of what a subscription gets; null: as its phase, or as the plan. */
interface OwnDates {
  readonly startMs: number | null;
  readonly endMs: number | null;
}

export interface PlannedPrice extends OwnDates {
  readonly price: ContractPrice;
  /** Of a fixed fee, a decimal; null: as the price says. */
  readonly quantity: string | null;
}

export interface PlannedAdjustment extends OwnDates {
  readonly adjustment: ContractAdjustment;
}

/** A plan's version as it enters a subscription, with the terms agreed besides. */
export interface PlanContent {
  readonly planId: string;
  readonly version: number;
  readonly phases: readonly PlannedPhase[] | null;
  readonly prices: readonly PlannedPrice[];
  /** By price, where it counts a part of its metric's events. */
  readonly filters?: Readonly<Record<string, string>>;
  /** By price, what it gives each license. */
  readonly licenseAllocations?: Readonly<Record<string, readonly LicenseAllocation[]>>;
  readonly adjustments: readonly PlannedAdjustment[];
  /** Of all usage besides. */
  readonly filter?: string | null;
  /** Whose usage counts; null: the customer's own. */
  readonly usageCustomerIds?: readonly string[] | null;
  /** The subscription's settings that count with this plan. */
  readonly settings?: PlanSettings;
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

export const settingsOf = ({ settings }: PlanContent): { readonly settings?: PlanSettings } =>
  settings === undefined ? {} : { settings };

/** A subscription of one plan, from its start. */
export function newTimeline(plan: PlanContent, start: PlanStart): Timeline {
  const { startMs, endMs, timezone, trialEndMs, anchor, createdMs } = start;
  const { planId, version } = plan;
  return {
    ...{ startMs, endMs, timezone, trialEndMs },
    plans: [{ startMs, endMs, planId, version, createdMs, anchor, ...settingsOf(plan) }],
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
  const within = ({ startMs, endMs }: OwnDates, span: Span): Span => ({
    startMs: startMs ?? span.startMs,
    endMs: earlier(endMs ?? span.endMs, start.endMs),
  });
  const prices = plan.prices.flatMap(({ price, quantity, ...dates }) => {
    const phaseOrder = phaseOf(price);
    const span = spanOf(phaseOrder);
    if (!span) return [];
    const aligned = plan.phases?.find(({ order }) => order === phaseOrder)?.alignsBilling;
    const anchor = aligned ? anchorAt(span.startMs, start.timezone) : start.anchor;
    const filter = bothFilters(plan.filters?.[price.id] ?? null, plan.filter ?? null, price);
    const usageCustomerIds = isUsage(price) ? (plan.usageCustomerIds ?? null) : null;
    const place = { ...start, anchor, phaseOrder, filter, usageCustomerIds, quantity };
    const intervals = priceIntervals(price, within(dates, span), place);
    const licenseAllocations = plan.licenseAllocations?.[price.id];
    return licenseAllocations
      ? intervals.map((interval) => ({ ...interval, licenseAllocations }))
      : intervals;
  });
  const adjustments = plan.adjustments.flatMap(({ adjustment, ...dates }): AdjustmentInterval[] => {
    const phaseOrder = phaseOf(adjustment);
    const span = spanOf(phaseOrder);
    const kept = span && cutAt(within(dates, span), start.endMs);
    return kept ? [{ id: start.newId(), adjustment, ...kept, phaseOrder, couponId: null }] : [];
  });
  return { phases, prices, adjustments };
}

const phaseOf = (fields: Readonly<Record<string, unknown>>): number | null =>
  (fields['plan_phase_order'] ?? null) as number | null;

const isUsage = (price: ContractPrice): boolean => price['price_type'] === 'usage_price';

/** Events that pass both. A fee counts none. */
export function bothFilters(
  one: string | null,
  other: string | null,
  price: ContractPrice,
): string | null {
  if (!isUsage(price) || (one === null && other === null)) return null;
  if (one === null || other === null) return one ?? other;
  return `(${one}) AND (${other})`;
}

interface PricePlace extends Pick<PlanStart, 'anchor' | 'trialEndMs' | 'newId'> {
  readonly phaseOrder: number | null;
  readonly filter: string | null;
  readonly usageCustomerIds?: readonly string[] | null;
  /** Null: as the price says. */
  readonly quantity?: string | null;
}

/** During a trial usage is shown without a charge, so it has an interval of its own; fees begin after it. */
export function priceIntervals(
  price: ContractPrice,
  { startMs, endMs }: Span,
  place: PricePlace,
): readonly PriceInterval[] {
  const { anchor, trialEndMs, phaseOrder, filter, newId } = place;
  const usageCustomerIds = place.usageCustomerIds ?? null;
  const quantity = place.quantity ?? String((price['fixed_price_quantity'] ?? 1) as number);
  const interval = (span: Span, isTrial: boolean): readonly PriceInterval[] => {
    const kept = cutAt(span, endMs);
    if (!kept) return [];
    const isFee = price['price_type'] === 'fixed_price';
    const steps = isFee ? [{ fromMs: kept.startMs, quantity }] : [];
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
