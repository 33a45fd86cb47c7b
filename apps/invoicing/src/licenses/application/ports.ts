import type { PageQuery } from '@orbit/orb-api';
import type { License } from '../domain/license.js';

export interface LicenseQuery extends PageQuery {
  readonly subscriptionId: string;
  readonly typeId: string | null;
  readonly externalId: string | null;
  readonly status: 'active' | 'inactive' | null;
  readonly nowMs: number;
}

/** The license of one external id that counts at an instant, else its newest. */
export interface LicenseName {
  readonly subscriptionId: string;
  readonly typeId: string;
  readonly externalId: string;
  readonly nowMs: number;
}

/** A subscription, as far as licenses need it. */
export interface LicensedSubscription {
  /** Of the customer; IANA name. */
  readonly timezone: string;
  readonly startMs: number;
  readonly endMs: number | null;
}

/** Errors: the database's own. */
export interface Licenses {
  read(accountId: string, id: string): Promise<License | null>;
  find(accountId: string, name: LicenseName): Promise<License | null>;
  /** Every license of a type, oldest first. */
  ofType(accountId: string, subscriptionId: string, typeId: string): Promise<readonly License[]>;
  /** Newest first, one more than the limit where there are more. */
  list(query: LicenseQuery): Promise<readonly License[]>;
  subscription(accountId: string, id: string): Promise<LicensedSubscription | null>;
  hasType(accountId: string, id: string): Promise<boolean>;
}

export interface LicenseTransaction extends Licenses {
  /** As `subscription`; nobody else gives or ends its licenses until the transaction ends. */
  lock(accountId: string, subscriptionId: string): Promise<LicensedSubscription | null>;
  /** Every license of one external id. */
  of(accountId: string, name: Omit<LicenseName, 'nowMs'>): Promise<readonly License[]>;
  insert(license: Omit<License, 'position'>): Promise<void>;
  saveEnd(license: License): Promise<void>;
}
