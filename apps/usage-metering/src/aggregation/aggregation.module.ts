import type { Provider } from '@nestjs/common';
import { systemClock } from '@orbit/kernel';
import { TopicProgress } from '@orbit/messaging';
import { BackgroundJobs, type Logger } from '@orbit/runtime';
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

export const AGGREGATION_CONTROLLERS = [MeteredController];

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

/** Counting of usage, wired: rollups that follow them, the jobs behind, the questions of invoicing. */
export class Aggregation {
  readonly follower: UsageFollower = new PostgresRollups(systemClock);
  readonly providers: readonly Provider[];
  private readonly jobs: BackgroundJobs;
  private readonly progress: TopicProgress;

  constructor({ transactions, sql, parse, kafka, logger }: AggregationParts) {
    this.progress = new TopicProgress({
      ...kafka,
      clientId: 'usage-metering-progress',
      groupId: 'usage-metering',
      topic: 'usage.ingested',
      logger,
    });
    const metrics = new PostgresCountedMetrics(sql);
    const kept = new PostgresLeaves(transactions, () => this.jobs.wake(FILL));
    const closing = new CloseWindows({
      metrics,
      closings: new PostgresClosings(transactions, sql),
      progress: new KafkaIngestProgress(this.progress),
      parse,
      clock: systemClock,
      kept,
    });
    const store = new PostgresUsageStore(transactions);
    this.providers = [
      { provide: CountUsage, useValue: new CountUsage(metrics, store, parse, kept) },
      { provide: CloseWindows, useValue: closing },
      { provide: ReadVersions, useValue: new ReadVersions(new PostgresVersions(sql)) },
    ];
    const fills = new PostgresFills(transactions, systemClock);
    this.jobs = new BackgroundJobs(
      [
        { name: FILL, intervalMs: INTERVAL_MS, run: () => fills.run(FILL_STEPS_MAX) },
        { name: 'revise closings', intervalMs: INTERVAL_MS, run: () => closing.revise() },
      ],
      logger,
    );
  }

  start(): void {
    this.jobs.startSpread();
  }

  async close(): Promise<void> {
    await this.jobs.stop();
    await this.progress.close();
  }
}

const FILL = 'fill rollups';
