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
  /** A block may be spent longer; moves nothing. */
  extension: 10,
  /** A block was made larger or smaller. */
  amendment: 11,
  /** The rest of a block was taken back. */
  void: 12,
  /** Breakage that came back for late usage. */
  reopen: 13,
  /** Credit that went from one block to another of the same wallet: out of the one, into the other. */
  transfer: 14,
} as const;
export type EntryType = keyof typeof ENTRY_TYPES;

/** Credit that came in by one entry. Its identity is that entry's sequence number in its wallet. */
export interface Block {
  readonly sequence: bigint;
  readonly kind: 'paid' | 'promotional';
  /** Lower is spent first. */
  readonly priority: number;
  /** The cost of one unit of this credit, in micros: 0 for promotional credit. */
  readonly costBasisMicros: bigint;
  readonly amountMicros: Micros;
  readonly remainingMicros: Micros;
  /** Booked as breakage; late usage may draw on it again. */
  readonly expiredMicros: Micros;
  /** The part that repaid the overdraft when it came in. */
  readonly repaidMicros: Micros;
  /** First instant at which it may be spent. */
  readonly effectiveAtMs: number;
  /** First instant at which it may no longer be spent; null never. */
  readonly expiresAtMs: number | null;
  readonly createdAtMs: number;
  /** Taken back by an operator; nothing spends it any more. */
  readonly voidedAtMs: number | null;
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
  /** The balance is low and no charge has made it so: the next one is reported as `low`. */
  readonly awaitsSpend: boolean;
  readonly pausedReason: BlockReason | null;
  readonly lastToppedUpAtMs: number | null;
  /** Rejections that are stored; while it is 0 there is none to look for. */
  readonly rejectedCount: bigint;
  /** Usage that occurred before a block expired may draw on it when it arrives no later than this after the expiry. */
  readonly lateUsageGraceMs: number;
  /** A capture that comes after its hold expired posts all the same. */
  readonly allowsLateCapture: boolean;
  readonly outagePolicy: OutagePolicy;
  /** The most that may be authorized while hot balances are not to be trusted (`open_with_budget`). */
  readonly outageBudgetMicros: Micros;
  /** Where the clock of its account stands; null or absent: the account follows real time. */
  readonly standsAtMs?: number | null;
  /** Those with something left, and those that late usage may still reopen. */
  readonly blocks: readonly Block[];
  /** Those that are not closed. */
  readonly escrows: readonly Escrow[];
}

/** The policy of authorization for a wallet while the hot balances are not to be trusted (docs/design.md, 4). */
export const OUTAGE_POLICIES = ['closed', 'open_with_budget', 'open'] as const;
export type OutagePolicy = (typeof OUTAGE_POLICIES)[number];

/** Part of an escrow and the block that it is pinned to; null is the overdraft. */
export interface EscrowSlice {
  readonly blockSequence: bigint | null;
  readonly amountMicros: Micros;
}

/**
 * Money of the wallet that is set aside: for a lease, a refund under way, a dispute, usage that is on no invoice yet.
 * It still counts in the balance, but nobody else can spend it, and it does not expire with its block.
 */
export interface Escrow {
  readonly walletNo: bigint;
  readonly escrowId: string;
  readonly kind: 'lease' | 'refund' | 'dispute' | 'usage';
  readonly state: 'open' | 'closing' | 'closed';
  /** The reference that it was opened for; unique within the wallet. */
  readonly reference: string;
  readonly holder: string | null;
  readonly grantedMicros: Micros;
  readonly spentMicros: Micros;
  /** The rest of it, in the order of spending. */
  readonly slices: readonly EscrowSlice[];
  readonly openedAtMs: number;
  readonly expiresAtMs: number | null;
  readonly closedAtMs: number | null;
}

/** The funding of a lease, when it was opened or by one renewal. Append only. */
export interface LeaseFunding {
  readonly walletNo: bigint;
  readonly escrowId: string;
  /** Made by the caller; the same one never grants twice. */
  readonly reference: string;
  readonly amountMicros: Micros;
  readonly ttlMs: number;
  readonly grantedAtMs: number;
}

/** Whether it is a claim on a payment: a refund under way or a dispute. */
export const isClawback = (
  escrow: Escrow,
): escrow is Escrow & { readonly kind: 'refund' | 'dispute' } =>
  escrow.kind === 'refund' || escrow.kind === 'dispute';

export const escrowedMicros = (escrow: Escrow): bigint =>
  escrow.slices.reduce((sum, { amountMicros }) => sum + amountMicros, 0n);

/** Why a change of a wallet was refused; nothing was written. */
export type ChangeRefusal =
  | 'unknown_wallet'
  | 'balance_limit'
  | 'insufficient_funds'
  | 'paused'
  | 'not_found'
  | 'conflict'
  /** The reference was used before, for something else. */
  | 'reference_conflict'
  /** More than is unspent of the payment. */
  | 'exceeds_refundable'
  /** More than was charged and is not reversed yet. */
  | 'exceeds_charge'
  /** Below what of the block was used or is set aside. */
  | 'below_used'
  /** Open holds count on it. */
  | 'held'
  /** The end that was asked for is over already. */
  | 'already_over';

export type ChangeOutcome =
  | { readonly status: 'changed'; readonly entries: readonly Entry[] }
  | { readonly status: 'refused'; readonly reason: ChangeRefusal };

/** The events of an entry that crosses a threshold; kept on the entry so that a replay publishes them again. */
export const NOTICES = {
  low: 1,
  depleted: 2,
  recovered: 4,
  paused: 8,
  resumed: 16,
  overdrawn: 32,
} as const;
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
  /** Of a charge: `hold`, `hold:<micros>` when more was held than it took, or the id of the lease that paid it; null when nothing authorized it. */
  readonly authorizedBy: string | null;
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
  /** The amount of that hold, where it is captured in part. */
  readonly heldMicros?: Micros;
  /** The lease it was authorized from; null when none. */
  readonly leaseId: string | null;
}

/** Money or credit that comes in as a new block. */
export interface Credit {
  readonly type: 'topup' | 'grant' | 'adjustment';
  readonly reference: string;
  readonly amountMicros: Micros;
  readonly kind: Block['kind'];
  /** Absent: 1 for paid credit, 0 for promotional. */
  readonly costBasisMicros?: bigint;
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
