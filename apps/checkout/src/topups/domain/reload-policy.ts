import type { TakingReason } from '@orbit/contracts';
import type { IsoCurrency } from '@orbit/money';

/** When and by how much a wallet is topped up by itself. Amounts are minor units of `currency`. */
export interface AutoReloadTerms {
  readonly enabled: boolean;
  readonly thresholdMinor: bigint;
  /** One step; a payment is as many steps as close the gap. */
  readonly amountMinor: bigint;
  /** Pay up to this balance instead of in steps. */
  readonly targetMinor: bigint | null;
  /** Of one payment; null: one step, or the target. */
  readonly paymentMinorMax: bigint | null;
  readonly dayCountMax: number | null;
  readonly monthCountMax: number | null;
  /** Null: see `dayCeiling`. */
  readonly dayMinorMax: bigint | null;
  readonly monthMinorMax: bigint | null;
}

/** The terms, and what happened to them. */
export interface AutoReloadPolicy extends AutoReloadTerms {
  readonly organizationId: string;
  readonly currency: IsoCurrency;
  /** Failures in a row. */
  readonly declineCount: number;
  readonly lastError: string | null;
  readonly lastErrorAtMs: number | null;
  /** Why it turned itself off; null when it did not. */
  readonly disabledReason: string | null;
  /** The reason of a clawback: nothing is paid until the policy is resumed. Kept while it is switched off. */
  readonly pausedReason: TakingReason | null;
  readonly pausedAtMs: number | null;
  /** The ledger's reference of the clawback. */
  readonly pausedReference: string | null;
  /** Last entry of the wallet whose takings are known; null: those booked since `judgedFromMs` are not. */
  readonly judgedSequence: bigint | null;
  readonly judgedFromMs: number;
  /** Charges up to this entry call for no payment: somebody went on after them. */
  readonly armsAfterSequence: bigint;
  readonly cappedUntilMs: number | null;
  /** No payment before this. */
  readonly notBeforeMs: number | null;
  readonly nextCheckAtMs: number;
  /**
   * Switched on, and no look has found enough or brought a payment yet: that calls for one, though nothing was spent,
   * and a balance at the threshold counts as below it.
   */
  readonly isFresh: boolean;
  /** Whether the ledger knows the threshold, so that `balance.low` comes at this line. */
  readonly isPushed: boolean;
  readonly version: bigint;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** While a payment is under way, this often. */
export const IN_FLIGHT_CHECK_MS = 2_000;
/** A policy turns itself off at this many failures in a row. */
export const DECLINES_MAX = 3;

/** How one automatic payment went. */
export type ReloadResult =
  | { readonly kind: 'paid' }
  | { readonly kind: 'asked' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Money came that does not fit: nothing more is taken before a person has looked. */
  | { readonly kind: 'parked' };

/**
 * The policy after a payment. A failure waits `spacingMs`, the next one four times as long, and the third in a row
 * turns the policy off; `isDisabled` says that it just happened, so that it is published once.
 */
export function afterReload(
  policy: AutoReloadPolicy,
  result: ReloadResult,
  nowMs: number,
  spacingMs: number,
): { readonly policy: AutoReloadPolicy; readonly isDisabled: boolean } {
  if (result.kind === 'paid') {
    const cleared = { declineCount: 0, lastError: null, lastErrorAtMs: null, notBeforeMs: null };
    return keep({
      ...policy,
      ...cleared,
      isFresh: false,
      nextCheckAtMs: nowMs + IN_FLIGHT_CHECK_MS,
    });
  }
  if (result.kind === 'asked') {
    return keep({ ...policy, lastError: 'authentication_required', lastErrorAtMs: nowMs });
  }
  const reason = result.kind === 'parked' ? 'payment_parked' : result.reason;
  const declineCount = policy.declineCount + 1;
  const failed = { ...policy, declineCount, lastError: reason, lastErrorAtMs: nowMs };
  // While it is paused its payments are given up: no card has refused.
  const isGivenUp = policy.pausedReason !== null && result.kind === 'failed';
  if (!policy.enabled || isGivenUp) return keep(failed);
  if (result.kind === 'parked' || declineCount >= DECLINES_MAX) {
    return { policy: { ...failed, enabled: false, disabledReason: reason }, isDisabled: true };
  }
  const notBeforeMs = nowMs + spacingMs * 4 ** (declineCount - 1);
  return keep({ ...failed, notBeforeMs, nextCheckAtMs: notBeforeMs });
}

const keep = (policy: AutoReloadPolicy) => ({ policy, isDisabled: false });
