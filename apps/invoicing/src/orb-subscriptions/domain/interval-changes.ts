import { periodAt } from '../../timeline/domain/cycle.js';
import { planAt } from '../../timeline/domain/position.js';
import { cycleOf } from '../../timeline/domain/terms.js';
import {
  contains,
  cutAt,
  type AdjustmentInterval,
  type PriceInterval,
  type QuantityStep,
  type Span,
  type Timeline,
} from '../../timeline/domain/timeline.js';
import { ok, wrong, type Outcome } from '../../billing/domain/refusals.js';

/** The changes of an interval; absent: it stays. */
export interface SpanEdit {
  /** Of the request, for what is wrong. */
  readonly field: string;
  readonly id: string;
  readonly startMs?: number;
  /** Null: open. */
  readonly endMs?: number | null;
}

export interface PriceIntervalEdit extends SpanEdit {
  readonly cycleDay?: number;
  readonly transitions?: readonly QuantityStep[];
  readonly filter?: string | null;
  readonly usageCustomerIds?: readonly string[] | null;
  readonly canDefer?: boolean;
}

/** Why an interval cannot lie there; null: it can. `begin` and `end` where they are given. */
export function spanFault({ startMs, endMs }: Timeline, field: string, span: Span): string | null {
  if (span.startMs < startMs) {
    return `${field}.start_date: must not be before the subscription begins`;
  }
  if (endMs !== null && span.startMs > endMs) {
    return `${field}.start_date: must not be after the subscription ends`;
  }
  if (endMs !== null && span.endMs !== null && span.endMs > endMs) {
    return `${field}.end_date: must not be after the subscription ends`;
  }
  if (span.endMs !== null && span.endMs < span.startMs) {
    return `${field}.end_date: must not be before start_date`;
  }
  return null;
}

/** A price may not begin in the trial of its plan, and what is tried is not edited. */
export function trialFault(timeline: Timeline, field: string, startMs: number): string | null {
  const { trialEndMs } = timeline;
  if (trialEndMs === null) return null;
  const trialStartMs = planAt(timeline, trialEndMs - 1)?.startMs ?? timeline.startMs;
  const isTried = trialStartMs <= startMs && startMs < trialEndMs;
  return isTried ? `${field}.start_date: must not be before the trial ends` : null;
}

/** Changes one interval of a price; one that ends where it begins goes. A running one that changes its day is split. */
export function withEditedPrice(
  timeline: Timeline,
  edit: PriceIntervalEdit,
  nowMs: number,
  newId: () => string,
): Outcome<ChangedPrices> {
  const { field } = edit;
  const interval = timeline.prices.find(({ id }) => id === edit.id);
  if (!interval)
    return wrong(`${field}.price_interval_id: the subscription has no interval ${edit.id}`);
  if (interval.isTrial)
    return wrong(`${field}: the interval lies in the trial and cannot be edited`);
  const span = spanAfter(timeline, interval, edit);
  const fault = spanFault(timeline, field, span);
  if (fault !== null) return wrong(fault);
  if (edit.startMs !== undefined) {
    const tried = trialFault(timeline, field, span.startMs);
    if (tried !== null) return wrong(tried);
  }
  if (span.endMs === span.startMs) {
    const prices = timeline.prices.filter((one) => one !== interval);
    return ok({ timeline: { ...timeline, prices }, ids: [] });
  }
  const steps = stepsOf(
    interval,
    span,
    edit.transitions,
    `${field}.fixed_fee_quantity_transitions`,
  );
  if (!steps.ok) return steps;
  const edited: PriceInterval = {
    ...interval,
    ...span,
    steps: steps.value,
    ...(edit.filter === undefined ? {} : { filter: edit.filter }),
    ...(edit.usageCustomerIds === undefined ? {} : { usageCustomerIds: edit.usageCustomerIds }),
    ...(edit.canDefer === undefined ? {} : { canDefer: edit.canDefer }),
  };
  const parts = onDay(timeline, edited, edit.cycleDay, nowMs, newId);
  if (parts === null) return wrong(`${field}.billing_cycle_day: the interval ends before that day`);
  const prices = timeline.prices.flatMap((one) => (one === interval ? parts : [one]));
  return ok({ timeline: { ...timeline, prices }, ids: parts.map(({ id }) => id) });
}

/** A timeline after one change of its prices, and the intervals that came out of it. */
export interface ChangedPrices {
  readonly timeline: Timeline;
  readonly ids: readonly string[];
}

/** One more interval, which has time. */
export function withAddedPrice(
  timeline: Timeline,
  field: string,
  interval: PriceInterval,
): Outcome<ChangedPrices> {
  const fault =
    spanFault(timeline, field, interval) ?? trialFault(timeline, field, interval.startMs);
  if (fault !== null) return wrong(fault);
  const kept = cutAt(interval, timeline.endMs);
  if (!kept) return wrong(`${field}.end_date: must be after start_date`);
  return ok({ timeline: { ...timeline, prices: [...timeline.prices, kept] }, ids: [kept.id] });
}

