import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { Currency } from '@orbit/money';

/** The request that makes a customer's billing profile. */
export type ProfileRequest = Pick<OrbCall, 'account' | 'body' | 'idempotency'>;

/** An organization as /v1 asks for it. */
export interface NewCustomer {
  readonly id: string;
  readonly externalCustomerId: string | null;
  readonly name: string;
  readonly currency: Currency;
  readonly createdAt: Date;
  readonly profile: ProfileRequest;
}

/** A customer of an account that is there. */
export interface Customer {
  readonly id: string;
  readonly externalCustomerId: string | null;
  readonly currency: Currency;
  /** The request that invoicing still has to receive; null when it has it. */
  readonly pending: ProfileRequest | null;
}

/** Either name of a customer. */
export type CustomerName = { readonly id: string } | { readonly externalCustomerId: string };

/** Which organization is which customer of which account. Errors: OrbitError `unavailable`. */
export interface CustomerDirectory {
  /** `known`: there is one with this id, made by the same key. `taken`: the external id is another's. */
  claim(customer: NewCustomer): Promise<'claimed' | 'known' | 'taken'>;
  /** Null for what is not there, is not made yet, or is another account's. */
  find(accountId: string, name: CustomerName): Promise<Customer | null>;
  /** One of any state, with what is pending of it. */
  findPending(id: string): Promise<Customer | null>;
  /** Invoicing has decided about the profile: it is there, or was refused. */
  finish(id: string, isMade: boolean): Promise<void>;
  /** Names one that has no external id yet. `named_otherwise`: it has another one. */
  name(id: string, externalCustomerId: string): Promise<'named' | 'taken' | 'named_otherwise'>;
  /** Takes back what `name` did. */
  unname(id: string, externalCustomerId: string): Promise<void>;
  delete(id: string): Promise<void>;
  /** Those that are there, by either name; each once or more. */
  resolve(
    accountId: string,
    ids: readonly string[],
    externalCustomerIds: readonly string[],
  ): Promise<readonly Pick<Customer, 'id' | 'externalCustomerId'>[]>;
  /**
   * External ids that usage-metering has not received yet: given to a customer, or free again. Of one customer, or
   * the oldest.
   */
  listUnsent(of: string | number): Promise<readonly UnsentName[]>;
  /** It knows; nothing happens when the customer was deleted in between. */
  markSent(name: UnsentName, at: Date): Promise<void>;
  /** Half-made ones from before an instant, oldest first. */
  listPending(before: Date, limit: number): Promise<readonly Customer[]>;
}

/** An external id and whose it is, or was. */
export interface UnsentName {
  readonly id: string;
  readonly accountId: string;
  readonly externalCustomerId: string;
  /** The customer was deleted. */
  readonly isFree: boolean;
}

/** Owners of operations of /v1. Errors: OrbitError `unavailable`, `timeout`; refusals are answers. */
export interface OrbOwners {
  call(owner: OrbOwner, operation: string, call: OrbCall): Promise<OrbAnswer>;
}
export type OrbOwner = 'invoicing' | 'usage-metering' | 'wallet-ledger' | 'checkout';
