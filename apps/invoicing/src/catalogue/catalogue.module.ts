import type { Provider } from '@nestjs/common';
import type { AccountClock, Clock } from '@orbit/kernel';
import { type PrismaClient, PrismaChanges, type Sql } from '@orbit/persistence';
import { ItemsController } from './adapters/items.controller.js';
import { PricesController } from './adapters/prices.controller.js';
import { PrismaItems, SqlItems } from './adapters/prisma-items.js';
import { PrismaPrices, SqlPrices } from './adapters/prisma-prices.js';
import type { Metrics } from './application/price-ports.js';
import { ServeItems } from './application/serve-items.js';
import { ServePrices } from './application/serve-prices.js';

export const CATALOGUE_CONTROLLERS = [ItemsController, PricesController];

export interface CatalogueParts {
  readonly prisma: PrismaClient;
  readonly clock: Clock;
  readonly accountClock: AccountClock;
  readonly metrics: Metrics;
}

/** The operations of the catalogue over /v1. */
export function catalogueOf({ prisma, clock, accountClock, metrics }: CatalogueParts) {
  const changes = <Tx>(transactionOf: (sql: Sql) => Tx): PrismaChanges<Tx> =>
    new PrismaChanges(prisma, clock, 'invoicing', transactionOf);
  const items = changes((sql) => new SqlItems(sql));
  const prices = changes((sql) => new SqlPrices(sql));
  return {
    items: new ServeItems(new PrismaItems(prisma), items, accountClock, clock),
    prices: new ServePrices(new PrismaPrices(prisma), prices, metrics, accountClock),
  };
}

/** The catalogue, wired. Plans that Stripe sells are wired with subscriptions, which read them. */
export function catalogueProviders(parts: CatalogueParts): readonly Provider[] {
  const { items, prices } = catalogueOf(parts);
  return [
    { provide: ServeItems, useValue: items },
    { provide: ServePrices, useValue: prices },
  ];
}
