import { decimal, portionOf } from '@orbit/pricing';
import { fractionOf, segmentsOf } from '../../billing/domain/rate-charge.js';
import type { Charge } from '../../timeline/domain/charges.js';
import { addCivil, midnightMs } from '../../timeline/domain/civil.js';

/** Credit that a plan gives for one period. */
export interface Allocation {
  /** Of the charge that it comes with. */
  readonly chargeKey: string;
  readonly currency: string;
  /** Decimal text. */
  readonly amount: string;
  readonly perUnitCostBasis: string;
  readonly effectiveAtMs: number;
  readonly expiresAtMs: number | null;
}

/** `credit_allocation` of a price, as the contract has it. */
interface Terms {
  readonly currency: string;
  readonly allows_rollover: boolean;
  readonly custom_expiration: {
    readonly duration: number;
    readonly duration_unit: 'day' | 'month';
  } | null;
  readonly filters?: readonly unknown[] | null;
  readonly license_type_id?: string | null;
}

const PLACES = 6;

const termsOf = ({ interval }: Pick<Charge, 'interval'>): Terms | null =>
  (interval.price['credit_allocation'] ?? null) as Terms | null;

/** Whether an allocation of a price can be kept: for any item, and for no licenses. */
export function isKept(price: Readonly<Record<string, unknown>>): boolean {
  const terms = (price['credit_allocation'] ?? null) as Terms | null;
  if (terms === null) return true;
  return (terms.filters ?? []).length === 0 && (terms.license_type_id ?? null) === null;
}

/**
 * Credit of charges that have just fallen due: the quantity with which a period begins, of a part of
 * a period as much as its fee is of a whole one. A block counts from the first local midnight of its
 * period, so that it pays for the first day too, and ends with the period, after its own time at a
 * local midnight, or never.
 */
export const allocationsOf = (
  charges: readonly Charge[],
  timezone: string,
): readonly Allocation[] =>
  charges.flatMap((charge) => {
    const terms = termsOf(charge);
    const [first] = segmentsOf(charge);
    if (!terms || !first || charge.interval.isTrial) return [];
    const share =
      charge.terms.cycle === null
        ? first.quantity
        : portionOf(first.quantity, fractionOf(charge, charge, timezone));
    const amount = share.round(PLACES, 'HALF_EVEN');
    if (amount.digits <= 0n) return [];
    const config = charge.interval.price['unit_config'] as { readonly unit_amount: string };
    return [
      {
        ...{ chargeKey: charge.key, currency: terms.currency, amount: amount.toString() },
        perUnitCostBasis: decimal(config.unit_amount).toString(),
        effectiveAtMs: midnightMs(charge.startMs, timezone),
        expiresAtMs: endOf(terms, charge, timezone),
      },
    ];
  });

function endOf(terms: Terms, charge: Charge, timezone: string): number | null {
  const { custom_expiration: own, allows_rollover: rollsOver } = terms;
  if (own) {
    const unit = own.duration_unit === 'month' ? 'months' : 'days';
    return midnightMs(addCivil(charge.startMs, own.duration, unit, timezone), timezone);
  }
  return rollsOver ? null : charge.period.endMs;
}
