import type { Delivery, DeliveryStatus } from '../application/ports.js';
import type { StripeEvent } from '../domain/objects.js';

export interface EventRow {
  readonly body: unknown;
}

export interface DeliveryRow {
  readonly id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly endpoint_id: string | null;
  readonly status: string;
  readonly attempts: number;
  readonly next_attempt_at: Date;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly created_at: Date;
}

export function eventFromRow(row: EventRow): StripeEvent {
  return row.body as StripeEvent;
}

export function deliveryFromRow(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    eventId: row.event_id,
    eventType: row.event_type,
    endpointId: row.endpoint_id,
    status: row.status as DeliveryStatus,
    attempts: row.attempts,
    nextAttemptAtMs: row.next_attempt_at.getTime(),
    lastStatus: row.last_status,
    lastError: row.last_error,
    createdAtMs: row.created_at.getTime(),
  };
}
