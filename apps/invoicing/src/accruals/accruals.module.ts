import type { DueWork } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import type { BackgroundJob, Feature } from '@orbit/runtime';
import { SqlAccrualVersions } from '../draws/adapters/sql-accrual-versions.js';
import { SqlAccrualWatch } from './adapters/sql-accrual-watch.js';
import type {
  AccrualReads,
  AccruedPlans,
  PendingLedger,
  UsageVersions,
} from './application/ports.js';
import { ReportUsage } from './application/report-usage.js';

/** Between two looks at what was used, in milliseconds: what is pending in the ledger may be so much behind. */
const REPORT_INTERVAL_MS = 3_000;

export interface AccrualParts {
  readonly prisma: PrismaClient;
  readonly accountClock: AccountClock;
  readonly reads: AccrualReads;
  readonly plans: AccruedPlans;
  readonly usageVersions: UsageVersions;
  readonly ledger: PendingLedger;
}

/** Usage of customers with credit, on its way to the ledger before any invoice has it. */
export class AccrualsFeature implements Feature {
  readonly report: ReportUsage;
  readonly jobs: readonly BackgroundJob[];

  constructor({ prisma, accountClock, reads, plans, usageVersions, ledger }: AccrualParts) {
    const watch = new SqlAccrualWatch(prisma);
    const versions = new SqlAccrualVersions(prisma);
    this.report = new ReportUsage(
      watch,
      reads,
      plans,
      usageVersions,
      ledger,
      versions,
      accountClock,
    );
    const run = async () => void (await this.report.run());
    this.jobs = [{ name: 'report usage', intervalMs: REPORT_INTERVAL_MS, run }];
  }

  /** As the driver of accounts' clocks runs it: before credit expires, and before it is drawn. */
  readonly dueWork: DueWork = {
    name: 'report usage',
    step: 'price_usage',
    nextDue: () => Promise.resolve(null),
    runDue: (accountId) => this.report.run(accountId),
  };
}
