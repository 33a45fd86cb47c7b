import type { Metadata } from '@orbit/orb-api';
import { readPrice, type ModelType, type PriceModel } from '@orbit/pricing';
import { invariant } from '@orbit/kernel';

/** `custom`: the price's own billing cycle alone says it. */
export type Cadence = 'one_time' | 'monthly' | 'quarterly' | 'semi_annual' | 'annual' | 'custom';

export interface Cycle {
  readonly duration: number;
  readonly duration_unit: 'day' | 'month';
}

/** Which prices an adjustment or a composite price means; all filters of a list must fit. */
export interface PriceFilter {
  readonly field: 'price_id' | 'item_id' | 'price_type' | 'currency' | 'pricing_unit_id';
  readonly operator: 'includes' | 'excludes';
  readonly values: readonly string[];
}

/** The price of one custom unit in the invoicing currency; amounts are decimal strings. */
export type ConversionRateConfig =
  | {
      readonly conversion_rate_type: 'unit';
      readonly unit_config: { readonly unit_amount: string };
    }
  | {
      readonly conversion_rate_type: 'tiered';
      readonly tiered_config: {
        readonly tiers: readonly {
          readonly first_unit: number;
          readonly last_unit?: number | null;
          readonly unit_amount: string;
        }[];
      };
    };

/** A price that gives credit each period instead of costing something. */
export interface CreditAllocation {
  /** ISO 4217 or a custom unit. */
  readonly currency: string;
  /** Decimal text. */
  readonly amount: string;
  /** Decimal text: what the granted credit cost, a unit. */
  readonly perUnitCostBasis: string;
  /** Keeps the rest at the end of the period. */
  readonly allowsRollover: boolean;
  readonly customExpiration: Cycle | null;
  readonly filters: readonly {
    readonly field: 'item_id';
    readonly operator: 'includes' | 'excludes';
    readonly values: readonly string[];
  }[];
}

/** Of a price bound to a dimensional group: it counts only events that have these values. */
export interface Dimensional {
  readonly groupId: string;
  /** Properties of events, in the group's order. */
  readonly dimensions: readonly string[];
  /** One for each dimension. */
  readonly values: readonly string[];
}

export interface LicenseTypeRef {
  readonly id: string;
  readonly name: string;
  readonly grouping_key: string;
}

/** The free part of a price that a license may use in each period. */
export interface LicenseAllocation {
  readonly currency: string;
  /** Decimal text. */
  readonly amount: string;
  readonly writeOffOverage: boolean;
}

/** The parts of a price that never change. A row with it is never updated: another price is another row. */
export interface PriceDefinition {
  readonly name: string;
  readonly modelType: ModelType;
  /** As the contract writes `<model_type>_config`; amounts are decimal strings. Read it by `modelOf`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** `usage_price` has a metric, `fixed_price` a quantity, `composite_price` stands on other prices. */
  readonly priceType: 'usage_price' | 'fixed_price' | 'composite_price';
  readonly cadence: Cadence;
  readonly billingMode: 'in_advance' | 'in_arrear';
  /** Length of the period that the price is rated over. Of `one_time` prices it means nothing. */
  readonly billingCycle: Cycle;
  /** How often it stands on an invoice, where that differs from the billing cycle. */
  readonly invoicingCycle: Cycle | null;
  /** Of usage prices; usage-metering owns it. */
  readonly metricId: string | null;
  /** Decimal text, of fixed prices: what is rated each period unless the subscription says otherwise. */
  readonly fixedQuantity: string | null;
  /** ISO 4217, or a custom unit that `conversionRate…` turns into the invoicing currency. */
  readonly currency: string;
  /** Decimal text. */
  readonly conversionRate: string | null;
  readonly conversionRateConfig: ConversionRateConfig | null;
  readonly creditAllocation: CreditAllocation | null;
  /** Of composite prices: what they stand on; null: every other price of the subscription. */
  readonly compositeFilters: readonly PriceFilter[] | null;
  /** Property by whose values the invoice splits the price into lines. */
  readonly invoiceGroupingKey: string | null;
  readonly dimensional: Dimensional | null;
  readonly licenseType: LicenseTypeRef | null;
  readonly licenseAllocations: readonly LicenseAllocation[];
  /** The amount is agreed with each customer: the Orbit API shows none. */
  readonly isNegotiated?: boolean;
  /** The price that this one stands for in a later version of the plan, or in one subscription. */
  readonly replacesPriceId: string | null;
}

/** A price of the catalogue: what /v1 shows, what invoices read. Account and id name it for ever. */
export interface Price extends PriceDefinition {
  readonly id: string;
  /** Unique in the account while the price is not archived. */
  readonly externalPriceId: string | null;
  readonly item: { readonly id: string; readonly name: string };
  /** The phase of the plan (or subscription) in which it is active; null: in all of it. */
  readonly planPhaseOrder: number | null;
  readonly metadata: Metadata;
  readonly createdAt: Date;
}

/** The model of a stored price, ready to rate. Its configuration was checked when the price was made. */
export function modelOf({ modelType, config }: Pick<Price, 'modelType' | 'config'>): PriceModel {
  const read = readPrice(modelType, config);
  invariant(read.status === 'read', `a stored ${modelType} price can be read`);
  return read.model;
}

/** Recurs, or is charged once. */
export const isRecurring = ({ cadence }: Pick<Price, 'cadence'>): boolean => cadence !== 'one_time';
