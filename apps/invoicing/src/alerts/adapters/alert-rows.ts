import { Prisma } from '@orbit/persistence';
import type { Alert, AlertPriceFilter, AlertScope, ThresholdOverride } from '../domain/alert.js';

export interface AlertRow {
  readonly id: string;
  readonly account_id: string;
  readonly position: bigint;
  readonly type: Alert['type'];
  readonly scope: AlertScope['kind'];
  readonly scope_id: string;
  readonly plan_version: number | null;
  readonly currency: string | null;
  readonly metric_id: string | null;
  readonly thresholds: readonly string[];
  readonly grouping_keys: readonly string[] | null;
  readonly price_filters: readonly AlertPriceFilter[] | null;
  readonly overrides: readonly ThresholdOverride[] | null;
  readonly is_enabled: boolean;
  readonly created_at: Date;
}

export const alertFrom = (row: AlertRow): Alert => ({
  id: row.id,
  accountId: row.account_id,
  position: row.position,
  type: row.type,
  scope: scopeFrom(row),
  currency: row.currency,
  metricId: row.metric_id,
  thresholds: row.thresholds,
  groupingKeys: row.grouping_keys,
  priceFilters: row.price_filters,
  overrides: row.overrides,
  isEnabled: row.is_enabled,
  createdAt: row.created_at,
});

function scopeFrom({ scope: kind, scope_id: id, plan_version: version }: AlertRow): AlertScope {
  return kind === 'plan' ? { kind, id, version: version ?? 0 } : { kind, id };
}

export const versionOf = (scope: AlertScope): number | null =>
  scope.kind === 'plan' ? scope.version : null;

/** Alerts of a plan in one version; null: of none. */
export const ofPlan = (
  plan: { readonly id: string; readonly version: number } | null,
): Prisma.Sql =>
  plan === null
    ? Prisma.sql`false`
    : Prisma.sql`(a.scope = 'plan' AND a.scope_id = ${plan.id} AND a.plan_version = ${plan.version})`;
