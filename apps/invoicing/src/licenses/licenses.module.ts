import type { Provider } from '@nestjs/common';
import type { AccountClock, Clock } from '@orbit/kernel';
import { PrismaChanges, type PrismaClient } from '@orbit/persistence';
import { LicensesController } from './adapters/licenses.controller.js';
import { SqlLicenses } from './adapters/sql-licenses.js';
import { ServeLicenses } from './application/serve-licenses.js';

export const LICENSE_CONTROLLERS = [LicensesController];

/** Licenses of subscriptions, wired. */
export function licenseProviders(
  prisma: PrismaClient,
  clock: Clock,
  accountClock: AccountClock,
): readonly Provider[] {
  const changes = new PrismaChanges(prisma, clock, 'invoicing', (sql) => new SqlLicenses(sql));
  const use = new ServeLicenses(new SqlLicenses(prisma), changes, accountClock);
  return [{ provide: ServeLicenses, useValue: use }];
}
