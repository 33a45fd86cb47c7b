import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { newId, type AccountClock, type Clock } from '@orbit/kernel';
import {
  answered,
  invalid,
  notFound,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
} from '@orbit/orb-api';
import { Faults } from '../domain/faults.js';
import { readNewCoupon } from '../domain/new-coupon.js';
import type { Coupon } from '../domain/coupon.js';
import type { Coupons, CouponTransaction } from './coupon-ports.js';

const LIST = 'list-coupons';

/** The operations of coupons. Errors: the database's own; refusals are answers. */
export class ServeCoupons {
  constructor(
    private readonly coupons: Coupons,
    private readonly changes: Changes<CouponTransaction>,
    private readonly clock: AccountClock,
    /** Of ids alone: they sort by real time. */
    private readonly realClock: Clock,
  ) {}

  async create(call: OrbCall): Promise<OrbAnswer> {
    const faults = new Faults();
    const draft = readNewCoupon(call.body, faults);
    const nowMs = await this.clock.nowMs(call.account.id);
    return this.changes.run(call, async (tx) => {
      const fault = faults.refusal();
      if (fault) return refused(fault);
      const made = { timesRedeemed: 0, createdAt: new Date(nowMs), archivedAt: null };
      const coupon = { id: newId('coupon', this.realClock.nowMs()), ...draft, ...made };
      if (await tx.insert(call.account.id, coupon)) return answered(201, toResponse(coupon));
      const code = JSON.stringify(draft.redemptionCode);
      const detail = `redemption_code: another coupon has the code ${code}.`;
      return refused({ code: 'duplicate_resource_creation', detail });
    });
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const coupon = await this.coupons.read(call.account.id, idOf(call));
    return coupon ? answered(200, toResponse(coupon)) : missing(call);
  }

  /** Archived ones only when they are asked for. */
  async list(call: OrbCall): Promise<OrbAnswer> {
    const query = pageQueryOf(LIST, call);
    if (!query) return invalid(NOT_A_CURSOR);
    const { redemption_code: code, show_archived: showsArchived } = call.query;
    const filters = {
      redemptionCode: typeof code === 'string' ? code : null,
      showsArchived: showsArchived === true,
    };
    return pageOf(LIST, call, query, await this.coupons.list({ ...query, ...filters }), toResponse);
  }

  /** Nobody redeems it any more, and its code is free; who redeemed it keeps the discount. */
  async archive(call: OrbCall): Promise<OrbAnswer> {
    const archivedAt = new Date(await this.clock.nowMs(call.account.id));
    return this.changes.run(call, async (tx) => {
      const coupon = await tx.lock(call.account.id, idOf(call));
      if (!coupon) return missing(call);
      if (coupon.archivedAt) {
        const detail = `coupon_id: coupon ${coupon.id} is archived already.`;
        return refused({ code: 'constraint_violation', detail });
      }
      await tx.archive(call.account.id, coupon.id, archivedAt);
      return answered(200, toResponse({ ...coupon, archivedAt }));
    });
  }
}

const idOf = ({ path }: OrbCall): string => path['coupon_id'] ?? '';

const missing = (call: OrbCall): OrbAnswer => refused(notFound('coupon', idOf(call)));

const toResponse = (coupon: Omit<Coupon, 'position'>): Record<string, unknown> => ({
  id: coupon.id,
  redemption_code: coupon.redemptionCode,
  discount:
    coupon.discount.type === 'percentage'
      ? {
          discount_type: 'percentage',
          // It came in as the JSON number that means exactly these digits.
          percentage_discount: Number(coupon.discount.fraction),
          ...EVERYWHERE,
        }
      : { discount_type: 'amount', amount_discount: coupon.discount.amount, ...EVERYWHERE },
  duration_in_months: coupon.durationInMonths,
  max_redemptions: coupon.maxRedemptions,
  times_redeemed: coupon.timesRedeemed,
  archived_at: coupon.archivedAt?.toISOString() ?? null,
});

/** A coupon's discount is of the whole invoice. */
const EVERYWHERE = { applies_to_price_ids: null, filters: null, reason: null };
