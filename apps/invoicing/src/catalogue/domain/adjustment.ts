import type { PriceFilter } from './price.js';

export interface DiscountTierText {
  /** Decimal text; exclusive. */
  readonly lowerBound: string;
  /** Decimal text; inclusive; null: no end. */
  readonly upperBound: string | null;
  /** Decimal text: 0.1 is a tenth. */
  readonly percentage: string;
}

/** The effect of an adjustment; amounts, quantities and fractions are decimal texts. */
export type AdjustmentEffectOf =
  | { readonly type: 'usage_discount'; readonly quantity: string }
  | { readonly type: 'amount_discount'; readonly amount: string }
  | { readonly type: 'percentage_discount'; readonly fraction: string }
  | { readonly type: 'tiered_percentage_discount'; readonly tiers: readonly DiscountTierText[] }
  | { readonly type: 'minimum'; readonly amount: string; readonly itemId: string }
  | { readonly type: 'maximum'; readonly amount: string };

/**
 * An adjustment of a plan's version or a subscription. It applies to the prices named in `priceIds` and to those that
 * fit every one of `filters`; with neither to all prices.
 */
export type CatalogueAdjustment = AdjustmentEffectOf & {
  readonly id: string;
  /** Over all its lines together; otherwise to each line alone. */
  readonly isInvoiceLevel: boolean;
  readonly priceIds: readonly string[];
  readonly filters: readonly PriceFilter[];
  readonly reason: string | null;
  readonly replacesAdjustmentId: string | null;
  readonly planPhaseOrder: number | null;
};

/** A price as filters look at it. */
export interface FilteredPrice {
  readonly id: string;
  readonly itemId: string;
  readonly currency: string;
  readonly priceType: 'usage_price' | 'fixed_price' | 'composite_price';
  readonly billingMode: 'in_advance' | 'in_arrear';
}

/** Whether an adjustment means this price. */
export function appliesTo(
  { priceIds, filters }: Pick<CatalogueAdjustment, 'priceIds' | 'filters'>,
  price: FilteredPrice,
): boolean {
  const isNamed = priceIds.length === 0 || priceIds.includes(price.id);
  return isNamed && fitsFilters(filters, price);
}

/** Whether every filter lets this price pass. */
export const fitsFilters = (filters: readonly PriceFilter[], price: FilteredPrice): boolean =>
  filters.every(({ field, operator, values }) => {
    const isNamed = valuesOf(field, price).some((value) => values.includes(value));
    return operator === 'includes' ? isNamed : !isNamed;
  });

/** The words that a filter may use for this price: a price type has a wide name and a narrow one. */
function valuesOf(field: PriceFilter['field'], price: FilteredPrice): readonly string[] {
  switch (field) {
    case 'price_id':
      return [price.id];
    case 'item_id':
      return [price.itemId];
    case 'currency':
    case 'pricing_unit_id':
      return [price.currency];
    case 'price_type':
      return priceTypesOf(price);
  }
}

function priceTypesOf({ priceType, billingMode }: FilteredPrice): readonly string[] {
  if (priceType === 'usage_price') return ['usage', 'in_arrears'];
  if (priceType === 'composite_price') return ['composite'];
  return billingMode === 'in_advance'
    ? ['fixed', 'fixed_in_advance']
    : ['fixed', 'fixed_in_arrears', 'in_arrears'];
}
