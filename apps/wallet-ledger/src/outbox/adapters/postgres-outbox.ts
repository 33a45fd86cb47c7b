import { Outbox, type KeptEvent, type OutboxTransactions } from '@orbit/messaging';
import { inTransaction } from '@orbit/runtime';
import type { Pool } from 'pg';
import type { LedgerEvents } from '../../books/application/ports.js';

/** Younger ones are published by whoever committed them; twice is harmless, but seldom. */
const AGE_MS_MIN = 5_000;

/** Publishes what changes did not, because their process died, or lost Kafka, between its commit and its word. */
export class PostgresOutbox {
  readonly kept: Outbox;

  constructor(
    pool: Pool,
    private readonly events: LedgerEvents,
    ageMsMin = AGE_MS_MIN,
  ) {
    const table = { name: 'wallet_ledger.outbox', atColumn: 'occurred_at' } as const;
    this.kept = new Outbox({ ...table, removes: true, ageMsMin }, transactionsOf(pool));
  }

  /** Publishes until nothing old is left; returns how many. Errors: PostgreSQL or Kafka is unavailable; what is left stays. */
  relay(): Promise<number> {
    const publish = async (events: readonly KeptEvent[]): Promise<void> => {
      for (const [atMs, group] of byInstant(events)) await this.events.publish(group, atMs);
    };
    // Nothing is marked: what Kafka has is removed.
    return this.kept.relay(publish, () => 0);
  }
}

const transactionsOf =
  (pool: Pool): OutboxTransactions =>
  (work) =>
    inTransaction(pool, (client) =>
      work(async (text, values) => {
        const { rows } = await client.query<object>(text, [...values]);
        return rows;
      }),
    );

function byInstant(events: readonly KeptEvent[]): Map<number, KeptEvent[]> {
  const groups = new Map<number, KeptEvent[]>();
  for (const event of events) {
    groups.set(event.atMs, [...(groups.get(event.atMs) ?? []), event]);
  }
  return groups;
}
