import type { CouponDiscount } from './coupon.js';
import { checkText, decimalText, type Faults, type Fields } from './faults.js';
import { readFraction } from './new-adjustment.js';

const CODE_LENGTH_MAX = 255;

/** Reads a coupon from a request that fits the contract (`NewCoupon`); of use only without faults. */
export function readNewCoupon(body: Fields, faults: Faults) {
  const redemptionCode = String(body['redemption_code']);
  checkText(faults, 'redemption_code', redemptionCode, CODE_LENGTH_MAX);
  const inner = faults.inside('discount');
  const discount = readDiscount((body['discount'] ?? {}) as Fields, inner);
  faults.addFrom(inner);
  return {
    redemptionCode,
    discount,
    durationInMonths: (body['duration_in_months'] ?? null) as number | null,
    maxRedemptions: (body['max_redemptions'] ?? null) as number | null,
  };
}

function readDiscount(body: Fields, faults: Faults): CouponDiscount {
  if (body['discount_type'] === 'amount') {
    const amount = decimalText(faults, 'amount_discount', body['amount_discount'], true);
    return { type: 'amount', amount: amount ?? '1' };
  }
  const fraction = readFraction(body, 'percentage_discount', faults);
  if (fraction === '0') faults.add('percentage_discount', 'must be above 0');
  return { type: 'percentage', fraction };
}
