import type { PageQuery } from '@orbit/orb-api';
import type { Coupon } from '../domain/coupon.js';

export interface CouponQuery extends PageQuery {
  readonly redemptionCode: string | null;
  readonly showsArchived: boolean;
}

export interface Coupons {
  read(accountId: string, id: string): Promise<Coupon | null>;
  /** Newest first, one more than the limit where there are more. */
  list(query: CouponQuery): Promise<readonly Coupon[]>;
}

export interface CouponTransaction {
  /** False: another coupon that is not archived has this code. */
  insert(accountId: string, coupon: Omit<Coupon, 'position'>): Promise<boolean>;
  lock(accountId: string, id: string): Promise<Coupon | null>;
  archive(accountId: string, id: string, at: Date): Promise<void>;
}
