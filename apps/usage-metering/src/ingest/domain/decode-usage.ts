import { unheldNumberIn, usageTimeFault, type UsageIngested } from '@orbit/events';
import type { AcceptedEvent } from '../../events/domain/usage-event.js';
import { fingerprintOf } from '../../events/domain/fingerprint.js';

export type DecodedUsage =
  | { readonly ok: true; readonly events: readonly AcceptedEvent[] }
  | { readonly ok: false; readonly reason: string; readonly detail: string };

/**
 * The events of one message, all or none: what its schema cannot refuse is judged here. `nowMs` is the account's time
 * where the message does not say when it was accepted. Events of a backfill may be of any time.
 */
export function decodeUsage(message: UsageIngested, nowMs: number): DecodedUsage {
  const { account_id: accountId, customer_id, external_customer_id } = message;
  if (customer_id === null && external_customer_id === null) {
    return fault('invalid_value', 'customer_id or external_customer_id is required');
  }
  const acceptedAtMs = message.accepted_at === undefined ? nowMs : Date.parse(message.accepted_at);
  const hasWindow = (message.backfill_id ?? null) === null;
  const events: AcceptedEvent[] = [];
  const byKey = new Map<string, AcceptedEvent>();
  for (const [at, event] of message.events.entries()) {
    const timestampMs = Date.parse(event.timestamp);
    const inTime = hasWindow ? usageTimeFault(timestampMs, acceptedAtMs) : null;
    if (inTime !== null) return fault('out_of_window', `events.${at}.timestamp ${inTime}`);
    const unheld = unheldNumberIn(event.properties);
    if (unheld !== null) {
      const field = `events.${at}.properties.${unheld}`;
      return fault('invalid_value', `${field} has more than 38 digits or 18 decimals`);
    }
    const accepted: AcceptedEvent = {
      accountId,
      idempotencyKey: event.idempotency_key,
      customerId: customer_id,
      externalCustomerId: external_customer_id,
      eventName: event.event_name,
      timestampMs,
      properties: event.properties,
    };
    const before = byKey.get(event.idempotency_key);
    // Content is compared only where a key stands twice: hashing every event costs.
    if (before && fingerprintOf(before) !== fingerprintOf(accepted)) {
      const detail = `events.${at}.idempotency_key stands for another event of this message already`;
      return fault('conflicting_events', detail);
    }
    byKey.set(event.idempotency_key, accepted);
    events.push(accepted);
  }
  return { ok: true, events };
}

const fault = (reason: string, detail: string): DecodedUsage => ({ ok: false, reason, detail });
