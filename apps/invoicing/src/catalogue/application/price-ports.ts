import type { MetricSummary } from '@orbit/contracts';
import type { Listed, Metadata, PageQuery } from '@orbit/orb-api';
import type { CatalogueName } from './catalogue-name.js';
import type { LicenseTypeRef, Price } from '../domain/price.js';

/** The seller of a price: alone, in versions of plans, for the values of a group, or to one subscription. */
export type PriceScope = 'add_on' | 'plan' | 'group' | 'subscription';

export type ListedPrice = Price & Listed;

/** A price that is not stored yet. */
export type NewPrice = Omit<Price, 'planPhaseOrder'>;

export interface PriceGroup {
  readonly id: string;
  readonly dimensions: readonly string[];
  readonly metricId: string;
}

/** The objects that prices refer to, locked until the transaction ends. Null: the account has none. */
export interface PriceLookups {
  item(
    accountId: string,
    id: string,
  ): Promise<{ readonly id: string; readonly name: string; readonly isArchived: boolean } | null>;
  licenseType(accountId: string, id: string): Promise<LicenseTypeRef | null>;
  group(accountId: string, name: CatalogueName): Promise<PriceGroup | null>;
}

export interface PriceTransaction extends PriceLookups {
  /** False: another price of the account has this external id. */
  insertPrice(accountId: string, scope: PriceScope, price: NewPrice): Promise<boolean>;
  /** Nobody else changes it until the transaction ends. */
  lockPrice(accountId: string, name: CatalogueName): Promise<Price | null>;
  savePriceMetadata(accountId: string, id: string, metadata: Metadata): Promise<void>;
}

export interface Prices {
  /** Archived ones too: subscriptions go on with them. By external id the one that is not archived, or the newest. */
  read(accountId: string, name: CatalogueName): Promise<Price | null>;
  /** Those that are sold alone; newest first, one more than the limit where there are more. */
  listAddOns(query: PageQuery): Promise<readonly ListedPrice[]>;
}

/** Of usage-metering, which owns metrics. */
export interface Metrics {
  /** Those of the account, in any order; unknown ids are left out. Errors: unavailable, timeout. */
  read(accountId: string, ids: readonly string[]): Promise<readonly MetricSummary[]>;
}
