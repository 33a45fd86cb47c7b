import type { Clock } from '@orbit/kernel';
import { fingerprintOf, keyHashOf } from '../../events/domain/fingerprint.js';
import type { AcceptedEvent, UsageEvent } from '../../events/domain/usage-event.js';
import {
  nameKey,
  registryKey,
  type CustomerName,
  type UsageTransaction,
  type UsageWriter,
} from './ports.js';

/** Events in one transaction at most, so that memory and locks stay bounded. */
const EVENTS_MAX = 4_000;

interface Keyed {
  readonly event: AcceptedEvent;
  readonly keyHash: string;
}

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
    const first = firstOfEachKey(events);
    const ingestedAtMs = this.clock.nowMs();
    await this.writer.inTransaction(async (tx) => {
      const customers = await customersOf(tx, first);
      const numbers = await tx.register(
        first.map(({ event, keyHash }) => ({
          accountId: event.accountId,
          keyHash,
          timestampMs: event.timestampMs,
        })),
      );
      const fresh = first.flatMap(({ event, keyHash }): UsageEvent[] => {
        const eventNo = numbers.get(registryKey(event.accountId, keyHash));
        if (eventNo === undefined) return [];
        const name = namedOf(event);
        const customerId = name ? (customers.get(nameKey(name)) ?? null) : event.customerId;
        const stored = { ...event, customerId, eventNo, version: 1, ingestedAtMs };
        const fingerprint = fingerprintOf(event);
        return [{ ...stored, state: 'visible', backfillId: null, fingerprint }];
      });
      if (fresh.length > 0) await tx.insert(fresh);
    });
  }
}

/** One event a key, in the order of hashes: transactions that meet the same keys then wait for each other, and never both. */
function firstOfEachKey(events: readonly AcceptedEvent[]): readonly Keyed[] {
  const byKey = new Map<string, Keyed>();
  for (const event of events) {
    const keyHash = keyHashOf(event.idempotencyKey);
    const key = registryKey(event.accountId, keyHash);
    if (!byKey.has(key)) byKey.set(key, { event, keyHash });
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, keyed]) => keyed);
}

/** The external id of an event whose customer its writer did not know. */
function namedOf(event: AcceptedEvent): CustomerName | null {
  const { accountId, customerId, externalCustomerId } = event;
  return customerId === null && externalCustomerId !== null
    ? { accountId, externalCustomerId }
    : null;
}

async function customersOf(
  tx: UsageTransaction,
  events: readonly Keyed[],
): Promise<ReadonlyMap<string, string>> {
  const names = events.flatMap(({ event }) => namedOf(event) ?? []);
  const distinct = new Map(names.map((name) => [nameKey(name), name]));
  return distinct.size === 0 ? new Map() : tx.holdNames([...distinct.values()]);
}
