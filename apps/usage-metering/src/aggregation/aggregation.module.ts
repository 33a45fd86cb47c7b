import { systemClock } from '@orbit/kernel';
import { TopicProgress } from '@orbit/messaging';
import {
  instances,
  WakeUp,
  type BackgroundJob,
  type Connection,
  type Feature,
  type Logger,
} from '@orbit/runtime';
import type { SqlSession, Transactions, UsageFollower } from '../events/domain/usage-store.js';
import type { ParseSql } from '../metrics/domain/sql-tree.js';
import { ClickHouseCopy } from './adapters/clickhouse-copy.js';
import { ClickHouseOutbox } from './adapters/clickhouse-outbox.js';
import { ClickHouseReading } from './adapters/clickhouse-reading.js';
import { ClickHouseServer, type ClickHouseOptions } from './adapters/clickhouse-server.js';
import { CustomerChanges, type ChangeKeeper } from './adapters/customer-changes.js';
import { KafkaIngestProgress } from './adapters/kafka-ingest-progress.js';
import { LeafMemory } from './adapters/leaf-memory.js';
import { MeteredController } from './adapters/metered.controller.js';
import { PostgresClosings } from './adapters/postgres-closings.js';
import { PostgresCountedMetrics } from './adapters/postgres-counted-metrics.js';
import { PostgresFills } from './adapters/postgres-fills.js';
import { PostgresLeaves } from './adapters/postgres-leaves.js';
import {
  PostgresReading,
  PostgresUsageStore,
  type ReadingOn,
} from './adapters/postgres-reading.js';
import { PostgresRollups } from './adapters/postgres-rollups.js';
import { PostgresVersions } from './adapters/postgres-versions.js';
import { StorageSwitch } from './adapters/storage-switch.js';
import { CloseWindows } from './application/close-usage.js';
import { CountUsage } from './application/count-usage.js';
import { USAGE_VERSIONS } from './application/ports.js';
import type { StoreName } from './domain/stores.js';

/** Between two looks for leaves that are to be filled and windows that are to be revised, in milliseconds. */
const INTERVAL_MS = 5_000;
/** Between two blocks for ClickHouse, which likes few and large ones; what is not copied is read from PostgreSQL. */
const COPY_INTERVAL_MS = 1_000;
/** Steps of one run of the filling job, and of the copying one. */
const STEPS_MAX = 200;

export interface AggregationParts {
  readonly transactions: Transactions;
  /** Statements outside of a transaction. */
  readonly sql: SqlSession;
  readonly parse: ParseSql;
  readonly kafka: { readonly brokers: readonly string[]; readonly topicPrefix: string };
  readonly logger: Logger;
  /** Absent: usage is counted from PostgreSQL. */
  readonly clickhouse?: ClickHouseOptions | undefined;
}

/** With what follows the changes of events. */
export interface AggregationFeature extends Feature {
  readonly follower: UsageFollower;
  /** To the store that usage is counted from, beside PostgreSQL. */
  readonly connections: readonly Connection[];
}

/** The parts that differ with the store that usage is counted from. */
interface Storage {
  readonly name: StoreName;
  readonly keeper: ChangeKeeper;
  readonly readingOn: ReadingOn;
  readonly job: BackgroundJob;
  readonly connections: readonly Connection[];
}

/** Counting of usage: what a store keeps of events, the jobs behind, the questions of invoicing. */
export function aggregationFeature(parts: AggregationParts): AggregationFeature {
  const { transactions, sql, parse, kafka, logger, clickhouse } = parts;
  const progress = new TopicProgress({
    ...kafka,
    clientId: 'usage-metering-progress',
    groupId: 'usage-metering',
    topic: 'usage.ingested',
    logger,
  });
  const metrics = new PostgresCountedMetrics(sql);
  const unfilled = new WakeUp();
  const switching = new StorageSwitch(transactions);
  const { name, keeper, readingOn, job, connections } = clickhouse
    ? inClickHouse(parts, clickhouse, switching)
    : inPostgres(parts);
  const kept = new PostgresLeaves(transactions, () => unfilled.ring(), name);
  const closing = new CloseWindows({
    metrics,
    closings: new PostgresClosings(transactions, sql, readingOn),
    progress: new KafkaIngestProgress(progress),
    parse,
    clock: systemClock,
    kept,
  });
  return {
    controllers: [MeteredController],
    providers: [
      ...instances(
        new CountUsage(metrics, new PostgresUsageStore(transactions, readingOn), parse, kept),
        closing,
      ),
      { provide: USAGE_VERSIONS, useValue: new PostgresVersions(sql) },
    ],
    jobs: [
      { ...job, wokenBy: unfilled },
      { name: 'revise closings', intervalMs: INTERVAL_MS, run: () => closing.revise() },
    ],
    follower: new CustomerChanges(name, keeper),
    connections,
    /** Usage is counted from the store that this process is set to, from now on by all. */
    start: async () => {
      if (!(await switching.use(name))) return;
      logger.warn({ store: name }, 'usage is counted from another store from now on');
    },
    stop: () => progress.close(),
  };
}

function inPostgres({ transactions }: AggregationParts): Storage {
  const fills = new PostgresFills(transactions, systemClock);
  return {
    name: 'postgres',
    keeper: new PostgresRollups(systemClock),
    readingOn: (sql) => new PostgresReading(sql),
    job: { name: 'fill rollups', intervalMs: INTERVAL_MS, run: () => fills.run(STEPS_MAX) },
    connections: [],
  };
}

function inClickHouse(
  { transactions, logger }: AggregationParts,
  options: ClickHouseOptions,
  switching: StorageSwitch,
): Storage {
  const server = new ClickHouseServer(options);
  const leaves = new LeafMemory();
  const copy = new ClickHouseCopy(transactions, server, leaves, switching, (copyId) =>
    logger.warn({ copyId }, 'the copy of usage in ClickHouse had other rows; it begins anew'),
  );
  let fault: string | null = null;
  const run = async (): Promise<number> => {
    try {
      const count = await copy.run(STEPS_MAX);
      fault = null;
      return count;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      fault = `usage is not copied to ClickHouse: ${reason}`;
      throw error;
    }
  };
  return {
    name: 'clickhouse',
    keeper: new ClickHouseOutbox(),
    readingOn: (sql) => new ClickHouseReading(sql, server, leaves),
    job: {
      ...{ name: 'copy usage to ClickHouse', intervalMs: COPY_INTERVAL_MS },
      ...{ idleIntervalMs: INTERVAL_MS, isQuiet: true, run },
    },
    // Events are accepted and stored without it, so the service is ready.
    connections: [{ warnings: () => (fault === null ? [] : [fault]), close: () => server.close() }],
  };
}
