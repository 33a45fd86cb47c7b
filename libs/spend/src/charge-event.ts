import { formatMicros, micros } from '@orbit/money';
import type { ChargeEvent, ChargeIntent, ChargeRequestedValue, PublishOptions } from './types.js';

/** What the record in Redis keeps: the event without its amount, which only the capture decides. */
export function toStoredEvent(
  intent: ChargeIntent,
  authorizationId: string,
  occurredAtMs: number,
): string {
  return JSON.stringify({
    charge_id: intent.chargeId,
    organization_id: intent.organizationId,
    amount: '',
    currency: intent.currency,
    channel: intent.channel,
    quantity: intent.quantity,
    authorization_id: authorizationId,
    occurred_at: new Date(occurredAtMs).toISOString(),
    metadata: intent.metadata,
  } satisfies ChargeRequestedValue);
}

/** The same stored event and amount always give the same message, so that a repeat is recognized. */
export function toChargeEvent(
  stored: string,
  amountMicros: bigint,
  { replyTo }: PublishOptions,
): ChargeEvent {
  const value: ChargeRequestedValue = {
    ...(JSON.parse(stored) as ChargeRequestedValue),
    amount: formatMicros(micros(amountMicros)),
  };
  return {
    key: value.organization_id,
    value,
    id: value.charge_id,
    timeMs: Date.parse(value.occurred_at),
    ...(replyTo === undefined ? {} : { headers: { orbit_reply_to: replyTo } }),
  };
}
