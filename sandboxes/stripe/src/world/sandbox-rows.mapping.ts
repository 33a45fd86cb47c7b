import type { Delivery, DeliveryStatus, Task, TaskKind } from './ports.js';
import type { StripeEvent } from './objects.js';

export interface EventRow {
  readonly body: unknown;
  readonly pending?: number;
}

export interface TaskRow {
  readonly kind: string;
  readonly object_id: string;
  readonly clock_id: string | null;
  readonly due_at: Date;
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
  const event = row.body as StripeEvent;
  return row.pending === undefined ? event : { ...event, pending_webhooks: row.pending };
}

export function taskFromRow(row: TaskRow): Task {
  return {
    kind: row.kind as TaskKind,
    objectId: row.object_id,
    clockId: row.clock_id,
    dueAtMs: row.due_at.getTime(),
  };
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
