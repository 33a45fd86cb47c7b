import type { AccountClock, Clock } from '@orbit/kernel';
import { PrismaChanges, type PrismaClient } from '@orbit/persistence';
import { instances, type Feature } from '@orbit/runtime';
import { LicensesController } from './adapters/licenses.controller.js';
import { SqlLicenses } from './adapters/sql-licenses.js';
import { ServeLicenses } from './application/serve-licenses.js';

export const LICENSE_CONTROLLERS = [LicensesController];

/** Licenses of subscriptions. */
export function licensesFeature(
  prisma: PrismaClient,
  clock: Clock,
  accountClock: AccountClock,
): Feature {
  const changes = new PrismaChanges(prisma, clock, 'invoicing', (sql) => new SqlLicenses(sql));
  const use = new ServeLicenses(new SqlLicenses(prisma), changes, accountClock);
  return { controllers: LICENSE_CONTROLLERS, providers: instances(use) };
}
