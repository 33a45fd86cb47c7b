import type { Hash, RootContent, SealableEntry, SealedWallet } from '../domain/seal.js';
import type { WalletKey } from '../../books/application/ports.js';

/** A wallet with entries after its last seal. */
export interface UnsealedWallet {
  readonly wallet: SealedWallet;
  /** Of its last entry. */
  readonly sequence: bigint;
  readonly sealedSequence: bigint;
  /** The chain hash after `sealedSequence`; null before the first seal. */
  readonly sealedHash: Hash | null;
}

export interface Seal {
  readonly walletNo: bigint;
  readonly firstSequence: bigint;
  readonly lastSequence: bigint;
  readonly rootNo: bigint;
  /** Where its digest stands among the leaves of its root. */
  readonly leafIndex: number;
  /** The chain hash after each entry of the range. */
  readonly hashes: readonly Hash[];
}

export interface SealRoot extends RootContent {
  readonly root: Hash;
  /** Digests of the seals under it. */
  readonly leaves: readonly Hash[];
}

export interface EntryRange {
  readonly walletNo: bigint;
  readonly firstSequence: bigint;
  readonly lastSequence: bigint;
}

/** One transaction of the only sealer at that moment. Every method is a constant number of statements. */
export interface SealTransaction {
  lastRoot(): Promise<{ readonly rootNo: bigint; readonly root: Hash } | null>;
  /** Those of `keys`, and of the `limit` wallets after `afterWalletNo`, that have entries to seal, by wallet number. */
  findUnsealed(
    keys: readonly WalletKey[],
    afterWalletNo: bigint,
    limit: number,
  ): Promise<readonly UnsealedWallet[]>;
  /** By wallet and sequence. */
  readEntries(ranges: readonly EntryRange[]): Promise<readonly SealableEntry[]>;
  save(root: SealRoot, seals: readonly Seal[]): Promise<void>;
}

export interface SealStore {
  /** Only one at a time, over all instances of the ledger; the second one waits for the first. */
  exclusively<T>(work: (tx: SealTransaction) => Promise<T>): Promise<T>;
  /** The number of the last wallet of the window; null when it is the last window. */
  endOfWindow(afterWalletNo: bigint, limit: number): Promise<bigint | null>;
  /** Roots that are not known to be published, in order. */
  listUnpublished(limit: number): Promise<readonly SealRoot[]>;
  markPublished(rootNo: bigint): Promise<void>;
}

/** The log of sealing. */
export interface SealWatch {
  published(root: SealRoot): void;
  /** An entry is missing: nothing behind it is sealed until somebody has looked. */
  gap(wallet: SealedWallet, sequence: bigint): void;
  /** A run is over. `isCaughtUp`: it sealed all that it set out to seal. */
  ran(isCaughtUp: boolean, entryCount: number): Promise<void>;
}
