import type { Micros } from '@orbit/money';
import type { Block, Wallet } from '../../books/domain/wallet.js';
import type { WalletKey } from '../../books/application/ports.js';

/** What Redis, which knows the holds, says may still be spent; null: it does not know the wallet. */
export interface FreeCredit {
  availableOf(key: WalletKey): Promise<Micros | null>;
}

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
