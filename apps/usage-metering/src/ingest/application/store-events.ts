import type { Clock } from '@orbit/kernel';
import { fingerprintOf, keyHashOf } from '../../events/domain/fingerprint.js';
import type { AcceptedEvent } from '../../events/domain/usage-event.js';
import {
  nameKey,
  type CustomerName,
  type KeyedEvent,
  type UsageTransaction,
  type UsageWriter,
} from './ports.js';

/** Events in one transaction at most, so that memory and locks stay bounded. */
const EVENTS_MAX = 4_000;

/** Stores accepted events: each key of an account once, however often and wherever it comes. */
export class StoreEvents {
  constructor(
    private readonly writer: UsageWriter,
    private readonly clock: Clock,
  ) {}

  /** Sets of events, each of which is stored whole or not at all. May be repeated. Errors: the database's own. */
  async run(sets: readonly (readonly AcceptedEvent[])[]): Promise<void> {
    let next: AcceptedEvent[] = [];
    for (const set of sets) {
      if (next.length > 0 && next.length + set.length > EVENTS_MAX) {
        await this.store(next);
        next = [];
      }
      next.push(...set);
    }
    if (next.length > 0) await this.store(next);
  }

  private async store(events: readonly AcceptedEvent[]): Promise<void> {
    const keyed = firstOfEachKey(events, this.clock.nowMs());
    await this.writer.inTransaction(async (tx) => tx.store(await withCustomers(tx, keyed)));
  }
}

/** One event a key of an account. Objects are made in one piece: copying them by parts took longer than hashing. */
function firstOfEachKey(
  events: readonly AcceptedEvent[],
  ingestedAtMs: number,
): readonly KeyedEvent[] {
  const seen = new Map<string, Set<string>>();
  const keyed: KeyedEvent[] = [];
  for (const event of events) {
    const { accountId, idempotencyKey } = event;
    let keys = seen.get(accountId);
    if (!keys) seen.set(accountId, (keys = new Set()));
    if (keys.has(idempotencyKey)) continue;
    keys.add(idempotencyKey);
    keyed.push({
      accountId,
      idempotencyKey,
      keyHash: keyHashOf(idempotencyKey),
      customerId: event.customerId,
      externalCustomerId: event.externalCustomerId,
      eventName: event.eventName,
      timestampMs: event.timestampMs,
      properties: event.properties,
      fingerprint: fingerprintOf(event),
      version: 1,
      state: 'visible',
      backfillId: null,
      ingestedAtMs,
    });
  }
  return keyed;
}

/** The external id of an event whose customer its writer did not know. */
function namedOf(event: AcceptedEvent): CustomerName | null {
  const { accountId, customerId, externalCustomerId } = event;
  return customerId === null && externalCustomerId !== null
    ? { accountId, externalCustomerId }
    : null;
}

async function withCustomers(
  tx: UsageTransaction,
  events: readonly KeyedEvent[],
): Promise<readonly KeyedEvent[]> {
  const names: CustomerName[] = [];
  for (const event of events) {
    const name = namedOf(event);
    if (name) names.push(name);
  }
  if (names.length === 0) return events;
  const distinct = new Map(names.map((name) => [nameKey(name), name]));
  const customers = await tx.holdNames([...distinct.values()]);
  return events.map((event) => {
    const name = namedOf(event);
    return name ? { ...event, customerId: customers.get(nameKey(name)) ?? null } : event;
  });
}
