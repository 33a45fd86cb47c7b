import type { OrbCall } from '@orbit/contracts';
import type { Metadata } from '@orbit/orb-api';
import type { BesideWrite, WalletKey } from '../../books/application/ports.js';

/** A block that invoicing sells. */
export interface NewSoldBlock {
  /** The block's id, before and after it is booked. */
  readonly id: string;
  readonly key: WalletKey;
  /** Of the increment, as it was asked for. */
  readonly call: OrbCall;
  readonly source: 'manual' | 'top_up' | 'allocation';
  readonly amountMicros: bigint;
  readonly effectiveAtMs: number | null;
  readonly expiresAtMs: number | null;
  readonly metadata: Metadata;
  readonly createdAtMs: number;
}

export interface SoldBlock extends NewSoldBlock {
  /** Order of making. */
  readonly position: bigint;
  readonly status: 'pending' | 'active' | 'void';
  /** As the increment was answered, and its entry in the books; null: it was not booked. */
  readonly entry: string | null;
  readonly sequence: bigint | null;
}

/** Blocks that are sold, beside the books. Errors: the database's own. */
export interface SoldBlocks {
  find(id: string): Promise<SoldBlock | null>;
  /** Newest first. */
  listPending(key: WalletKey): Promise<readonly SoldBlock[]>;
  /** The first terms of a sale stay. */
  insert(block: NewSoldBlock): Promise<void>;
  /** False: it is not pending. */
  changeMetadata(id: string, change: (own: Metadata) => Metadata): Promise<boolean>;
  cancelPending(id: string): Promise<void>;
  /** Cancels a sold block whose rest was taken back in the books. */
  cancelGranted(id: string): Promise<void>;
  /** Writes in the transaction of the entries. Errors: CommandFault, when it is not pending any more. */
  grantWrite(id: string, sequence: bigint, entry: string): BesideWrite;
}
