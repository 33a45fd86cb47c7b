import { newId } from '@orbit/kernel';
import { lockByName, type Sql } from '@orbit/persistence';
import type { CatalogueName } from '../application/catalogue-name.js';
import type {
  PlanMigration,
  PlanPriceLink,
  PlanTransaction,
  PlanWithVersion,
} from '../application/plan-ports.js';
import type { CataloguePlan, PlanVersion } from '../domain/catalogue-plan.js';
import {
  migrationFrom,
  planNamed,
  readVersions,
  withVersions,
  type MigrationRow,
  type PlanRow,
} from './plan-rows.js';
import { SqlPrices } from './prisma-prices.js';

export class SqlPlans extends SqlPrices implements PlanTransaction {
  constructor(private readonly db: Sql) {
    super(db);
  }

  async lockPlan(accountId: string, name: CatalogueName): Promise<PlanWithVersion | null> {
    const rows = await this.db.$queryRaw<PlanRow[]>`
      SELECT * FROM invoicing.catalogue_plan ${planNamed(accountId, name)} FOR NO KEY UPDATE`;
    const [found] = await withVersions(this.db, accountId, rows);
    return found ?? null;
  }

  async latestVersion(accountId: string, planId: string): Promise<number> {
    const [row] = await this.db.$queryRaw<{ latest: number }[]>`
      SELECT max(version) AS latest FROM invoicing.catalogue_plan_version
      WHERE account_id = ${accountId} AND plan_id = ${planId}`;
    return row?.latest ?? 0;
  }

  async readVersion(
    accountId: string,
    planId: string,
    version: number,
  ): Promise<PlanVersion | null> {
    const [found] = await readVersions(this.db, accountId, [{ planId, version }]);
    return found ?? null;
  }

  async hasVersion(accountId: string, planId: string, version: number): Promise<boolean> {
    const rows = await this.db.$queryRaw<unknown[]>`
      SELECT 1 FROM invoicing.catalogue_plan_version
      WHERE account_id = ${accountId} AND plan_id = ${planId} AND version::bigint = ${version}`;
    return rows.length > 0;
  }

  async isPlanIdTaken(
    accountId: string,
    externalPlanId: string,
    exceptId: string,
  ): Promise<boolean> {
    const rows = await this.db.$queryRaw<unknown[]>`
      SELECT 1 FROM invoicing.catalogue_plan
      WHERE account_id = ${accountId} AND external_plan_id = ${externalPlanId}
        AND status <> 'archived' AND id <> ${exceptId}`;
    return rows.length > 0;
  }

  async takenPriceIds(
    accountId: string,
    externalIds: readonly string[],
  ): Promise<readonly string[]> {
    const rows = await this.db.$queryRaw<{ external_price_id: string }[]>`
      SELECT external_price_id FROM invoicing.catalogue_price
      WHERE account_id = ${accountId} AND archived_at IS NULL
        AND external_price_id = ANY(${externalIds}::text[])`;
    return rows.map(({ external_price_id: id }) => id);
  }

  async insertPlan(accountId: string, plan: CataloguePlan): Promise<boolean> {
    if (plan.externalPlanId !== null) await this.lockPlanId(accountId, plan.externalPlanId);
    const count = await this.db.$executeRaw`
      INSERT INTO invoicing.catalogue_plan
        (account_id, id, external_plan_id, name, description, status, default_version, currency,
         invoicing_currency, net_terms, default_invoice_memo, trial_days, metadata, created_at)
      VALUES (${accountId}, ${plan.id}, ${plan.externalPlanId}, ${plan.name}, ${plan.description},
        ${plan.status}, ${plan.defaultVersion}, ${plan.currency}, ${plan.invoicingCurrency},
        ${plan.netTerms}, ${plan.defaultInvoiceMemo}, ${plan.trialDays},
        ${JSON.stringify(plan.metadata)}::jsonb, ${plan.createdAt})
      ON CONFLICT (account_id, external_plan_id)
        WHERE status <> 'archived' AND external_plan_id IS NOT NULL DO NOTHING`;
    return count === 1;
  }

  async insertVersion(
    accountId: string,
    { planId, version, phases, adjustments, createdAt }: Omit<PlanVersion, 'prices'>,
    prices: readonly PlanPriceLink[],
  ): Promise<void> {
    await this.db.$executeRaw`
      INSERT INTO invoicing.catalogue_plan_version
        (account_id, plan_id, version, phases, adjustments, created_at)
      VALUES (${accountId}, ${planId}, ${version},
        ${phases === null ? null : JSON.stringify(phases)}::jsonb,
        ${JSON.stringify(adjustments)}::jsonb, ${createdAt})`;
    const ids = prices.map(({ priceId }) => priceId);
    const orders = prices.map(({ phaseOrder }) => phaseOrder);
    await this.db.$executeRaw`
      INSERT INTO invoicing.catalogue_plan_price
        (account_id, plan_id, version, place, price_id, plan_phase_order)
      SELECT ${accountId}, ${planId}, ${version}, l.place, l.price_id, l.phase_order
      FROM unnest(${ids}::text[], ${orders}::int[]) WITH ORDINALITY AS l (price_id, phase_order, place)`;
  }

  async savePlan(accountId: string, plan: CataloguePlan): Promise<boolean> {
    const { id, externalPlanId } = plan;
    if (externalPlanId !== null) {
      await this.lockPlanId(accountId, externalPlanId);
      if (await this.isPlanIdTaken(accountId, externalPlanId, id)) return false;
    }
    await this.db.$executeRaw`
      UPDATE invoicing.catalogue_plan SET external_plan_id = ${externalPlanId}, name = ${plan.name},
        description = ${plan.description}, metadata = ${JSON.stringify(plan.metadata)}::jsonb,
        default_version = ${plan.defaultVersion}
      WHERE account_id = ${accountId} AND id = ${id}`;
    return true;
  }

  async allocationItem(
    accountId: string,
    currency: string,
    { nowMs, idMs }: { readonly nowMs: number; readonly idMs: number },
  ): Promise<{ id: string; name: string }> {
    const name = `Included allocation (${currency})`;
    await lockByName(this.db, `item ${accountId} ${name}`);
    const [known] = await this.db.$queryRaw<{ id: string }[]>`
      SELECT id FROM invoicing.item
      WHERE account_id = ${accountId} AND name = ${name} AND archived_at IS NULL
      ORDER BY position LIMIT 1`;
    if (known) return { id: known.id, name };
    const id = newId('item', idMs);
    await this.db.$executeRaw`
      INSERT INTO invoicing.item (id, account_id, name, created_at)
      VALUES (${id}, ${accountId}, ${name}, ${new Date(nowMs)})`;
    return { id, name };
  }

  async lockMigration(
    accountId: string,
    planId: string,
    id: string,
  ): Promise<PlanMigration | null> {
    const [row] = await this.db.$queryRaw<MigrationRow[]>`
      SELECT * FROM invoicing.plan_migration
      WHERE account_id = ${accountId} AND plan_id = ${planId} AND id = ${id} FOR NO KEY UPDATE`;
    return row ? migrationFrom(row) : null;
  }

  async cancelMigration(accountId: string, id: string): Promise<void> {
    await this.db.$executeRaw`
      UPDATE invoicing.plan_migration SET status = 'canceled'
      WHERE account_id = ${accountId} AND id = ${id}`;
  }

  /** A writer of a plan's name waits for another one that writes the same name now. */
  private async lockPlanId(accountId: string, externalPlanId: string): Promise<void> {
    const name = `plan ${accountId} ${externalPlanId}`;
    await lockByName(this.db, name);
  }
}
