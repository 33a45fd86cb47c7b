import type { Escrow } from '../../books/domain/wallet.js';
import type { WalletKey } from '../../books/application/ports.js';

/** A lease and the wallet that it was taken from. */
export interface LeaseRecord {
  readonly key: WalletKey;
  readonly lease: Escrow;
}

export interface LeaseFilter {
  readonly state: Escrow['state'] | null;
  readonly limit: number;
  /** Leases after this one only, newest first; null from the newest. */
  readonly afterId: string | null;
}

/** Reads of leases, without locks. */
export interface LeaseReader {
  find(organizationId: string, leaseId: string): Promise<LeaseRecord | null>;
  list(key: WalletKey, filter: LeaseFilter): Promise<readonly Escrow[]>;
  /** Open ones whose time is over. */
  listOverdue(nowMs: number, limit: number): Promise<readonly LeaseRecord[]>;
  /** Closing ones, the first that began first. */
  listClosing(limit: number): Promise<readonly LeaseRecord[]>;
}
