import type { Hash, SealableEntry, SealedWallet } from '../domain/seal.js';
import type { Block } from '../../books/domain/wallet.js';
import type { Rejection } from '../../books/application/ports.js';
import type { Seal, SealRoot } from './seal-ports.js';

/** A charge as it is stored. */
export interface StoredCharge {
  readonly wallet: SealedWallet;
  /** Of the wallet's last entry. */
  readonly lastSequence: bigint;
  /** In order; empty when it was rejected. */
  readonly entries: readonly SealableEntry[];
  /** The entries of all its reversals, in order. */
  readonly reversed: readonly SealableEntry[];
  readonly rejection: Rejection | null;
}

export interface StoredBlock {
  readonly block: Block;
  /** The entry that brought it in. */
  readonly origin: SealableEntry;
}

/** The seal that an entry lies in. */
export interface SealOfEntry {
  readonly sequence: bigint;
  readonly seal: Seal;
  /** The chain hash before the seal; null before the first. */
  readonly hashBefore: Hash | null;
  readonly root: SealRoot;
}

export interface WalletAt {
  readonly walletNo: bigint;
  readonly walletId: string;
  readonly organizationId: string;
  readonly currency: string;
  readonly balanceMicros: bigint;
  readonly sequence: bigint;
  readonly lastEntryAtMs: number | null;
}

export interface BalancesAtRequest {
  readonly atMs: number;
  readonly organizationId: string | null;
  readonly currency: string | null;
  readonly afterWalletNo: bigint;
  readonly limit: number;
}

/** Reads that prove and explain; all by index, none locks. */
export interface ProofReader {
  findCharge(organizationId: string, chargeId: string): Promise<StoredCharge | null>;
  readBlocks(walletNo: bigint, sequences: readonly bigint[]): Promise<readonly StoredBlock[]>;
  /** Sums the moves in and out of these blocks by entries after this one. */
  sumBlockMoves(
    walletNo: bigint,
    afterSequence: bigint,
    blocks: readonly bigint[],
  ): Promise<ReadonlyMap<bigint, bigint>>;
  /** Entries that are not sealed yet are absent. */
  readSeals(walletNo: bigint, sequences: readonly bigint[]): Promise<readonly SealOfEntry[]>;
  /** Balances at an instant, by binary search: entries are not scanned. */
  readBalancesAt(request: BalancesAtRequest): Promise<readonly WalletAt[]>;
}
