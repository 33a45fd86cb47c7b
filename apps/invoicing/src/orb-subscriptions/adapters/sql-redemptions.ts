import type { PageQuery } from '@orbit/orb-api';
import type { Sql } from '@orbit/persistence';
import { PrismaCoupons, SqlCoupons } from '../../catalogue/adapters/prisma-coupons.js';
import type { Coupon } from '../../catalogue/domain/coupon.js';
import type { Subscription } from '../../billing/domain/subscription.js';
import type { CouponReads } from '../application/redeem-coupon.js';
import type { CouponName, Redemption, Redemptions } from '../application/redemptions.js';

export class SqlRedemptions implements Redemptions {
  constructor(private readonly sql: Sql) {}

  async lock(accountId: string, name: CouponName): Promise<Coupon | null> {
    const coupons = new SqlCoupons(this.sql);
    if ('id' in name) return coupons.lock(accountId, name.id);
    const [row] = await this.sql.$queryRaw<{ id: string }[]>`
      SELECT id FROM invoicing.coupon
      WHERE account_id = ${accountId} AND redemption_code = ${name.redemptionCode}
        AND archived_at IS NULL FOR NO KEY UPDATE`;
    return row ? coupons.lock(accountId, row.id) : null;
  }

  async redeem({ accountId, couponId, subscriptionId, intervalId, at }: Redemption): Promise<void> {
    await this.sql.$executeRaw`
      INSERT INTO invoicing.coupon_redemption
        (account_id, coupon_id, subscription_id, interval_id, redeemed_at)
      VALUES (${accountId}, ${couponId}, ${subscriptionId}, ${intervalId}, ${at})`;
    await this.count(accountId, couponId, 1);
  }

  async release({
    accountId,
    couponId,
    intervalId,
    at,
  }: Parameters<Redemptions['release']>[0]): Promise<void> {
    const count = await this.sql.$executeRaw`
      UPDATE invoicing.coupon_redemption SET released_at = ${at}
      WHERE account_id = ${accountId} AND interval_id = ${intervalId} AND released_at IS NULL`;
    if (count > 0) await this.count(accountId, couponId, -1);
  }

  private async count(accountId: string, couponId: string, by: number): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.coupon SET times_redeemed = times_redeemed + ${by}
      WHERE account_id = ${accountId} AND id = ${couponId}`;
  }
}

/** Subscriptions of a coupon, on a connection. */
export class SqlCouponSubscriptions {
  constructor(
    private readonly sql: Sql,
    private readonly subscriptions: {
      listRedeeming(query: PageQuery, couponId: string): Promise<readonly Subscription[]>;
    },
  ) {}

  async redeeming(
    query: PageQuery,
    couponId: string,
  ): ReturnType<CouponReads['subscriptions']['redeeming']> {
    const coupons = new PrismaCoupons(this.sql as ConstructorParameters<typeof PrismaCoupons>[0]);
    if (!(await coupons.read(query.accountId, couponId))) return null;
    return this.subscriptions.listRedeeming(query, couponId);
  }
}
