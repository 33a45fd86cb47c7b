import { lockByName, rowsAfter, Prisma, type PrismaClient, type Sql } from '@orbit/persistence';
import type { Metadata, PageQuery } from '@orbit/orb-api';
import type { CatalogueName } from '../application/catalogue-name.js';
import type {
  DimensionalGroup,
  GroupQuery,
  Groups,
  GroupTransaction,
  PriceStatus,
} from '../application/group-ports.js';
import type { ListedPrice } from '../application/price-ports.js';
import { PRICE_COLUMNS, priceFrom, SqlPrices, type PriceRow } from './prisma-prices.js';

interface Row {
  readonly id: string;
  readonly external_dimensional_price_group_id: string | null;
  readonly name: string;
  readonly dimensions: readonly string[];
  readonly metric_id: string;
  readonly item_id: string;
  readonly metadata: Metadata;
  readonly created_at: Date;
  readonly position: bigint;
  readonly price_count: bigint;
}

const ROWS = Prisma.sql`
  SELECT g.*, (
    SELECT count(*) FROM invoicing.catalogue_price p
    WHERE p.account_id = g.account_id AND p.dimensional_price_group_id = g.id
      AND p.archived_at IS NULL AND p.scope <> 'subscription') AS price_count
  FROM invoicing.dimensional_price_group g`;

const named = (accountId: string, name: CatalogueName): Prisma.Sql =>
  'id' in name
    ? Prisma.sql`WHERE g.account_id = ${accountId} AND g.id = ${name.id}`
    : Prisma.sql`WHERE g.account_id = ${accountId}
        AND g.external_dimensional_price_group_id = ${name.externalId}`;

export class PrismaGroups implements Groups {
  constructor(private readonly prisma: PrismaClient) {}

  async read(accountId: string, name: CatalogueName): Promise<DimensionalGroup | null> {
    const [row] = await this.prisma.$queryRaw<Row[]>`${ROWS} ${named(accountId, name)}`;
    return row ? fromRow(row) : null;
  }

  async list(query: GroupQuery): Promise<readonly DimensionalGroup[]> {
    const { accountId, limit, after, metricId } = query;
    const rows = await this.prisma.$queryRaw<Row[]>`${ROWS}
      WHERE g.account_id = ${accountId} AND (${metricId}::text IS NULL OR g.metric_id = ${metricId})
        ${rowsAfter(after, 'g')}
      ORDER BY g.created_at DESC, g.position DESC LIMIT ${limit + 1}`;
    return rows.map(fromRow);
  }

  async listPrices(
    groupId: string,
    status: PriceStatus,
    { accountId, limit, after }: PageQuery,
  ): Promise<readonly ListedPrice[]> {
    const rows = await this.prisma.$queryRaw<PriceRow[]>`
      SELECT ${PRICE_COLUMNS}
      FROM invoicing.catalogue_price p
      JOIN invoicing.item i ON i.account_id = p.account_id AND i.id = p.item_id
      WHERE p.account_id = ${accountId} AND p.dimensional_price_group_id = ${groupId}
        AND p.scope <> 'subscription'
        AND (${status} = 'all' OR (p.archived_at IS NULL) = (${status} = 'active'))
        ${rowsAfter(after, 'p')}
      ORDER BY p.created_at DESC, p.position DESC LIMIT ${limit + 1}`;
    return rows.map(priceFrom);
  }
}

export class SqlGroups extends SqlPrices implements GroupTransaction {
  constructor(private readonly db: Sql) {
    super(db);
  }

  async insertGroup(
    accountId: string,
    group: Omit<DimensionalGroup, 'position' | 'priceCount'>,
  ): Promise<boolean> {
    await this.lockName(accountId, group);
    const count = await this.db.$executeRaw`
      INSERT INTO invoicing.dimensional_price_group
        (account_id, id, external_dimensional_price_group_id, name, dimensions, metric_id, item_id,
         metadata, created_at)
      VALUES (${accountId}, ${group.id}, ${group.externalId}, ${group.name},
        ${group.dimensions}::text[], ${group.metricId}, ${group.itemId},
        ${JSON.stringify(group.metadata)}::jsonb, ${group.createdAt})
      ON CONFLICT (account_id, external_dimensional_price_group_id) DO NOTHING`;
    return count === 1;
  }

  async lockGroup(accountId: string, name: CatalogueName): Promise<DimensionalGroup | null> {
    const [row] = await this.db.$queryRaw<Row[]>`
      ${ROWS} ${named(accountId, name)} FOR NO KEY UPDATE OF g`;
    return row ? fromRow(row) : null;
  }

  async saveGroup(accountId: string, group: DimensionalGroup): Promise<boolean> {
    const { id, externalId, metadata } = group;
    await this.lockName(accountId, group);
    const count = await this.db.$executeRaw`
      UPDATE invoicing.dimensional_price_group g
      SET external_dimensional_price_group_id = ${externalId},
          metadata = ${JSON.stringify(metadata)}::jsonb
      WHERE g.account_id = ${accountId} AND g.id = ${id} AND NOT EXISTS (
        SELECT 1 FROM invoicing.dimensional_price_group o
        WHERE o.account_id = ${accountId} AND o.id <> ${id}
          AND o.external_dimensional_price_group_id = ${externalId})`;
    return count === 1;
  }

  /** A writer of a group's name waits for another one that writes the same name now. */
  private async lockName(
    accountId: string,
    { id, externalId }: Pick<DimensionalGroup, 'id' | 'externalId'>,
  ): Promise<void> {
    const name = `group ${accountId} ${externalId ?? id}`;
    await lockByName(this.db, name);
  }
}

const fromRow = (row: Row): DimensionalGroup => ({
  id: row.id,
  externalId: row.external_dimensional_price_group_id,
  name: row.name,
  dimensions: row.dimensions,
  metricId: row.metric_id,
  itemId: row.item_id,
  metadata: row.metadata,
  priceCount: Number(row.price_count),
  createdAt: row.created_at,
  position: row.position,
});