export function withEditedAdjustment(timeline: Timeline, edit: SpanEdit): Outcome<Timeline> {
  const interval = timeline.adjustments.find(({ id }) => id === edit.id);
  const { field } = edit;
  if (!interval) {
    return wrong(`${field}.adjustment_interval_id: the subscription has no interval ${edit.id}`);
  }
  const span = spanAfter(timeline, interval, edit);
  const fault = spanFault(timeline, field, span);
  if (fault !== null) return wrong(fault);
  const isGone = span.endMs === span.startMs;
  const adjustments = timeline.adjustments.flatMap((one) =>
    one !== interval ? [one] : isGone ? [] : [{ ...one, ...span }],
  );
  return ok({ ...timeline, adjustments });
}

export function withAddedAdjustment(
  timeline: Timeline,
  field: string,
  interval: AdjustmentInterval,
): Outcome<Timeline> {
  const fault = spanFault(timeline, field, interval);
  if (fault !== null) return wrong(fault);
  const kept = cutAt(interval, timeline.endMs);
  if (!kept) return wrong(`${field}.end_date: must be after start_date`);
  return ok({ ...timeline, adjustments: [...timeline.adjustments, kept] });
}

const spanAfter = (timeline: Timeline, interval: Span, edit: SpanEdit): Span => {
  const endMs = edit.endMs === undefined ? interval.endMs : (edit.endMs ?? timeline.endMs);
  return { startMs: edit.startMs ?? interval.startMs, endMs };
};

/** Quantities of a fee over a span: what it began with, then what was asked for in order. */
export function stepsOf(
  { price, steps }: Pick<PriceInterval, 'price' | 'steps'>,
  span: Span,
  transitions: readonly QuantityStep[] | undefined,
  field: string,
): Outcome<readonly QuantityStep[]> {
  const [first, ...rest] = steps;
  if (!first || price['price_type'] !== 'fixed_price') {
    return transitions === undefined || transitions.length === 0
      ? ok([])
      : wrong(`${field}: goes with the price of a fixed fee alone`);
  }
  const begin = { ...first, fromMs: span.startMs };
  const isInside = ({ fromMs }: QuantityStep): boolean =>
    fromMs > span.startMs && (span.endMs === null || fromMs < span.endMs);
  if (transitions === undefined) {
    // Where it begins later, it begins with what counts then.
    const last = rest.filter(({ fromMs }) => fromMs <= span.startMs).at(-1);
    return ok([{ ...begin, quantity: last?.quantity ?? begin.quantity }, ...rest.filter(isInside)]);
  }
  for (const [index, step] of transitions.entries()) {
    const where = `${field}[${String(index)}].effective_date`;
    if (step.fromMs < span.startMs || (span.endMs !== null && step.fromMs >= span.endMs)) {
      return wrong(`${where}: must lie in the interval`);
    }
    const before = transitions[index - 1];
    if (before && step.fromMs <= before.fromMs) {
      return wrong(`${where}: must be after the one before it`);
    }
  }
  const [early] = transitions;
  return ok(early?.fromMs === span.startMs ? transitions : [begin, ...transitions]);
}

/** From its next such day on an interval has another billing day. Null: it ends before. */
function onDay(
  { timezone }: Timeline,
  interval: PriceInterval,
  day: number | undefined,
  nowMs: number,
  newId: () => string,
): readonly PriceInterval[] | null {
  const cycle = cycleOf(interval.price);
  if (day === undefined || day === interval.anchor.day || cycle === null) return [interval];
  const anchor = { ...interval.anchor, day };
  if (interval.startMs > nowMs) return [{ ...interval, anchor }];
  const atMs = periodAt(anchor, cycle, nowMs, timezone).endMs;
  if (!contains(interval, atMs)) return null;
  const quantity = interval.steps.filter(({ fromMs }) => fromMs <= atMs).at(-1)?.quantity;
  return [
    { ...interval, endMs: atMs, steps: interval.steps.filter(({ fromMs }) => fromMs < atMs) },
    {
      ...interval,
      ...{ id: newId(), startMs: atMs, anchor },
      steps:
        quantity === undefined
          ? []
          : [{ fromMs: atMs, quantity }, ...interval.steps.filter(({ fromMs }) => fromMs > atMs)],
    },
  ];
}

/** The fault of changed intervals beside the others, once all are changed; null: none. */
export function overlapFault(
  { prices }: Timeline,
  ids: readonly string[],
  hasOtherDay: boolean,
): string | null {
  for (const one of prices.filter(({ id }) => ids.includes(id))) {
    for (const other of prices) {
      if (other.id === one.id || !overlap(one, other)) continue;
      if (other.price.id === one.price.id) {
        return `price ${one.price.id} would have two intervals at once`;
      }
      const recurs = cycleOf(one.price) !== null && cycleOf(other.price) !== null;
      if (hasOtherDay && recurs && other.anchor.day !== one.anchor.day) {
        return `interval ${other.id} overlaps it and has billing_cycle_day ${String(other.anchor.day)}`;
      }
    }
  }
  return null;
}

const overlap = (one: Span, other: Span): boolean =>
  (other.endMs === null || one.startMs < other.endMs) &&
  (one.endMs === null || other.startMs < one.endMs);
