import type { OrbOwner } from '../organizations/customers/customer-ports.js';

/** Who answers an operation, and how the gateway brings it there. */
export interface ServedOperation {
  /** `gateway`: this process answers by itself. */
  readonly owner: OrbOwner | 'gateway';
  /** As the owner calls it; by default the contract's id. Operations by either name of a customer are one. */
  readonly operation?: string;
  /** The part of the path that names a customer: it is looked up, and another account's is not found. */
  readonly customer?: 'customer_id' | 'external_customer_id';
  /** What the gateway does around the owner's part, where the identity of a customer changes. */
  readonly step?: 'create' | 'update' | 'delete';
}

const byExternalId = (operation: string, step?: ServedOperation['step']): ServedOperation => ({
  owner: 'invoicing',
  operation,
  customer: 'external_customer_id',
  ...(step ? { step } : {}),
});

/** Every operation of the contract that is served. One that is not here answers `feature_not_available`. */
export const SERVED_OPERATIONS: Readonly<Record<string, ServedOperation>> = {
  ping: { owner: 'gateway' },

  'create-customer': { owner: 'invoicing', step: 'create' },
  'list-customers': { owner: 'invoicing' },
  'fetch-customer': { owner: 'invoicing', customer: 'customer_id' },
  'fetch-customer-external-id': byExternalId('fetch-customer'),
  'update-customer': { owner: 'invoicing', customer: 'customer_id', step: 'update' },
  'update-customer-external-id': byExternalId('update-customer', 'update'),
  'delete-customer': { owner: 'invoicing', customer: 'customer_id', step: 'delete' },

  'create-item': { owner: 'invoicing' },
  'list-items': { owner: 'invoicing' },
  'fetch-item': { owner: 'invoicing' },
  'update-item': { owner: 'invoicing' },
  'archive-item': { owner: 'invoicing' },
};
