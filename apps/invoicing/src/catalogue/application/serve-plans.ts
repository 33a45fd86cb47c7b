import { OrbitError, type MetricSummary, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { newId, type AccountClock, type Clock } from '@orbit/kernel';
import {
  answered,
  createdBetween,
  invalid,
  mergeMetadata,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
} from '@orbit/orb-api';
import { missingIn, nameIn } from './catalogue-name.js';
import type { CataloguePhase, CataloguePlan, PlanVersion } from '../domain/catalogue-plan.js';
import { Faults } from '../domain/faults.js';
import {
  readNewPlan,
  readPlanTexts,
  type PlanDraft,
  type PlanPriceDraft,
} from '../domain/new-plan.js';
import { planToResponse } from '../domain/plan-response.js';
import type { Plans, PlanTransaction } from './plan-ports.js';
import { prepareVersion, writePrices, type PreparedVersion } from './prepare-version.js';
import type { Metrics } from './price-ports.js';

const LIST = 'list-plans';

/** Plans themselves; their versions and migrations are `ServePlanVersions`. Errors: the database's own, metering's. */
export class ServePlans {
  constructor(
    private readonly plans: Plans,
    private readonly changes: Changes<PlanTransaction>,
    private readonly metrics: Metrics,
    private readonly clock: AccountClock,
    /** Of ids alone: they sort by real time. */
    private readonly realClock: Clock,
  ) {}

  async create(call: OrbCall): Promise<OrbAnswer> {
    const { account } = call;
    const faults = new Faults();
    const draft = readNewPlan(call.body, faults, account.default_currency);
    const metrics = await readMetrics(this.metrics, account.id, draft?.prices ?? []);
    const nowMs = await this.clock.nowMs(account.id);
    return this.changes.run(call, async (tx) => {
      if (!draft) return refused(faults.refusal() ?? OUT_OF_FORM);
      const { externalPlanId } = draft;
      if (externalPlanId !== null && (await tx.isPlanIdTaken(account.id, externalPlanId, ''))) {
        return refused(planIdTaken(externalPlanId));
      }
      const parts = { tx, metrics, accountId: account.id, nowMs, idMs: this.realClock.nowMs() };
      const prepared = await prepareVersion(parts, { ...draft, keptPriceIds: [] });
      if ('code' in prepared) return refused(prepared);
      const plan = newPlan(draft, parts);
      if (!(await tx.insertPlan(account.id, plan))) throw raced();
      if (!(await writePrices(parts, prepared.prices))) throw raced();
      const version = {
        ...contentOf(plan.id, 1, prepared, nowMs),
        phases: phasesOf(draft, parts.idMs),
      };
      await tx.insertVersion(account.id, version, linksOf(prepared));
      return show(tx, account.id, plan.id, 201);
    });
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const found = await this.plans.read(call.account.id, nameIn(call, 'plan'));
    return found
      ? answered(200, planToResponse(found.plan, found.version))
      : missingIn(call, 'plan');
  }

  async list(call: OrbCall): Promise<OrbAnswer> {
    const query = pageQueryOf(LIST, call);
    if (!query) return invalid(NOT_A_CURSOR);
    const created = createdBetween(call.query, call.account.timezone);
    if ('fault' in created) return invalid(created.fault);
    const { status } = call.query;
    const filters = { created, status: typeof status === 'string' ? status : null };
    const rows = await this.plans.list({ ...query, ...filters });
    return pageOf(LIST, call, query, rows, ({ plan, version }) => planToResponse(plan, version));
  }

  /** Null leaves the name, and clears what may be empty. */
  update(call: OrbCall): Promise<OrbAnswer> {
    const { account, body } = call;
    const faults = new Faults();
    readPlanTexts(body, faults);
    return this.changes.run(call, async (tx) => {
      const found = await tx.lockPlan(account.id, nameIn(call, 'plan'));
      if (!found) return missingIn(call, 'plan');
      const fault = faults.refusal();
      if (fault) return refused(fault);
      const plan = changed(found.plan, body);
      const { externalPlanId } = plan;
      if (
        externalPlanId !== null &&
        (await tx.isPlanIdTaken(account.id, externalPlanId, plan.id))
      ) {
        return refused(planIdTaken(externalPlanId));
      }
      if (!(await tx.savePlan(account.id, plan))) throw raced();
      return answered(200, planToResponse(plan, found.version));
    });
  }
}

const OUT_OF_FORM = { code: 'request_validation_errors', detail: 'body is no plan' } as const;

/** Another request took an external id between the look and the write; a repeat is refused by name. */
export const raced = (): OrbitError =>
  new OrbitError(
    'conflict',
    'Another request changed the catalogue at the same time. Repeat this one.',
  );

/** Metrics of all new prices in one question. */
export function readMetrics(
  metrics: Metrics,
  accountId: string,
  prices: readonly PlanPriceDraft[],
): Promise<readonly MetricSummary[]> {
  const ids = prices.flatMap(({ draft }) => draft.references.metricId ?? []);
  return ids.length === 0 ? Promise.resolve([]) : metrics.read(accountId, [...new Set(ids)]);
}

const planIdTaken = (externalId: string) =>
  ({
    code: 'duplicate_resource_creation',
    detail: `external_plan_id: another plan has the external id ${JSON.stringify(externalId)}.`,
  }) as const;

const newPlan = (
  draft: PlanDraft,
  { nowMs, idMs }: { readonly nowMs: number; readonly idMs: number },
): CataloguePlan => ({
  id: newId('plan', idMs),
  externalPlanId: draft.externalPlanId,
  name: draft.name,
  description: draft.description,
  status: draft.status,
  defaultVersion: 1,
  currency: draft.currency,
  invoicingCurrency: draft.invoicingCurrency,
  netTerms: draft.netTerms,
  defaultInvoiceMemo: draft.defaultInvoiceMemo,
  trialDays: null,
  metadata: mergeMetadata({}, draft.metadata),
  createdAt: new Date(nowMs),
});

const phasesOf = ({ phases }: PlanDraft, idMs: number): readonly CataloguePhase[] | null =>
  phases?.map((phase) => ({ id: newId('phase', idMs), ...phase })) ?? null;

export const contentOf = (
  planId: string,
  version: number,
  { adjustments }: PreparedVersion,
  nowMs: number,
): Omit<PlanVersion, 'prices' | 'phases'> => ({
  ...{ planId, version, adjustments },
  createdAt: new Date(nowMs),
});

export const linksOf = ({ prices }: PreparedVersion) =>
  prices.map(({ price, phaseOrder }) => ({ priceId: price.id, phaseOrder }));

export async function show(
  tx: PlanTransaction,
  accountId: string,
  id: string,
  status: number,
): Promise<OrbAnswer> {
  const found = await tx.lockPlan(accountId, { id });
  if (!found) throw new OrbitError('internal', `plan ${id} is gone while it is shown`);
  return answered(status, planToResponse(found.plan, found.version));
}

function changed(plan: CataloguePlan, body: OrbCall['body']): CataloguePlan {
  const { name, description, external_plan_id: externalId, metadata } = body;
  return {
    ...plan,
    name: typeof name === 'string' ? name : plan.name,
    description: description === undefined ? plan.description : String(description ?? ''),
    externalPlanId: externalId === undefined ? plan.externalPlanId : (externalId as string | null),
    metadata: mergeMetadata(plan.metadata, metadata),
  };
}
