import { decimalText, isIsoCode, type Faults, type Fields } from '../../catalogue/domain/faults.js';
import { readNewAllocation } from '../../catalogue/domain/new-allocation.js';
import { readAdjustments } from '../../catalogue/domain/new-plan.js';
import { readNewPrice, type PriceDraft } from '../../catalogue/domain/new-price.js';
import { readInstant } from '../../timeline/domain/read-instant.js';
import type { ContractPrice } from '../../timeline/domain/terms.js';
import type { SubscribablePlan } from '../../billing/domain/subscription.js';
import { listOf, readOwnEffects } from './own-effects.js';
import type { Overrides, OwnDates, PriceOverride, PriceSource } from './overrides.js';
import { readPriceOverrides } from './price-overrides.js';

const ENTRIES_MAX = 250;

/** Reads what a request changes of its plan. Everything that is wrong is a fault that names its path. */
export function readOverrides(
  body: Fields,
  plan: SubscribablePlan,
  timezone: string,
  faults: Faults,
): Overrides {
  const orders = plan.phases?.map(({ order }) => order) ?? [];
  const context = { currency: plan.invoicingCurrency, orders };
  const removed = readRemovedPrices(body, plan, faults);
  const old = readPriceOverrides(body, plan, faults);
  const replaced = [
    ...readPriceEntries(body, 'replace_prices', plan, timezone, faults),
    ...old.prices,
  ];
  const replacedIds = new Set<string>();
  for (const { field, replacesPriceId: id } of replaced) {
    if (id === null) continue;
    const where = field.startsWith('price_overrides') ? 'id' : 'replaces_price_id';
    if (!plan.prices.some((price) => price.id === id)) {
      faults.add(`${field}.${where}`, `names no price of the plan: ${id}`);
    } else if (removed.has(id) || replacedIds.has(id)) {
      faults.add(`${field}.${where}`, `${id} is removed or replaced already`);
    }
    replacedIds.add(id);
  }
  const removedAdjustmentIds = readRemovedAdjustments(body, plan, faults);
  const added = readAdjustments(body, 'add_adjustments', faults, context);
  const addedEntries = listOf(body, 'add_adjustments');
  const replacing = readAdjustments(body, 'replace_adjustments', faults, context);
  for (const [index, { field, replacesAdjustmentId: id }] of replacing.entries()) {
    const isKnown = plan.adjustments.some((one) => one.id === id);
    const where = `${field.replace('.adjustment', '')}.replaces_adjustment_id`;
    if (!isKnown) faults.add(where, `names no adjustment of the plan: ${String(id)}`);
    const isTwice = replacing.findIndex((one) => one.replacesAdjustmentId === id) !== index;
    if (isTwice || (id !== null && removedAdjustmentIds.has(id))) {
      faults.add(where, `${String(id)} is removed or replaced already`);
    }
  }
  return {
    prices: [...readPriceEntries(body, 'add_prices', plan, timezone, faults), ...replaced],
    removedPriceIds: removed,
    adjustments: [
      ...added.map((draft, index) => {
        const inner = faults.inside(`add_adjustments[${String(index)}]`);
        const entry = addedEntries[index] ?? {};
        requirePhase(entry, orders, inner);
        const dates = readDates(entry, timezone, inner);
        faults.addFrom(inner);
        return { draft, ...dates };
      }),
      ...replacing.map((draft) => ({ draft, startMs: null, endMs: null })),
    ],
    removedAdjustmentIds: new Set([
      ...removedAdjustmentIds,
      ...replacing.flatMap(({ replacesAdjustmentId: id }) => id ?? []),
      ...old.clearedAdjustmentIds,
    ]),
  };
}

function readPriceEntries(
  body: Fields,
  list: 'add_prices' | 'replace_prices',
  plan: SubscribablePlan,
  timezone: string,
  faults: Faults,
): readonly PriceOverride[] {
  const entries = listOf(body, list);
  if (entries.length > ENTRIES_MAX) {
    faults.add(list, `must have at most ${String(ENTRIES_MAX)} entries`);
    return [];
  }
  const orders = plan.phases?.map(({ order }) => order) ?? [];
  return entries.flatMap((entry, index): readonly PriceOverride[] => {
    const inner = faults.inside(`${list}[${String(index)}]`);
    const isAdded = list === 'add_prices';
    if (isAdded) requirePhase(entry, orders, inner);
    const replaces = isAdded ? null : String(entry['replaces_price_id']);
    const replaced = plan.prices.find(({ id }) => id === replaces) ?? null;
    const source = readSource(entry, inner, plan.invoicingCurrency, replaced);
    const dates = readDates(entry, timezone, inner);
    const effects = readOwnEffects(entry, inner);
    faults.addFrom(inner);
    if (!source) return [];
    const phaseOrder = (isAdded ? entry['plan_phase_order'] : replaced?.['plan_phase_order']) as
      number | null | undefined;
    return [
      {
        field: `${list}[${String(index)}]`,
        ...{ source, effects, replacesPriceId: replaces, phaseOrder: phaseOrder ?? null },
        ...dates,
      },
    ];
  });
}

