import type { Metadata } from '@orbit/orb-api';
import type { CatalogueAdjustment } from './adjustment.js';
import type { Price } from './price.js';

export type PhaseUnit = 'daily' | 'monthly' | 'quarterly' | 'semi_annual' | 'annual';

/** A stretch of a plan; phases follow one another by `order`, from 1. */
export interface CataloguePhase {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly order: number;
  /** Both null: without end; only the last phase is. */
  readonly duration: number | null;
  readonly durationUnit: PhaseUnit | null;
  /** The billing cycle begins anew with the phase. */
  readonly alignsBilling: boolean;
}

/** The content of a plan as of one version. Never changed: another content is another version. */
export interface PlanVersion {
  readonly planId: string;
  readonly version: number;
  /** Null: the plan has no phases. */
  readonly phases: readonly CataloguePhase[] | null;
  /** Of all phases, each with the phase it belongs to. */
  readonly prices: readonly Price[];
  readonly adjustments: readonly CatalogueAdjustment[];
  readonly createdAt: Date;
}

/** A plan of the catalogue. What a subscription takes from it is its version. */
export interface CataloguePlan {
  readonly id: string;
  readonly externalPlanId: string | null;
  readonly name: string;
  readonly description: string;
  readonly status: 'active' | 'archived' | 'draft';
  /** Subscriptions that name no version begin with this one. */
  readonly defaultVersion: number;
  /** ISO 4217 or a custom unit: of prices that name none. */
  readonly currency: string;
  /** ISO 4217. */
  readonly invoicingCurrency: string;
  /** Days from issue to due; null: the account's. */
  readonly netTerms: number | null;
  readonly defaultInvoiceMemo: string | null;
  /** Null: no trial. */
  readonly trialDays: number | null;
  readonly metadata: Metadata;
  readonly createdAt: Date;
}
