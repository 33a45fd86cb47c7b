import type { BlockReason, ChargeRejection, OutagePolicyName } from './reasons.js';
import type { TransactionView } from './wallet-ledger/transaction.shape.js';

/** Nest TCP patterns that wallet-ledger answers. Amounts are exact decimal strings; instants ISO 8601 UTC with ms. */
export const WALLET_RPC = {
  /** WalletRef & {low_balance_threshold?: string} → WalletView. Idempotent: opens the wallet once. */
  open: 'wallet.open',
  /** WalletRef → WalletView | null */
  read: 'wallet.read',
  /** WalletRef → LoadedWalletView | null; also writes the hot balance to Redis (the ledger is its only writer). */
  load: 'wallet.load',
  /** WalletRef & {reason: 'manual', paused: boolean} → WalletView */
  pause: 'wallet.pause',
  /** {organization_id, charge_id} → ChargeOutcomeView (with `booked`) | null when the ledger has not decided it. */
  readCharge: 'charge.read',
  /** WalletMovementsQuery → WalletMovementsView | null */
  movements: 'wallet.movements',
  /** TransactionListQuery → TransactionPage */
  listTransactions: 'transactions.list',
} as const;

export interface WalletRef {
  readonly organization_id: string;
  readonly currency: string;
}

export interface BlockView {
  readonly id: string;
  readonly kind: 'paid' | 'promotional';
  readonly priority: number;
  readonly amount: string;
  readonly remaining: string;
  readonly expires_at: string | null;
  readonly created_at: string;
}

export interface WalletView extends WalletRef {
  readonly wallet_id: string;
  readonly balance: string;
  /** Of the balance: set aside for leases, refunds under way and disputes. Nobody else can spend it. */
  readonly escrowed: string;
  /** Leases that are not closed. */
  readonly leases_open: number;
  /** Remaining amount of these leases; part of `escrowed`. */
  readonly leased: string;
  /** Sequence number of the last entry. */
  readonly sequence: string;
  /** Moves with every change; the hot balance that follows from it carries the same. */
  readonly version: string;
  readonly overdraft_limit: string;
  readonly low_balance_threshold: string | null;
  readonly outbound_paused: boolean;
  readonly outbound_block_reason: BlockReason | null;
  readonly last_topped_up_at: string | null;
  readonly created_at: string;
}

/** A wallet for somebody who authorizes. */
export interface LoadedWalletView extends WalletView {
  /** The hot balance is unknown now: Redis has lost its memory or is unavailable. Then the policy decides. */
  readonly recovering: boolean;
  readonly outage_policy: OutagePolicyName;
  readonly outage_budget: string;
}

/** Why money left a wallet without being spent: what somebody took back. Credit that expires is not among them. */
export const TAKING_REASONS = ['refund', 'dispute', 'void', 'amendment', 'adjustment'] as const;
export type TakingReason = (typeof TAKING_REASONS)[number];

/** Facts that auto-reload needs besides the balance: why it fell. */
export interface WalletMovementsQuery extends WalletRef {
  readonly threshold: string;
  /** Takings after this entry count; absent: all that `from` leaves. */
  readonly after_sequence?: string;
  /** Takings booked since this instant count. */
  readonly from?: string;
}

export interface WalletMovementsView {
  /** As of WalletView; no entry after `sequence` is in it. */
  readonly balance: string;
  /** Sequence number of the last entry. */
  readonly sequence: string;
  /** Last charge after which the balance was below the threshold and never rose to it again; null: none. */
  readonly spent_sequence: string | null;
  /** The first one that counts. */
  readonly taken: {
    readonly reason: TakingReason;
    readonly reference: string;
    readonly sequence: string;
  } | null;
}

export interface TransactionListQuery extends WalletRef {
  readonly limit: number;
  /** Opaque id of the last transaction seen ("ct_…"); the page starts after it, newest first. */
  readonly after_id?: string;
  readonly type?: string;
  readonly channel?: string;
  /** ISO instants, half-open [from, to). */
  readonly from?: string;
  readonly to?: string;
}

export interface TransactionPage {
  readonly transactions: readonly TransactionView[];
  readonly has_more: boolean;
}

export interface ChargeOutcomeView {
  readonly charge_id: string;
  readonly status: 'posted' | 'rejected';
  readonly reason: ChargeRejection | null;
  readonly amount: string;
  readonly currency: string;
  readonly balance_after: string | null;
  readonly sequence: string | null;
  readonly slices: readonly { readonly block_id: string; readonly amount: string }[];
  /** Of a posted one, in answers to `charge.read`: fields that distinguish its repeat from another charge under the same id. */
  readonly booked?: BookedCharge;
}

/** A posted charge as the books have it. */
export interface BookedCharge {
  readonly channel: string;
  readonly quantity: number;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Authorized amount, in the currency of the outcome: more than its amount when it was captured in part. */
  readonly authorized: string;
  /** Only units of a plan were captured of it: they are booked under `allowanceChargeId`, in units or in what they fell back on. */
  readonly is_plan_part: boolean;
}
