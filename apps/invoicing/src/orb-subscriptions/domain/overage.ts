import { isIsoCurrency } from '@orbit/money';
import type { SubscribablePlan } from '../../billing/domain/subscription.js';
import { ok, wrong, type Outcome } from '../../billing/domain/refusals.js';
import { readNumber } from '../../timeline/domain/terms.js';

type Fields = Readonly<Record<string, unknown>>;

/** Two names of one thing. */
const FIELDS = ['per_credit_overage_amount', 'credits_overage_rate'] as const;

/**
 * A plan as a subscription to it is agreed: what one unit costs that prepaid credit does not pay, in place of what the
 * plan's prices say. Prices in money and allocations, whose fee is in money, stay as they are.
 */
export function withOverage(plan: SubscribablePlan, body: Fields): Outcome<SubscribablePlan> {
  const given = FIELDS.filter((field) => (body[field] ?? null) !== null);
  const [field, other] = given;
  if (field === undefined) return ok(plan);
  const rate = readNumber(body[field]);
  if (!rate || rate.isNegative) return wrong(`${field}: must be a number of 0 or more`);
  if (other !== undefined && readNumber(body[other])?.equals(rate) !== true) {
    return wrong(`${other}: must say the same as ${field}`);
  }
  const conversion_rate_config = {
    conversion_rate_type: 'unit',
    unit_config: { unit_amount: rate.toString() },
  };
  const prices = plan.prices.map((price) =>
    isIsoCurrency(price['currency']) || (price['credit_allocation'] ?? null) !== null
      ? price
      : { ...price, conversion_rate: Number(rate.toString()), conversion_rate_config },
  );
  return ok({ ...plan, prices });
}
