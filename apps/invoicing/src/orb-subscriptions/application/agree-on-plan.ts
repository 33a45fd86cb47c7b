import { isKept } from '../../purchases/domain/allocation.js';
import { otherCycleOf } from '../../licenses/domain/license-pools.js';
import type { MetricSummary, OrbCall } from '@orbit/contracts';
import type { OrbRefusal } from '@orbit/orb-api';
import type { Metering } from '../../catalogue/application/evaluation-ports.js';
import type { Metrics } from '../../catalogue/application/price-ports.js';
import { Faults } from '../../catalogue/domain/faults.js';
import type { BillingCatalogue } from '../../billing/domain/stores.js';
import type {
  BillingCustomer,
  SubscribablePlan,
  Subscription,
} from '../../billing/domain/subscription.js';
import { nameIn } from '../../billing/domain/read-request.js';
import {
  absent,
  against,
  notBuilt,
  notBuiltIn,
  ok,
  wrong,
  type Outcome,
} from '../../billing/domain/refusals.js';
import type { PlanContent } from '../../timeline/domain/new-timeline.js';
import type { Overrides } from '../domain/overrides.js';
import { withOverage } from '../domain/overage.js';
import { readOverrides } from '../domain/read-overrides.js';
import type { Offers } from './ports.js';
import { prepareOverrides, type PreparedContent } from './prepare-overrides.js';

/** The reads of other rooms that an agreement on a plan needs. Errors: the database's own, usage-metering's. */
export interface AgreementReads {
  readonly catalogue: BillingCatalogue;
  readonly metering: Metrics & Pick<Metering, 'check'>;
}

/** A request's terms for the plan of a subscription, read and looked up before its transaction. */
export interface Agreement {
  readonly plan: SubscribablePlan;
  readonly overrides: Overrides;
  readonly metrics: readonly MetricSummary[];
  readonly filter: string | null;
  readonly usageCustomerIds: readonly string[] | null;
}

const no = <T>(refusal: OrbRefusal): Outcome<T> => ({ ok: false, refusal });

/** Reads a new subscription or a change of its plan. */
export async function readAgreement(
  { catalogue, metering }: AgreementReads,
  call: OrbCall,
  customer: BillingCustomer,
): Promise<Outcome<Agreement>> {
  const { body, account } = call;
  const found = await findPlan(catalogue, call);
  if (!found.ok) return found;
  const agreed = withOverage(found.value, body);
  if (!agreed.ok) return agreed;
  const plan = agreed.value;
  const currency = (body['currency'] ?? plan.invoicingCurrency) as string;
  if (currency !== plan.invoicingCurrency) {
    return against(`currency: the plan is invoiced in ${plan.invoicingCurrency}, not ${currency}.`);
  }
  const faults = new Faults();
  const overrides = readOverrides(body, plan, customer.timezone, faults);
  const fault = faults.refusal();
  if (fault) return no(fault);
  const usageCustomers = usageCustomersIn(body, customer);
  if (!usageCustomers.ok) return usageCustomers;
  const drafts = overrides.prices.flatMap(({ source }) =>
    source.kind === 'new' ? [source.draft.references.metricId] : [],
  );
  const named = [...new Set(drafts.flatMap((id) => id ?? []))];
  const metrics = named.length === 0 ? [] : await metering.read(account.id, named);
  const filter = (body['filter'] ?? null) as string | null;
  const counted = [
    ...named,
    ...plan.prices.flatMap(
      (price) => (price['billable_metric'] as { id: string } | null)?.id ?? [],
    ),
  ];
  const wrongFilter = await filterFault(metering, account.id, 'filter', filter, counted);
  if (wrongFilter !== null) return wrong(wrongFilter);
  return ok({ plan, overrides, metrics, filter, usageCustomerIds: usageCustomers.value });
}

/** The plan that a request names, in the version that it names. */
async function findPlan(
  catalogue: BillingCatalogue,
  { body, account }: OrbCall,
): Promise<Outcome<SubscribablePlan>> {
  const name = nameIn(body, 'plan_id', 'external_plan_id', 'externalId');
  if (!name.ok) return name;
  const field = notBuiltIn(body);
  if (field !== null) return notBuilt(field);
  const version = (body['plan_version_number'] ?? null) as number | null;
  const plan = await catalogue.plan(account.id, name.value as { id: string }, version);
  if (!plan) {
    const id = Object.values(name.value)[0] ?? '';
    return absent(version === null ? 'plan' : `plan version ${String(version)}`, id);
  }
  if (!plan.prices.every(isKept)) {
    return notBuilt('A subscription to a plan that allocates credit to single items or licenses');
  }
  const strange = otherCycleOf(
    plan.prices.map((price) => {
      const licenseAllocations = plan.licenseAllocations?.[price.id];
      return licenseAllocations ? { price, licenseAllocations } : { price };
    }),
  );
  if (strange !== null) {
    return notBuilt(`${strange}: usage of licenses in other periods than their allocation`);
  }
  if (plan.status !== 'active') {
    return against(`The plan is ${plan.status}: nobody can subscribe to it.`);
  }
  return ok(plan);
}

