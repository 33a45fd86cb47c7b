import type { AccountClock, Clock } from '@orbit/kernel';
import { PrismaChanges, type PrismaClient } from '@orbit/persistence';
import { instances, type Feature } from '@orbit/runtime';
import { LicensesController } from './adapters/licenses.controller.js';
import { SqlLicenses } from './adapters/sql-licenses.js';
import { ServeLicenseUsage, type LicenseUsageReads } from './application/serve-license-usage.js';
import { ServeLicenses } from './application/serve-licenses.js';

export const LICENSE_CONTROLLERS = [LicensesController];

/** Licenses of subscriptions, and what they were given and used. */
export function licensesFeature(
  prisma: PrismaClient,
  clock: Clock,
  accountClock: AccountClock,
  reads: LicenseUsageReads,
): Feature {
  const changes = new PrismaChanges(prisma, clock, 'invoicing', (sql) => new SqlLicenses(sql));
  const use = new ServeLicenses(new SqlLicenses(prisma), changes, accountClock);
  const usage = new ServeLicenseUsage(new SqlLicenses(prisma), reads, accountClock);
  return { controllers: LICENSE_CONTROLLERS, providers: instances(use, usage) };
}
