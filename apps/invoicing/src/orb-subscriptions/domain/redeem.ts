import type { Coupon } from '../../catalogue/domain/coupon.js';
import { addCivil } from '../../timeline/domain/civil.js';
import type { ContractAdjustment } from '../../timeline/domain/terms.js';
import { cutAt, type AdjustmentInterval, type Timeline } from '../../timeline/domain/timeline.js';
import { against, ok, type Outcome } from '../../billing/domain/refusals.js';

export interface Ids {
  readonly intervalId: string;
  readonly adjustmentId: string;
}

/** The discount of a coupon from an instant on; while one runs there is no second one. */
export function withCoupon(
  timeline: Timeline,
  coupon: Pick<Coupon, 'id' | 'discount' | 'durationInMonths'>,
  startMs: number,
  { intervalId, adjustmentId }: Ids,
): Outcome<Timeline> {
  const { timezone, adjustments, endMs } = timeline;
  const months = coupon.durationInMonths;
  const end = months === null ? null : addCivil(startMs, months, 'months', timezone);
  const span = cutAt({ startMs, endMs: end }, endMs);
  if (!span) return against('The subscription has ended by then.');
  const other = adjustments.find(
    (one) =>
      one.couponId !== null &&
      (one.endMs === null || startMs < one.endMs) &&
      (span.endMs === null || one.startMs < span.endMs),
  );
  if (other) {
    return against(
      `Coupon ${String(other.couponId)} counts then: a subscription has one at a time.`,
    );
  }
  const interval: AdjustmentInterval = {
    ...{ id: intervalId, ...span, phaseOrder: null, couponId: coupon.id },
    adjustment: adjustmentOf(coupon, adjustmentId),
  };
  return ok({ ...timeline, adjustments: [...adjustments, interval] });
}

/** Why nobody redeems a coupon any more; null: it can be. */
export function couponFault({
  id,
  archivedAt,
  maxRedemptions,
  timesRedeemed,
}: Pick<Coupon, 'id' | 'archivedAt' | 'maxRedemptions' | 'timesRedeemed'>): string | null {
  if (archivedAt) return `Coupon ${id} is archived: nobody can redeem it.`;
  if (maxRedemptions === null || timesRedeemed < maxRedemptions) return null;
  return `Coupon ${id} was redeemed ${String(timesRedeemed)} times, which is all that it allows.`;
}

/** Of every price of the invoice. */
const adjustmentOf = ({ discount }: Pick<Coupon, 'discount'>, id: string): ContractAdjustment => ({
  ...(discount.type === 'percentage'
    ? { adjustment_type: 'percentage_discount', percentage_discount: Number(discount.fraction) }
    : { adjustment_type: 'amount_discount', amount_discount: discount.amount }),
  ...{ id, is_invoice_level: true, applies_to_price_ids: [], filters: [], reason: null },
  ...{ replaces_adjustment_id: null, plan_phase_order: null },
});

/** Coupons whose discount stands in one timeline and not in another, as intervals. */
export const couponsOnlyIn = (
  one: Timeline,
  other: Timeline | null,
): readonly AdjustmentInterval[] =>
  one.adjustments.filter(
    ({ id, couponId }) => couponId !== null && !other?.adjustments.some((known) => known.id === id),
  );
