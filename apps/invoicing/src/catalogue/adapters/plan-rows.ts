import { Prisma, type Sql } from '@orbit/persistence';
import type { Metadata } from '@orbit/orb-api';
import type { CatalogueName } from '../application/catalogue-name.js';
import type { PlanMigration, PlanWithVersion } from '../application/plan-ports.js';
import type { CatalogueAdjustment } from '../domain/adjustment.js';
import type { CataloguePhase, CataloguePlan, PlanVersion } from '../domain/catalogue-plan.js';
import type { Price } from '../domain/price.js';
import { priceFrom, PRICE_COLUMNS, type PriceRow } from './prisma-prices.js';

export interface PlanRow {
  readonly id: string;
  readonly external_plan_id: string | null;
  readonly name: string;
  readonly description: string;
  readonly status: CataloguePlan['status'];
  readonly default_version: number;
  readonly currency: string;
  readonly invoicing_currency: string;
  readonly net_terms: number | null;
  readonly default_invoice_memo: string | null;
  readonly trial_days: number | null;
  readonly metadata: Metadata;
  readonly created_at: Date;
  readonly position: bigint;
}

interface VersionRow {
  readonly plan_id: string;
  readonly version: number;
  readonly phases: readonly CataloguePhase[] | null;
  readonly adjustments: readonly CatalogueAdjustment[];
  readonly created_at: Date;
}

interface LinkedPriceRow extends PriceRow {
  readonly plan_id: string;
  readonly version: number;
  readonly plan_phase_order: number | null;
}

/** By external id active before draft before archived, then the newest. */
export const planNamed = (accountId: string, name: CatalogueName): Prisma.Sql =>
  'id' in name
    ? Prisma.sql`WHERE account_id = ${accountId} AND id = ${name.id}`
    : Prisma.sql`WHERE account_id = ${accountId} AND external_plan_id = ${name.externalId}
        ORDER BY array_position(ARRAY['active', 'draft', 'archived'], status), created_at DESC,
                 position DESC LIMIT 1`;

/** The versions of these plans with all that is in them, in two statements. */
export async function readVersions(
  sql: Pick<Sql, '$queryRaw'>,
  accountId: string,
  wanted: readonly { readonly planId: string; readonly version: number }[],
): Promise<readonly PlanVersion[]> {
  const planIds = wanted.map(({ planId }) => planId);
  const numbers = wanted.map(({ version }) => version);
  const versions = await sql.$queryRaw<VersionRow[]>`
    SELECT v.plan_id, v.version, v.phases, v.adjustments, v.created_at
    FROM invoicing.catalogue_plan_version v
    JOIN unnest(${planIds}::text[], ${numbers}::int[]) AS w (plan_id, version)
      ON w.plan_id = v.plan_id AND w.version = v.version
    WHERE v.account_id = ${accountId}`;
  const prices = await sql.$queryRaw<LinkedPriceRow[]>`
    SELECT l.plan_id, l.version, l.plan_phase_order, ${PRICE_COLUMNS}
    FROM invoicing.catalogue_plan_price l
    JOIN unnest(${planIds}::text[], ${numbers}::int[]) AS w (plan_id, version)
      ON w.plan_id = l.plan_id AND w.version = l.version
    JOIN invoicing.catalogue_price p ON p.account_id = l.account_id AND p.id = l.price_id
    JOIN invoicing.item i ON i.account_id = p.account_id AND i.id = p.item_id
    WHERE l.account_id = ${accountId}
    ORDER BY l.place`;
  return versions.map((row) => versionFrom(row, prices));
}

const versionFrom = (row: VersionRow, prices: readonly LinkedPriceRow[]): PlanVersion => ({
  planId: row.plan_id,
  version: row.version,
  phases: row.phases,
  adjustments: row.adjustments,
  createdAt: row.created_at,
  prices: prices
    .filter((price) => price.plan_id === row.plan_id && price.version === row.version)
    .map((price): Price => ({ ...priceFrom(price), planPhaseOrder: price.plan_phase_order })),
});

/** Each plan with the content of its default version. */
export async function withVersions(
  sql: Pick<Sql, '$queryRaw'>,
  accountId: string,
  rows: readonly PlanRow[],
): Promise<readonly (PlanWithVersion & { createdAt: Date; position: bigint })[]> {
  if (rows.length === 0) return [];
  const wanted = rows.map((row) => ({ planId: row.id, version: row.default_version }));
  const versions = await readVersions(sql, accountId, wanted);
  const byPlan = new Map(versions.map((version) => [version.planId, version]));
  return rows.flatMap((row) => {
    const version = byPlan.get(row.id);
    const place = { createdAt: row.created_at, position: row.position };
    return version ? [{ plan: planFrom(row), version, ...place }] : [];
  });
}

const planFrom = (row: PlanRow): CataloguePlan => ({
  id: row.id,
  externalPlanId: row.external_plan_id,
  name: row.name,
  description: row.description,
  status: row.status,
  defaultVersion: row.default_version,
  currency: row.currency,
  invoicingCurrency: row.invoicing_currency,
  netTerms: row.net_terms,
  defaultInvoiceMemo: row.default_invoice_memo,
  trialDays: row.trial_days,
  metadata: row.metadata,
  createdAt: row.created_at,
});

export interface MigrationRow {
  readonly id: string;
  readonly plan_id: string;
  readonly effective_time: string | null;
  readonly status: PlanMigration['status'];
  readonly created_at: Date;
  readonly position: bigint;
}

export const migrationFrom = (row: MigrationRow): PlanMigration => ({
  id: row.id,
  planId: row.plan_id,
  effectiveTime: row.effective_time,
  status: row.status,
  createdAt: row.created_at,
  position: row.position,
});
