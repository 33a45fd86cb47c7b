import type { TopicName } from '@orbit/events';
import type { Pool } from 'pg';
import type { KeptEvent, LedgerEvents } from '../../books/application/ports.js';
import * as sql from '../../books/adapters/ledger-store.sql.js';

const BATCH_SIZE = 200;
/** Younger ones are told by whoever committed them; twice is harmless, but seldom. */
const AGE_MS_MIN = 5_000;

interface OutboxRow {
  readonly event_id: string;
  readonly topic: TopicName;
  readonly key: string;
  readonly value: unknown;
  readonly occurred_at: Date;
}

/** Tells what changes told nobody, because their process died, or lost Kafka, between its commit and its word. */
export class PostgresOutbox {
  constructor(
    private readonly pool: Pool,
    private readonly events: LedgerEvents,
    private readonly ageMsMin = AGE_MS_MIN,
  ) {}

  /** Publishes until nothing old is left; returns how many. Errors: PostgreSQL or Kafka is away; what is left stays. */
  async relay(): Promise<number> {
    let total = 0;
    for (;;) {
      const count = await this.relayBatch();
      total += count;
      if (count < BATCH_SIZE) return total;
    }
  }

  /** The number and the age of what waits. Errors: PostgreSQL is away. */
  async state(): Promise<{ depth: string; ageSeconds: number | null } | undefined> {
    const { rows } = await this.pool.query<{ depth: string; ageSeconds: number | null }>(
      `SELECT count(*) AS depth, extract(epoch FROM now() - min(kept_at))::float8 AS "ageSeconds"
       FROM wallet_ledger.outbox`,
    );
    return rows[0];
  }

  /** In one transaction, so that two instances do not tell the same. */
  private async relayBatch(): Promise<number> {
    const client = await this.pool.connect();
    let failure: Error | undefined;
    try {
      await client.query('BEGIN');
      const values = [BATCH_SIZE, this.ageMsMin];
      const { rows } = await client.query<OutboxRow>(sql.TAKE_OUTBOX, values);
      for (const [atMs, events] of byInstant(rows)) await this.events.publish(events, atMs);
      if (rows.length > 0) {
        await client.query(sql.DELETE_OUTBOX, [rows.map(({ event_id: id }) => id)]);
      }
      await client.query('COMMIT');
      return rows.length;
    } catch (error) {
      // The connection ends with its transaction.
      failure = error as Error;
      throw error;
    } finally {
      client.release(failure);
    }
  }
}

function byInstant(rows: readonly OutboxRow[]): Map<number, KeptEvent[]> {
  const groups = new Map<number, KeptEvent[]>();
  for (const { event_id: id, topic, key, value, occurred_at: occurredAt } of rows) {
    const atMs = occurredAt.getTime();
    groups.set(atMs, [...(groups.get(atMs) ?? []), { id, topic, key, value, atMs }]);
  }
  return groups;
}
