import { systemClock } from '@orbit/kernel';
import { TopicProgress } from '@orbit/messaging';
import { instances, WakeUp, type Feature, type Logger } from '@orbit/runtime';
import type { SqlSession, Transactions, UsageFollower } from '../events/domain/usage-store.js';
import type { ParseSql } from '../metrics/domain/sql-tree.js';
import { KafkaIngestProgress } from './adapters/kafka-ingest-progress.js';
import { MeteredController } from './adapters/metered.controller.js';
import { PostgresClosings } from './adapters/postgres-closings.js';
import { PostgresCountedMetrics } from './adapters/postgres-counted-metrics.js';
import { PostgresFills } from './adapters/postgres-fills.js';
import { PostgresLeaves } from './adapters/postgres-leaves.js';
import { PostgresUsageStore } from './adapters/postgres-reading.js';
import { PostgresRollups } from './adapters/postgres-rollups.js';
import { PostgresVersions } from './adapters/postgres-versions.js';
import { CloseWindows } from './application/close-usage.js';
import { CountUsage } from './application/count-usage.js';
import { ReadVersions } from './application/read-versions.js';

/** Between two looks for leaves that are to be filled and windows that are to be revised, in milliseconds. */
const INTERVAL_MS = 5_000;
/** Steps of one run of the filling job. */
const FILL_STEPS_MAX = 200;

export interface AggregationParts {
  readonly transactions: Transactions;
  /** Statements outside of a transaction. */
  readonly sql: SqlSession;
  readonly parse: ParseSql;
  readonly kafka: { readonly brokers: readonly string[]; readonly topicPrefix: string };
  readonly logger: Logger;
}

/** With what follows the changes of events. */
export interface AggregationFeature extends Feature {
  readonly follower: UsageFollower;
}

/** Counting of usage: rollups that follow events, the jobs behind, the questions of invoicing. */
export function aggregationFeature(parts: AggregationParts): AggregationFeature {
  const { transactions, sql, parse, kafka, logger } = parts;
  const progress = new TopicProgress({
    ...kafka,
    clientId: 'usage-metering-progress',
    groupId: 'usage-metering',
    topic: 'usage.ingested',
    logger,
  });
  const metrics = new PostgresCountedMetrics(sql);
  const unfilled = new WakeUp();
  const kept = new PostgresLeaves(transactions, () => unfilled.ring());
  const closing = new CloseWindows({
    metrics,
    closings: new PostgresClosings(transactions, sql),
    progress: new KafkaIngestProgress(progress),
    parse,
    clock: systemClock,
    kept,
  });
  const fills = new PostgresFills(transactions, systemClock);
  return {
    controllers: [MeteredController],
    providers: instances(
      new CountUsage(metrics, new PostgresUsageStore(transactions), parse, kept),
      closing,
      new ReadVersions(new PostgresVersions(sql)),
    ),
    jobs: [
      {
        ...{ name: 'fill rollups', intervalMs: INTERVAL_MS, wokenBy: unfilled },
        run: () => fills.run(FILL_STEPS_MAX),
      },
      { name: 'revise closings', intervalMs: INTERVAL_MS, run: () => closing.revise() },
    ],
    follower: new PostgresRollups(systemClock),
    stop: () => progress.close(),
  };
}
