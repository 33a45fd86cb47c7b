import { formatAmount, microsFromMinor } from '@orbit/money';
import { dayStartMs, type ReloadFacts, type ReloadNeed } from '../domain/auto-reload.js';
import type { AutoReloadPolicy } from '../../topups/domain/reload-policy.js';
import type { ReloadCeiling } from '../domain/reload-ceilings.js';
import type { OutboxEvent } from '../../topups/application/ports.js';

const sharedOf = ({ organizationId, currency }: AutoReloadPolicy, nowMs: number) => ({
  organization_id: organizationId,
  currency,
  occurred_at: new Date(nowMs).toISOString(),
});

/** One event for each time that a policy is paused: `version` separates them. */
export function pausedEvent(
  policy: AutoReloadPolicy,
  { reason, reference }: NonNullable<ReloadFacts['taken']>,
  nowMs: number,
): OutboxEvent {
  return {
    eventId: `evt_${policy.organizationId}_auto_reload_paused_${policy.version}`,
    topic: 'auto_reload.paused',
    occurredAtMs: nowMs,
    value: { ...sharedOf(policy, nowMs), reason, reference },
  };
}

export function resumedEvent(policy: AutoReloadPolicy, nowMs: number): OutboxEvent {
  return {
    eventId: `evt_${policy.organizationId}_auto_reload_resumed_${policy.version}`,
    topic: 'auto_reload.resumed',
    occurredAtMs: nowMs,
    value: sharedOf(policy, nowMs),
  };
}

/** Once per ceiling and UTC day, however often it is met. */
export function limitedEvent(
  policy: AutoReloadPolicy,
  ceiling: ReloadCeiling,
  { wantedMinor, amountMinor }: ReloadNeed,
  { balanceMicros }: ReloadFacts,
  nowMs: number,
): OutboxEvent {
  const day = new Date(dayStartMs(nowMs)).toISOString().slice(0, 10);
  const { currency } = policy;
  const text = (minor: bigint): string => formatAmount(microsFromMinor(minor, currency), currency);
  return {
    eventId: `evt_${policy.organizationId}_auto_reload_limited_${ceiling}_${day}`,
    topic: 'auto_reload.limited',
    occurredAtMs: nowMs,
    value: {
      ...sharedOf(policy, nowMs),
      ceiling,
      balance: formatAmount(balanceMicros, currency),
      wanted: text(wantedMinor),
      paid: text(amountMinor),
    },
  };
}
