import { ConfigReader, type ConfigFault } from './config.js';
import type { PriceModel, ReadModel } from './model.js';
import { minimumComposite, percent } from './models/composite.js';
import { dailyCreditAllowance, eventOutput } from './models/events.js';
import {
  packages,
  packageWithAllocation,
  unit,
  unitWithPercent,
  unitWithProration,
} from './models/flat.js';
import * as grouped from './models/grouped.js';
import { matrixWithThresholdDiscounts } from './models/matrix-discounts.js';
import * as table from './models/matrix.js';
import * as tiered from './models/tiered.js';

/** By `model_type` of the contract. */
export const MODELS = {
  unit,
  tiered: tiered.tiered,
  bulk: tiered.bulk,
  bulk_with_filters: tiered.bulkWithFilters,
  package: packages,
  matrix: table.matrix,
  threshold_total_amount: tiered.thresholdTotalAmount,
  tiered_package: tiered.tieredPackage,
  tiered_with_minimum: tiered.tieredWithMinimum,
  grouped_tiered: grouped.groupedTiered,
  grouped_tiered_matrix: table.groupedTieredMatrix,
  tiered_package_with_minimum: tiered.tieredPackageWithMinimum,
  package_with_allocation: packageWithAllocation,
  unit_with_percent: unitWithPercent,
  matrix_with_allocation: table.matrixWithAllocation,
  tiered_matrix_with_allocation: table.tieredMatrixWithAllocation,
  matrix_with_threshold_discounts: matrixWithThresholdDiscounts,
  tiered_with_proration: tiered.tieredWithProration,
  unit_with_proration: unitWithProration,
  bulk_with_proration: tiered.bulkWithProration,
  grouped_allocation: grouped.groupedAllocation,
  grouped_with_prorated_minimum: grouped.groupedWithProratedMinimum,
  grouped_with_metered_minimum: grouped.groupedWithMeteredMinimum,
  grouped_with_min_max_thresholds: grouped.groupedWithMinMaxThresholds,
  matrix_with_display_name: table.matrixWithDisplayName,
  grouped_tiered_package: grouped.groupedTieredPackage,
  max_group_tiered_package: grouped.maxGroupTieredPackage,
  scalable_matrix_with_unit_pricing: table.scalableMatrixWithUnitPricing,
  scalable_matrix_with_tiered_pricing: table.scalableMatrixWithTieredPricing,
  cumulative_grouped_bulk: grouped.cumulativeGroupedBulk,
  cumulative_grouped_allocation: grouped.cumulativeGroupedAllocation,
  daily_credit_allowance: dailyCreditAllowance,
  metered_allowance: grouped.meteredAllowance,
  minimum_composite: minimumComposite,
  percent,
  event_output: eventOutput,
} as const satisfies Record<string, ReadModel>;

export type ModelType = keyof typeof MODELS;

export const MODEL_TYPES = Object.keys(MODELS) as readonly ModelType[];

export const isModelType = (text: string): text is ModelType => Object.hasOwn(MODELS, text);

export type ReadPrice =
  | { readonly status: 'read'; readonly model: PriceModel }
  | { readonly status: 'refused'; readonly faults: readonly ConfigFault[] };

/**
 * Reads `<model_type>_config`. Refuses gaps and overlaps of tiers, negative prices, bounds that packages do not
 * divide, cells that stand twice; each fault names its path.
 */
export function readPrice(modelType: ModelType, config: unknown): ReadPrice {
  const reader = new ConfigReader(config, `${modelType}_config`);
  const model = MODELS[modelType](reader);
  return reader.faults.length === 0
    ? { status: 'read', model }
    : { status: 'refused', faults: reader.faults };
}
