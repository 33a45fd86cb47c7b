// What the specs of this room make timelines from.
import { anchorAt } from './cycle.js';
import type { ContractPrice } from './terms.js';
import type { PriceInterval, Timeline } from './timeline.js';

export const at = (text: string): number => Date.parse(text);

/** A price as the contract shows it. */
export const priceOf = (fields: Record<string, unknown> = {}): ContractPrice => ({
  id: 'price_1',
  name: 'Seats',
  external_price_id: null,
  replaces_price_id: null,
  metadata: {},
  created_at: '2026-01-01T00:00:00.000Z',
  price_type: 'fixed_price',
  model_type: 'unit',
  unit_config: { unit_amount: '10.00' },
  cadence: 'monthly',
  billing_mode: 'in_advance',
  billing_cycle_configuration: { duration: 1, duration_unit: 'month' },
  invoicing_cycle_configuration: null,
  billable_metric: null,
  fixed_price_quantity: 1,
  plan_phase_order: null,
  currency: 'USD',
  conversion_rate: null,
  conversion_rate_config: null,
  item: { id: 'item_1', name: 'Item' },
  credit_allocation: null,
  composite_price_filters: null,
  invoice_grouping_key: null,
  ...{ discount: null, minimum: null, minimum_amount: null, maximum: null, maximum_amount: null },
  ...fields,
});

export const usagePriceOf = (fields: Record<string, unknown> = {}): ContractPrice =>
  priceOf({
    id: 'price_usage',
    name: 'Calls',
    price_type: 'usage_price',
    billing_mode: 'in_arrear',
    billable_metric: { id: 'metric_1' },
    fixed_price_quantity: null,
    ...fields,
  });

export function intervalOf(
  price: ContractPrice,
  start: string,
  end: string | null,
  fields: Partial<PriceInterval> = {},
  timezone = 'UTC',
): PriceInterval {
  const startMs = at(start);
  const quantity = String((price['fixed_price_quantity'] ?? 1) as number);
  return {
    id: `pi_${price.id}`,
    price,
    startMs,
    endMs: end === null ? null : at(end),
    anchor: { ...anchorAt(startMs, timezone), day: 1 },
    phaseOrder: null,
    steps: price['price_type'] === 'fixed_price' ? [{ fromMs: startMs, quantity }] : [],
    filter: null,
    usageCustomerIds: null,
    isTrial: false,
    ...fields,
  };
}

export const timelineOf = (
  prices: readonly PriceInterval[],
  fields: Partial<Timeline> = {},
): Timeline => ({
  startMs: Math.min(...prices.map(({ startMs }) => startMs)),
  endMs: null,
  timezone: 'UTC',
  plans: [],
  phases: [],
  prices,
  adjustments: [],
  trialEndMs: null,
  ...fields,
});
