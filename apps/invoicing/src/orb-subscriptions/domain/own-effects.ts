import { decimalText, type Faults, type Fields } from '../../catalogue/domain/faults.js';
import { readFraction } from '../../catalogue/domain/new-adjustment.js';
import type { OwnEffect } from './overrides.js';

/** A list of a request; absent and null are empty. */
export function listOf(body: Fields, list: string): readonly Fields[] {
  return (body[list] ?? []) as readonly Fields[];
}

/** `minimum_amount`, `maximum_amount`, `discounts` of an entry. */
export function readOwnEffects(entry: Fields, faults: Faults): readonly OwnEffect[] {
  const effects: OwnEffect[] = listOf(entry, 'discounts').flatMap((discount, index) => {
    const inner = faults.inside(`discounts[${String(index)}]`);
    const effect = readDiscount(discount, inner);
    faults.addFrom(inner);
    return effect ?? [];
  });
  for (const type of ['minimum', 'maximum'] as const) {
    const value = entry[`${type}_amount`] ?? null;
    if (value === null) continue;
    const amount = decimalText(faults, `${type}_amount`, value);
    if (amount === null) continue;
    effects.push(type === 'minimum' ? { type, amount, itemId: '' } : { type, amount });
  }
  return effects;
}

/** `DiscountOverride`: its type says which of its amounts counts. */
export function readDiscount(discount: Fields, faults: Faults): OwnEffect | null {
  const type = String(discount['discount_type']);
  const field = `${type}_discount`;
  if ((discount[field] ?? null) === null) {
    faults.add(field, `is required: discount_type is ${type}`);
    return null;
  }
  if (type === 'percentage') {
    return { type: 'percentage_discount', fraction: readFraction(discount, field, faults) };
  }
  const text = decimalText(faults, field, discount[field]);
  if (text === null) return null;
  return type === 'usage'
    ? { type: 'usage_discount', quantity: text }
    : { type: 'amount_discount', amount: text };
}
