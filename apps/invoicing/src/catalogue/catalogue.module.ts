import type { Provider } from '@nestjs/common';
import type { AccountClock, Clock } from '@orbit/kernel';
import { type PrismaClient, PrismaChanges, type Sql } from '@orbit/persistence';
import { ItemsController } from './adapters/items.controller.js';
import { OrbPlansController } from './adapters/orb-plans.controller.js';
import { PricesController } from './adapters/prices.controller.js';
import { PrismaItems, SqlItems } from './adapters/prisma-items.js';
import { PrismaPrices, SqlPrices } from './adapters/prisma-prices.js';
import { PrismaPlans } from './adapters/prisma-plans.js';
import { SqlPlans } from './adapters/sql-plans.js';
import type { Metrics } from './application/price-ports.js';
import { ServeItems } from './application/serve-items.js';
import { ServePlans } from './application/serve-plans.js';
import { ServePlanVersions } from './application/serve-plan-versions.js';
import { ServePrices } from './application/serve-prices.js';

export const CATALOGUE_CONTROLLERS = [ItemsController, PricesController, OrbPlansController];

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
  const plans = changes((sql) => new SqlPlans(sql));
  const readPlans = new PrismaPlans(prisma);
  return {
    items: new ServeItems(new PrismaItems(prisma), items, accountClock, clock),
    prices: new ServePrices(new PrismaPrices(prisma), prices, metrics, accountClock),
    plans: new ServePlans(readPlans, plans, metrics, accountClock),
    planVersions: new ServePlanVersions(readPlans, plans, metrics, accountClock),
  };
}

/** The catalogue, wired. Plans that Stripe sells are wired with subscriptions, which read them. */
export function catalogueProviders(parts: CatalogueParts): readonly Provider[] {
  const { items, prices, plans, planVersions } = catalogueOf(parts);
  return [
    { provide: ServeItems, useValue: items },
    { provide: ServePrices, useValue: prices },
    { provide: ServePlans, useValue: plans },
    { provide: ServePlanVersions, useValue: planVersions },
  ];
}
