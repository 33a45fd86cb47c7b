// One configuration of each model of the contract, as a caller would write it.
import type { ModelType } from '@orbit/pricing';

const rising = (rate: string, ...bounds: string[]) =>
  bounds.map((tier_lower_bound, index) => ({ tier_lower_bound, [rate]: `0.0${9 - index}` }));

export const PRICE_SAMPLES: Readonly<Record<ModelType, Readonly<Record<string, unknown>>>> = {
  unit: { unit_amount: '0.0004', prorated: true },
  tiered: {
    tiers: [
      { first_unit: 0, last_unit: 10_000, unit_amount: '0.001' },
      { first_unit: 10_000, last_unit: 100_000, unit_amount: '0.0008' },
      { first_unit: 100_000, last_unit: null, unit_amount: '0.0005' },
    ],
  },
  bulk: { tiers: [{ maximum_units: 10, unit_amount: '0.50' }, { unit_amount: '0.40' }] },
  bulk_with_filters: {
    filters: [{ property_key: 'region', property_value: 'eu' }],
    tiers: rising('unit_amount', '0', '10'),
  },
  package: { package_amount: '0.80', package_size: 10 },
  matrix: {
    dimensions: ['region', 'tier'],
    default_unit_amount: '0.02',
    matrix_values: [{ dimension_values: ['eu', 'gold'], unit_amount: '0.01' }],
  },
  threshold_total_amount: {
    consumption_table: [
      { threshold: '0', total_amount: '5' },
      { threshold: '100', total_amount: '50' },
    ],
    prorate: false,
  },
  tiered_package: { package_size: '10', tiers: rising('per_unit', '0', '100') },
  tiered_with_minimum: {
    hide_zero_amount_tiers: false,
    tiers: rising('unit_amount', '0', '10').map((tier) => ({ ...tier, minimum_amount: '1' })),
  },
  grouped_tiered: { grouping_key: 'team', tiers: rising('unit_amount', '0', '10') },
  grouped_tiered_matrix: {
    dimension: 'region',
    default_unit_amount: '0.2',
    tiers: [{ dimension_value: 'eu', tier_lower_bound: '0', unit_amount: '0.1' }],
  },
  tiered_package_with_minimum: {
    package_size: 10,
    tiers: rising('per_unit', '0', '100').map((tier) => ({ ...tier, minimum_amount: '1' })),
  },
  package_with_allocation: { package_amount: '0.80', package_size: '10', allocation: '100' },
  unit_with_percent: { unit_amount: '1', percent: '2.5' },
  matrix_with_allocation: {
    dimensions: ['region'],
    default_unit_amount: '0.02',
    allocation: '100',
    matrix_values: [{ dimension_values: ['eu'], unit_amount: '0.01' }],
  },
  tiered_matrix_with_allocation: {
    dimensions: ['region'],
    default_unit_amount: '0.02',
    allocation: '100',
    tiers: [{ dimension_values: ['eu'], tier_lower_bound: '0', unit_amount: '0.01' }],
  },
  matrix_with_threshold_discounts: {
    first_dimension: 'region',
    default_unit_amount: '0.02',
    matrix_values: [{ first_dimension_value: 'eu', unit_amount: '0.01' }],
  },
  tiered_with_proration: { tiers: rising('unit_amount', '0', '10') },
  unit_with_proration: { unit_amount: '10' },
  bulk_with_proration: { tiers: rising('unit_amount', '0', '10') },
  grouped_allocation: { grouping_key: 'team', overage_unit_rate: '0.1', allocation: '100' },
  grouped_with_prorated_minimum: { grouping_key: 'team', unit_rate: '0.1', minimum: '5' },
  grouped_with_metered_minimum: {
    grouping_key: 'team',
    pricing_key: 'tier',
    scaling_key: 'region',
    minimum_unit_amount: '0.1',
    scaling_factors: [{ scaling_factor: '2', scaling_value: 'eu' }],
    unit_amounts: [{ pricing_value: 'gold', unit_amount: '0.2' }],
  },
  grouped_with_min_max_thresholds: {
    grouping_key: 'team',
    per_unit_rate: '0.1',
    minimum_charge: '1',
    maximum_charge: '9',
  },
  matrix_with_display_name: {
    dimension: 'region',
    unit_amounts: [{ display_name: 'Europe', dimension_value: 'eu', unit_amount: '0.1' }],
  },
  grouped_tiered_package: {
    grouping_key: 'team',
    package_size: '10',
    tiers: rising('per_unit', '0', '100'),
  },
  max_group_tiered_package: {
    grouping_key: 'team',
    package_size: '10',
    tiers: rising('unit_amount', '0', '100'),
  },
  scalable_matrix_with_unit_pricing: {
    first_dimension: 'region',
    unit_price: '0.1',
    matrix_scaling_factors: [{ first_dimension_value: 'eu', scaling_factor: '2' }],
  },
  scalable_matrix_with_tiered_pricing: {
    first_dimension: 'region',
    tiers: rising('unit_amount', '0', '10'),
    matrix_scaling_factors: [{ first_dimension_value: 'eu', scaling_factor: '2' }],
  },
  cumulative_grouped_bulk: {
    group: 'team',
    dimension_values: [
      { grouping_key: 'red', tier_lower_bound: '0', unit_amount: '0.2' },
      { grouping_key: 'red', tier_lower_bound: '10', unit_amount: '0.1' },
    ],
  },
  cumulative_grouped_allocation: {
    grouping_key: 'team',
    group_allocation: '10',
    cumulative_allocation: '100',
    unit_amount: '0.1',
  },
  daily_credit_allowance: {
    event_day_property: 'day',
    dimensions: ['model'],
    default_unit_amount: '0.2',
    daily_allowance: '5',
    matrix_values: [{ dimension_values: ['small'], unit_amount: '0.1' }],
  },
  metered_allowance: {
    grouping_key: 'kind',
    consumption_grouping_value: 'used',
    allowance_grouping_value: 'granted',
    unit_amount: '0.1',
  },
  minimum_composite: { minimum_amount: '50', prorated: false },
  percent: { percent: 0.15, minimum_amount: '1' },
  event_output: { unit_rating_key: 'rate', default_unit_rate: '0.1' },
};
