import type { Listed, PageQuery, CreatedBetween } from '@orbit/orb-api';
import type { Facts } from '../../webhooks/domain/fact.js';
import type { Profile } from '../domain/profile.js';

export interface CustomerRef {
  readonly id: string;
  readonly external_customer_id: string | null;
}

export interface Customer extends Listed, Profile {
  readonly id: string;
  readonly externalCustomerId: string | null;
  /** Its balance beside its wallet; below 0 it owes. */
  readonly balance: string;
  readonly parent: CustomerRef | null;
  /** Oldest first. */
  readonly children: readonly CustomerRef[];
}

export interface Customers {
  /** Null when the account has none with this id, or it is deleted. */
  read(accountId: string, id: string): Promise<Customer | null>;
  /** Newest first, one more than the limit where there are more. */
  list(query: PageQuery & { readonly created: CreatedBetween }): Promise<readonly Customer[]>;
}

export interface CustomerTransaction extends Pick<Customers, 'read'>, Facts {
  /** False when there is one with this id already. */
  insert(
    accountId: string,
    customer: Profile & Pick<Customer, 'id' | 'externalCustomerId' | 'createdAt'>,
  ): Promise<boolean>;
  /** As `read`; nobody else changes it until the transaction ends. */
  lock(accountId: string, id: string): Promise<Customer | null>;
  save(id: string, externalCustomerId: string | null, profile: Profile): Promise<void>;
  /** Nobody else changes who belongs to whom in this account until the transaction ends. */
  lockHierarchy(accountId: string): Promise<void>;
  /** Of these, those that the account has. */
  known(accountId: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** The customer itself, its parent, and so on to the top. */
  ancestors(id: string): Promise<readonly string[]>;
  setParent(ids: readonly string[], parentId: string | null): Promise<void>;
  /** Whether documents or a plan of it were ever issued. */
  isBilled(id: string): Promise<boolean>;
  /** Takes everything away that says who it was. */
  anonymise(id: string, deletedAt: Date): Promise<void>;
}
