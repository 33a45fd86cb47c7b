import type { ContractAdjustment, ContractPrice } from '../../timeline/domain/terms.js';

interface PriceFilter {
  readonly field: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** Whether an adjustment counts for a price: for those that it names and that fit every filter of it. */
export function appliesTo(adjustment: ContractAdjustment, price: ContractPrice): boolean {
  const filters = (adjustment['filters'] ?? []) as readonly PriceFilter[];
  const ids = (adjustment['applies_to_price_ids'] ?? []) as readonly string[];
  const isNamed = ids.length === 0 || namesOf(price).some((id) => ids.includes(id));
  return isNamed && fitsFilters(filters, price);
}

export const fitsFilters = (filters: readonly PriceFilter[], price: ContractPrice): boolean =>
  filters.every(({ field, operator, values }) => {
    const isNamed = valuesOf(field, price).some((value) => values.includes(value));
    return operator === 'includes' ? isNamed : !isNamed;
  });

/** An adjustment of a price also applies to the price that replaces it. */
const namesOf = (price: ContractPrice): readonly string[] => {
  const replaced = price['replaces_price_id'];
  return typeof replaced === 'string' ? [price.id, replaced] : [price.id];
};

/** The words that a filter may use for this price. */
function valuesOf(field: string, price: ContractPrice): readonly string[] {
  switch (field) {
    case 'price_id':
      return namesOf(price);
    case 'item_id':
      return [(price['item'] as { id: string }).id];
    case 'price_type':
      return typesOf(price);
    default:
      return [String(price['currency'])];
  }
}

/** A price type has a wide name and a narrow one. */
function typesOf(price: ContractPrice): readonly string[] {
  if (price['price_type'] === 'usage_price') return ['usage', 'in_arrears'];
  if (price['price_type'] === 'composite_price') return ['composite'];
  return price['billing_mode'] === 'in_advance'
    ? ['fixed', 'fixed_in_advance']
    : ['fixed', 'fixed_in_arrears', 'in_arrears'];
}
