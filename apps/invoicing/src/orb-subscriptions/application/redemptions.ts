import { newId } from '@orbit/kernel';
import type { Coupon } from '../../catalogue/domain/coupon.js';
import type { Subscription } from '../../billing/domain/subscription.js';
import { absent, against, type Outcome } from '../../billing/domain/refusals.js';
import type { Timeline } from '../../timeline/domain/timeline.js';
import { couponFault, couponsOnlyIn, withCoupon } from '../domain/redeem.js';

export type CouponName = { readonly id: string } | { readonly redemptionCode: string };

/** Coupons as subscriptions redeem them, in their transaction. Errors: the database's own. */
export interface Redemptions {
  /** Nobody else redeems it until the transaction ends. A code is one of a coupon that is not archived. */
  lock(accountId: string, name: CouponName): Promise<Coupon | null>;
  /** Counts one more. */
  redeem(of: Redemption): Promise<void>;
  /** Counts one less: it never had an effect, or was removed. */
  release(of: Pick<Redemption, 'accountId' | 'couponId' | 'intervalId' | 'at'>): Promise<void>;
}

export interface Redemption {
  readonly accountId: string;
  readonly couponId: string;
  readonly subscriptionId: string;
  readonly intervalId: string;
  readonly at: Date;
}

/** The discount of a coupon by its name, in a timeline. It is counted when the subscription is written. */
export async function redeemed(
  coupons: Redemptions,
  { accountId, timeline }: Pick<Subscription, 'accountId' | 'timeline'>,
  name: CouponName,
  startMs: number,
  nowMs: number,
): Promise<Outcome<Timeline>> {
  const coupon = await coupons.lock(accountId, name);
  const text = Object.values(name)[0] ?? '';
  if (!coupon) return absent('coupon', text);
  const fault = couponFault(coupon);
  if (fault !== null) return against(fault);
  const ids = { intervalId: newId('pi', nowMs), adjustmentId: newId('adj', nowMs) };
  return withCoupon(timeline, coupon, startMs, ids);
}

/** Counts the coupons that a change brought or took. */
export async function countCoupons(
  coupons: Redemptions,
  before: Timeline | null,
  after: Pick<Subscription, 'id' | 'accountId' | 'timeline'>,
  nowMs: number,
): Promise<void> {
  const { id: subscriptionId, accountId, timeline } = after;
  const at = new Date(nowMs);
  for (const { id, couponId } of before ? couponsOnlyIn(before, timeline) : []) {
    await coupons.release({ accountId, couponId: String(couponId), intervalId: id, at });
  }
  for (const { id, couponId } of couponsOnlyIn(timeline, before)) {
    const of = { accountId, couponId: String(couponId), subscriptionId, intervalId: id, at };
    await coupons.redeem(of);
  }
}
