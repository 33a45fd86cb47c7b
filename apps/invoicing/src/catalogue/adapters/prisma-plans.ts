import { createdIn, rowsAfter, type PrismaClient } from '@orbit/persistence';
import type { Listed, PageQuery } from '@orbit/orb-api';
import type { CatalogueName } from '../application/catalogue-name.js';
import type {
  PlanMigration,
  PlanQuery,
  Plans,
  PlanWithVersion,
} from '../application/plan-ports.js';
import type { PlanVersion } from '../domain/catalogue-plan.js';
import {
  migrationFrom,
  planNamed,
  readVersions,
  withVersions,
  type MigrationRow,
  type PlanRow,
} from './plan-rows.js';

export class PrismaPlans implements Plans {
  constructor(private readonly prisma: PrismaClient) {}

  async read(accountId: string, name: CatalogueName): Promise<PlanWithVersion | null> {
    const rows = await this.prisma.$queryRaw<PlanRow[]>`
      SELECT * FROM invoicing.catalogue_plan ${planNamed(accountId, name)}`;
    const [found] = await withVersions(this.prisma, accountId, rows);
    return found ?? null;
  }

  async readVersion(
    accountId: string,
    name: CatalogueName,
    version: number,
  ): Promise<PlanVersion | null> {
    const [row] = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT id FROM invoicing.catalogue_plan ${planNamed(accountId, name)}`;
    if (!row) return null;
    const [found] = await readVersions(this.prisma, accountId, [{ planId: row.id, version }]);
    return found ?? null;
  }

  async list(query: PlanQuery): Promise<readonly (PlanWithVersion & Listed)[]> {
    const { accountId, limit, after, status, created } = query;
    const rows = await this.prisma.$queryRaw<PlanRow[]>`
      SELECT * FROM invoicing.catalogue_plan
      WHERE account_id = ${accountId} AND (${status}::text IS NULL OR status = ${status})
        ${createdIn(created)}
        ${rowsAfter(after)}
      ORDER BY created_at DESC, position DESC LIMIT ${limit + 1}`;
    return withVersions(this.prisma, accountId, rows);
  }

  async listMigrations(planId: string, query: PageQuery): Promise<readonly PlanMigration[] | null> {
    const { accountId, limit, after } = query;
    const [plan] = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT id FROM invoicing.catalogue_plan WHERE account_id = ${accountId} AND id = ${planId}`;
    if (!plan) return null;
    const rows = await this.prisma.$queryRaw<MigrationRow[]>`
      SELECT * FROM invoicing.plan_migration
      WHERE account_id = ${accountId} AND plan_id = ${planId}
        ${rowsAfter(after)}
      ORDER BY created_at DESC, position DESC LIMIT ${limit + 1}`;
    return rows.map(migrationFrom);
  }

  async readMigration(
    accountId: string,
    planId: string,
    id: string,
  ): Promise<PlanMigration | null> {
    const [row] = await this.prisma.$queryRaw<MigrationRow[]>`
      SELECT * FROM invoicing.plan_migration
      WHERE account_id = ${accountId} AND plan_id = ${planId} AND id = ${id}`;
    return row ? migrationFrom(row) : null;
  }
}
