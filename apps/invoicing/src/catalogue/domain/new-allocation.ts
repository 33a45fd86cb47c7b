import { readDecimal } from '@orbit/pricing';
import { decimalText, checkCurrency, type Faults, type Fields } from './faults.js';
import type { PriceDraft } from './new-price.js';
import { readNewPrice } from './new-price.js';
import type { CreditAllocation, Cycle, LicenseAllocation } from './price.js';

const CUSTOM_EXPIRATION_MAX = 3_660;

/**
 * Reads a price that gives credit each period (`NewAllocationPrice`). It is a price of `amount` units at the cost basis:
 * what a period's credit costs. Its item is the caller's, or null: the account's for this unit. Null after a fault.
 */
export function readNewAllocation(
  body: Fields,
  faults: Faults,
): (PriceDraft & { readonly needsItem: boolean }) | null {
  const before = faults.sentences.length;
  const currency = String(body['currency']);
  const amount = decimalText(faults, 'amount', body['amount'], true) ?? '1';
  // The contract shows it as a JSON number, which must not lose a digit.
  if (readDecimal(Number(amount))?.toString() !== amount) {
    faults.add('amount', 'has more digits than a JSON number keeps');
  }
  const costBasis = decimalText(faults, 'per_unit_cost_basis', body['per_unit_cost_basis'] ?? '0');
  const customExpiration = (body['custom_expiration'] ?? null) as Cycle | null;
  if (customExpiration && !isLength(customExpiration.duration)) {
    faults.add('custom_expiration.duration', `must be 1 to ${String(CUSTOM_EXPIRATION_MAX)}`);
  }
  if (customExpiration && body['expires_at_end_of_cadence'] === true) {
    faults.add('expires_at_end_of_cadence', 'must be null beside custom_expiration');
  }
  const filters = (body['filters'] ?? []) as CreditAllocation['filters'];
  const creditAllocation: CreditAllocation = {
    currency,
    amount,
    perUnitCostBasis: costBasis ?? '0',
    allowsRollover: body['expires_at_end_of_cadence'] === false,
    customExpiration: customExpiration && {
      duration: customExpiration.duration,
      duration_unit: customExpiration.duration_unit,
    },
    filters: filters.map(({ field, operator, values }) => ({ field, operator, values })),
  };
  const price = {
    ...{ name: `Included allocation (${currency})`, model_type: 'unit', currency },
    unit_config: { unit_amount: creditAllocation.perUnitCostBasis },
    fixed_price_quantity: amount,
    ...pick(body, ['cadence', 'item_id', 'license_type_id', 'metadata']),
  };
  const draft = readNewPrice(price, faults, null);
  if (!draft || faults.sentences.length > before) return null;
  const needsItem = typeof body['item_id'] !== 'string';
  return { ...draft, definition: { ...draft.definition, creditAllocation }, needsItem };
}

/** Reads a price with what each license may use of it in a period. Null after a fault. */
export function readLicenseAllocationPrice(
  body: Fields,
  faults: Faults,
  currencyDefault: string,
): PriceDraft | null {
  const list = body['license_allocations'] as readonly Fields[];
  if (typeof body['license_type_id'] !== 'string') faults.add('license_type_id', 'is required');
  if (list.length === 0) faults.add('license_allocations', 'must not be empty');
  const licenseAllocations = list.map((entry, index): LicenseAllocation => {
    const inner = faults.inside(`license_allocations[${String(index)}]`);
    const currency = String(entry['currency']);
    checkCurrency(inner, 'currency', currency);
    const amount = decimalText(inner, 'amount', entry['amount'], true) ?? '1';
    faults.addFrom(inner);
    return { currency, amount, writeOffOverage: entry['write_off_overage'] === true };
  });
  const draft = readNewPrice(body, faults, currencyDefault);
  return draft && { ...draft, definition: { ...draft.definition, licenseAllocations } };
}

const isLength = (duration: number): boolean =>
  Number.isInteger(duration) && duration >= 1 && duration <= CUSTOM_EXPIRATION_MAX;

const pick = (body: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.flatMap((name) => (name in body ? [[name, body[name]]] : [])));
