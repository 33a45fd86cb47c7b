import type { ContractAdjustment, ContractPrice } from '../timeline/terms.js';

interface PriceFilter {
  readonly field: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** Whether an adjustment counts for a price: by its filters, else by the prices that it names. */
export function appliesTo(adjustment: ContractAdjustment, price: ContractPrice): boolean {
  const filters = (adjustment['filters'] ?? []) as readonly PriceFilter[];
  if (filters.length > 0) return filters.every((filter) => fits(filter, price));
  const ids = (adjustment['applies_to_price_ids'] ?? []) as readonly string[];
  const replaced = price['replaces_price_id'];
  return ids.length === 0 || ids.includes(price.id) || ids.includes(String(replaced));
}

function fits({ field, operator, values }: PriceFilter, price: ContractPrice): boolean {
  return values.includes(valueOf(field, price)) === (operator === 'includes');
}

function valueOf(field: string, price: ContractPrice): string {
  switch (field) {
    case 'price_id':
      return price.id;
    case 'item_id':
      return (price['item'] as { id: string }).id;
    case 'price_type':
      return price['price_type'] === 'usage_price' ? 'usage' : String(price['price_type']).replace('_price', '');
    case 'currency':
    case 'pricing_unit_id':
      return String(price['currency']);
    default:
      return '';
  }
}
