import type { Currency } from '@orbit/money';
import type { BlockReason } from '@orbit/contracts';
import type { Breach, Check, Checkpoint, EntrySums, HotNumbers } from '../domain/reconcile.js';
import type { Wallet } from '../../books/domain/wallet.js';
import type { WalletKey } from '../../books/application/ports.js';
import type { Stall } from '../../books/application/shared-ports.js';

/** The sum that entries moved on one account. */
export interface AccountMove {
  readonly account: number;
  readonly amountMicros: bigint;
}

/** Everything about one wallet at one instant that the checks of the books need. */
export interface WalletLook {
  readonly wallet: Wallet;
  /** Null: never looked at. */
  readonly checkpoint: Checkpoint | null;
  /** Open breaches that it is frozen for, or is to be. */
  readonly openBreaches: readonly Breach[] | null;
  readonly sums: EntrySums;
  readonly moves: readonly AccountMove[];
}

export interface LookRequest {
  readonly keys: readonly WalletKey[];
  /** Besides, the `limit` wallets after this one. */
  readonly afterWalletNo: bigint;
  readonly limit: number;
  /** Entries that are added up at most, per wallet and in all. */
  readonly entriesPerWallet: number;
  readonly entries: number;
}

/** A wallet whose books hold, and what was added up for it. */
export interface Advance {
  readonly walletNo: bigint;
  readonly currency: Currency;
  readonly before: Checkpoint | null;
  readonly after: Checkpoint;
  readonly moves: readonly AccountMove[];
}

export interface BreachedWallet {
  readonly walletNo: bigint;
  readonly breaches: readonly Breach[];
  readonly priorReason: BlockReason | null;
}

/** How a run went for one check. */
export interface CheckRun {
  readonly check: Check | 'entries_sealed' | 'every_wallet_in_turn';
  readonly holds: boolean;
  readonly wallets: number;
  readonly detail: string | null;
}

/** The trial balance of a currency. */
export interface CurrencyTotals {
  readonly currency: string;
  readonly sumMicros: bigint;
  /** Of the account `wallet`, and of all checkpoints: the same number. The second only when it was asked for. */
  readonly walletsMicros: bigint;
  readonly checkpointsMicros: bigint | null;
}

/** Every method is a constant number of statements. */
export interface ReconcileStore {
  /** Of one snapshot. `end` is the last wallet of the window; null when no wallet comes after it. */
  look(
    request: LookRequest,
  ): Promise<{ readonly looks: readonly WalletLook[]; readonly end: bigint | null }>;
  /** One wallet from its first entry on, whatever was checked before. */
  lookFromZero(key: WalletKey): Promise<WalletLook | null>;
  /** Moves checkpoints, unless somebody else moved them; then nothing is added. */
  advance(wallets: readonly Advance[], nowMs: number): Promise<void>;
  /** `withCheckpoints` adds up all of them: once per turn, not per run. */
  readTotals(withCheckpoints: boolean): Promise<readonly CurrencyTotals[]>;
  saveBreaches(wallets: readonly BreachedWallet[], nowMs: number): Promise<void>;
  /** Clears the breaches of a wallet; returns why it was paused before. */
  clearBreaches(walletNo: bigint): Promise<BlockReason | null>;
  listWallets(organizationId: string, currency: Currency | null): Promise<readonly WalletKey[]>;
  saveRuns(runs: readonly CheckRun[], nowMs: number): Promise<void>;
}

/** The wallets in Redis. Redis errors are thrown. */
export interface HotAudit {
  /** Null where Redis does not know the wallet, which is no fault: it is loaded when it is asked for. */
  readHot(keys: readonly WalletKey[]): Promise<readonly (HotNumbers | null)[]>;
  /** Null where they cannot be added up cheaply. With `repairs`, a difference is repaired. */
  readHeld(
    keys: readonly WalletKey[],
    repairs: boolean,
  ): Promise<readonly ({ readonly heldMicros: bigint; readonly sumMicros: bigint } | null)[]>;
}

/** The stored results of the runs. */
export interface StoredHealth {
  readonly checks: readonly {
    readonly name: string;
    readonly lastTrueAtMs: number | null;
    readonly lastRunAtMs: number;
    readonly wallets: number;
    readonly detail: string | null;
  }[];
  readonly breached: readonly {
    readonly organizationId: string;
    readonly walletId: string;
    readonly currency: string;
    readonly breaches: readonly Breach[];
    readonly sinceMs: number;
  }[];
  /** Of wallets; `breached` holds the first of them. */
  readonly breachedCount: number;
  readonly stalls: readonly (Stall & { readonly sinceMs: number })[];
  readonly lastRoot: {
    readonly rootNo: bigint;
    readonly root: string;
    readonly sealedAtMs: number;
  } | null;
}

export interface HealthReader {
  readHealth(): Promise<StoredHealth>;
}

/** The log of reconciliation, besides events. */
export interface ReconcileWatch {
  breached(wallet: Wallet, breaches: readonly Breach[]): void;
  repaired(key: WalletKey, breach: Breach): void;
  /** A fault of no single wallet. */
  alarm(detail: string): void;
}
