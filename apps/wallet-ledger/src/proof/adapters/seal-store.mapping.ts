import type { SealRoot } from '../application/seal-ports.js';
import type { Hash, SealableEntry } from '../domain/seal.js';

const HASH_BYTES = 32;

/** Instants as whole milliseconds: exact, and cheaper to read than a Date. */
const msOf = (column: string): string => `(extract(epoch FROM e.${column}) * 1000)::bigint`;

/** The columns of an entry in the order of `EntryArray`. */
export const ENTRY_COLUMNS = `e.wallet_no, e.sequence, e.type, e.from_account, e.to_account, e.slice, e.notices,
  e.amount_micros, e.balance_after_micros, e.block_sequence, e.quantity, ${msOf('occurred_at')}, ${msOf('booked_at')},
  e.reference, e.channel, e.metadata, e.authorized_by`;

export type EntryArray = [
  walletNo: string,
  sequence: string,
  type: number,
  fromAccount: number,
  toAccount: number,
  slice: number,
  notices: number,
  amountMicros: string,
  balanceAfterMicros: string,
  blockSequence: string | null,
  quantity: number | null,
  occurredAtMs: string,
  bookedAtMs: string,
  reference: string,
  channel: string | null,
  metadata: unknown,
  authorizedBy: string | null,
];

export function entryFromArray(row: EntryArray): SealableEntry {
  return {
    walletNo: BigInt(row[0]),
    sequence: BigInt(row[1]),
    type: row[2],
    fromAccount: row[3],
    toAccount: row[4],
    slice: row[5],
    notices: row[6],
    amountMicros: BigInt(row[7]),
    balanceAfterMicros: BigInt(row[8]),
    blockSequence: row[9] === null ? null : BigInt(row[9]),
    quantity: row[10],
    occurredAtMs: Number(row[11]),
    bookedAtMs: Number(row[12]),
    reference: row[13],
    channel: row[14],
    metadata: row[15],
    authorizedBy: row[16],
  };
}

export interface RootRow {
  root_no: string;
  previous_root: Buffer | null;
  merkle_root: Buffer;
  root: Buffer;
  leaves: Buffer;
  wallet_count: number;
  entry_count: number;
  sealed_at: Date;
}

export function rootFromRow(row: RootRow): SealRoot {
  return {
    rootNo: BigInt(row.root_no),
    previousRoot: row.previous_root?.toString('hex') ?? null,
    merkleRoot: row.merkle_root.toString('hex'),
    root: row.root.toString('hex'),
    leaves: hashesOf(row.leaves),
    walletCount: row.wallet_count,
    entryCount: row.entry_count,
    sealedAtMs: row.sealed_at.getTime(),
  };
}

export const joinHashes = (hashes: readonly Hash[]): Buffer => Buffer.from(hashes.join(''), 'hex');

export function hashesOf(bytes: Buffer): Hash[] {
  const hashes: Hash[] = [];
  for (let at = 0; at < bytes.length; at += HASH_BYTES) {
    hashes.push(bytes.toString('hex', at, at + HASH_BYTES));
  }
  return hashes;
}
