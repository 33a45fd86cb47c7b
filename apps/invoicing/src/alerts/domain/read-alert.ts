import { readDecimal, type Decimal } from '@orbit/pricing';
import { checkCurrency, checkText, Faults, type Fields } from '../../catalogue/domain/faults.js';
import {
  isBalanceAlert,
  type AlertPriceFilter,
  type AlertTerms,
  type AlertType,
  type ThresholdOverride,
} from './alert.js';

const THRESHOLDS_MAX = 100;
const OVERRIDES_MAX = 1_000;
const GROUPING_KEYS_MAX = 10;
const FILTERS_MAX = 20;
const FILTER_FIELDS: ReadonlySet<string> = new Set(['price_id', 'item_id', 'price_type']);

/** Reads a new alert from a request that fits the contract; of use only without faults. */
export function readNewAlert(body: Fields, faults: Faults): AlertTerms {
  const type = body['type'] as AlertType;
  return isBalanceAlert(type)
    ? readBalanceAlert(type, body, faults)
    : readSpendAlert(type, body, faults);
}

/** Depletion and recovery have one line, zero: what is given for them is left out, as the contract allows it. */
function readBalanceAlert(type: AlertType, body: Fields, faults: Faults): AlertTerms {
  const currency = String(body['currency']);
  checkCurrency(faults, 'currency', currency);
  const isDropped = type === 'credit_balance_dropped';
  const thresholds = isDropped ? readThresholds(body['thresholds'], 'thresholds', faults) : [];
  return { type, currency, thresholds, ...NOTHING_ELSE };
}

const NOTHING_ELSE = { metricId: null, groupingKeys: null, priceFilters: null, overrides: null };

function readSpendAlert(type: AlertType, body: Fields, faults: Faults): AlertTerms {
  const text = (field: string): string | null => (body[field] ?? null) as string | null;
  const groupingKeys = listOf(body['grouping_keys']) as readonly string[] | null;
  const currency = text('currency');
  const metricId = text('metric_id');
  if (currency !== null) checkCurrency(faults, 'currency', currency);
  if (type === 'usage_exceeded' && metricId === null) {
    faults.add('metric_id', 'is needed by a usage_exceeded alert');
  }
  if (type !== 'usage_exceeded' && metricId !== null) {
    faults.add('metric_id', `must be left out: a ${type} alert watches money`);
  }
  if (type === 'usage_exceeded' && currency !== null) {
    faults.add('currency', 'must be left out: a usage_exceeded alert watches a quantity');
  }
  if (currency === null && (type === 'spend_exceeded' || groupingKeys !== null)) {
    faults.add('currency', 'is needed by a spend_exceeded alert and by one with grouping_keys');
  }
  checkGroupingKeys(type, groupingKeys, faults);
  const terms = {
    ...{ type, currency, metricId, groupingKeys },
    thresholds: readThresholds(body['thresholds'], 'thresholds', faults),
    priceFilters: listOf(body['price_filters']) as readonly AlertPriceFilter[] | null,
    overrides: readOverrides(body['threshold_overrides'], groupingKeys, faults),
  };
  checkFilters(terms, faults);
  return terms;
}

/** An alert as an update leaves it: thresholds are replaced; of the rest what is absent stays and [] clears. */
export function readAlertUpdate(alert: AlertTerms, body: Fields, faults: Faults): AlertTerms {
  const { groupingKeys } = alert;
  const [filters, overrides] = [body['price_filters'], body['threshold_overrides']];
  const thresholds = readThresholds(body['thresholds'], 'thresholds', faults);
  const changed = {
    ...alert,
    thresholds: hasThresholds(alert.type) ? thresholds : [],
    priceFilters: (filters == null ? alert.priceFilters : listOf(filters)) as
      readonly AlertPriceFilter[] | null,
    overrides: overrides == null ? alert.overrides : readOverrides(overrides, groupingKeys, faults),
  };
  checkFilters(changed, faults);
  return changed;
}

const hasThresholds = (type: AlertType): boolean =>
  !isBalanceAlert(type) || type === 'credit_balance_dropped';

/** An empty list says nothing, as null does. */
const listOf = (value: unknown): readonly unknown[] | null =>
  Array.isArray(value) && value.length > 0 ? (value as readonly unknown[]) : null;

