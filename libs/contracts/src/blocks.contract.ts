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
} as const;

export const OUTAGE_POLICY_NAMES = ['closed', 'open_with_budget', 'open'] as const;
export type OutagePolicyName = (typeof OUTAGE_POLICY_NAMES)[number];

/** Only what is named changes. Amounts are exact decimal strings. */
export interface ConfigureWallet extends WalletRef {
  readonly overdraft_limit?: string;
  /** Null: never low. A balance below it is told by `balance.low`. */
  readonly low_balance_threshold?: string | null;
  /** Usage that arrives so long after a block lapsed may draw on it when it occurred before. */
  readonly late_usage_grace_seconds?: number;
  /** A capture after the end of its hold posts all the same. */
  readonly settle_late?: boolean;
  /** What authorization does while hot balances are not to be trusted. */
  readonly outage_policy?: OutagePolicyName;
  /** What may be authorized in all meanwhile; for `open_with_budget`. */
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

/** What a correction booked, and what the wallet holds after it. */
export interface BookedView extends WalletRef {
  readonly reference: string;
  readonly transactions: readonly TransactionView[];
  readonly balance_after: string;
  readonly replayed: boolean;
}
