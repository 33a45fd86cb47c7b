import { adjustmentToResponse } from './adjustment-response.js';
import type { CataloguePhase, CataloguePlan, PlanVersion } from './catalogue-plan.js';
import { priceToResponse } from './price-response.js';

/** The contract keeps these for plans older than adjustments; ours never are. */
const LEGACY = {
  ...{ minimum: null, minimum_amount: null, maximum: null, maximum_amount: null },
  discount: null,
};

/** A plan as /v1 shows it, with the content of its default version. */
export const planToResponse = (
  plan: CataloguePlan,
  version: PlanVersion,
): Record<string, unknown> => ({
  id: plan.id,
  name: plan.name,
  description: plan.description,
  external_plan_id: plan.externalPlanId,
  status: plan.status,
  version: version.version,
  currency: plan.currency,
  invoicing_currency: plan.invoicingCurrency,
  net_terms: plan.netTerms,
  default_invoice_memo: plan.defaultInvoiceMemo,
  trial_config: { trial_period: plan.trialDays, trial_period_unit: 'days' },
  // A plan is its own product: the contract has no operation that makes others.
  product: { id: plan.id, name: plan.name, created_at: plan.createdAt.toISOString() },
  base_plan: null,
  base_plan_id: null,
  plan_phases: version.phases?.map((phase) => ({ ...phaseToResponse(phase), ...LEGACY })) ?? null,
  ...contentOf(version),
  ...LEGACY,
  metadata: plan.metadata,
  created_at: plan.createdAt.toISOString(),
});

/** One version, as the operations of versions show it. */
export const versionToResponse = (version: PlanVersion): Record<string, unknown> => ({
  version: version.version,
  created_at: version.createdAt.toISOString(),
  plan_phases: version.phases?.map(phaseToResponse) ?? null,
  ...contentOf(version),
});

const contentOf = ({ prices, adjustments }: PlanVersion): Record<string, unknown> => ({
  prices: prices.map(priceToResponse),
  adjustments: adjustments.map(adjustmentToResponse),
});

const phaseToResponse = (phase: CataloguePhase): Record<string, unknown> => ({
  id: phase.id,
  name: phase.name,
  description: phase.description,
  order: phase.order,
  duration: phase.duration,
  duration_unit: phase.durationUnit,
});
