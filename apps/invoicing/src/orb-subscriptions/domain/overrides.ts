import type { AdjustmentEffectOf } from '../../catalogue/domain/adjustment.js';
import type { PlanAdjustmentDraft } from '../../catalogue/domain/new-plan.js';
import type { PriceDraft } from '../../catalogue/domain/new-price.js';

/** A price that exists, by one of its names. */
export type KnownPriceName = { readonly id: string } | { readonly externalId: string };

/** Where a price of a subscription comes from: made for it, sold alone, or the plan's with another quantity. */
export type PriceSource =
  | {
      readonly kind: 'new';
      /** Of the request, that says it; absent: `price`. */
      readonly part?: 'allocation_price';
      readonly draft: PriceDraft;
      readonly referenceId: string | null;
    }
  | { readonly kind: 'known'; readonly name: KnownPriceName }
  | { readonly kind: 'quantity'; readonly quantity: string };

/** Own dates; null: as the phase or subscription. */
export interface OwnDates {
  readonly startMs: number | null;
  readonly endMs: number | null;
}

/** The effect of an adjustment of one price; a minimum takes the item of its price. */
export type OwnEffect = AdjustmentEffectOf;

export interface PriceOverride extends OwnDates {
  readonly field: string;
  readonly source: PriceSource;
  /** The plan's price in whose place it stands. */
  readonly replacesPriceId: string | null;
  readonly phaseOrder: number | null;
  readonly effects: readonly OwnEffect[];
}

export interface AdjustmentOverride extends OwnDates {
  readonly draft: PlanAdjustmentDraft;
}

/** The difference between a subscription's content and its plan's. */
export interface Overrides {
  readonly prices: readonly PriceOverride[];
  readonly removedPriceIds: ReadonlySet<string>;
  readonly adjustments: readonly AdjustmentOverride[];
  readonly removedAdjustmentIds: ReadonlySet<string>;
}
