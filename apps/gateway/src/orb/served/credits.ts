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

/** An increment with an invoice is bought: invoicing raises that, and asks the ledger for the block. */
const sold: Partial<ServedOperation> = { ownerOf: (body) => (isSold(body) ? 'invoicing' : owner) };
const isSold = (body: Readonly<Record<string, unknown>>): boolean =>
  body['entry_type'] === 'increment' && (body['invoice_settings'] ?? null) !== null;
const topUp = { owner: 'invoicing', needsProfile } as const;
const topUpExternal = (operation: string): ServedOperation =>
  byExternalId('invoicing', operation, undefined, { needsProfile });

/** Credits on the wallet, and what buys them. */
export const CREDITS_OPERATIONS: ServedOperations = {
  'create-ledger-entry': { ...ofCustomer, ...sold },
  'create-ledger-entry-external-id': { ...ofExternal('create-ledger-entry'), ...sold },
  'fetch-customer-credits': ofCustomer,
  'fetch-customer-credits-external-id': ofExternal('fetch-customer-credits'),
  'fetch-customer-credits-ledger': ofCustomer,
  'fetch-customer-credits-ledger-external-id': ofExternal('fetch-customer-credits-ledger'),
  'fetch-credit-block': ofBlock,
  'update-credit-block': ofBlock,
  'delete-credit-block': ofBlock,
  'list-credit-block-invoices': { ...ofBlock, owner: 'invoicing' },
  'list-top-ups': { ...topUp, customer: 'customer_id' },
  'list-top-ups-external-id': topUpExternal('list-top-ups'),
  'create-top-up': { ...topUp, customer: 'customer_id' },
  'create-top-up-external-id': topUpExternal('create-top-up'),
  'delete-top-up': { ...topUp, customer: 'customer_id' },
  'delete-top-up-external-id': topUpExternal('delete-top-up'),
};
