import type { Provider } from '@nestjs/common';
import type { AccountClock, Clock } from '@orbit/kernel';
import { type PrismaClient, PrismaChanges } from '@orbit/persistence';
import { CustomersController } from './adapters/customers.controller.js';
import { PrismaCustomers, SqlCustomers } from './adapters/prisma-customers.js';
import { ServeCustomers } from './application/serve-customers.js';
import type { FactsIn } from '../webhooks/webhooks.module.js';

export const CUSTOMER_CONTROLLERS = [CustomersController];

/** Billing profiles, wired. */
export function customerProviders(
  prisma: PrismaClient,
  clock: Clock,
  accountClock: AccountClock,
  factsIn: FactsIn,
): readonly Provider[] {
  const changes = new PrismaChanges(
    prisma,
    clock,
    'invoicing',
    (sql) => new SqlCustomers(sql, factsIn(sql)),
  );
  const serve = new ServeCustomers(new PrismaCustomers(prisma), changes, accountClock);
  return [{ provide: ServeCustomers, useValue: serve }];
}
