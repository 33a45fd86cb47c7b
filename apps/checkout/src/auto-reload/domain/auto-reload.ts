import type { TakingReason } from '@orbit/contracts';
import { micros, microsFromMinor, type Micros } from '@orbit/money';
import {
  ceilDiv,
  payable,
  withinCeilings,
  type ReloadCeiling,
  type ReloadUsage,
} from './reload-ceilings.js';
import { IN_FLIGHT_CHECK_MS, type AutoReloadPolicy } from '../../topups/domain/reload-policy.js';
import { AMOUNT_MINOR_MIN } from '../../topups/domain/topup.js';

export interface ReloadFacts {
  /** Posted, by the ledger. */
  readonly balanceMicros: Micros;
  /** Asked for and not yet in that balance, by anybody. */
  readonly inFlightMinor: bigint;
  /** An automatic payment is under way: there is never a second one. */
  readonly isReloading: boolean;
  readonly usage: ReloadUsage;
  /** Last charge after which the balance was below the threshold and stayed there; null: none. */
  readonly spentSequence: bigint | null;
  /** The first thing that was taken from the wallet since it was last looked at. */
  readonly taken: { readonly reason: TakingReason; readonly reference: string } | null;
}

export type ReloadDecision =
  | { readonly kind: 'charge'; readonly amountMinor: bigint }
  /** Somebody took money back: nothing is paid until somebody goes on. */
  | { readonly kind: 'pause'; readonly reason: TakingReason; readonly reference: string }
  /** Nothing to do now; look again then, whether or not an event comes. */
  | { readonly kind: 'wait'; readonly why: WaitReason; readonly untilMs: number };
export type WaitReason =
  'off' | 'paused' | 'enough' | 'in_flight' | 'unspent' | 'spacing' | 'capped';

/** An enabled policy is looked at this often even if no event comes. */
export const SAFETY_CHECK_MS = 3_600_000;

/**
 * Decides whether to pay, and how much: one payment that lifts the balance, with all that is under way, back
 * to the threshold (or to the target), as far as the ceilings go. Only a charge calls for it, or somebody who has
 * just switched it on; what was taken back pauses it instead (docs/decisions/0019). Pure; run under the policy's
 * lock, so that one crossing pays once.
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
  if (policy.pausedReason !== null) return wait('paused', nowMs + SAFETY_CHECK_MS);
  if (facts.taken !== null) return { kind: 'pause', ...facts.taken };
  if (facts.isReloading) return wait('in_flight', nowMs + IN_FLIGHT_CHECK_MS);
  const { currency } = policy;
  const expected = expectedMicros(policy, facts);
  const threshold = microsFromMinor(policy.thresholdMinor, currency);
  if (policy.isFresh ? expected > threshold : expected >= threshold) {
    // What is under way may still fail; then the gap is open again.
    const pauseMs = facts.inFlightMinor > 0n ? IN_FLIGHT_CHECK_MS : SAFETY_CHECK_MS;
    return wait('enough', nowMs + pauseMs);
  }
  const { spentSequence } = facts;
  const isSpent = spentSequence !== null && spentSequence > policy.armsAfterSequence;
  if (!policy.isFresh && !isSpent) return wait('unspent', nowMs + SAFETY_CHECK_MS);
  if (policy.notBeforeMs !== null && policy.notBeforeMs > nowMs)
    return wait('spacing', policy.notBeforeMs);
  const { amountMinor, ceiling } = reloadNeed(policy, facts);
  if (amountMinor > 0n) return { kind: 'charge', amountMinor };
  const isMonths = ceiling === 'amount_per_month' || ceiling === 'reloads_per_month';
  return wait('capped', isMonths ? nextMonthMs(nowMs) : nextDayMs(nowMs));
}

/** The amount that closes the gap, the part that the ceilings leave, and the ceiling that cuts it; null: none. */
export interface ReloadNeed {
  readonly wantedMinor: bigint;
  readonly amountMinor: bigint;
  readonly ceiling: ReloadCeiling | null;
}

export function reloadNeed(policy: AutoReloadPolicy, facts: ReloadFacts): ReloadNeed {
  const wanted = wantedMinor(policy, expectedMicros(policy, facts));
  return { wantedMinor: wanted, ...withinCeilings(policy, facts.usage, wanted) };
}

const expectedMicros = ({ currency }: AutoReloadPolicy, facts: ReloadFacts): Micros =>
  micros(facts.balanceMicros + microsFromMinor(facts.inFlightMinor, currency));

/** The amount that closes the gap from `expected`, in minor units, before ceilings. */
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

/** Starts of the UTC day and month, and of the next ones. Caps count by these, whatever the wallet's zone. */
export const dayStartMs = (nowMs: number): number => nowMs - (nowMs % 86_400_000);
export const nextDayMs = (nowMs: number): number => dayStartMs(nowMs) + 86_400_000;
export const monthStartMs = (nowMs: number): number => monthMs(nowMs, 0);
export const nextMonthMs = (nowMs: number): number => monthMs(nowMs, 1);

function monthMs(nowMs: number, ahead: number): number {
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1);
}