/** Whose usage counts: the customer itself and customers below it. */
export function usageCustomersIn(
  body: Readonly<Record<string, unknown>>,
  { id, view }: Pick<BillingCustomer, 'id' | 'view'>,
  field = 'usage_customer_ids',
): Outcome<readonly string[] | null> {
  const ids = (body['usage_customer_ids'] ?? null) as readonly string[] | null;
  if (ids === null) return ok(null);
  if (ids.length === 0) return wrong(`${field}: must name at least one customer`);
  const { children = [] } = (view['hierarchy'] ?? {}) as {
    children?: readonly { readonly id: string }[];
  };
  const known = new Set([id, ...children.map((child) => child.id)]);
  const strange = ids.findIndex((one) => !known.has(one));
  if (strange !== -1) {
    return wrong(
      `${field}[${String(strange)}]: ${ids[strange] ?? ''} is neither the customer nor a child of it`,
    );
  }
  if (new Set(ids).size < ids.length) return wrong(`${field}: names a customer twice`);
  return ok(ids);
}

/** The fault of a filter of usage, by the service that counts it; null: none. */
export async function filterFault(
  metering: Pick<Metering, 'check'>,
  accountId: string,
  field: string,
  filter: string | null,
  metricIds: readonly string[],
): Promise<string | null> {
  if (filter === null) return null;
  if (filter.trim() === '') return `${field}: must not be blank`;
  const ids = [...new Set(metricIds)];
  const definitions = ids.map((metric_id) => ({ metric_id, filter, grouping_keys: [] }));
  const checks = await metering.check(accountId, definitions);
  const fault = checks.flatMap(({ faults }) => faults).at(0);
  return fault === undefined ? null : fault.replace(/^filter/, field);
}

/** In the transaction: what the plan brings into the subscription, as it was agreed. */
export async function contentOf(
  offers: Offers,
  accountId: string,
  agreement: Agreement,
  known: Pick<Subscription, 'timeline'> | null,
  nowMs: number,
): Promise<Outcome<{ readonly content: PlanContent; readonly prepared: PreparedContent }>> {
  const { plan, overrides, metrics, filter, usageCustomerIds } = agreement;
  const had = known?.timeline.prices.map(({ price }) => price.id) ?? [];
  const knownPriceIds = new Set([...plan.prices.map(({ id }) => id), ...had]);
  const parts = { offers, metrics, accountId, nowMs, knownPriceIds };
  const prepared = await prepareOverrides(parts, plan, overrides);
  if (!prepared.ok) return prepared;
  const { prices, adjustments } = prepared.value;
  const content = {
    ...{ planId: plan.id, version: plan.version, phases: plan.phases, prices, adjustments },
    ...{ filter, usageCustomerIds },
    ...(plan.filters ? { filters: plan.filters } : {}),
    licenseAllocations: prepared.value.licenseAllocations,
  };
  return ok({ content, prepared: prepared.value });
}

/** The fault of own dates of prices and adjustments; null: none. */
export function datesFault(
  overrides: Overrides,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number | null },
): string | null {
  const entries = [
    ...overrides.prices,
    ...overrides.adjustments.map(({ draft, ...dates }) => ({
      ...dates,
      field: draft.field.replace(/\.adjustment$/, ''),
    })),
  ];
  for (const { field, startMs: from, endMs: to } of entries) {
    if (from !== null && from < startMs) {
      return `${field}.start_date: must not be before the subscription or its plan begins`;
    }
    if (from !== null && endMs !== null && from >= endMs) {
      return `${field}.start_date: must be before the subscription ends`;
    }
    if (to !== null && to <= (from ?? startMs)) {
      return `${field}.end_date: must be after the price begins`;
    }
    if (to !== null && endMs !== null && to > endMs) {
      return `${field}.end_date: must not be after the subscription ends`;
    }
  }
  return null;
}
