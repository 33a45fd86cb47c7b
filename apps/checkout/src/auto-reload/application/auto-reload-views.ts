import type { AutoReloadView } from '@orbit/contracts';
import type { AutoReloadPolicy } from '../../topups/domain/reload-policy.js';
import { dayCeiling, paymentCeiling } from '../domain/reload-ceilings.js';
import type { TopUp } from '../../topups/domain/topup.js';

/** Of an organization that never configured it. */
export const NO_AUTO_RELOAD: AutoReloadView = {
  enabled: false,
  threshold: null,
  amount: null,
  target: null,
  max_amount_per_payment: null,
  max_reloads_per_day: null,
  max_reloads_per_month: null,
  max_amount_per_day: null,
  max_amount_per_month: null,
  state: 'off',
  paused_reason: null,
  paused_at: null,
  declines: 0,
  last_error: null,
  last_error_at: null,
  action_url: null,
  next_attempt_at: null,
  updated_at: null,
};

export function autoReloadView(
  policy: AutoReloadPolicy,
  reloading: TopUp | null,
  nowMs: number,
): AutoReloadView {
  const state = stateOf(policy, reloading, nowMs);
  const nextMs = { retrying: policy.notBeforeMs, capped: policy.cappedUntilMs };
  const nextAttemptMs = state === 'retrying' || state === 'capped' ? nextMs[state] : null;
  return {
    enabled: policy.enabled,
    threshold: Number(policy.thresholdMinor),
    amount: Number(policy.amountMinor),
    target: numberOf(policy.targetMinor),
    max_amount_per_payment: Number(paymentCeiling(policy)),
    max_reloads_per_day: policy.dayCountMax,
    max_reloads_per_month: policy.monthCountMax,
    max_amount_per_day: Number(dayCeiling(policy)),
    max_amount_per_month: numberOf(policy.monthMinorMax),
    state,
    paused_reason: policy.enabled ? policy.pausedReason : null,
    paused_at: policy.enabled ? instantOf(policy.pausedAtMs) : null,
    declines: policy.declineCount,
    last_error: policy.lastError,
    last_error_at: instantOf(policy.lastErrorAtMs),
    action_url: reloading?.actionUrl ?? null,
    next_attempt_at: instantOf(nextAttemptMs),
    updated_at: instantOf(policy.updatedAtMs),
  };
}

function stateOf(
  policy: AutoReloadPolicy,
  reloading: TopUp | null,
  nowMs: number,
): AutoReloadView['state'] {
  if (policy.enabled && policy.pausedReason !== null) return 'paused';
  // What has been paid is noted as booked by the next look, and nobody looks while it is off.
  if (reloading !== null && (policy.enabled || reloading.state !== 'succeeded'))
    return reloading.state === 'requires_action' ? 'requires_action' : 'charging';
  if (!policy.enabled) return policy.disabledReason === null ? 'off' : 'disabled';
  if (policy.notBeforeMs !== null && policy.notBeforeMs > nowMs) return 'retrying';
  if (policy.cappedUntilMs !== null && policy.cappedUntilMs > nowMs) return 'capped';
  return 'armed';
}

const numberOf = (minor: bigint | null): number | null => (minor === null ? null : Number(minor));

const instantOf = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();
