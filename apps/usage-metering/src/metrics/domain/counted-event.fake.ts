import { createHash } from 'node:crypto';
import type { CountedEvent } from './compile.js';

/** An event as tests need it: what is not said is plain. */
export function countedEvent(
  properties: CountedEvent['properties'],
  event: Partial<CountedEvent> = {},
): CountedEvent {
  const idempotencyKey = event.idempotencyKey ?? JSON.stringify(properties);
  const fingerprint = createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32);
  return {
    idempotencyKey,
    customerId: 'org_1',
    externalCustomerId: null,
    eventName: 'call',
    timestampMs: Date.UTC(2026, 3, 1),
    fingerprint,
    ...event,
    properties,
  };
}
