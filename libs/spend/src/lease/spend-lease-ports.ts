import type { Currency, Micros } from '@orbit/money';

/** The terms of a lease that the ledger has set aside. */
export interface LeaseTerms {
  readonly leaseId: string;
  /** In all, renewals included. */
  readonly grantedMicros: Micros;
}

export interface LeaseOpening {
  readonly organizationId: string;
  readonly currency: Currency;
  readonly amountMicros: Micros;
  readonly ttlMs: number;
  readonly holder: string | null;
  /** 8 to 255 visible characters; the same one opens the same lease. */
  readonly reference: string;
}

export interface LeaseRenewal {
  readonly organizationId: string;
  /** The currency of the lease. */
  readonly currency: Currency;
  readonly leaseId: string;
  /** Zero: time alone. */
  readonly amountMicros: Micros;
  /** From the moment at which the ledger renews. */
  readonly ttlMs: number;
  readonly reference: string;
}

/**
 * The ledger's side of leases. Every call may be repeated with the same reference.
 * Errors: OrbitError. `insufficient_funds` and `outbound_paused` say that nothing was granted;
 * `conflict` and `not_found` that the lease has ended; retryable ones that it is not known.
 */
export interface LeaseLedger {
  open(opening: LeaseOpening): Promise<LeaseTerms>;
  renew(renewal: LeaseRenewal): Promise<LeaseTerms>;
  close(lease: { readonly organizationId: string; readonly leaseId: string }): Promise<void>;
}

declare const leaseUnit: unique symbol;
/**
 * Micros as a whole number that JavaScript counts exactly: what `SpendLease` compares, because a
 * comparison of bigints costs ten times as much. Made by `leaseMicros` alone.
 */
export type LeaseMicros = number & { readonly [leaseUnit]: true };
