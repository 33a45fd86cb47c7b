import type { Listed } from '@orbit/orb-api';

export type CouponDiscount =
  | { readonly type: 'percentage'; readonly fraction: string }
  | { readonly type: 'amount'; readonly amount: string };

/** A code that customers redeem; decimals are texts. */
export interface Coupon extends Listed {
  readonly id: string;
  readonly redemptionCode: string;
  readonly discount: CouponDiscount;
  /** Null: as long as the subscription runs. */
  readonly durationInMonths: number | null;
  /** Null: any number. */
  readonly maxRedemptions: number | null;
  readonly timesRedeemed: number;
  readonly archivedAt: Date | null;
}
