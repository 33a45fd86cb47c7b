import type { CatalogueAdjustment } from './adjustment.js';
import type { PlanVersion } from './catalogue-plan.js';
import type { Faults, Fields } from './faults.js';
import {
  readAdjustments,
  readPrices,
  type EntryContext,
  type PlanAdjustmentDraft,
  type PlanPriceDraft,
} from './new-plan.js';
import type { Price } from './price.js';

/** An entry of the version before that goes; null phase: in every phase. */
interface Removal {
  readonly field: string;
  readonly id: string;
  readonly phaseOrder: number | null;
}

/** The difference between a new version of a plan and the one before (`NewPlanVersion`). */
export interface VersionChange {
  readonly version: number;
  readonly isDefault: boolean;
  readonly prices: readonly PlanPriceDraft[];
  readonly adjustments: readonly PlanAdjustmentDraft[];
  readonly removedPrices: readonly Removal[];
  readonly removedAdjustments: readonly Removal[];
}

/** Null after a fault. */
export function readVersionChange(
  body: Fields,
  faults: Faults,
  context: EntryContext,
): VersionChange | null {
  const replacingPrices = readPrices(body, 'replace_prices', faults, context);
  const replacing = readAdjustments(body, 'replace_adjustments', faults, context);
  const change = {
    version: body['version'] as number,
    isDefault: body['set_as_default'] === true,
    prices: [...readPrices(body, 'add_prices', faults, context), ...replacingPrices],
    adjustments: [...readAdjustments(body, 'add_adjustments', faults, context), ...replacing],
    removedPrices: [
      ...removalsOf(body, 'remove_prices', 'price_id'),
      ...removalsOf(body, 'replace_prices', 'replaces_price_id'),
    ],
    removedAdjustments: [
      ...removalsOf(body, 'remove_adjustments', 'adjustment_id'),
      ...removalsOf(body, 'replace_adjustments', 'replaces_adjustment_id'),
    ],
  };
  return faults.isEmpty ? change : null;
}

function removalsOf(body: Fields, list: string, name: string): readonly Removal[] {
  return ((body[list] ?? []) as readonly Fields[]).map((entry, index) => ({
    field: `${list}[${String(index)}].${name}`,
    id: String(entry[name]),
    phaseOrder: (entry['plan_phase_order'] ?? null) as number | null,
  }));
}

/**
 * The version before without the removed parts. A removal of a part that it does not have, or a second one, is a
 * fault.
 */
export function removalsFrom(
  base: PlanVersion,
  { removedPrices, removedAdjustments }: VersionChange,
  faults: Faults,
): { readonly prices: readonly Price[]; readonly adjustments: readonly CatalogueAdjustment[] } {
  return {
    prices: without(base.prices, removedPrices, faults),
    adjustments: without(base.adjustments, removedAdjustments, faults),
  };
}

/** A price takes the phase of the one it replaces, unless it names one. */
export const inPhasesOf = (
  base: PlanVersion,
  prices: readonly PlanPriceDraft[],
): readonly PlanPriceDraft[] =>
  prices.map((entry) => {
    const { phaseOrder, replacesPriceId } = entry;
    const replaced = base.prices.find(({ id }) => id === replacesPriceId);
    return { ...entry, phaseOrder: phaseOrder ?? replaced?.planPhaseOrder ?? null };
  });

function without<Entry extends { readonly id: string; readonly planPhaseOrder: number | null }>(
  entries: readonly Entry[],
  removals: readonly Removal[],
  faults: Faults,
): readonly Entry[] {
  let left = entries;
  for (const { field, id, phaseOrder } of removals) {
    const isMeant = (entry: Entry): boolean =>
      entry.id === id && (phaseOrder === null || entry.planPhaseOrder === phaseOrder);
    if (!left.some(isMeant)) faults.add(field, 'is not in the default version of this plan');
    left = left.filter((entry) => !isMeant(entry));
  }
  return left;
}
