import { byExternalId, type ServedOperation, type ServedOperations } from './served-operation.js';

const owner = 'wallet-ledger';
const needsProfile = true;
const ofCustomer: ServedOperation = { owner, needsProfile, customer: 'customer_id' };
const ofExternal = (operation: string): ServedOperation =>
  byExternalId(owner, operation, undefined, { needsProfile });
const ofBlock: ServedOperation = {
  owner,
  found: { by: 'find-credit-block-owner', part: 'block_id', resource: 'credit block' },
};

/** Credits on the wallet, and alerts. */
export const CREDITS_OPERATIONS: ServedOperations = {
  'create-ledger-entry': ofCustomer,
  'create-ledger-entry-external-id': ofExternal('create-ledger-entry'),
  'fetch-customer-credits': ofCustomer,
  'fetch-customer-credits-external-id': ofExternal('fetch-customer-credits'),
  'fetch-customer-credits-ledger': ofCustomer,
  'fetch-customer-credits-ledger-external-id': ofExternal('fetch-customer-credits-ledger'),
  'fetch-credit-block': ofBlock,
  'update-credit-block': ofBlock,
  'delete-credit-block': ofBlock,
  'list-credit-block-invoices': ofBlock,
};
