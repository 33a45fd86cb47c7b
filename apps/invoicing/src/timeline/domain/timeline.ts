import type { Anchor } from './cycle.js';
import type { ContractAdjustment, ContractPrice } from './terms.js';

/** `[startMs, endMs)`; null: open. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number | null;
}

/** From this instant on a fixed fee is charged for so many. */
export interface QuantityStep {
  readonly fromMs: number;
  /** A decimal. */
  readonly quantity: string;
}

/** A price's allocation to each license in a period. */
export interface LicenseAllocation {
  readonly currency: string;
  /** Decimal text. */
  readonly amount: string;
  /** Usage of a license beyond it is not charged. */
  readonly writeOffOverage: boolean;
}

/** How long one price is charged. */
export interface PriceInterval extends Span {
  readonly id: string;
  readonly price: ContractPrice;
  /** Where the periods of this price hang. */
  readonly anchor: Anchor;
  /** Of the plan's phase that brought it; null: of every phase, or of no plan. */
  readonly phaseOrder: number | null;
  /** Of a fixed fee: in order; the first one counts from the start. Empty for usage. */
  readonly steps: readonly QuantityStep[];
  readonly filter: string | null;
  readonly usageCustomerIds: readonly string[] | null;
  /** Its usage is shown and not charged. */
  readonly isTrial: boolean;
  /** Ends in the middle of a period: what is due in arrears waits for the end of that period. */
  readonly canDefer?: boolean;
  /** Of a fee for licenses; absent: it gives them nothing. */
  readonly licenseAllocations?: readonly LicenseAllocation[];
}

/** How long one adjustment counts. */
export interface AdjustmentInterval extends Span {
  readonly id: string;
  readonly adjustment: ContractAdjustment;
  readonly phaseOrder: number | null;
  /** The coupon that brought it. */
  readonly couponId: string | null;
}

/** A plan's settings of a subscription, as the contract names them; absent: as without it. */
export type PlanSettings = Readonly<Partial<Record<string, string | number | boolean | null>>>;

export interface PlanSpan extends Span {
  readonly planId: string;
  readonly version: number;
  readonly createdMs: number;
  readonly anchor: Anchor;
  readonly settings?: PlanSettings;
  /** Of the coupon that came with it. */
  readonly couponIntervalId?: string;
  /** Prices and adjustments that came with it. */
  readonly broughtIds?: readonly string[];
  /** The state before this plan was planned; absent of the first one. */
  readonly replaced?: Pick<Timeline, 'plans' | 'phases' | 'prices' | 'adjustments'> &
    Partial<Pick<Timeline, 'trialEndMs'>>;
}

export interface PhaseSpan extends Span {
  readonly order: number;
}

/** Everything of a subscription that is dated: prices, adjustments, plans and phases. What it costs is read from this. */
export interface Timeline extends Span {
  /** Civil time of the customer. */
  readonly timezone: string;
  readonly plans: readonly PlanSpan[];
  readonly phases: readonly PhaseSpan[];
  readonly prices: readonly PriceInterval[];
  readonly adjustments: readonly AdjustmentInterval[];
  readonly trialEndMs: number | null;
}

export const contains = ({ startMs, endMs }: Span, ms: number): boolean =>
  startMs <= ms && (endMs === null || ms < endMs);

/** The earlier of two ends, where null never comes. */
export const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

/** Null when nothing of it is left. */
export function cutAt<T extends Span>(span: T, endMs: number | null): T | null {
  const end = earlier(span.endMs, endMs);
  return end !== null && end <= span.startMs ? null : { ...span, endMs: end };
}

/** Removes intervals that begin after the end, and ends there those that pass it. */
export const allCutAt = <T extends Span>(spans: readonly T[], endMs: number | null): readonly T[] =>
  spans.flatMap((span) => cutAt(span, endMs) ?? []);
