import type { OrbOwner } from '../../organizations/customers/customer-ports.js';

/** The owner of an operation, and how the gateway brings it there. */
export interface ServedOperation {
  /** `gateway`: this process answers by itself. */
  readonly owner: OrbOwner | 'gateway';
  /** Where what is asked for decides who answers. */
  readonly ownerOf?: (body: Readonly<Record<string, unknown>>) => OrbOwner;
  /** As the owner calls it; by default the contract's id. Operations by either name of a customer are one. */
  readonly operation?: string;
  /** The part of the path that names a customer: it is looked up, and another account's is not found. */
  readonly customer?: 'customer_id' | 'external_customer_id';
  /** The owner must know the customer's time zone and currency: invoicing is asked for them first. */
  readonly needsProfile?: true;
  /**
   * The path names a customer's object; this operation of the owner returns its customer: `{customer_id}`. An object
   * of another account is not found.
   */
  readonly found?: { readonly by: string; readonly part: string; readonly resource: string };
  /** A change of a subscription that may wait as a pending one. */
  readonly mayBePending?: true;
  /**
   * The gateway's step around the owner's part, where the identity of a customer changes. `ingest`: it reads the body
   * itself, event by event. `amend`: the body names the customer. `scope`: it may name one.
   */
  readonly step?: 'create' | 'update' | 'delete' | 'ingest' | 'amend' | 'deprecate' | 'scope';
}

/** By the contract's operation id. */
export type ServedOperations = Readonly<Record<string, ServedOperation>>;

/** An operation that names its customer by `external_customer_id`: the owner knows it by one name alone. */
export const byExternalId = (
  owner: OrbOwner,
  operation: string,
  step?: ServedOperation['step'],
  more: Partial<ServedOperation> = {},
): ServedOperation => ({
  ...more,
  owner,
  operation,
  customer: 'external_customer_id',
  ...(step ? { step } : {}),
});
