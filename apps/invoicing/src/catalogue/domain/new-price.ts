import { isModelType, readPrice, type ModelType } from '@orbit/pricing';
import { checkCurrency, checkText, decimalText, Faults, type Fields } from './faults.js';
import type { Cadence, ConversionRateConfig, Cycle, PriceDefinition } from './price.js';

/** References of a new price that must be looked up before it is one. */
export interface PriceReferences {
  readonly itemId: string;
  readonly metricId: string | null;
  readonly licenseTypeId: string | null;
  readonly dimensional: {
    readonly groupId: string | null;
    readonly externalGroupId: string | null;
    readonly values: readonly string[];
  } | null;
}

/** A price as it was asked for, before its references are looked up. */
export interface PriceDraft {
  readonly definition: Omit<PriceDefinition, 'dimensional' | 'licenseType' | 'replacesPriceId'>;
  readonly externalPriceId: string | null;
  readonly metadata: unknown;
  readonly references: PriceReferences;
}

const CYCLES: Readonly<Record<Exclude<Cadence, 'custom'>, Cycle>> = {
  one_time: { duration: 1, duration_unit: 'month' },
  monthly: { duration: 1, duration_unit: 'month' },
  quarterly: { duration: 3, duration_unit: 'month' },
  semi_annual: { duration: 6, duration_unit: 'month' },
  annual: { duration: 12, duration_unit: 'month' },
};
const CYCLE_LENGTH_MAX = { day: 3_660, month: 120 } as const;
const EXTERNAL_ID_LENGTH_MAX = 255;

/** Prices that stand on other prices instead of usage or a quantity. */
const COMPOSITE: ReadonlySet<ModelType> = new Set(['minimum_composite', 'percent']);

/**
 * Reads a price that fits the contract (`NewFloatingPrice`, `NewPlanPrice`, `NewSubscriptionPrice`). What contradicts
 * itself is a fault that names its path. `currency` is the one of a price that names none. Null after a fault.
 */
export function readNewPrice(
  body: Fields,
  faults: Faults,
  currencyDefault: string | null,
): PriceDraft | null {
  const before = faults.sentences.length;
  const modelType = String(body['model_type']);
  if (!isModelType(modelType)) {
    faults.add('model_type', 'must name one of the models');
    return null;
  }
  const config = (body[`${modelType}_config`] ?? {}) as Fields;
  const read = readPrice(modelType, config);
  for (const { path, message } of read.status === 'refused' ? read.faults : []) {
    faults.add(path, message);
  }
  const isComposite = COMPOSITE.has(modelType);
  const metricId = isComposite ? null : textOr(body['billable_metric_id']);
  const splitsUsage = read.status === 'read' && read.model.dimensions.length > 0;
  if (splitsUsage && metricId === null) {
    faults.add('billable_metric_id', `is required: ${modelType} groups usage by a property`);
  }
  const name = String(body['name']);
  checkText(faults, 'name', name);
  const currency = textOr(body['currency']) ?? currencyDefault ?? '';
  checkCurrency(faults, 'currency', currency);
  const externalPriceId = textOr(body['external_price_id']);
  if (externalPriceId !== null) {
    checkText(faults, 'external_price_id', externalPriceId, EXTERNAL_ID_LENGTH_MAX);
  }
  const definition = {
    name,
    modelType,
    config,
    priceType: priceTypeOf(isComposite, metricId),
    ...readCycles(body, faults),
    billingMode: billingModeOf(isComposite || metricId !== null, body),
    metricId,
    fixedQuantity: isComposite || metricId !== null ? null : readQuantity(body, faults),
    currency,
    ...readConversion(body, faults),
    creditAllocation: null,
    compositeFilters: null,
    invoiceGroupingKey: textOr(body['invoice_grouping_key']),
    licenseAllocations: [],
  } satisfies PriceDraft['definition'];
  const references = {
    itemId: String(body['item_id']),
    metricId,
    licenseTypeId: textOr(body['license_type_id']),
    dimensional: readDimensional(body, metricId, faults),
  };
  if (faults.sentences.length > before) return null;
  return { definition, externalPriceId, metadata: body['metadata'], references };
}

