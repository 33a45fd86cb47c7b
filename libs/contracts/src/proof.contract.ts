import type { ChargeRejection } from './reasons.js';
import type { TransactionType } from './wallet-ledger/transaction.shape.js';
import type { WalletRef } from './wallet-ledger/wallets.contract.js';

/** Nest TCP patterns that wallet-ledger answers about its own truth. Amounts are exact decimal strings. */
export const PROOF_RPC = {
  /** {organization_id, charge_id} → ChargeExplanation | null when the ledger has not decided it. */
  explainCharge: 'charge.explain',
  /** BalancesAtQuery → BalancesAtPage */
  balancesAt: 'ledger.balances_at',
  /** {} → LedgerHealth */
  health: 'ledger.health',
  /** {organization_id, currency?, clear} → RecheckedWallets | null when there is no such wallet. */
  recheck: 'ledger.recheck',
} as const;

/** How a price became an amount. */
export interface ChargeRating {
  /** Its name on the rate card. */
  readonly price_id: string;
  /** Of the account's card and of the organization's: `3.1`. */
  readonly price_version: string;
  /** By dimension; `quantity` of a price without dimensions. */
  readonly quantities: Readonly<Record<string, string>>;
  /** As a person reads it: "1234 × 2.50 / 1000000 + …". */
  readonly formula: string;
  /** Rounded once, from this exact number. */
  readonly unrounded_amount: string;
}

/** The requested charge, as it was requested. */
export interface ChargeRequestView {
  readonly charge_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly channel: string | null;
  readonly quantity: number | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly occurred_at: string | null;
}

/** A part of the charge and the credit that paid it. */
export interface ExplainedSlice {
  /** Null: the overdraft carried it. */
  readonly block_id: string | null;
  readonly amount: string;
  readonly block: ExplainedBlock | null;
}

export interface ExplainedBlock {
  readonly kind: 'paid' | 'promotional';
  readonly priority: number;
  readonly expires_at: string | null;
  /** The entry that brought the credit in. */
  readonly origin: {
    readonly entry_id: string;
    readonly type: TransactionType;
    readonly reference: string;
    readonly amount: string;
    readonly booked_at: string;
  };
  /** Remaining amount of the block around this charge; null where that would take reading very many entries. */
  readonly remaining_before: string | null;
  readonly remaining_after: string | null;
}

export interface ExplainedEntry {
  readonly id: string;
  readonly sequence: string;
  readonly type: TransactionType;
  readonly from_account: string;
  readonly to_account: string;
  /** As the wallet sees it: negative takes from it. */
  readonly amount: string;
  readonly balance_before: string;
  readonly balance_after: string;
  readonly block_id: string | null;
  readonly reference: string;
  readonly booked_at: string;
  readonly seal: ExplainedSeal;
}

/** A reversal of a charge by an operator, under one reference. */
export interface ExplainedReversal {
  /** As the operator named it. */
  readonly reference: string;
  readonly amount: string;
  /** Of its first entry. */
  readonly sequence: string;
  /** Returned amount, and the part that left again at once because its block had ended. */
  readonly entries: readonly ExplainedEntry[];
  readonly booked_at: string;
}

/** `docs/proof.md` says how each of these hashes is made. */
export type ExplainedSeal =
  | { readonly status: 'pending' }
  | {
      readonly status: 'sealed';
      /** The text that stands for the entry; SHA-256 of the previous hash, a line feed and it is `chain_hash`. */
      readonly canonical: string;
      readonly previous_hash: string;
      readonly chain_hash: string;
      /** From the chain hash to the digest of its seal, and from that to the Merkle root. */
      readonly seal: {
        readonly first_sequence: string;
        readonly last_sequence: string;
        readonly digest: string;
        readonly path: readonly MerkleStepView[];
      };
      readonly root: {
        readonly root_no: string;
        readonly root: string;
        /** The text whose SHA-256 is `root`. */
        readonly canonical: string;
        readonly merkle_root: string;
        readonly path: readonly MerkleStepView[];
        readonly sealed_at: string;
      };
    };

export interface MerkleStepView {
  readonly side: 'left' | 'right';
  readonly hash: string;
}

