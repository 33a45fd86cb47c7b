import type { OutagePolicyName } from './reasons.js';
import type { TransactionView, WalletRef } from './wallets.contract.js';

/**
 * Nest TCP patterns about policies, credit blocks and corrections that wallet-ledger answers.
 * Everything with a `reference` happens once per reference and wallet: a repeat is answered as the first
 * time, with `replayed`; the same reference for something else is `idempotency_key_conflict`.
 */
export const BLOCKS_RPC = {
  /** ConfigureWallet → WalletPoliciesView. Opens no wallet. */
  configure: 'wallet.configure',
  /** WalletRef → WalletPoliciesView */
  readPolicies: 'wallet.policies',
  /** AdjustWallet → BookedView */
  adjust: 'wallet.adjust',
  /** ReverseCharge → BookedView */
  reverse: 'charge.reverse',
  /** GrantBlock → BookedView. Opens the wallet of this currency or unit when it is the first. */
  grant: 'block.grant',
  /** BlockListQuery → BlockPage */
  list: 'blocks.list',
  /** ExtendBlock → BookedView */
  extend: 'block.extend',
  /** VoidBlock → BookedView */
  void: 'block.void',
  /** AmendBlock → BookedView */
  amend: 'block.amend',
  /** CreateGrantSchedule → GrantScheduleView. Opens the wallet when it is the first of its currency or unit. */
  createSchedule: 'grant_schedule.create',
  /** {organization_id} → GrantScheduleView[], of all its wallets, newest first */
  listSchedules: 'grant_schedule.list',
  /** {organization_id, schedule_id} → GrantScheduleView. What was granted stays; safe to repeat. */
  cancelSchedule: 'grant_schedule.cancel',
} as const;

/** Only what is named changes. Amounts are exact decimal strings. */
export interface ConfigureWallet extends WalletRef {
  readonly overdraft_limit?: string;
  /** Threshold of `balance.low`; null: never low. */
  readonly low_balance_threshold?: string | null;
  /** Grace: usage that arrives within this time after a block expired may draw on it when it occurred before. */
  readonly late_usage_grace_seconds?: number;
  /** A capture after the end of its hold posts all the same. */
  readonly settle_late?: boolean;
  /** Policy of authorization while hot balances are not trusted. */
  readonly outage_policy?: OutagePolicyName;
  /** Budget of `open_with_budget`: the most that is authorized in all meanwhile. */
  readonly outage_budget?: string;
}

export interface WalletPoliciesView extends WalletRef {
  readonly wallet_id: string;
  readonly overdraft_limit: string;
  readonly low_balance_threshold: string | null;
  readonly late_usage_grace_seconds: number;
  readonly settle_late: boolean;
  readonly outage_policy: OutagePolicyName;
  readonly outage_budget: string;
}

export interface AdjustWallet extends WalletRef {
  /** Signed: more comes in as a block of its own, less is drawn from the blocks in their order. */
  readonly amount: string;
  /** Stands in the entry for ever. */
  readonly reason: string;
  readonly reference: string;
  /** Take it even when the wallet does not cover it. */
  readonly allow_negative?: boolean;
}

/** Entries of a correction, and the wallet after it. */
export interface BookedView extends WalletRef {
  readonly reference: string;
  readonly transactions: readonly TransactionView[];
  readonly balance_after: string;
  readonly replayed: boolean;
}

/** Gives back what a charge took, to the blocks that paid it; never more than was charged, over all reversals. */
export interface ReverseCharge {
  readonly organization_id: string;
  readonly charge_id: string;
  /** Absent: all that is not reversed yet. */
  readonly amount?: string;
  /** Unique per charge. */
  readonly reference: string;
  readonly reason: string;
  /** Expired blocks may be spent until then; absent: credit that returns to them expires on arrival. */
  readonly extend_to?: string;
}

