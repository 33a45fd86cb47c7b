import type { PlanPriceView, PlanView } from '@orbit/contracts';
import { formatAmount, requireAmount } from '@orbit/money';
import type { PrismaClient } from '@orbit/persistence';
import type { Catalog } from '../application/ports.js';
import type { CataloguePlan, PlanVersion } from '../domain/catalogue-plan.js';
import type { Price } from '../domain/price.js';
import { withVersions, type PlanRow } from './plan-rows.js';

/** Plans change by migrations, so that a short memory of them is never wrong for long. */
const MEMORY_MS = 10_000;
/** Whose plans Stripe sells. */
const LIVE_ACCOUNT = 'acct_live';

/** The plans of the catalogue that the Orbit API offers: those that Stripe sells. */
export class PrismaCatalog implements Catalog {
  private plans: readonly PlanView[] = [];
  private readAtMs = -Infinity;

  constructor(private readonly prisma: PrismaClient) {}

  async listPlans(): Promise<readonly PlanView[]> {
    const nowMs = performance.now();
    if (nowMs - this.readAtMs < MEMORY_MS) return this.plans;
    const rows = await this.prisma.$queryRaw<PlanRow[]>`
      SELECT * FROM invoicing.catalogue_plan
      WHERE account_id = ${LIVE_ACCOUNT} AND checkout_place IS NOT NULL ORDER BY checkout_place`;
    const plans = await withVersions(this.prisma, LIVE_ACCOUNT, rows);
    this.plans = plans.map(({ plan, version }) => toPlan(plan, version));
    this.readAtMs = nowMs;
    return this.plans;
  }
}

const toPlan = (plan: CataloguePlan, version: PlanVersion): PlanView => ({
  id: plan.id,
  name: plan.name,
  description: plan.description,
  external_plan_id: plan.externalPlanId,
  status: plan.status,
  version: version.version,
  currency: plan.currency,
  net_terms: plan.netTerms,
  metadata: plan.metadata,
  plan_phases: version.phases?.map(toPhase) ?? null,
  prices: version.prices.map(toPrice),
  created_at: plan.createdAt.toISOString(),
});

const toPhase = (phase: NonNullable<PlanVersion['phases']>[number]) => ({
  id: phase.id,
  name: phase.name,
  description: phase.description,
  order: phase.order,
  duration: phase.duration,
  duration_unit: phase.durationUnit,
});

/** Kept as decimal text; written as every amount of the Orbit API is. */
const unitAmount = ({ config, currency, isNegotiated }: Price): string | null =>
  isNegotiated === true
    ? null
    : formatAmount(requireAmount(String(config['unit_amount'])), currency);

const toPrice = (price: Price): PlanPriceView => ({
  id: price.id,
  name: price.name,
  external_price_id: price.externalPriceId,
  item: price.item,
  price_type: price.priceType as PlanPriceView['price_type'],
  model_type: 'unit',
  unit_config: { unit_amount: unitAmount(price) },
  cadence: price.cadence as PlanPriceView['cadence'],
  billing_mode: price.billingMode,
  currency: price.currency,
  fixed_price_quantity: price.fixedQuantity === null ? null : Number(price.fixedQuantity),
  plan_phase_order: price.planPhaseOrder,
  credit_allocation: price.creditAllocation && {
    currency: price.creditAllocation.currency,
    allows_rollover: price.creditAllocation.allowsRollover,
  },
  metadata: price.metadata,
  created_at: price.createdAt.toISOString(),
});