const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function priceTypeOf(isComposite: boolean, metricId: string | null): PriceDefinition['priceType'] {
  if (isComposite) return 'composite_price';
  return metricId === null ? 'fixed_price' : 'usage_price';
}

/** Only a fixed fee can be billed before its period; it is, unless the caller says otherwise. */
const billingModeOf = (isInArrear: boolean, body: Fields): PriceDefinition['billingMode'] =>
  isInArrear || body['billed_in_advance'] === false ? 'in_arrear' : 'in_advance';

/** One, unless the caller says how many. */
function readQuantity(body: Fields, faults: Faults): string | null {
  const quantity = body['fixed_price_quantity'] ?? 1;
  return decimalText(faults, 'fixed_price_quantity', quantity);
}

/** A cycle of a cadence that has a name is the cadence's. */
function readCycles(
  body: Fields,
  faults: Faults,
): Pick<PriceDefinition, 'cadence' | 'billingCycle' | 'invoicingCycle'> {
  const cadence = body['cadence'] as Cadence;
  const billing = readCycle(body, 'billing_cycle_configuration', faults);
  const invoicing = readCycle(body, 'invoicing_cycle_configuration', faults);
  if (cadence !== 'custom') {
    return { cadence, billingCycle: CYCLES[cadence], invoicingCycle: invoicing };
  }
  if (!billing) faults.add('billing_cycle_configuration', 'is required: cadence is custom');
  return { cadence, billingCycle: billing ?? CYCLES.monthly, invoicingCycle: invoicing };
}

function readCycle(body: Fields, field: string, faults: Faults): Cycle | null {
  const value = (body[field] ?? null) as Cycle | null;
  if (value === null) return null;
  const { duration, duration_unit: unit } = value;
  const max = CYCLE_LENGTH_MAX[unit];
  if (duration < 1 || duration > max) {
    faults.add(`${field}.duration`, `must be 1 to ${String(max)} ${unit}s`);
  }
  return { duration, duration_unit: unit };
}

function readConversion(
  body: Fields,
  faults: Faults,
): Pick<PriceDefinition, 'conversionRate' | 'conversionRateConfig'> {
  const rate = body['conversion_rate'] ?? null;
  const config = (body['conversion_rate_config'] ?? null) as ConversionRateConfig | null;
  if (config) {
    const type = config.conversion_rate_type;
    const read = readPrice(type, type === 'unit' ? config.unit_config : config.tiered_config);
    for (const { path, message } of read.status === 'refused' ? read.faults : []) {
      faults.add(`conversion_rate_config.${path}`, message);
    }
  }
  return {
    conversionRate: rate === null ? null : decimalText(faults, 'conversion_rate', rate, true),
    conversionRateConfig: config,
  };
}

function readDimensional(
  body: Fields,
  metricId: string | null,
  faults: Faults,
): PriceReferences['dimensional'] {
  const field = 'dimensional_price_configuration';
  const value = (body[field] ?? null) as Fields | null;
  if (value === null) return null;
  const groupId = textOr(value['dimensional_price_group_id']);
  const externalGroupId = textOr(value['external_dimensional_price_group_id']);
  const values = value['dimension_values'] as readonly string[];
  if (groupId === null && externalGroupId === null) {
    faults.add(`${field}.dimensional_price_group_id`, 'is required, or the external id is');
  }
  if (values.length === 0) faults.add(`${field}.dimension_values`, 'must not be empty');
  for (const [index, text] of values.entries()) {
    if (text === '') faults.add(`${field}.dimension_values[${String(index)}]`, 'must not be empty');
  }
  if (metricId === null) faults.add('billable_metric_id', 'is required: dimensions split usage');
  return { groupId, externalGroupId, values };
}
