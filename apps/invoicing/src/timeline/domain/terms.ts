import { invariant } from '@orbit/kernel';
import {
  Decimal,
  decimal,
  isModelType,
  parseDecimal,
  readPrice,
  type PriceModel,
} from '@orbit/pricing';
import type { Cycle } from './cycle.js';

type Fields = Readonly<Record<string, unknown>>;

/** A price as the contract shows it. It never changes, so an interval keeps it whole. */
export type ContractPrice = Fields & { readonly id: string; readonly name: string };

/** An adjustment as the contract shows it. */
export type ContractAdjustment = Fields & { readonly id: string; readonly adjustment_type: string };

/** The fields of a price that decide when and how much is charged. */
export interface PriceTerms {
  /** Null: charged once. */
  readonly cycle: Cycle | null;
  readonly isInAdvance: boolean;
  readonly kind: 'usage' | 'fixed' | 'composite';
  readonly metricId: string | null;
  readonly currency: string;
  readonly model: PriceModel;
  /** Properties by which usage must come split. */
  readonly dimensions: readonly string[];
  /** The worth of one unit of the price's currency in the currency of the invoice. */
  readonly conversionRate: Decimal | null;
  readonly groupingKey: string | null;
}

const KINDS = { usage_price: 'usage', fixed_price: 'fixed', composite_price: 'composite' } as const;

export function termsOf(price: ContractPrice): PriceTerms {
  const type = String(price['model_type']);
  invariant(isModelType(type), `${price.id} has a model that there is`);
  const read = readPrice(type, price[`${type}_config`]);
  invariant(read.status === 'read', `${price.id} was checked when it was made`);
  const metric = price['billable_metric'] as { id: string } | null | undefined;
  const groupingKey = (price['invoice_grouping_key'] ?? null) as string | null;
  const { model } = read;
  return {
    cycle: cycleOf(price),
    isInAdvance: price['billing_mode'] === 'in_advance',
    kind: KINDS[price['price_type'] as keyof typeof KINDS],
    metricId: metric?.id ?? null,
    currency: String(price['currency']),
    model,
    dimensions: [...new Set([...model.dimensions, ...(groupingKey === null ? [] : [groupingKey])])],
    conversionRate: conversionOf(price),
    groupingKey,
  };
}

const CYCLES: Readonly<Record<string, Cycle>> = {
  monthly: { unit: 'month', count: 1 },
  quarterly: { unit: 'month', count: 3 },
  semi_annual: { unit: 'month', count: 6 },
  annual: { unit: 'month', count: 12 },
};

/** How often a price is charged; null: once. */
export function cycleOf(price: ContractPrice): Cycle | null {
  const cadence = String(price['cadence']);
  if (cadence === 'one_time') return null;
  const named = CYCLES[cadence];
  if (named) return named;
  const own = price['billing_cycle_configuration'] as {
    duration: number;
    duration_unit: 'day' | 'month';
  };
  return { unit: own.duration_unit, count: own.duration };
}

/** Days of a cycle, about: to compare cycles. */
export const lengthOf = ({ unit, count }: Cycle): number =>
  unit === 'month' ? 30.4 * count : count;

/** The worth of one unit of a price's currency in the currency of the invoice; null: it is that currency. */
export function conversionOf(price: ContractPrice): Decimal | null {
  const config = price['conversion_rate_config'] as
    { conversion_rate_type: string; unit_config?: { unit_amount: string } } | null | undefined;
  const unit = config?.unit_config?.unit_amount;
  if (typeof unit === 'string') return parseDecimal(unit);
  const rate = price['conversion_rate'] ?? null;
  return rate === null ? null : decimalOf(rate);
}

/** A number or text of the contract, with the digits that it was written with. */
export function decimalOf(value: unknown): Decimal {
  const text = typeof value === 'number' ? plain(value) : String(value);
  return decimal(text);
}

/** As `decimalOf`, of what somebody sends; null: no number that can be kept. */
export const readNumber = (value: unknown): Decimal | null =>
  parseDecimal(typeof value === 'number' ? plain(value) : String(value));

/** Without an exponent. */
function plain(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  return value.toFixed(18).replace(/\.?0+$/, '');
}
