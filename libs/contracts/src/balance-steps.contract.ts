/** Nest TCP patterns by which wallet-ledger says how balances moved. Amounts are exact decimal strings. */
export const BALANCE_STEPS_RPC = {
  /** {wallets: BalanceStepsAsk[]}, at most BALANCE_STEPS_WALLETS_MAX → WalletSteps[], one each, in their order. */
  after: 'balance_steps.after',
  /** {organization_id, currency} → BalanceStep; sequence "0" where there is no wallet, or nothing was ever booked. */
  last: 'balance_steps.last',
  /** {organization_id} → WalletBalance[]: every wallet of a customer, at most 100. */
  balances: 'balance_steps.balances',
} as const;

export const BALANCE_STEPS_WALLETS_MAX = 1_000;

export interface BalanceStepsAsk {
  readonly organization_id: string;
  readonly currency: string;
  /** Entries after this one are returned. */
  readonly after_sequence: string;
}

/** One entry of the books, and the balance that it left. */
export interface BalanceStepView {
  readonly sequence: string;
  readonly balance: string;
  readonly booked_at: string;
  /** It was spent; false: it came in, expired, or was taken back. */
  readonly is_spending: boolean;
}

export interface WalletSteps {
  /** Oldest first, at most 500; ask again after the last one. */
  readonly steps: readonly BalanceStepView[];
}

export interface WalletBalance {
  /** A currency or a unit. */
  readonly currency: string;
  readonly balance: string;
}
