import type { LedgerHealth } from '@orbit/contracts';
import type { Block, Wallet } from '../domain/wallet.js';
import type { WalletKey } from './ports.js';

/* Ports that several features need; the ground itself uses only the last. */

/** Reads of blocks, without locks. */
export interface BlockReader {
  /** The wallet of this organization with this number; null when it is another's or there is none. */
  findKey(organizationId: string, walletNo: bigint): Promise<WalletKey | null>;
  /** The references of the payments that brought these blocks in; other blocks have none. */
  listPayments(walletNo: bigint, blockSequences: readonly bigint[]): Promise<readonly string[]>;
  /** All of them, also those with nothing left, newest first. */
  listAll(
    key: WalletKey,
    filter: { readonly limit: number; readonly beforeSequence: bigint | null },
  ): Promise<{
    readonly wallet: Pick<Wallet, 'walletNo' | 'escrows'>;
    readonly blocks: readonly Block[];
  }>;
  /** Numbers of the blocks that repaid the overdraft when they came in. */
  listRepaying(key: WalletKey): Promise<readonly bigint[]>;
}

/** Time of the account that an organization belongs to. */
export interface AccountTimes {
  nowMsOf(organizationId: string): Promise<number>;
}

/** Per partition of `charge.requested`, the offset that the next charge will have. */
export type ChargeLogEnds = ReadonlyMap<number, bigint>;

/** How far `charge.requested` is written, and how far the ledger has read it. Rejects while Kafka is unavailable. */
export interface ChargeLog {
  readEnds(): Promise<ChargeLogEnds>;
  /** Whether every charge before `ends` is in the books. */
  isHandled(ends: ChargeLogEnds): Promise<boolean>;
  /** As `isHandled`, asked again until it is true or the time is over. */
  waitUntilHandled(ends: ChargeLogEnds, timeoutMs: number): Promise<boolean>;
}

/** Something that stalls and needs a person. */
export type Stall = Pick<LedgerHealth['stalls'][number], 'what' | 'state' | 'detail'>;

/** Wallets that this process changed since they were last taken: a hint, not a promise. */
export interface TouchedWallets {
  /** How many wait. */
  readonly size: number;
  take(limit: number): WalletKey[];
  putBack(keys: readonly WalletKey[]): void;
}