function requirePhase(entry: Fields, orders: readonly number[], faults: Faults): void {
  const order = (entry['plan_phase_order'] ?? null) as number | null;
  if (order === null) {
    if (orders.length > 0) faults.add('plan_phase_order', 'is required: the plan has phases');
  } else if (!orders.includes(order)) {
    const fault = orders.length === 0 ? 'must be null: the plan has no phases' : 'names no phase';
    faults.add('plan_phase_order', fault);
  }
}

const SOURCES = [
  'price',
  'allocation_price',
  'price_id',
  'external_price_id',
  'fixed_price_quantity',
] as const;

/** Exactly one of the ways in which an entry may name its price. */
export function readSource(
  entry: Fields,
  faults: Faults,
  currency: string,
  replaced: ContractPrice | null,
): PriceSource | null {
  const allowed = SOURCES.filter((name) => name !== 'fixed_price_quantity' || replaced !== null);
  const given = allowed.filter((name) => (entry[name] ?? null) !== null);
  const [name] = given;
  if (name === undefined || given.length > 1) {
    faults.add(given[0] ?? 'price', `give exactly one of ${allowed.join(', ')}`);
    return null;
  }
  if (name === 'price_id') return { kind: 'known', name: { id: String(entry[name]) } };
  if (name === 'external_price_id') {
    return { kind: 'known', name: { externalId: String(entry[name]) } };
  }
  if (name === 'fixed_price_quantity') {
    if (replaced?.['price_type'] !== 'fixed_price') {
      faults.add(name, 'goes with the price of a fixed fee alone');
    }
    const quantity = decimalText(faults, name, entry[name]);
    return quantity === null ? null : { kind: 'quantity', quantity };
  }
  const inner = faults.inside(name);
  const body = entry[name] as Fields;
  const draft =
    name === 'price' ? readNewPrice(body, inner, currency) : readAllocation(body, inner, currency);
  faults.addFrom(inner);
  const referenceId = body['reference_id'];
  return (
    draft && {
      ...{ kind: 'new', draft },
      ...(name === 'allocation_price' ? { part: name } : {}),
      referenceId: typeof referenceId === 'string' ? referenceId : null,
    }
  );
}

/** Credit of each period that this subscription alone gets. */
function readAllocation(body: Fields, faults: Faults, invoiced: string): PriceDraft | null {
  const { filters, license_type_id: license = null, item_id: item = null } = body;
  const currency = String(body['currency']);
  if (isIsoCode(currency) && currency !== invoiced) {
    faults.add('currency', `must be ${invoiced}, as the invoices, or a custom unit`);
  }
  // An item of the account's own would have to be made before it is known whether the request stands.
  if (item === null) faults.add('item_id', 'is required for a price of one subscription');
  if (listOf({ filters }, 'filters').length > 0) {
    faults.add('filters', 'must be empty: credit for single items is not built yet');
  }
  if (license !== null) {
    faults.add(
      'license_type_id',
      'must be null: a plan allocates to licenses, not one subscription',
    );
  }
  return readNewAllocation(body, faults);
}

function readDates(entry: Fields, timezone: string, faults: Faults): OwnDates {
  const read = (field: string): number | null => {
    const text = entry[field] ?? null;
    if (text === null) return null;
    const ms = readInstant(String(text), timezone);
    if (ms === null) faults.add(field, 'must be an instant of the years 1 to 9999');
    return ms;
  };
  const dates = { startMs: read('start_date'), endMs: read('end_date') };
  if (dates.startMs !== null && dates.endMs !== null && dates.endMs <= dates.startMs) {
    faults.add('end_date', 'must be after start_date');
  }
  return dates;
}

function readRemovedPrices(
  body: Fields,
  plan: SubscribablePlan,
  faults: Faults,
): ReadonlySet<string> {
  const removed = new Set<string>();
  for (const [index, entry] of listOf(body, 'remove_prices').entries()) {
    const inner = faults.inside(`remove_prices[${String(index)}]`);
    const { price_id: id = null, external_price_id: externalId = null } = entry;
    if ((id === null) === (externalId === null)) {
      inner.add('price_id', 'give either it or external_price_id, and one of them alone');
    } else {
      const found = plan.prices.find(
        (price) => price.id === id || (id === null && price['external_price_id'] === externalId),
      );
      const field = id === null ? 'external_price_id' : 'price_id';
      if (!found) inner.add(field, `names no price of the plan: ${String(id ?? externalId)}`);
      else if (removed.has(found.id)) inner.add(field, `${found.id} is removed already`);
      else removed.add(found.id);
    }
    faults.addFrom(inner);
  }
  return removed;
}

function readRemovedAdjustments(
  body: Fields,
  plan: SubscribablePlan,
  faults: Faults,
): ReadonlySet<string> {
  const removed = new Set<string>();
  for (const [index, entry] of listOf(body, 'remove_adjustments').entries()) {
    const field = `remove_adjustments[${String(index)}].adjustment_id`;
    const id = String(entry['adjustment_id']);
    if (!plan.adjustments.some((one) => one.id === id)) {
      faults.add(field, `names no adjustment of the plan: ${id}`);
    } else if (removed.has(id)) faults.add(field, `${id} is removed already`);
    removed.add(id);
  }
  return removed;
}