/** Credit by an operator. */
export interface GrantBlock extends WalletRef {
  readonly amount: string;
  readonly kind: 'paid' | 'promotional';
  /** Lower is spent first; default 0. */
  readonly priority?: number;
  /** Cost of one unit; default 1 for paid credit, 0 for promotional. */
  readonly cost_basis?: string;
  readonly effective_at?: string;
  readonly expires_at?: string | null;
  readonly reference: string;
  readonly description?: string;
}

export const BLOCK_STATES = ['scheduled', 'active', 'depleted', 'expired', 'voided'] as const;
export type BlockState = (typeof BLOCK_STATES)[number];

/** A block at one instant. */
export interface CreditBlockView {
  readonly id: string;
  readonly currency: string;
  readonly state: BlockState;
  readonly kind: 'paid' | 'promotional';
  readonly priority: number;
  readonly cost_basis: string;
  readonly amount: string;
  /** The remaining amount, and the part of it that leases, refunds and disputes reserve. */
  readonly remaining: string;
  readonly held: string;
  /** Amount that expired unused. */
  readonly expired: string;
  readonly effective_at: string;
  readonly expires_at: string | null;
  readonly voided_at: string | null;
  readonly created_at: string;
}

export interface BlockListQuery extends WalletRef {
  /** False: those that have something left, in the order in which they are spent. True: all, newest first. */
  readonly include_all: boolean;
  readonly limit: number;
  /** Id of the last block seen; for `include_all`. */
  readonly after_id?: string;
}

export interface BlockPage {
  readonly blocks: readonly CreditBlockView[];
  readonly has_more: boolean;
}

interface BlockRequest {
  readonly organization_id: string;
  readonly block_id: string;
  readonly reference: string;
  readonly reason: string;
}

export interface ExtendBlock extends BlockRequest {
  /** Later than its present end; null: never. */
  readonly expires_at: string | null;
  /** Also reopen credit that expired longer ago than the wallet's grace. */
  readonly reopen?: boolean;
}

export interface VoidBlock extends BlockRequest {
  /** Take it though open authorizations count on it: their captures may make debt. */
  readonly allow_negative?: boolean;
}

export interface AmendBlock extends BlockRequest {
  /** The block's new amount, used part included. */
  readonly amount: string;
  /** As of a void. */
  readonly allow_negative?: boolean;
}

export const GRANT_CADENCES = ['day', 'week', 'month', 'year'] as const;
export type GrantCadence = (typeof GRANT_CADENCES)[number];

/** A grant that repeats. Period n begins n cadences after the anchor, in the civil time of the zone. */
export interface CreateGrantSchedule extends WalletRef {
  readonly amount: string;
  readonly kind: 'paid' | 'promotional';
  readonly priority?: number;
  readonly cost_basis?: string;
  readonly cadence: GrantCadence;
  /** Start of the first period; default now. Of periods before the creation, only the running one is granted. */
  readonly anchor_at?: string;
  /** IANA; default UTC. */
  readonly time_zone?: string;
  /** Credit of a period expires with it, except what rolls over (default), or never. */
  readonly expires?: 'period' | 'never';
  /** Maximum amount that rolls over into the next period; default nothing. */
  readonly rollover_cap?: string;
  /** So many periods longer than its own may credit live by rolling over; default 1 with a cap. */
  readonly rollover_periods?: number;
  /** First instant at which no further period begins; absent: never. */
  readonly ends_at?: string;
  /** Creating twice is creating once. */
  readonly reference: string;
}

export interface GrantScheduleView extends WalletRef {
  readonly id: string;
  readonly reference: string;
  readonly state: 'active' | 'ended' | 'cancelled';
  readonly amount: string;
  readonly kind: 'paid' | 'promotional';
  readonly priority: number;
  readonly cost_basis: string;
  readonly cadence: GrantCadence;
  readonly anchor_at: string;
  readonly time_zone: string;
  readonly expires: 'period' | 'never';
  readonly rollover_cap: string;
  readonly rollover_periods: number;
  readonly ends_at: string | null;
  /** When the next period is granted; null when there is none. */
  readonly next_at: string | null;
  readonly created_at: string;
  readonly cancelled_at: string | null;
}
