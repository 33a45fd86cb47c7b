import { addCivil } from './civil.js';
import { anchorAt } from './cycle.js';
import { cutAt, type PhaseSpan, type PriceInterval, type Span, type Timeline } from './timeline.js';

/** A phase as the catalogue has it. */
export interface PlannedPhase {
  readonly order: number;
  /** Null: without end. */
  readonly duration: number | null;
  readonly durationUnit: 'daily' | 'monthly' | 'quarterly' | 'semi_annual' | 'annual' | null;
  readonly alignsBilling: boolean;
}

const PHASE_UNITS = {
  daily: [1, 'days'],
  monthly: [1, 'months'],
  quarterly: [3, 'months'],
  semi_annual: [6, 'months'],
  annual: [12, 'months'],
} as const;

/** Phases one after another, from the one that comes first. */
export function phaseSpans(
  phases: readonly PlannedPhase[],
  { startMs, endMs }: Span,
  firstOrder: number | null,
  timezone: string,
): readonly PhaseSpan[] {
  const spans: PhaseSpan[] = [];
  let from: number | null = startMs;
  const sorted = [...phases].sort((a, b) => a.order - b.order);
  for (const { order, duration, durationUnit } of sorted) {
    if (from === null || (firstOrder !== null && order < firstOrder)) continue;
    const [size, unit] = PHASE_UNITS[durationUnit ?? 'monthly'];
    const to: number | null =
      duration === null ? null : addCivil(from, duration * size, unit, timezone);
    const span = cutAt({ order, startMs: from, endMs: to }, endMs);
    if (span) spans.push(span);
    from = to;
  }
  return spans;
}

/**
 * The phase of `atMs` ends there and the next one begins; those after it shift along, each as long as the plan says.
 * Null when there is no next one.
 */
export function withNextPhase(
  timeline: Timeline,
  planned: readonly PlannedPhase[],
  atMs: number,
): Timeline | null {
  const { phases, timezone, endMs } = timeline;
  const now = phases.find(
    (span) => span.startMs <= atMs && (span.endMs === null || atMs < span.endMs),
  );
  const next = planned
    .map(({ order }) => order)
    .filter((order) => now !== undefined && order > now.order)
    .sort((a, b) => a - b)
    .at(0);
  if (!now || next === undefined) return null;
  const kept = phases.filter(({ order }) => order < now.order);
  const current = cutAt(now, atMs);
  const moved = phaseSpans(planned, { startMs: atMs, endMs }, next, timezone);
  const after = [...kept, ...(current ? [current] : []), ...moved];
  const move = <T extends Span & { readonly phaseOrder: number | null }>(
    intervals: readonly T[],
  ): readonly T[] => intervals.flatMap((interval) => moveWith(interval, phases, after));
  return {
    ...timeline,
    phases: after,
    prices: move(timeline.prices).map((interval) => reanchored(interval, phases, after, timezone)),
    adjustments: move(timeline.adjustments),
  };
}

/** An interval that begins or ends with its phase goes on doing so; one that somebody dated otherwise stays. */
function moveWith<T extends Span & { readonly phaseOrder: number | null }>(
  interval: T,
  before: readonly PhaseSpan[],
  after: readonly PhaseSpan[],
): readonly T[] {
  const old = before.find(({ order }) => order === interval.phaseOrder);
  if (!old) return [interval];
  const span = after.find(({ order }) => order === interval.phaseOrder);
  if (!span) return [];
  const startMs = interval.startMs === old.startMs ? span.startMs : interval.startMs;
  const endMs = interval.endMs === old.endMs ? span.endMs : interval.endMs;
  if (endMs !== null && endMs <= startMs) return [];
  return [{ ...interval, startMs, endMs }];
}

/** A fee's first quantity counts from its start; periods that began with the phase begin with it again. */
function reanchored(
  interval: PriceInterval,
  before: readonly PhaseSpan[],
  after: readonly PhaseSpan[],
  timezone: string,
): PriceInterval {
  const old = before.find(({ order }) => order === interval.phaseOrder);
  const span = after.find(({ order }) => order === interval.phaseOrder);
  const [first, ...rest] = interval.steps;
  const steps = first ? [{ ...first, fromMs: interval.startMs }, ...rest] : [];
  if (!old || !span || old.startMs === span.startMs) return { ...interval, steps };
  const isAligned =
    JSON.stringify(interval.anchor) === JSON.stringify(anchorAt(old.startMs, timezone));
  const anchor = isAligned ? anchorAt(span.startMs, timezone) : interval.anchor;
  return { ...interval, steps, anchor };
}
