import { micros, microsFromMinor, type IsoCurrency, type Micros } from '@orbit/money';
import { AMOUNT_MINOR_MAX, AMOUNT_MINOR_MIN } from './topup.js';

/** When and by how much a wallet is topped up by itself. Amounts are minor units of `currency`. */
export interface AutoReloadTerms {
  readonly enabled: boolean;
  readonly thresholdMinor: bigint;
  /** One step; a payment is as many steps as close the gap. */
  readonly amountMinor: bigint;
  /** Pay up to this balance instead of in steps. */
  readonly targetMinor: bigint | null;
  readonly dayCountMax: number | null;
  readonly monthCountMax: number | null;
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
  readonly cappedUntilMs: number | null;
  /** No payment before this. */
  readonly notBeforeMs: number | null;
  readonly nextCheckAtMs: number;
  /** Switched on and not yet looked at: a balance at the threshold counts as below it. */
  readonly isFresh: boolean;
  /** Whether the ledger knows the threshold, so that `balance.low` comes at this line. */
  readonly isPushed: boolean;
  readonly version: bigint;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Automatic payments since the start of the UTC day and month; those that failed or expired do not count. */
export interface ReloadUsage {
  readonly dayCount: number;
  readonly monthCount: number;
  readonly dayMinor: bigint;
  readonly monthMinor: bigint;
}

export interface ReloadFacts {
  /** Posted, by the ledger. */
  readonly balanceMicros: Micros;
  /** Asked for and not yet in that balance, by anybody. */
  readonly inFlightMinor: bigint;
  /** An automatic payment is under way: there is never a second one. */
  readonly isReloading: boolean;
  readonly usage: ReloadUsage;
}

export type ReloadDecision =
  | { readonly kind: 'charge'; readonly amountMinor: bigint }
  /** Nothing to do now; look again then, whether or not an event comes. */
  | { readonly kind: 'wait'; readonly why: WaitReason; readonly untilMs: number };
export type WaitReason = 'off' | 'enough' | 'in_flight' | 'spacing' | 'capped';

/** An enabled policy is looked at this often even if no event comes. */
export const SAFETY_CHECK_MS = 3_600_000;
/** While a payment is under way, this often. */
export const IN_FLIGHT_CHECK_MS = 2_000;
/** A policy turns itself off at this many failures in a row. */
export const DECLINES_MAX = 3;

/**
 * Decides whether to pay, and how much: one payment that lifts the balance, with all that is under way, back
 * to the threshold (or to the target). Pure; run under the policy's lock, so that one crossing pays once.
 */
export function decideReload(
  policy: AutoReloadPolicy,
  facts: ReloadFacts,
  nowMs: number,
): ReloadDecision {
  const wait = (why: WaitReason, untilMs: number): ReloadDecision => ({
    kind: 'wait',
    why,
    untilMs,
  });
  if (!policy.enabled) return wait('off', nowMs + SAFETY_CHECK_MS);
  if (facts.isReloading) return wait('in_flight', nowMs + IN_FLIGHT_CHECK_MS);
  const { currency } = policy;
  const expected = facts.balanceMicros + microsFromMinor(facts.inFlightMinor, currency);
  const threshold = microsFromMinor(policy.thresholdMinor, currency);
  if (policy.isFresh ? expected > threshold : expected >= threshold) {
    // What is under way may still fail; then the gap is open again.
    const pauseMs = facts.inFlightMinor > 0n ? IN_FLIGHT_CHECK_MS : SAFETY_CHECK_MS;
    return wait('enough', nowMs + pauseMs);
  }
  if (policy.notBeforeMs !== null && policy.notBeforeMs > nowMs)
    return wait('spacing', policy.notBeforeMs);
  return withinCaps(policy, facts.usage, wantedMinor(policy, micros(expected)), nowMs);
}

/** What closes the gap from `expected`, in minor units, before caps. */
function wantedMinor(policy: AutoReloadPolicy, expected: Micros): bigint {
  const { currency, amountMinor } = policy;
  const minor = microsFromMinor(1n, currency);
  if (policy.targetMinor !== null) {
    const gap = ceilDiv(microsFromMinor(policy.targetMinor, currency) - expected, minor);
    const least = BigInt(AMOUNT_MINOR_MIN[currency]);
    return payable(gap > least ? gap : least, currency);
  }
  const gap = microsFromMinor(policy.thresholdMinor, currency) - expected;
  const steps = ceilDiv(gap, microsFromMinor(amountMinor, currency));
  return (steps > 1n ? steps : 1n) * amountMinor;
}

/** As much of the wanted amount as the caps leave: whole steps, or what is payable of a target. */
function withinCaps(
  policy: AutoReloadPolicy,
  usage: ReloadUsage,
  wanted: bigint,
  nowMs: number,
): ReloadDecision {
  const capped = (untilMs: number): ReloadDecision => ({ kind: 'wait', why: 'capped', untilMs });
  const { dayCountMax, monthCountMax, dayMinorMax, monthMinorMax } = policy;
  if (monthCountMax !== null && usage.monthCount >= monthCountMax)
    return capped(nextMonthMs(nowMs));
  if (dayCountMax !== null && usage.dayCount >= dayCountMax) return capped(nextDayMs(nowMs));
  const monthLeft = monthMinorMax === null ? null : monthMinorMax - usage.monthMinor;
  const dayLeft = dayMinorMax === null ? null : dayMinorMax - usage.dayMinor;
  const fit = (left: bigint | null): bigint => fitting(policy, wanted, left);
  if (fit(monthLeft) === 0n) return capped(nextMonthMs(nowMs));
  if (fit(dayLeft) === 0n) return capped(nextDayMs(nowMs));
  const amounts = [fit(monthLeft), fit(dayLeft), fit(BigInt(AMOUNT_MINOR_MAX))];
  return { kind: 'charge', amountMinor: amounts.reduce((a, b) => (a < b ? a : b)) };
}

/** The part of `wanted` that fits in what a cap leaves; zero when nothing payable does. */
function fitting(policy: AutoReloadPolicy, wanted: bigint, left: bigint | null): bigint {
  if (left === null || wanted <= left) return wanted;
  if (policy.targetMinor === null) return left < 0n ? 0n : left - (left % policy.amountMinor);
  const rest = left - (left % stepOf(policy.currency));
  return rest < BigInt(AMOUNT_MINOR_MIN[policy.currency]) ? 0n : rest;
}

/** Stripe takes three-decimal currencies in steps of ten minor units. */
const stepOf = (currency: IsoCurrency): bigint =>
  ['KWD', 'BHD', 'JOD', 'TND'].includes(currency) ? 10n : 1n;

const payable = (minor: bigint, currency: IsoCurrency): bigint =>
  ceilDiv(minor, stepOf(currency)) * stepOf(currency);

const ceilDiv = (value: bigint, divisor: bigint): bigint =>
  value <= 0n ? 0n : (value + divisor - 1n) / divisor;

/** Starts of the UTC day and month, and of the next ones. Caps count by these, whatever the wallet's zone. */
export const dayStartMs = (nowMs: number): number => nowMs - (nowMs % 86_400_000);
export const nextDayMs = (nowMs: number): number => dayStartMs(nowMs) + 86_400_000;
export const monthStartMs = (nowMs: number): number => monthMs(nowMs, 0);
export const nextMonthMs = (nowMs: number): number => monthMs(nowMs, 1);

function monthMs(nowMs: number, ahead: number): number {
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1);
}

