import type { BlockReason, ChargeRejection } from '@orbit/contracts';
import type { Currency, Micros } from '@orbit/money';

/** The accounts that entries move money between; `wallet` is the one that the entry's wallet row carries. */
export const ACCOUNTS = {
  wallet: 1,
  revenue: 2,
  stripe_clearing: 3,
  promo: 4,
  breakage: 5,
  refunds: 6,
  disputes: 7,
  dispute_fees: 8,
  bad_debt: 9,
  rounding: 10,
  adjustments: 11,
} as const;
export type Account = keyof typeof ACCOUNTS;

export const ENTRY_TYPES = {
  topup: 1,
  spend: 2,
  grant: 3,
  expiry: 4,
  adjustment: 5,
  refund: 6,
  reversal: 7,
  dispute: 8,
  fee: 9,
} as const;
export type EntryType = keyof typeof ENTRY_TYPES;

/** Credit that came in by one entry. Its identity is that entry's sequence number in its wallet. */
export interface Block {
  readonly sequence: bigint;
  readonly kind: 'paid' | 'promotional';
  /** Lower is spent first. */
  readonly priority: number;
  /** What one unit of this credit cost, in micros: 0 for promotional credit. */
  readonly costBasisMicros: bigint;
  readonly amountMicros: Micros;
  readonly remainingMicros: Micros;
  /** First instant at which it may be spent. */
  readonly effectiveAtMs: number;
  /** First instant at which it may no longer be spent; null never. */
  readonly expiresAtMs: number | null;
  readonly createdAtMs: number;
}

/** ok → low (below threshold) → depleted (zero or below). */
export type AlertLevel = 'ok' | 'low' | 'depleted';

/** A wallet as the ledger's row and its blocks with something left say it. */
export interface Wallet {
  readonly walletNo: bigint;
  readonly walletId: string;
  readonly organizationId: string;
  readonly currency: Currency;
  /** Σ of all entries; includes blocks that expired but are not booked as breakage yet. */
  readonly balanceMicros: Micros;
  /** Sequence number of the last entry. */
  readonly sequence: bigint;
  /** Counts every write of the row; the fence of the next write and of the hot balance. */
  readonly version: bigint;
  readonly overdraftMicros: Micros;
  readonly lowBalanceMicros: Micros | null;
  readonly alertLevel: AlertLevel;
  readonly pausedReason: BlockReason | null;
  readonly lastToppedUpAtMs: number | null;
  readonly blocks: readonly Block[];
}

/** What the outside is told when an entry crosses a line; kept on the entry so that a replay tells it again. */
export const NOTICES = { low: 1, depleted: 2, recovered: 4, paused: 8, resumed: 16 } as const;
export type Notice = keyof typeof NOTICES;

/** One movement of money between two accounts; append-only. */
export interface Entry {
  readonly walletNo: bigint;
  readonly sequence: bigint;
  readonly type: EntryType;
  readonly from: Account;
  readonly to: Account;
  /** Always positive; the direction is from → to. */
  readonly amountMicros: Micros;
  readonly balanceAfterMicros: Micros;
  /** The block it took from or brought in; null when the overdraft carried it. */
  readonly blockSequence: bigint | null;
  /** Idempotency key within the wallet, with `slice`: "charge:<id>", "topup:<id>", … */
  readonly reference: string;
  readonly slice: number;
  readonly channel: string | null;
  readonly quantity: number | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly occurredAtMs: number;
  readonly bookedAtMs: number;
  readonly notices: number;
}

export interface Charge {
  readonly chargeId: string;
  readonly amountMicros: Micros;
  readonly channel: string;
  readonly quantity: number;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly occurredAtMs: number;
  /** A hold in Redis covers it: it always posts. */
  readonly isAuthorized: boolean;
}

/** Money or credit that comes in as a new block. */
export interface Credit {
  readonly type: 'topup' | 'grant';
  readonly reference: string;
  readonly amountMicros: Micros;
  readonly kind: Block['kind'];
  readonly priority: number;
  /** Null: from the moment it is booked. */
  readonly effectiveAtMs: number | null;
  readonly expiresAtMs: number | null;
  readonly occurredAtMs: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export type ChargeOutcome =
  | { readonly status: 'posted'; readonly entries: readonly Entry[] }
  | { readonly status: 'rejected'; readonly reason: ChargeRejection };
