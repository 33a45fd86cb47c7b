import { ALLOWANCE_UNITS, type AllowanceUnit } from '@orbit/allowances';
import type { Allowances, PlanPriceView, PlanView, PricedPlan } from '@orbit/contracts';
import { centsFloor, isIsoCurrency, parseAmount } from '@orbit/money';

const MINOR_UNITS_MAX = Number.MAX_SAFE_INTEGER;

/** The price that is paid for a plan; what a plan includes is priced nothing. */
export function paidPriceOf(plan: PlanView): PlanPriceView | null {
  return plan.prices.find((price) => price.credit_allocation === null) ?? null;
}

/** The allowances that a plan includes in each period; a unit that it does not name is not included. */
export function allowancesOf(plan: PlanView): Allowances {
  const includedOf = (unit: AllowanceUnit): number | null => {
    const price = plan.prices.find((one) => one.credit_allocation?.currency === unit);
    return price === undefined ? 0 : price.fixed_price_quantity;
  };
  const pairs = ALLOWANCE_UNITS.map((unit) => [unit, includedOf(unit)] as const);
  return Object.fromEntries(pairs) as Allowances;
}

/** The terms on which a price is sold; null when this plan is not sold by it. */
export function pricedPlan(plan: PlanView, priceId: string): PricedPlan | null {
  const price = paidPriceOf(plan);
  if (price?.id !== priceId) return null;
  return {
    price_id: price.id,
    plan_id: plan.id,
    plan_name: plan.name,
    currency: price.currency,
    amount_minor: minorOf(price),
    interval: price.cadence === 'annual' ? 'year' : 'month',
  };
}

function minorOf({ unit_config: { unit_amount: text }, currency }: PlanPriceView): number | null {
  if (text === null || !isIsoCurrency(currency)) return null;
  const amount = parseAmount(text);
  if (!amount.ok) return null;
  const minor = Number(centsFloor(amount.amountMicros, currency));
  return minor <= MINOR_UNITS_MAX ? minor : null;
}

export interface PeriodAllowance {
  readonly unit: AllowanceUnit;
  readonly quantity: number;
}

/**
 * The allowances to grant when a period of `plan` is paid: its own, less what the same period had already (of the
 * plan before an upgrade). Without limit means nothing to grant: such a plan is not sold by itself.
 */
export function dueAllowances(
  included: Allowances,
  had: Readonly<Partial<Record<string, number>>>,
): readonly PeriodAllowance[] {
  return ALLOWANCE_UNITS.flatMap((unit) => {
    const quantity = (included[unit] ?? 0) - (had[unit] ?? 0);
    return quantity > 0 ? [{ unit, quantity }] : [];
  });
}

/** Orb's three words for Stripe's eight. */
export function statusOf(providerStatus: string): 'upcoming' | 'active' | 'ended' {
  if (providerStatus === 'incomplete') return 'upcoming';
  return ['canceled', 'incomplete_expired'].includes(providerStatus) ? 'ended' : 'active';
}