function readThresholds(value: unknown, field: string, faults: Faults): readonly string[] {
  const given = (value ?? []) as readonly { readonly value: unknown }[];
  if (given.length === 0) faults.add(field, 'must have at least one threshold');
  return sorted(given, field, faults);
}

function sorted(
  given: readonly { readonly value: unknown }[],
  field: string,
  faults: Faults,
): readonly string[] {
  if (given.length > THRESHOLDS_MAX) {
    faults.add(field, `must have at most ${String(THRESHOLDS_MAX)} thresholds`);
    return [];
  }
  const read: Decimal[] = [];
  given.forEach(({ value }, index) => {
    const path = `${field}[${String(index)}].value`;
    const number = readDecimal(value);
    if (!number)
      faults.add(path, 'must be a decimal of at most 38 digits, 18 of them behind the point');
    else if (number.isNegative) faults.add(path, 'must not be negative');
    else if (read.some((known) => known.compare(number) === 0)) {
      faults.add(path, `must not repeat the threshold ${number.toString()}`);
    } else read.push(number);
  });
  return read.sort((a, b) => a.compare(b)).map(String);
}

function checkGroupingKeys(type: AlertType, keys: readonly string[] | null, faults: Faults): void {
  if (keys === null) return;
  if (type !== 'cost_exceeded') {
    faults.add('grouping_keys', `must be left out: only a cost_exceeded alert has groups`);
  }
  if (keys.length > GROUPING_KEYS_MAX) {
    faults.add('grouping_keys', `must have at most ${String(GROUPING_KEYS_MAX)} keys`);
  }
  if (new Set(keys).size < keys.length) faults.add('grouping_keys', 'must not repeat a key');
  keys.forEach((key, index) => checkText(faults, `grouping_keys[${String(index)}]`, key, 255));
}

function checkFilters(terms: AlertTerms, faults: Faults): void {
  const { type, priceFilters, groupingKeys } = terms;
  if (priceFilters === null) return;
  if (type !== 'spend_exceeded' && groupingKeys === null) {
    const detail =
      'must be left out: only spend_exceeded alerts and grouped cost_exceeded alerts have them';
    faults.add('price_filters', detail);
  }
  if (priceFilters.length > FILTERS_MAX) {
    faults.add('price_filters', `must have at most ${String(FILTERS_MAX)} filters`);
  }
  priceFilters.forEach(({ field, values }, index) => {
    const path = `price_filters[${String(index)}]`;
    if (!FILTER_FIELDS.has(field)) {
      faults.add(`${path}.field`, 'must be price_id, item_id or price_type');
    }
    if (values.length === 0) faults.add(`${path}.values`, 'must have at least one value');
  });
}

function readOverrides(
  value: unknown,
  groupingKeys: readonly string[] | null,
  faults: Faults,
): readonly ThresholdOverride[] | null {
  const given = listOf(value) as readonly Fields[] | null;
  if (given === null) return null;
  if (groupingKeys === null) {
    faults.add('threshold_overrides', 'must be left out: the alert has no grouping_keys');
    return null;
  }
  if (given.length > OVERRIDES_MAX) {
    faults.add('threshold_overrides', `must have at most ${String(OVERRIDES_MAX)} overrides`);
    return null;
  }
  const seen = new Set<string>();
  return given.map((override, index) => {
    const path = `threshold_overrides[${String(index)}]`;
    const groupKeys = listOf(override['group_keys']) as readonly string[] | null;
    const groupValues = override['group_values'] as readonly string[];
    const bound = groupKeys ?? groupingKeys;
    if (!bound.every((key) => groupingKeys.includes(key)) || new Set(bound).size < bound.length) {
      faults.add(`${path}.group_keys`, `must be some of ${groupingKeys.join(', ')}, each once`);
    }
    if (groupValues.length !== bound.length) {
      const detail = `must have ${String(bound.length)} values, one for each of ${bound.join(', ')}`;
      faults.add(`${path}.group_values`, detail);
    }
    const name = JSON.stringify([bound, groupValues]);
    if (seen.has(name)) faults.add(path, 'must not repeat the group of another override');
    seen.add(name);
    const thresholds = override['thresholds'] as readonly { readonly value: unknown }[];
    return { groupKeys, groupValues, thresholds: sorted(thresholds, `${path}.thresholds`, faults) };
  });
}
