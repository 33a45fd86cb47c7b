import type { PlanPriceView, PlanView } from '@orbit/contracts';
import { formatAmount, requireAmount } from '@orbit/money';
import type { PrismaClient } from '@orbit/persistence';
import type { Catalog } from '../application/ports.js';

/** Plans change by migrations, so that a short memory of them is never wrong for long. */
const MEMORY_MS = 10_000;

/** The catalogue as it is stored: once, in Orb's shape. */
export class PrismaCatalog implements Catalog {
  private plans: readonly PlanView[] = [];
  private readAtMs = -Infinity;

  constructor(private readonly prisma: PrismaClient) {}

  async listPlans(): Promise<readonly PlanView[]> {
    const nowMs = performance.now();
    if (nowMs - this.readAtMs < MEMORY_MS) return this.plans;
    const rows = await readRows(this.prisma);
    this.plans = rows.map(toPlan);
    this.readAtMs = nowMs;
    return this.plans;
  }
}

const readRows = (prisma: PrismaClient) =>
  prisma.plan.findMany({
    orderBy: { position: 'asc' },
    include: {
      phases: { orderBy: { phaseOrder: 'asc' } },
      prices: { orderBy: { position: 'asc' }, include: { item: true } },
    },
  });

type PlanRow = Awaited<ReturnType<typeof readRows>>[number];

const toPlan = (row: PlanRow): PlanView => ({
  id: row.id,
  name: row.name,
  description: row.description,
  external_plan_id: row.externalPlanId,
  status: row.status as PlanView['status'],
  version: row.version,
  currency: row.currency,
  net_terms: row.netTerms,
  metadata: row.metadata as Record<string, string>,
  plan_phases: row.phases.length === 0 ? null : row.phases.map(toPhase),
  prices: row.prices.map(toPrice),
  created_at: row.createdAt.toISOString(),
});

const toPhase = (row: PlanRow['phases'][number]) => ({
  id: row.id,
  name: row.name,
  description: row.description,
  order: row.phaseOrder,
  duration: row.duration,
  duration_unit: row.durationUnit,
});

/** Kept with six decimals; written as every amount is. */
const unitAmount = (
  amount: NonNullable<PlanRow['prices'][number]['unitAmount']>,
  currency: string,
): string => formatAmount(requireAmount(amount.toFixed(6)), currency);

const toPrice = (row: PlanRow['prices'][number]): PlanPriceView => ({
  id: row.id,
  name: row.name,
  external_price_id: row.externalPriceId,
  item: { id: row.item.id, name: row.item.name },
  price_type: row.priceType as PlanPriceView['price_type'],
  model_type: 'unit',
  unit_config: { unit_amount: row.unitAmount && unitAmount(row.unitAmount, row.currency) },
  cadence: row.cadence as PlanPriceView['cadence'],
  billing_mode: row.billingMode as PlanPriceView['billing_mode'],
  currency: row.currency,
  fixed_price_quantity: row.fixedPriceQuantity === null ? null : Number(row.fixedPriceQuantity),
  plan_phase_order: row.planPhaseOrder,
  credit_allocation: row.creditAllocation as PlanPriceView['credit_allocation'],
  metadata: row.metadata as Record<string, string>,
  created_at: row.createdAt.toISOString(),
});
