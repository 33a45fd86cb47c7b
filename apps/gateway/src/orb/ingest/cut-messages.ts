import { USAGE_EVENTS_MAX, type IngestedEvent, type UsageIngested } from '@orbit/events';
import { isoInstant } from '@orbit/kernel';
import type { CustomerNames, ReadEvent } from './ingest-ports.js';

/** Characters of properties in one message, about. */
const MESSAGE_SIZE_MAX = 200 * 1024;

/** An event, and its customer where there is one. */
export interface NamedEvent {
  readonly event: ReadEvent;
  readonly customer: CustomerNames | null;
}

export interface MessageContext {
  readonly accountId: string;
  readonly acceptedAtMs: number;
  readonly backfillId: string | null;
}

/** Messages of one customer each, in the order of the events. */
export function cutMessages(
  named: readonly NamedEvent[],
  { accountId, acceptedAtMs, backfillId }: MessageContext,
): readonly UsageIngested[] {
  const accepted_at = isoInstant(acceptedAtMs);
  const open = new Map<string, { events: IngestedEvent[]; size: number }>();
  const messages: UsageIngested[] = [];
  for (const { event, customer } of named) {
    const customer_id = customer?.id ?? null;
    const external_customer_id = customer?.externalCustomerId ?? event.externalCustomerId;
    const key = customer_id ?? ` ${external_customer_id}`;
    let message = open.get(key);
    const isFull =
      message &&
      (message.events.length >= USAGE_EVENTS_MAX || message.size + event.size > MESSAGE_SIZE_MAX);
    if (!message || isFull) {
      message = { events: [], size: 0 };
      open.set(key, message);
      const { events } = message;
      const names = { account_id: accountId, customer_id, external_customer_id };
      messages.push({ ...names, backfill_id: backfillId, accepted_at, events });
    }
    message.size += event.size;
    message.events.push({
      idempotency_key: event.idempotencyKey,
      event_name: event.eventName,
      timestamp: isoInstant(event.timestampMs),
      properties: event.properties,
    });
  }
  return messages;
}

/** All events of one customer have one partition; who has no customer yet goes by its external id. */
export const keyOfMessage = (message: UsageIngested): string =>
  `${message.account_id} ${message.customer_id ?? message.external_customer_id ?? ''}`;
