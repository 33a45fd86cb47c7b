import { readDecimal } from '@orbit/pricing';
import { isIsoCode, type Faults, type Fields } from './faults.js';
import { readNewPrice, type PriceDraft } from './new-price.js';

/** A group as its prices need it. */
interface Group {
  readonly id: string;
  readonly metricId: string;
  readonly itemId: string;
  readonly dimensions: readonly string[];
}

const PRICES_MAX = 250;

/**
 * Reads several prices of one group (`NewDimensionalPriceGroupPrices`): one row of amounts for each combination of
 * values. Of use only without faults.
 */
export function readGroupPrices(body: Fields, group: Group, faults: Faults): readonly PriceDraft[] {
  const { item_id: itemId, currency, model_type: modelType } = body;
  const list = body['prices'] as readonly Fields[];
  const tiers = (body['tiers'] ?? null) as readonly Fields[] | null;
  if (itemId !== group.itemId) {
    faults.add('item_id', `must be ${group.itemId}, the item of the group's metric`);
  }
  if (!isIsoCode(String(currency))) faults.add('currency', 'must be an ISO 4217 currency');
  if (list.length === 0) faults.add('prices', 'must not be empty');
  if (list.length > PRICES_MAX) {
    faults.add('prices', `must have at most ${String(PRICES_MAX)} entries`);
    return [];
  }
  if (modelType === 'unit' && tiers !== null) faults.add('tiers', 'must be absent for unit prices');
  if (modelType === 'tiered' && !tiers?.length) {
    faults.add('tiers', 'is required for tiered prices');
    return [];
  }
  const seen = new Set<string>();
  return list.flatMap((entry, index) => {
    const inner = faults.inside(`prices[${String(index)}]`);
    const values = entry['dimension_values'] as readonly string[];
    if (seen.has(JSON.stringify(values))) inner.add('dimension_values', 'stand twice');
    seen.add(JSON.stringify(values));
    if (values.length !== group.dimensions.length) {
      const wanted = `${String(group.dimensions.length)} values: ${group.dimensions.join(', ')}`;
      inner.add('dimension_values', `must have ${wanted}`);
    }
    const draft = readOne(body, entry, group, inner);
    faults.addFrom(inner);
    return draft ? [draft] : [];
  });
}

function readOne(body: Fields, entry: Fields, group: Group, faults: Faults): PriceDraft | null {
  const amounts = (entry['amounts'] as readonly number[]).map(exactText);
  const tiers = (body['tiers'] ?? []) as readonly Fields[];
  const count = body['model_type'] === 'unit' ? 1 : tiers.length;
  if (amounts.length !== count) {
    faults.add(
      'amounts',
      `must have ${String(count)}: one for ${count === 1 ? 'all' : 'each tier'}`,
    );
    return null;
  }
  const values = entry['dimension_values'] as readonly string[];
  const config =
    body['model_type'] === 'unit'
      ? { unit_config: { unit_amount: amounts[0] } }
      : {
          tiered_config: {
            tiers: tiers.map((tier, index) => ({ ...tier, unit_amount: amounts[index] })),
          },
        };
  const price = {
    ...{ cadence: body['cadence'], currency: body['currency'], item_id: body['item_id'] },
    ...{ model_type: body['model_type'], name: entry['name'] ?? values.join(', ') },
    billable_metric_id: group.metricId,
    dimensional_price_configuration: {
      dimensional_price_group_id: group.id,
      dimension_values: values,
    },
    ...config,
  };
  return readNewPrice(price, faults, null);
}

/** A JSON number as decimal text; what is no decimal stays and is a fault where it is read. */
const exactText = (value: number): string => readDecimal(value)?.toString() ?? String(value);
