import type { Price } from './price.js';

/** A price as /v1 shows it, by itself and inside plans, subscriptions and invoices. */
export const priceToResponse = (price: Price): Record<string, unknown> => ({
  id: price.id,
  name: price.name,
  external_price_id: price.externalPriceId,
  replaces_price_id: price.replacesPriceId,
  model_type: price.modelType,
  [`${price.modelType}_config`]: price.config,
  price_type: price.priceType,
  cadence: price.cadence,
  billing_mode: price.billingMode,
  billing_cycle_configuration: price.billingCycle,
  invoicing_cycle_configuration: price.invoicingCycle,
  billable_metric: price.metricId === null ? null : { id: price.metricId },
  ...dimensionsOf(price),
  fixed_price_quantity: exactNumber(price.fixedQuantity),
  plan_phase_order: price.planPhaseOrder,
  currency: price.currency,
  conversion_rate: exactNumber(price.conversionRate),
  conversion_rate_config: price.conversionRateConfig,
  item: price.item,
  credit_allocation: allocationOf(price),
  composite_price_filters: price.compositeFilters,
  invoice_grouping_key: price.invoiceGroupingKey,
  ...(price.licenseType ? { license_type: price.licenseType } : {}),
  metadata: price.metadata,
  created_at: price.createdAt.toISOString(),
  // The contract keeps these for prices older than adjustments; ours never are.
  ...{ discount: null, minimum: null, minimum_amount: null, maximum: null, maximum_amount: null },
});

/** It came in as a JSON number that means exactly these digits, so it goes out as that number. */
const exactNumber = (text: string | null): number | null => (text === null ? null : Number(text));

const dimensionsOf = ({ dimensional }: Price): Record<string, unknown> =>
  dimensional
    ? {
        dimensional_price_configuration: {
          dimensional_price_group_id: dimensional.groupId,
          dimension_values: dimensional.values,
        },
      }
    : {};

const allocationOf = ({ creditAllocation, licenseType }: Price): unknown =>
  creditAllocation && {
    currency: creditAllocation.currency,
    allows_rollover: creditAllocation.allowsRollover,
    custom_expiration: creditAllocation.customExpiration,
    filters: creditAllocation.filters,
    ...(licenseType ? { license_type_id: licenseType.id } : {}),
  };
