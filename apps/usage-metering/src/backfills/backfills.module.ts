import { PrismaChanges, type PrismaClient } from '@orbit/persistence';
import { instances, WakeUp, type Feature } from '@orbit/runtime';
import type { UsageParts } from '../events/events.module.js';
import { parseWithPostgres } from '../metrics/adapters/parse-with-postgres.js';
import { BackfillsController } from './adapters/backfills.controller.js';
import { PostgresBackfillRuns } from './adapters/postgres-backfill-runs.js';
import { PrismaBackfills, SqlBackfills } from './adapters/prisma-backfills.js';
import { RunBackfills } from './application/run-backfills.js';
import { ServeBackfills } from './application/serve-backfills.js';

/** Between two looks for backfills whose close time has come, in milliseconds. */
const INTERVAL_MS = 2_000;

/** With what the way in asks backfills for. */
export interface BackfillsFeature extends Feature {
  readonly runs: PostgresBackfillRuns;
  readonly backfills: PrismaBackfills;
}

/** Backfills: usage of the past, replaced as a whole. */
export function backfillsFeature(parts: UsageParts, prisma: PrismaClient): BackfillsFeature {
  const { transactions, sql, followers, inFlight, clock, accountClock } = parts;
  const runs = new PostgresBackfillRuns(transactions, sql, followers);
  const backfills = new PrismaBackfills(prisma);
  const run = new RunBackfills(runs, inFlight, parseWithPostgres, clock);
  const closed = new WakeUp();
  const changes = new PrismaChanges(
    prisma,
    clock,
    'usage_metering',
    (inside) => new SqlBackfills(inside),
  );
  const serve = new ServeBackfills(backfills, changes, accountClock, parseWithPostgres, () =>
    closed.ring(),
  );
  return {
    controllers: [BackfillsController],
    providers: instances(serve),
    jobs: [
      {
        ...{ name: 'run backfills', intervalMs: INTERVAL_MS, wokenBy: closed },
        run: () => run.run(),
      },
    ],
    runs,
    backfills,
  };
}
