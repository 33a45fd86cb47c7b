import type { AccountClock, Clock } from '@orbit/kernel';
import { type PrismaClient, PrismaChanges, type Sql } from '@orbit/persistence';
import { instances, type Feature } from '@orbit/runtime';
import { CouponsController } from './adapters/coupons.controller.js';
import { EvaluationsController } from './adapters/evaluations.controller.js';
import { GroupsController } from './adapters/groups.controller.js';
import { ItemsController } from './adapters/items.controller.js';
import { OrbPlansController } from './adapters/orb-plans.controller.js';
import { PricesController } from './adapters/prices.controller.js';
import { PrismaCoupons, SqlCoupons } from './adapters/prisma-coupons.js';
import { PrismaEvaluationReads } from './adapters/prisma-evaluation-reads.js';
import { PrismaGroups, SqlGroups } from './adapters/prisma-groups.js';
import { PrismaItems, SqlItems } from './adapters/prisma-items.js';
import { PrismaPrices, SqlPrices } from './adapters/prisma-prices.js';
import { PrismaLicenseTypes, SqlLicenseTypes } from './adapters/prisma-license-types.js';
import { PrismaPlans } from './adapters/prisma-plans.js';
import { SqlPlans } from './adapters/sql-plans.js';
import type { Metering } from './application/evaluation-ports.js';
import type { Metrics } from './application/price-ports.js';
import { ServeCoupons } from './application/serve-coupons.js';
import { ServeEvaluations } from './application/serve-evaluations.js';
import { ServeGroups } from './application/serve-groups.js';
import { ServeItems } from './application/serve-items.js';
import { ServeLicenseTypes } from './application/serve-license-types.js';
import { ServePlans } from './application/serve-plans.js';
import { ServePlanVersions } from './application/serve-plan-versions.js';
import { ServePrices } from './application/serve-prices.js';

const CATALOGUE_CONTROLLERS = [
  ItemsController,
  PricesController,
  OrbPlansController,
  CouponsController,
  GroupsController,
  EvaluationsController,
];

export interface CatalogueParts {
  readonly prisma: PrismaClient;
  readonly clock: Clock;
  readonly accountClock: AccountClock;
  /** usage-metering, which owns metrics and counts events. */
  readonly metrics: Metrics & Metering;
}

/** The operations of the catalogue over /v1. */
export function catalogueOf({ prisma, clock, accountClock, metrics }: CatalogueParts) {
  const changes = <Tx>(transactionOf: (sql: Sql) => Tx): PrismaChanges<Tx> =>
    new PrismaChanges(prisma, clock, 'invoicing', transactionOf);
  const items = changes((sql) => new SqlItems(sql));
  const prices = changes((sql) => new SqlPrices(sql));
  const plans = changes((sql) => new SqlPlans(sql));
  const coupons = changes((sql) => new SqlCoupons(sql));
  const groups = changes((sql) => new SqlGroups(sql));
  const types = changes((sql) => new SqlLicenseTypes(sql));
  const readPlans = new PrismaPlans(prisma);
  return {
    items: new ServeItems(new PrismaItems(prisma), items, accountClock, clock),
    prices: new ServePrices(new PrismaPrices(prisma), prices, metrics, accountClock, clock),
    plans: new ServePlans(readPlans, plans, metrics, accountClock, clock),
    coupons: new ServeCoupons(new PrismaCoupons(prisma), coupons, accountClock, clock),
    groups: new ServeGroups(new PrismaGroups(prisma), groups, metrics, accountClock, clock),
    licenseTypes: new ServeLicenseTypes(new PrismaLicenseTypes(prisma), types, accountClock, clock),
    evaluations: new ServeEvaluations({
      prices: new PrismaPrices(prisma),
      groups: new PrismaGroups(prisma),
      ...{ metrics, metering: metrics, clock: accountClock },
      reads: new PrismaEvaluationReads(prisma),
    }),
    planVersions: new ServePlanVersions(readPlans, plans, metrics, accountClock, clock),
  };
}

/** The catalogue. Plans that Stripe sells stand with subscriptions, which read them. */
export const catalogueFeature = (parts: CatalogueParts): Feature => ({
  controllers: CATALOGUE_CONTROLLERS,
  providers: instances(...Object.values(catalogueOf(parts))),
});
