import type { Provider } from '@nestjs/common';
import { PrismaChanges, type PrismaClient } from '@orbit/persistence';
import { BackgroundJobs, type Logger } from '@orbit/runtime';
import type { UsageParts } from '../events/events.module.js';
import { parseWithPostgres } from '../metrics/adapters/parse-with-postgres.js';
import { BackfillsController } from './adapters/backfills.controller.js';
import { PostgresBackfillRuns } from './adapters/postgres-backfill-runs.js';
import { PrismaBackfills, SqlBackfills } from './adapters/prisma-backfills.js';
import { RunBackfills } from './application/run-backfills.js';
import { ServeBackfills } from './application/serve-backfills.js';

export const BACKFILLS_CONTROLLERS = [BackfillsController];

const JOB = 'run backfills';
/** Between two looks for backfills whose close time has come, in milliseconds. */
const INTERVAL_MS = 2_000;

/** Backfills, wired. */
export class UsageBackfills {
  readonly runs: PostgresBackfillRuns;
  readonly backfills: PrismaBackfills;
  readonly providers: readonly Provider[];
  private readonly jobs: BackgroundJobs;

  constructor(parts: UsageParts, prisma: PrismaClient, logger: Logger) {
    const { transactions, sql, followers, inFlight, clock, accountClock } = parts;
    this.runs = new PostgresBackfillRuns(transactions, sql, followers);
    this.backfills = new PrismaBackfills(prisma);
    const run = new RunBackfills(this.runs, inFlight, parseWithPostgres, clock);
    const job = { name: JOB, intervalMs: INTERVAL_MS, run: () => run.run() };
    this.jobs = new BackgroundJobs([job], logger);
    const changes = new PrismaChanges(
      prisma,
      clock,
      'usage_metering',
      (inside) => new SqlBackfills(inside),
    );
    const wake = (): void => this.jobs.wake(JOB);
    const serve = new ServeBackfills(
      this.backfills,
      changes,
      accountClock,
      parseWithPostgres,
      wake,
    );
    this.providers = [{ provide: ServeBackfills, useValue: serve }];
  }

  start(): void {
    this.jobs.startSpread();
  }

  stop(): Promise<void> {
    return this.jobs.stop();
  }
}
