import type { WalletRef } from './wallets.contract.js';

/** Nest TCP patterns about money that is set aside; wallet-ledger answers. Amounts are exact decimal strings. */
export const LEASE_RPC = {
  /** OpenLease → LeaseAnswer. Idempotent by reference. */
  open: 'lease.open',
  /** RenewLease → LeaseAnswer. Idempotent by reference. */
  renew: 'lease.renew',
  /** LeaseRef → LeaseAnswer: `closing` while charges may still be unread, `closed` when the rest is back. */
  close: 'lease.close',
  /** LeaseRef → LeaseView | null */
  read: 'lease.read',
  /** LeaseListQuery → LeasePage */
  list: 'lease.list',
} as const;

export const LEASE_STATES = ['open', 'closing', 'closed'] as const;
export type LeaseState = (typeof LEASE_STATES)[number];

/** Lifetimes a lease may be asked for, in milliseconds. */
export const LEASE_TTL_MS_MIN = 5_000;
export const LEASE_TTL_MS_MAX = 86_400_000;

export interface LeaseRef {
  readonly organization_id: string;
  readonly lease_id: string;
}

export interface OpenLease extends WalletRef {
  readonly amount: string;
  readonly ttl_ms: number;
  /** Label of the spender, for people. */
  readonly holder: string | null;
  /** Made by the caller: the same one opens the same lease. */
  readonly reference: string;
}

export interface RenewLease extends LeaseRef {
  /** Added to what is left. */
  readonly amount?: string;
  /** From now; never shortens. */
  readonly ttl_ms?: number;
  readonly reference: string;
}

/** granted = spent + remaining + returned. */
export interface LeaseView extends WalletRef {
  readonly lease_id: string;
  readonly state: LeaseState;
  readonly holder: string | null;
  readonly granted: string;
  /** Posted; what the holder has authorized but the ledger has not read is still in `remaining`. */
  readonly spent: string;
  readonly remaining: string;
  readonly returned: string;
  readonly opened_at: string;
  readonly expires_at: string;
  readonly closed_at: string | null;
}

export interface LeaseAnswer {
  readonly lease: LeaseView;
  /** An earlier call with the same reference did it. */
  readonly replayed: boolean;
}

export interface LeaseListQuery extends WalletRef {
  readonly state?: LeaseState;
  readonly limit: number;
  /** The page starts after this lease, newest first. */
  readonly after_id?: string;
}

export interface LeasePage {
  readonly leases: readonly LeaseView[];
  readonly has_more: boolean;
}

export const REFUND_RPC = {
  /** ReserveRefund → RefundReserved. Errors: `refund_exceeds_unspent` with details.max_refundable. Idempotent by refund_id. */
  reserve: 'refund.reserve',
} as const;

export interface ReserveRefund extends WalletRef {
  readonly topup_id: string;
  /** Made by the caller; `refund.completed` and `refund.failed` name it again. */
  readonly refund_id: string;
  /** Null: all that can be refunded. */
  readonly amount: string | null;
}

export interface RefundReserved {
  readonly refund_id: string;
  readonly topup_id: string;
  readonly reserved: string;
  /** Amount that could have been refunded before this. */
  readonly max_refundable: string;
  readonly replayed: boolean;
}
