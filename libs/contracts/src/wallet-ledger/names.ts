import { namesOf } from '../schema/operation.js';
import { BLOCKS } from './blocks.contract.js';
import { CORRECTIONS } from './corrections.contract.js';
import { GRANT_SCHEDULES } from './grant-schedules.contract.js';
import { TRANSACTIONS } from './transactions.contract.js';
import { WALLETS } from './wallets.contract.js';

const { create, list, cancel } = namesOf(GRANT_SCHEDULES);

/** The names on the wire, for who asks without a client. */
export const BLOCKS_RPC = {
  ...namesOf(CORRECTIONS),
  ...namesOf(BLOCKS),
  createSchedule: create,
  listSchedules: list,
  cancelSchedule: cancel,
};
export const WALLET_RPC = { ...namesOf(WALLETS), listTransactions: TRANSACTIONS.list.name };
