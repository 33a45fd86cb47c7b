import type { CatalogueAdjustment } from './adjustment.js';

/** An adjustment as /v1 shows it in plans and subscriptions. */
export const adjustmentToResponse = (adjustment: CatalogueAdjustment): Record<string, unknown> => ({
  id: adjustment.id,
  adjustment_type: adjustment.type,
  ...effectOf(adjustment),
  is_invoice_level: adjustment.isInvoiceLevel,
  applies_to_price_ids: adjustment.priceIds,
  filters: adjustment.filters,
  reason: adjustment.reason,
  replaces_adjustment_id: adjustment.replacesAdjustmentId,
  plan_phase_order: adjustment.planPhaseOrder,
});

/** Where the contract has a number it came in as one, which means exactly these digits. */
function effectOf(adjustment: CatalogueAdjustment): Record<string, unknown> {
  switch (adjustment.type) {
    case 'usage_discount':
      return { usage_discount: Number(adjustment.quantity) };
    case 'amount_discount':
      return { amount_discount: adjustment.amount };
    case 'percentage_discount':
      return { percentage_discount: Number(adjustment.fraction) };
    case 'tiered_percentage_discount':
      return {
        tiers: adjustment.tiers.map(({ lowerBound, upperBound, percentage }) => ({
          lower_bound: Number(lowerBound),
          upper_bound: upperBound === null ? null : Number(upperBound),
          percentage: Number(percentage),
        })),
      };
    case 'minimum':
      return { minimum_amount: adjustment.amount, item_id: adjustment.itemId };
    case 'maximum':
      return { maximum_amount: adjustment.amount };
  }
}
