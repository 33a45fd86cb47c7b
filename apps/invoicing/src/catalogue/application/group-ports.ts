import type { Listed, Metadata, PageQuery } from '@orbit/orb-api';
import type { CatalogueName } from './catalogue-name.js';
import type { LicenseTypeRef } from '../domain/price.js';
import type { ListedPrice, PriceTransaction } from './price-ports.js';

/** A metric split by properties, so that prices can be bound to their values. */
export interface DimensionalGroup extends Listed {
  readonly id: string;
  readonly externalId: string | null;
  readonly name: string;
  /** Properties of events, in the order in which prices name their values. */
  readonly dimensions: readonly string[];
  readonly metricId: string;
  /** The metric's: prices of the group are for it. */
  readonly itemId: string;
  readonly metadata: Metadata;
  /** Without archived ones and those of single subscriptions. */
  readonly priceCount: number;
}

export interface GroupQuery extends PageQuery {
  readonly metricId: string | null;
}

export type PriceStatus = 'active' | 'archived' | 'all';

export interface Groups {
  read(accountId: string, name: CatalogueName): Promise<DimensionalGroup | null>;
  /** Newest first, one more than the limit where there are more. */
  list(query: GroupQuery): Promise<readonly DimensionalGroup[]>;
  /** Newest first, one more than the limit where there are more; never those of single subscriptions. */
  listPrices(
    groupId: string,
    status: PriceStatus,
    query: PageQuery,
  ): Promise<readonly ListedPrice[]>;
}

export interface GroupTransaction extends PriceTransaction {
  /** False: another group has this external id. */
  insertGroup(
    accountId: string,
    group: Omit<DimensionalGroup, 'position' | 'priceCount'>,
  ): Promise<boolean>;
  lockGroup(accountId: string, name: CatalogueName): Promise<DimensionalGroup | null>;
  /** False: another group has this external id. */
  saveGroup(accountId: string, group: DimensionalGroup): Promise<boolean>;
}

export type LicenseType = LicenseTypeRef & Listed;

export interface LicenseTypes {
  read(accountId: string, id: string): Promise<LicenseType | null>;
  /** Oldest first, one more than the limit where there are more. */
  list(query: PageQuery): Promise<readonly LicenseType[]>;
}

export interface LicenseTypeTransaction {
  insert(accountId: string, type: Omit<LicenseType, 'position'>): Promise<void>;
}
