import { Decimal, readDecimal } from '@orbit/pricing';
import type { AdjustmentEffectOf, CatalogueAdjustment, DiscountTierText } from './adjustment.js';
import { decimalText, type Faults, type Fields } from './faults.js';
import type { PriceFilter } from './price.js';

/** An adjustment as it was asked for. Its price ids may be names that are valid inside the request alone. */
export interface AdjustmentDraft {
  readonly adjustment: AdjustmentEffectOf &
    Pick<CatalogueAdjustment, 'isInvoiceLevel' | 'priceIds' | 'filters'>;
  /** Items that it names, with the field in which each stands. */
  readonly itemIds: readonly { readonly field: string; readonly id: string }[];
}

const ONE = '1';

/**
 * Reads an adjustment that fits the contract. Everything that it says about prices narrows what it means: ids, items,
 * filters, currency and type must all fit. Null after a fault.
 */
export function readNewAdjustment(body: Fields, faults: Faults): AdjustmentDraft | null {
  const before = faults.sentences.length;
  const effect = readEffect(body, faults);
  const priceIds = (body['applies_to_price_ids'] ?? []) as readonly string[];
  const itemIds = (body['applies_to_item_ids'] ?? []) as readonly string[];
  const filters = [...((body['filters'] ?? []) as readonly PriceFilter[])].map(
    ({ field, operator, values }) => ({ field, operator, values }),
  );
  for (const [index, { values }] of filters.entries()) {
    if (values.length === 0) faults.add(`filters[${String(index)}].values`, 'must not be empty');
  }
  const { currency, price_type: priceType } = body;
  if (itemIds.length > 0) filters.push(includes('item_id', itemIds));
  if (typeof currency === 'string') filters.push(includes('currency', [currency]));
  if (typeof priceType === 'string') filters.push(includes('price_type', [priceType]));
  if (faults.sentences.length > before || !effect) return null;
  const isInvoiceLevel = body['is_invoice_level'] !== false;
  const named = itemIds.map((id, index) => ({
    field: `applies_to_item_ids[${String(index)}]`,
    id,
  }));
  return {
    adjustment: { ...effect, isInvoiceLevel, priceIds, filters },
    itemIds:
      effect.type === 'minimum' ? [...named, { field: 'item_id', id: effect.itemId }] : named,
  };
}

const includes = (field: PriceFilter['field'], values: readonly string[]): PriceFilter => ({
  field,
  operator: 'includes',
  values,
});

function readEffect(body: Fields, faults: Faults): AdjustmentEffectOf | null {
  const type = body['adjustment_type'] as AdjustmentEffectOf['type'];
  const read = (field: string): string => decimalText(faults, field, body[field]) ?? ONE;
  switch (type) {
    case 'usage_discount':
      return { type, quantity: read('usage_discount') };
    case 'amount_discount':
      return { type, amount: read('amount_discount') };
    case 'percentage_discount':
      return { type, fraction: readFraction(body, 'percentage_discount', faults) };
    case 'tiered_percentage_discount':
      return { type, tiers: readTiers(body, faults) };
    case 'minimum':
      return { type, amount: read('minimum_amount'), itemId: String(body['item_id']) };
    case 'maximum':
      return { type, amount: read('maximum_amount') };
  }
}

/** From 0 to 1. */
export function readFraction(body: Fields, field: string, faults: Faults): string {
  const text = decimalText(faults, field, body[field]) ?? ONE;
  if (readDecimal(text)?.isAbove(Decimal.ONE) === true) faults.add(field, 'must not be above 1');
  return text;
}

/** From 0 on, each beginning where the one before ends; the last one may have no end. */
function readTiers(body: Fields, faults: Faults): readonly DiscountTierText[] {
  const list = body['tiers'] as readonly Fields[];
  let expected = readDecimal(0);
  return list.map((tier, index) => {
    const inner = faults.inside(`tiers[${String(index)}]`);
    const lowerBound = decimalText(inner, 'lower_bound', tier['lower_bound']) ?? '0';
    const lower = readDecimal(lowerBound);
    if (expected && lower && !lower.equals(expected)) {
      inner.add('lower_bound', `must be ${expected.toString()}, where the tier before ends`);
    }
    const given = tier['upper_bound'] ?? null;
    const isLast = index === list.length - 1;
    if (given === null && !isLast)
      inner.add('upper_bound', 'is required: only the last has no end');
    const upperBound = given === null ? null : decimalText(inner, 'upper_bound', given);
    const upper = upperBound === null ? null : readDecimal(upperBound);
    if (upper && lower && !upper.isAbove(lower)) {
      inner.add('upper_bound', 'must be above the lower bound');
    }
    expected = upper;
    const percentage = readFraction(tier, 'percentage', inner);
    faults.addFrom(inner);
    return { lowerBound, upperBound, percentage };
  });
}
