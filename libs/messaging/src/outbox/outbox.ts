import type { TopicName } from '@orbit/events';
import type { OutboxState } from '@orbit/metrics';
import { readTrace, type TraceHeaders } from '@orbit/runtime';
import type { EventSet, OutgoingEvent } from '../produce/event-producer.js';

/** An event that was committed with what it reports, until Kafka has it. */
export interface KeptEvent {
  /** The same on every repeat. */
  readonly id: string;
  readonly topic: TopicName;
  readonly key: string;
  readonly value: unknown;
  readonly atMs: number;
  /** The trace of the request that caused it; goes into its headers. */
  readonly trace?: TraceHeaders;
}

/** An owner's table. All have `position`, `event_id`, `topic`, `key`, `value`; names are ours, never a caller's. */
export interface OutboxTable {
  /** With its schema. */
  readonly name: string;
  /** The column that says when it happened. */
  readonly atColumn: 'occurred_at' | 'created_at';
  /** Where rows are removed once Kafka has them; else they are marked in `published_at`. */
  readonly removes?: boolean;
  /** Whether it has a column `trace` with `TraceHeaders` or null. */
  readonly keepsTrace?: boolean;
  /** Younger rows, by `kept_at`, are published by whoever committed them. */
  readonly ageMsMin?: number;
}

/** One statement of a transaction, on whichever driver; rows as it reads them. */
export type OutboxQuery = (text: string, values: readonly unknown[]) => Promise<readonly unknown[]>;
/** Runs `work` in a transaction of its own, which may take as long as Kafka does. */
export type OutboxTransactions = <T>(work: (query: OutboxQuery) => Promise<T>) => Promise<T>;
export type PublishKept = (events: readonly KeptEvent[]) => Promise<void>;

interface Row {
  readonly position: string;
  readonly event_id: string;
  readonly topic: TopicName;
  readonly key: string;
  readonly value: unknown;
  readonly at: Date;
  readonly trace: Readonly<Record<string, unknown>> | null;
}

const BATCH_SIZE = 500;

/**
 * Publishes what an owner committed, in its order, at least once: a crash between publishing and marking publishes
 * again under the same ids. One relay at a time works on a table, whatever the number of instances.
 */
export class Outbox {
  constructor(
    private readonly table: OutboxTable,
    private readonly inTransaction: OutboxTransactions,
  ) {}

  /** Publishes until nothing is left; returns how many. Errors: what PostgreSQL or `publish` says; what is left stays. */
  async relay(publish: PublishKept, nowMs: () => number): Promise<number> {
    let total = 0;
    for (;;) {
      const count = await this.drain(BATCH_SIZE, publish, nowMs());
      total += count;
      if (count < BATCH_SIZE) return total;
    }
  }

  /** One step of it; 0 also when another relay is at work. */
  drain(limit: number, publish: PublishKept, nowMs: number): Promise<number> {
    const { name, atColumn, ageMsMin = 0, removes = false, keepsTrace = false } = this.table;
    return this.inTransaction(async (query) => {
      const [lock] = await query(
        'SELECT pg_try_advisory_xact_lock(hashtextextended($1::text, 0)) AS held',
        [`outbox ${name}`],
      );
      if ((lock as { held: boolean } | undefined)?.held !== true) return 0;
      const isOpen = removes ? 'true' : 'published_at IS NULL';
      const isOld =
        ageMsMin === 0
          ? 'true'
          : `kept_at <= now() - make_interval(secs => ${Math.trunc(ageMsMin)} / 1000.0)`;
      const rows = (await query(
        `SELECT position::text AS position, event_id, topic, key, value, ${atColumn} AS at,
           ${keepsTrace ? 'trace' : 'NULL AS trace'} FROM ${name}
         WHERE ${isOpen} AND ${isOld} ORDER BY ${name}.position LIMIT $1::int FOR UPDATE SKIP LOCKED`,
        [limit],
      )) as readonly Row[];
      if (rows.length === 0) return 0;
      await publish(rows.map(toKept));
      const positions = rows.map(({ position }) => position);
      if (removes) {
        await query(`DELETE FROM ${name} WHERE position = ANY($1::text[]::bigint[])`, [positions]);
      } else {
        await query(
          `UPDATE ${name} SET published_at = $2::text::timestamptz WHERE position = ANY($1::text[]::bigint[])`,
          [positions, new Date(nowMs).toISOString()],
        );
      }
      return rows.length;
    });
  }

  /** Deletes up to `limit` events that were published before; returns how many. */
  prune(publishedBeforeMs: number, limit: number): Promise<number> {
    const { name } = this.table;
    return this.inTransaction(async (query) => {
      const gone = await query(
        `DELETE FROM ${name} WHERE position IN (
           SELECT position FROM ${name}
           WHERE published_at IS NOT NULL AND published_at < $1::text::timestamptz
           ORDER BY published_at LIMIT $2::int FOR UPDATE SKIP LOCKED) RETURNING 1`,
        [new Date(publishedBeforeMs).toISOString(), limit],
      );
      return gone.length;
    });
  }

  /** The number of events that wait for Kafka, and for how many seconds the oldest does. */
  state(): Promise<OutboxState | undefined> {
    const { name, atColumn, ageMsMin, removes = false } = this.table;
    const since = ageMsMin === undefined ? atColumn : 'kept_at';
    return this.inTransaction(async (query) => {
      const [row] = (await query(
        `SELECT count(*)::int AS depth, extract(epoch FROM now() - min(${since}))::float8 AS "ageSeconds"
         FROM ${name} WHERE ${removes ? 'true' : 'published_at IS NULL'}`,
        [],
      )) as readonly OutboxState[];
      return row;
    });
  }
}

function toKept(row: Row): KeptEvent {
  const trace = readTrace(row.trace ?? undefined);
  return {
    id: row.event_id,
    topic: row.topic,
    key: row.key,
    value: row.value,
    atMs: row.at.getTime(),
    ...(trace && { trace }),
  };
}

/** As the producer takes it: what made the event true is the trace that it goes out under. */
export const toOutgoing = ({ key, value, id, atMs, trace }: KeptEvent): OutgoingEvent<unknown> => ({
  ...{ key, value, id, timeMs: atMs },
  ...(trace && { headers: { ...trace } }),
});

/** For `EventProducer.publishMany`: one request for all topics, the order of each kept. */
export function byTopic(events: readonly KeptEvent[]): readonly EventSet[] {
  const topics = [...new Set(events.map(({ topic }) => topic))];
  return topics.map((topic) => ({
    topic,
    events: events.filter((event) => event.topic === topic).map(toOutgoing),
  }));
}