/** The part of a charge that the allowance of a plan paid. */
export interface ExplainedPlan {
  readonly plan_id: string;
  readonly subscription_id: string;
  /** `messages`, … */
  readonly unit: string;
  /** Of the unit. */
  readonly amount: string;
  /** The charge that booked this part beside the one of money, to be explained like any other; null: this very charge. */
  readonly charge_id: string | null;
}

export interface ChargeExplanation {
  readonly charge_id: string;
  readonly wallet_id: string;
  readonly status: 'posted' | 'rejected';
  readonly reason: ChargeRejection | null;
  readonly request: ChargeRequestView;
  /** Null: the charge came with its amount; whoever sent it rated it. */
  readonly rating: ChargeRating | null;
  /** The hold that covered it, or the lease that paid it; both null: it was charged without being asked for before. */
  readonly authorization: {
    readonly authorization_id: string | null;
    readonly lease_id: string | null;
  };
  readonly plan: ExplainedPlan | null;
  readonly slices: readonly ExplainedSlice[];
  readonly entries: readonly ExplainedEntry[];
  readonly balance_before: string | null;
  readonly balance_after: string | null;
  readonly decided_at: string;
  /** In the order of booking; empty while nothing was given back. */
  readonly reversals: readonly ExplainedReversal[];
}

export interface BalancesAtQuery {
  readonly at: string;
  readonly organization_id?: string;
  readonly currency?: string;
  readonly limit: number;
  /** Number of the last wallet seen. */
  readonly after?: string;
}

export interface BalanceAt {
  readonly organization_id: string;
  readonly wallet_id: string;
  readonly currency: string;
  readonly balance: string;
  /** Of the last entry that was booked by then; "0" before the first. */
  readonly sequence: string;
  readonly last_entry_at: string | null;
}

export interface BalancesAtPage {
  readonly at: string;
  readonly balances: readonly BalanceAt[];
  /** For the next page; null on the last. */
  readonly after: string | null;
}

export interface CheckView {
  readonly check: string;
  readonly fact: string;
  readonly last_true_at: string | null;
  readonly last_run_at: string | null;
  /** Wallets of the last run. */
  readonly wallets: number;
  readonly holds: boolean;
}

export interface BreachView {
  readonly organization_id: string;
  readonly wallet_id: string;
  readonly currency: string;
  readonly check: string;
  readonly fact: string;
  readonly expected: string;
  readonly actual: string;
  readonly since: string;
}

/** A stall that lasts until a person repairs its cause; everything else goes on. */
export interface StallView {
  /** A partition, as `charge.requested/3`, or `captures`. */
  readonly what: string;
  /**
   * `stopped`: by a broken invariant, until a restart; `failing`: the same batch fails again and again;
   * `unsettled`: captures that are sent again and again, and do not come into the books.
   */
  readonly state: 'stopped' | 'failing' | 'unsettled';
  /** The last error. */
  readonly detail: string;
  readonly since: string;
  readonly what_to_do: string;
}

export interface LedgerHealth {
  /** `ok`: the books hold and everything moves. */
  readonly status: 'ok' | 'degraded';
  /** Why it is degraded, one sentence each. */
  readonly reasons: readonly string[];
  /** Every check was true lately and no breach is open. */
  readonly holds: boolean;
  readonly stalls: readonly StallView[];
  readonly checks: readonly CheckView[];
  readonly breaches: readonly BreachView[];
  /** All of them; the list is cut. */
  readonly breach_count: number;
  readonly sealing: {
    readonly root_no: string | null;
    readonly root: string | null;
    readonly sealed_at: string | null;
    /** Since everything that was known of was sealed; null when that never was. */
    readonly lag_ms: number | null;
  };
  readonly wallets: {
    /** In the last complete turn over all of them. */
    readonly in_last_turn: number;
    readonly last_turn_at: string | null;
  };
  readonly checked_at: string;
}

export interface RecheckedWallets {
  readonly wallets: readonly (WalletRef & {
    readonly wallet_id: string;
    readonly outbound_paused: boolean;
    readonly outbound_block_reason: string | null;
    readonly breaches: readonly Omit<BreachView, 'organization_id' | 'wallet_id' | 'currency'>[];
  })[];
}
