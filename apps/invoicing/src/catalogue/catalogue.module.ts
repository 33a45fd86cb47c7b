import type { Provider } from '@nestjs/common';
import type { AccountClock, Clock } from '@orbit/kernel';
import { type PrismaClient, PrismaChanges } from '@orbit/persistence';
import { ItemsController } from './adapters/items.controller.js';
import { PrismaItems, SqlItems } from './adapters/prisma-items.js';
import { ServeItems } from './application/serve-items.js';

export const CATALOGUE_CONTROLLERS = [ItemsController];

/** Items, wired. Plans are wired with subscriptions, which read them. */
export function catalogueProviders(
  prisma: PrismaClient,
  clock: Clock,
  accountClock: AccountClock,
): readonly Provider[] {
  const changes = new PrismaChanges(prisma, clock, 'invoicing', (sql) => new SqlItems(sql));
  const serve = new ServeItems(new PrismaItems(prisma), changes, accountClock, clock);
  return [{ provide: ServeItems, useValue: serve }];
}
