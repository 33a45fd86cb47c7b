import type { PoolClient } from 'pg';
import type { LedgerWrite } from '../application/ports.js';
import { ACCOUNTS, ENTRY_TYPES } from '../domain/wallet.js';
import {
  instants,
  plain,
  rejectionColumns,
  remainderColumns,
  walletColumns,
} from './ledger-store.columns.js';
import * as sql from './ledger-store.sql.js';

/** Up to here one statement with its rows as arrays is quicker than COPY after two updates (docs/decisions/0014). */
const ENTRIES_MAX = 100;

/** Whether a write is what charges come to, and few of them: wallets, remainders of blocks, entries, rejections. */
export function fitsOneStatement({
  wallets,
  policies,
  blocks,
  escrows,
  grants,
  entries,
  beside = [],
  remainders = [],
  outbox,
}: LedgerWrite): boolean {
  return (
    wallets.length > 0 &&
    entries.length <= ENTRIES_MAX &&
    policies.length + escrows.length + grants.length === 0 &&
    beside.length + remainders.length + outbox.length === 0 &&
    blocks.every(({ isRemainderOnly }) => isRemainderOnly)
  );
}

/**
 * The whole write in one round trip; without BEGIN before it, it commits by itself. Errors: OB001 when another
 * writer owns one of the wallets by now, 23505 when an entry or a rejection is there already; nothing is written then.
 */
export async function postInOneStatement(client: PoolClient, write: LedgerWrite): Promise<void> {
  const { wallets, blocks, entries, rejections } = write;
  await client.query({
    name: 'post_in_one',
    text: sql.POST_IN_ONE,
    values: [
      ...walletColumns(wallets),
      ...remainderColumns(blocks),
      plain(entries.map((e) => e.walletNo)),
      plain(entries.map((e) => e.sequence)),
      plain(entries.map((e) => ENTRY_TYPES[e.type])),
      plain(entries.map((e) => ACCOUNTS[e.from])),
      plain(entries.map((e) => ACCOUNTS[e.to])),
      plain(entries.map((e) => e.slice)),
      plain(entries.map((e) => e.notices)),
      plain(entries.map((e) => e.amountMicros)),
      plain(entries.map((e) => e.balanceAfterMicros)),
      plain(entries.map((e) => e.blockSequence)),
      plain(entries.map((e) => e.quantity)),
      instants(entries.map((e) => e.occurredAtMs)),
      instants(entries.map((e) => e.bookedAtMs)),
      entries.map((e) => e.reference),
      entries.map((e) => e.channel),
      entries.map((e) => (e.metadata === null ? null : JSON.stringify(e.metadata))),
      entries.map((e) => e.authorizedBy),
      ...rejectionColumns(rejections),
    ],
  });
}
