import { Decimal, decimal, groupBy, type Usage } from '@orbit/pricing';
import type { Charge } from '../../timeline/domain/charges.js';
import { cycleOf, type ContractPrice } from '../../timeline/domain/terms.js';
import type { LicenseAllocation, PriceInterval, Span } from '../../timeline/domain/timeline.js';
import { LICENSE } from './split-usage.js';

/** The type of licenses that a price is of; null: of none. */
export const licenseTypeOf = (
  price: ContractPrice,
): { readonly id: string; readonly grouping_key: string } | null =>
  (price['license_type'] ?? null) as { id: string; grouping_key: string } | null;

/** Whether licenses may pay for usage of a price: usage of their type, at a price per unit. */
export const isLicensed = (price: ContractPrice, typeId: string): boolean =>
  price['price_type'] === 'usage_price' &&
  price['model_type'] === 'unit' &&
  licenseTypeOf(price)?.id === typeId;

export const meet = (one: Span, other: Span): boolean =>
  (other.endMs === null || one.startMs < other.endMs) &&
  (one.endMs === null || other.startMs < one.endMs);

/** Two prices are charged for the same periods. */
function haveSameCycle(one: ContractPrice, other: ContractPrice): boolean {
  const [a, b] = [cycleOf(one), cycleOf(other)];
  return a?.unit === b?.unit && a?.count === b?.count;
}

/** Where a price of licenses and a price of their usage are charged for different periods: the second one's name. */
export function otherCycleOf(prices: readonly Licensing[]): string | null {
  for (const { price } of prices.filter(({ licenseAllocations }) => licenseAllocations)) {
    const type = licenseTypeOf(price);
    const strange = prices.find(
      (other) => type && isLicensed(other.price, type.id) && !haveSameCycle(price, other.price),
    );
    if (strange) return strange.price.name;
  }
  return null;
}

/** Of a price: itself, and what it gives each license. */
export interface Licensing {
  readonly price: ContractPrice;
  readonly licenseAllocations?: readonly LicenseAllocation[];
}

/**
 * The allocations of licenses, as they pay for usage. A license has one pool per period of the price that gives it;
 * usage draws on it in the order in which charges fall due, each license's own usage while it counts. Usage beyond it
 * is charged, or written off where the allocation says so.
 */
export class LicensePools {
  private readonly left = new Map<string, Decimal>();
  private readonly givers: readonly PriceInterval[];

  constructor(prices: readonly PriceInterval[]) {
    this.givers = prices.filter(({ licenseAllocations }) => licenseAllocations);
  }

  get areEmpty(): boolean {
    return this.givers.length === 0;
  }

  /** The part of a charge that licenses pay, in its currency. `priceOf`: the price of a quantity. */
  take(charge: Charge, usage: Usage, priceOf: (quantity: Decimal) => Decimal): Decimal {
    const givers = this.giversOf(charge);
    if (givers.length === 0) return Decimal.ZERO;
    let paid = Decimal.ZERO;
    for (const { values, quantity } of groupBy(usage, [LICENSE])) {
      const [licenseId = null] = values;
      if (licenseId === null) continue;
      let cost = priceOf(quantity);
      for (const { name, amount, writesOff } of givers) {
        const key = `${name} ${String(charge.period.startMs)} ${licenseId}`;
        const left = this.left.get(key) ?? amount;
        const part = writesOff ? cost : cost.min(left);
        this.left.set(key, left.minus(part).max(Decimal.ZERO));
        paid = paid.plus(part);
        cost = cost.minus(part);
      }
    }
    return paid;
  }

  private giversOf(charge: Charge): readonly Giver[] {
    const { price, isTrial } = charge.interval;
    return this.givers.flatMap((giver): readonly Giver[] => {
      const type = licenseTypeOf(giver.price);
      if (isTrial || !type || !isLicensed(price, type.id) || !meet(giver, charge)) return [];
      if (!haveSameCycle(price, giver.price)) return [];
      return (giver.licenseAllocations ?? []).flatMap(({ currency, amount, writeOffOverage }) =>
        currency === charge.terms.currency
          ? [
              {
                ...{ name: `${giver.id} ${currency}`, amount: decimal(amount) },
                writesOff: writeOffOverage,
              },
            ]
          : [],
      );
    });
  }
}

interface Giver {
  readonly name: string;
  readonly amount: Decimal;
  readonly writesOff: boolean;
}
