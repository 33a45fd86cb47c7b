import type { PrismaClient, Sql } from '@orbit/persistence';
import { PrismaPlans } from '../../catalogue/adapters/prisma-plans.js';
import { PrismaPrices } from '../../catalogue/adapters/prisma-prices.js';
import { adjustmentToResponse } from '../../catalogue/domain/adjustment-response.js';
import type { CataloguePlan, PlanVersion } from '../../catalogue/domain/catalogue-plan.js';
import { planToResponse } from '../../catalogue/domain/plan-response.js';
import type { Dimensional } from '../../catalogue/domain/price.js';
import { isProperty } from '../../billing/domain/usage-asks.js';
import { priceToResponse } from '../../catalogue/domain/price-response.js';
import type { BillingCatalogue, CatalogueName } from '../../billing/domain/stores.js';
import type { SubscribablePlan } from '../../billing/domain/subscription.js';
import type { ContractAdjustment, ContractPrice } from '../../timeline/domain/terms.js';

type Fields = Readonly<Record<string, unknown>>;

/** Plans and prices of the catalogue, on a connection or in a transaction. */
export class CataloguePlans implements BillingCatalogue {
  private readonly plans: PrismaPlans;
  private readonly prices: PrismaPrices;

  constructor(sql: Sql) {
    // They use no more of it than raw queries.
    this.plans = new PrismaPlans(sql as PrismaClient);
    this.prices = new PrismaPrices(sql as PrismaClient);
  }

  async plan(
    accountId: string,
    name: CatalogueName,
    version: number | null,
  ): Promise<SubscribablePlan | null> {
    const found = await this.plans.read(accountId, name);
    if (!found) return null;
    const { plan } = found;
    if (version === null) return subscribable(plan, found.version);
    if (version < 1 || version > VERSION_MAX) return null;
    const named = await this.plans.readVersion(accountId, { id: plan.id }, version);
    return named && subscribable(plan, named);
  }

  async planView(accountId: string, planId: string, version: number): Promise<Fields | null> {
    const found = await this.plans.read(accountId, { id: planId });
    if (!found) return null;
    if (found.version.version === version) return planToResponse(found.plan, found.version);
    const named = await this.plans.readVersion(accountId, { id: planId }, version);
    return planToResponse(found.plan, named ?? found.version);
  }

  async price(accountId: string, name: CatalogueName): Promise<ContractPrice | null> {
    const price = await this.prices.read(accountId, name);
    return price && (priceToResponse(price) as ContractPrice);
  }
}

/** Of a 32-bit integer. */
const VERSION_MAX = 2_147_483_647;

const subscribable = (plan: CataloguePlan, version: PlanVersion): SubscribablePlan => ({
  id: plan.id,
  name: plan.name,
  version: version.version,
  status: plan.status,
  invoicingCurrency: plan.invoicingCurrency,
  netTerms: plan.netTerms,
  defaultInvoiceMemo: plan.defaultInvoiceMemo,
  trialDays: plan.trialDays,
  phases: version.phases,
  licenseAllocations: Object.fromEntries(
    version.prices.flatMap(({ id, licenseAllocations }) =>
      licenseAllocations.length > 0 ? [[id, licenseAllocations] as const] : [],
    ),
  ),
  prices: version.prices.map((price) => priceToResponse(price) as ContractPrice),
  filters: Object.fromEntries(
    version.prices.flatMap(({ id, dimensional }) =>
      dimensional ? [[id, filterOf(dimensional)] as const] : [],
    ),
  ),
  adjustments: version.adjustments.map(
    (adjustment) => adjustmentToResponse(adjustment) as ContractAdjustment,
  ),
});

/** Events that have the values of a price's group. */
const filterOf = ({ dimensions, values }: Dimensional): string =>
  dimensions.map((name, index) => isProperty(name, values[index] ?? '')).join(' AND ');
