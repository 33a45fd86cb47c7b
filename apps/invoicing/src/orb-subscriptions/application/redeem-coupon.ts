import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import {
  invalid,
  notFound,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type PageQuery,
} from '@orbit/orb-api';
import type { BillingCustomers, BillingCatalogue } from '../../billing/domain/stores.js';
import type { Subscription } from '../../billing/domain/subscription.js';
import { ok, wrong, type Outcome } from '../../billing/domain/refusals.js';
import { changeDateOf } from './change-date.js';
import type { PendingChanges } from './pending-ports.js';
import { redeemed, type CouponName } from './redemptions.js';
import type { ChangeSubscription, ShowSubscriptions } from './change-subscription.js';

/** Coupons of running subscriptions. */
export class RedeemCoupon {
  constructor(private readonly change: ChangeSubscription) {}

  redeem(call: OrbCall): Promise<OrbAnswer> {
    return this.change.run('redeem-coupon', call, async (facts) => {
      const { subscription, nowMs, tx } = facts;
      const name = couponNameIn(call.body);
      if (!name.ok) return name;
      const date = changeDateOf(call.body, facts);
      if (!date.ok) return date;
      const timeline = await redeemed(tx.coupons, subscription, name.value, date.value, nowMs);
      return timeline.ok ? ok({ ...subscription, timeline: timeline.value }) : timeline;
    });
  }
}

function couponNameIn(body: Readonly<Record<string, unknown>>): Outcome<CouponName> {
  const { coupon_id: id = null, coupon_redemption_code: code = null } = body;
  if ((id === null) === (code === null)) {
    return wrong('coupon_id: give either it or coupon_redemption_code, and one of them alone');
  }
  return ok(id !== null ? { id: String(id) } : { redemptionCode: String(code) });
}

const LIST = 'list-coupon-subscriptions';

/** The reads for a list of a coupon's subscriptions. */
export interface CouponReads {
  readonly subscriptions: {
    /** Those that have it; newest first, one more than the limit where there are more. Null: no such coupon. */
    redeeming(query: PageQuery, couponId: string): Promise<readonly Subscription[] | null>;
  };
  readonly customers: BillingCustomers;
  readonly catalogue: Pick<BillingCatalogue, 'planView'>;
  readonly pending: Pick<PendingChanges, 'ofSubscriptions'>;
}

export class ServeCouponSubscriptions {
  constructor(
    private readonly reads: CouponReads,
    private readonly clock: AccountClock,
    private readonly show: ShowSubscriptions,
  ) {}

  async list(call: OrbCall): Promise<OrbAnswer> {
    const page = pageQueryOf(LIST, call);
    if (!page) return invalid(NOT_A_CURSOR);
    const id = call.path['coupon_id'] ?? '';
    const rows = await this.reads.subscriptions.redeeming(page, id);
    if (!rows) return refused(notFound('coupon', id));
    const shown = await this.show.all(this.reads, rows, await this.clock.nowMs(call.account.id));
    return pageOf(LIST, call, page, rows, (row) => shown[rows.indexOf(row)]);
  }
}
