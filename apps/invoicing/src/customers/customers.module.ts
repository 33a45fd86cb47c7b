import type { AccountClock, Clock } from '@orbit/kernel';
import { type PrismaClient, PrismaChanges } from '@orbit/persistence';
import { instances, type Feature } from '@orbit/runtime';
import { CustomersController } from './adapters/customers.controller.js';
import { PrismaCustomers, SqlCustomers } from './adapters/prisma-customers.js';
import { ServeCustomers } from './application/serve-customers.js';
import type { FactsIn } from '../webhooks/webhooks.module.js';

/** Billing profiles. */
export function customersFeature(
  prisma: PrismaClient,
  clock: Clock,
  accountClock: AccountClock,
  factsIn: FactsIn,
): Feature {
  const changes = new PrismaChanges(
    prisma,
    clock,
    'invoicing',
    (sql) => new SqlCustomers(sql, factsIn(sql)),
  );
  const serve = new ServeCustomers(new PrismaCustomers(prisma), changes, accountClock);
  return { controllers: [CustomersController], providers: instances(serve) };
}
