import type { TestDatabase } from '@orbit/testing';
import { ClickHouseCopy } from './adapters/clickhouse-copy.js';
import { ClickHouseOutbox } from './adapters/clickhouse-outbox.js';
import { ClickHouseReading } from './adapters/clickhouse-reading.js';
import { ClickHouseServer, type ClickHouseOptions } from './adapters/clickhouse-server.js';
import { CustomerChanges } from './adapters/customer-changes.js';
import { LeafMemory } from './adapters/leaf-memory.js';
import { PostgresCountedMetrics } from './adapters/postgres-counted-metrics.js';
import { PostgresClosings } from './adapters/postgres-closings.js';
import { PostgresFills } from './adapters/postgres-fills.js';
import { PostgresLeaves } from './adapters/postgres-leaves.js';
import {
  PostgresReading,
  PostgresUsageStore,
  type ReadingOn,
} from './adapters/postgres-reading.js';
import { PostgresRollups } from './adapters/postgres-rollups.js';
import { StorageSwitch } from './adapters/storage-switch.js';
import { CloseWindows } from './application/close-usage.js';
import { CountUsage } from './application/count-usage.js';
import {
  makeUsagePool,
  poolSession,
  PostgresTransactions,
} from '../events/adapters/postgres-sessions.js';
import { fingerprintOf } from '../events/domain/fingerprint.js';
import type { AcceptedEvent, UsageEvent } from '../events/domain/usage-event.js';
import type { UsageChange } from '../events/domain/usage-store.js';
import { PostgresUsageWriter } from '../ingest/adapters/postgres-usage-writer.js';
import { StoreEvents } from '../ingest/application/store-events.js';
import { parseWithPostgres } from '../metrics/adapters/parse-with-postgres.js';
import { readMetric } from '../metrics/domain/read-metric.js';

/** Counting over a real database, and events as ingest stores and corrections change them. */
export function usageUnderTest(database: TestDatabase, clickhouse?: ClickHouseOptions) {
  const pool = makeUsagePool({
    databaseUrl: database.urlFor('orbit_usage_metering'),
    sizeMax: 6,
    logger: { warn: () => undefined },
  });
  const transactions = new PostgresTransactions(pool);
  const sql = poolSession(pool);
  const metrics = new PostgresCountedMetrics(sql);
  const name = clickhouse ? 'clickhouse' : 'postgres';
  const kept = new PostgresLeaves(transactions, () => undefined, name);
  const changes: UsageChange[] = [];
  const recorder = {
    apply: (_: unknown, change: UsageChange) => {
      changes.push(change);
      return Promise.resolve();
    },
  };
  const clock = { nowMs: () => Date.UTC(2026, 5, 1) };
  const keeper = clickhouse ? new ClickHouseOutbox() : new PostgresRollups(clock);
  const follower = new CustomerChanges(name, keeper);
  const server = clickhouse && new ClickHouseServer(clickhouse);
  const leaves = new LeafMemory();
  const switching = new StorageSwitch(transactions);
  const anew: string[] = [];
  const copy =
    server &&
    new ClickHouseCopy(transactions, server, leaves, switching, (copyId) => anew.push(copyId));
  const readingOn: ReadingOn = (session) =>
    server ? new ClickHouseReading(session, server, leaves) : new PostgresReading(session);
  const usageStore = new PostgresUsageStore(transactions, readingOn);
  const writer = new PostgresUsageWriter(transactions, [follower, recorder]);
  const progress = { caughtUp: true, isCaughtUp: () => Promise.resolve(progress.caughtUp) };
  const parse = parseWithPostgres;
  const store = new StoreEvents(writer, clock);
  return {
    pool,
    sql,
    fills: new PostgresFills(transactions, clock),
    switching,
    server,
    /** Copies whatever is to be copied. */
    copy: () => copy?.run(10_000) ?? Promise.resolve(0),
    /** Copies that were begun anew. */
    anew,
    close: async () => {
      await server?.close();
      await pool.end();
    },
    store: usageStore,
    counting: new CountUsage(metrics, usageStore, parse, kept),
    closing: new CloseWindows({
      ...{ metrics, progress, parse, clock, kept },
      closings: new PostgresClosings(transactions, sql, readingOn),
    }),
    progress,
    /** Events that are stored now, by event number. */
    stored(): readonly UsageEvent[] {
      const left = new Map<string, UsageEvent>();
      for (const { added, removed } of changes) {
        for (const { eventNo } of removed) left.delete(String(eventNo));
        for (const event of added) left.set(String(event.eventNo), event);
      }
      return [...left.values()];
    },
    ingest: (events: readonly AcceptedEvent[]) => store.run([events]),
    /** Takes an event away and, if asked, puts another version in its place, as corrections do. */
    correct: (event: UsageEvent, properties: UsageEvent['properties'] | null) =>
      transactions.run(async (session) => {
        const state = properties ? 'amended' : 'deprecated';
        await session.query(
          'UPDATE usage_metering.usage_event SET state = $2 WHERE event_no = $1',
          [event.eventNo.toString(), state],
        );
        const added: UsageEvent[] = [];
        if (properties) {
          const [row] = await session.query<{ no: string }>(
            `INSERT INTO usage_metering.usage_event
             SELECT nextval('usage_metering.usage_event_no'), account_id, idempotency_key, key_hash,
               version + 1, customer_id, external_customer_id, event_name, event_time, $2, 'visible',
               backfill_id, replaced_by, ingested_at, $3
             FROM usage_metering.usage_event WHERE event_no = $1 RETURNING event_no AS no`,
            [
              ...[event.eventNo.toString(), JSON.stringify(properties)],
              fingerprintOf({ ...event, properties }),
            ],
          );
          const fingerprint = fingerprintOf({ ...event, properties });
          added.push({ ...event, properties, fingerprint, eventNo: BigInt(row?.no ?? 0) });
        }
        const change = { added, removed: [event] };
        await follower.apply(session, change);
        changes.push(change);
      }),
    /** As a backfill replaces an event, and gives it back when it is reverted. */
    setCounting: (event: UsageEvent, counts: boolean) =>
      transactions.run(async (session) => {
        await session.query(
          'UPDATE usage_metering.usage_event SET state = $2 WHERE event_no = $1',
          [event.eventNo.toString(), counts ? 'visible' : 'replaced'],
        );
        const change = { added: counts ? [event] : [], removed: counts ? [] : [event] };
        await follower.apply(session, change);
        changes.push(change);
      }),
    async makeMetric(accountId: string, text: string): Promise<string> {
      const id = `metric_${accountId}_${Buffer.from(text).toString('hex').slice(-40)}_${text.length}`;
      await sql.query(
        `INSERT INTO usage_metering.metric (id, account_id, name, item_id, sql, tree, created_at)
         VALUES ($1, $2, 'm', 'item', $3, $4, now()) ON CONFLICT DO NOTHING`,
        [id, accountId, text, JSON.stringify(await readMetric(text, parse))],
      );
      return id;
    },
  };
}
