import { bodyFaults, findOperation } from '@orbit/orb-api';
import { invariant } from '@orbit/kernel';
import { decimalText, type Faults, type Fields } from '../../catalogue/domain/faults.js';
import { readNewPrice } from '../../catalogue/domain/new-price.js';
import type { ContractAdjustment, ContractPrice } from '../../timeline/domain/terms.js';
import type { SubscribablePlan } from '../../billing/domain/subscription.js';
import { readDiscount, readOwnEffects } from './own-effects.js';
import type { OwnEffect, PriceOverride, PriceSource } from './overrides.js';

/** The older form of overrides: prices of the plan with other amounts, and what of the plan's adjustments goes. */
export interface OldOverrides {
  readonly prices: readonly PriceOverride[];
  readonly clearedAdjustmentIds: readonly string[];
}

/** The fields that an entry may have beside the model; metric, cadence, type and name are the plan's. */
const FIELDS: ReadonlySet<string> = new Set([
  ...['id', 'model_type', 'fixed_price_quantity', 'currency', 'conversion_rate'],
  ...['minimum_amount', 'maximum_amount', 'discount'],
]);

/** Reads `price_overrides`, which the contract leaves without a form: each names a price of the plan. */
export function readPriceOverrides(
  body: Fields,
  plan: SubscribablePlan,
  faults: Faults,
): OldOverrides {
  const entries = (body['price_overrides'] ?? []) as readonly unknown[];
  const prices: PriceOverride[] = [];
  const cleared: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const field = `price_overrides[${String(index)}]`;
    const inner = faults.inside(field);
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
      faults.add(field, 'must be an object with the id of a price of the plan');
      continue;
    }
    const fields = entry as Fields;
    const price = plan.prices.find(({ id }) => id === fields['id']);
    if (!price) {
      inner.add('id', 'must be the id of a price of the plan');
    } else {
      const source = readSourceOf(fields, price, plan, inner);
      const effects = readEffects(fields, inner);
      cleared.push(...clearedBy(fields, price, plan.adjustments));
      if (source) {
        const phaseOrder = (price['plan_phase_order'] ?? null) as number | null;
        prices.push({
          ...{ field, source, replacesPriceId: price.id, phaseOrder, effects },
          ...{ startMs: null, endMs: null },
        });
      }
    }
    faults.addFrom(inner);
  }
  return { prices, clearedAdjustmentIds: cleared };
}

function readSourceOf(
  fields: Fields,
  price: ContractPrice,
  plan: SubscribablePlan,
  faults: Faults,
): PriceSource | null {
  const model = String(price['model_type']);
  const config = `${model}_config`;
  const strange = Object.keys(fields).find((name) => !FIELDS.has(name) && name !== config);
  if (strange !== undefined) {
    faults.add(strange, 'is no field of the override of this price');
    return null;
  }
  if ((fields['model_type'] ?? model) !== model) {
    faults.add('model_type', `must be ${model}, as of the plan`);
    return null;
  }
  const hasConfig = fields[config] !== undefined;
  const isOther = hasConfig || fields['currency'] != null || fields['conversion_rate'] != null;
  const quantity = fields['fixed_price_quantity'] ?? null;
  if (!isOther) {
    if (quantity === null) {
      faults.add(config, 'is required, or fixed_price_quantity is');
      return null;
    }
    if (price['price_type'] !== 'fixed_price') {
      faults.add('fixed_price_quantity', 'goes with the price of a fixed fee alone');
      return null;
    }
    const text = decimalText(faults, 'fixed_price_quantity', quantity);
    return text === null ? null : { kind: 'quantity', quantity: text };
  }
  const made = newPriceOf(price, {
    ...{ model_type: model, [config]: hasConfig ? fields[config] : price[config] },
    ...given(fields, ['currency', 'conversion_rate', 'fixed_price_quantity']),
  });
  const outOfForm = formFaults(made);
  for (const sentence of outOfForm) {
    const [where = '', ...rest] = sentence.split(' ');
    faults.add(where, rest.join(' '));
  }
  if (outOfForm.length > 0) return null;
  const draft = readNewPrice(made, faults, plan.invoicingCurrency);
  return draft && { kind: 'new', draft, referenceId: null };
}

/** The request that would make this price anew. */
function newPriceOf(price: ContractPrice, changed: Fields): Fields {
  const metric = price['billable_metric'] as { id: string } | null;
  const group = price['dimensional_price_configuration'];
  return {
    name: price.name,
    item_id: (price['item'] as { id: string }).id,
    ...given(price, [
      ...['cadence', 'currency', 'conversion_rate', 'conversion_rate_config'],
      ...['invoice_grouping_key', 'invoicing_cycle_configuration', 'fixed_price_quantity'],
    ]),
    ...(price['cadence'] === 'custom' ? given(price, ['billing_cycle_configuration']) : {}),
    billable_metric_id: metric?.id ?? null,
    billed_in_advance: price['billing_mode'] === 'in_advance',
    ...(group ? { dimensional_price_configuration: group } : {}),
    ...changed,
  };
}

const given = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(
    names.flatMap((name) => ((fields[name] ?? null) === null ? [] : [[name, fields[name]]])),
  );

/** As the contract says of a new price of a subscription. */
function formFaults(price: Fields): readonly string[] {
  const operation = findOperation('create-subscription');
  invariant(operation, 'the contract makes subscriptions');
  const before = 'add_prices[0].price';
  return bodyFaults(operation, { add_prices: [{ price }] }).map((sentence) =>
    sentence.replaceAll(`${before}.`, '').replaceAll(before, 'price'),
  );
}

function readEffects(fields: Fields, faults: Faults): readonly OwnEffect[] {
  const { minimum_amount, maximum_amount } = fields;
  const effects = readOwnEffects({ minimum_amount, maximum_amount }, faults);
  const discount = fields['discount'] ?? null;
  if (discount === null) return effects;
  if (typeof discount !== 'object' || Array.isArray(discount)) {
    faults.add('discount', 'must be an object with discount_type');
    return effects;
  }
  const types = ['amount', 'percentage', 'usage'];
  if (!types.includes(String((discount as Fields)['discount_type']))) {
    faults.add('discount.discount_type', `must be one of ${types.join(', ')}`);
    return effects;
  }
  const inner = faults.inside('discount');
  const effect = readDiscount(discount as Fields, inner);
  faults.addFrom(inner);
  return effect ? [...effects, effect] : effects;
}

const KINDS = [
  ['minimum_amount', /^minimum$/],
  ['maximum_amount', /^maximum$/],
  ['discount', /_discount$/],
] as const;

/** Adjustments of this price alone that a given or cleared field stands in the place of. */
const clearedBy = (
  fields: Fields,
  price: ContractPrice,
  adjustments: readonly ContractAdjustment[],
): readonly string[] =>
  adjustments
    .filter((one) => {
      const ids = (one['applies_to_price_ids'] ?? []) as readonly string[];
      return ids.length === 1 && ids[0] === price.id;
    })
    .filter(({ adjustment_type: type }) =>
      KINDS.some(([field, kind]) => fields[field] !== undefined && kind.test(type)),
    )
    .map(({ id }) => id);