/** How one automatic payment went. */
export type ReloadResult =
  | { readonly kind: 'paid' }
  | { readonly kind: 'asked' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Money came that does not fit: nothing more is taken before a person has looked. */
  | { readonly kind: 'parked' };

/**
 * The policy after a payment. A failure waits `spacingMs`, the next one four times as long, and the third
 * in a row turns the policy off; `isDisabled` says that it just happened, so that it is told once.
 */
export function afterReload(
  policy: AutoReloadPolicy,
  result: ReloadResult,
  nowMs: number,
  spacingMs: number,
): { readonly policy: AutoReloadPolicy; readonly isDisabled: boolean } {
  if (result.kind === 'paid') {
    const cleared = { declineCount: 0, lastError: null, lastErrorAtMs: null, notBeforeMs: null };
    return keep({ ...policy, ...cleared, nextCheckAtMs: nowMs + IN_FLIGHT_CHECK_MS });
  }
  if (result.kind === 'asked') {
    return keep({ ...policy, lastError: 'authentication_required', lastErrorAtMs: nowMs });
  }
  const reason = result.kind === 'parked' ? 'payment_parked' : result.reason;
  const declineCount = policy.declineCount + 1;
  const failed = { ...policy, declineCount, lastError: reason, lastErrorAtMs: nowMs };
  if (!policy.enabled) return keep(failed);
  if (result.kind === 'parked' || declineCount >= DECLINES_MAX) {
    return { policy: { ...failed, enabled: false, disabledReason: reason }, isDisabled: true };
  }
  const notBeforeMs = nowMs + spacingMs * 4 ** (declineCount - 1);
  return keep({ ...failed, notBeforeMs, nextCheckAtMs: notBeforeMs });
}

const keep = (policy: AutoReloadPolicy) => ({ policy, isDisabled: false });
