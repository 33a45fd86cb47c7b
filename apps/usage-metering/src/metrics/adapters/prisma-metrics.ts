import { createdIn, rowsAfter, type PrismaClient, type Sql } from '@orbit/persistence';
import type { Metadata } from '@orbit/orb-api';
import type { Metric, MetricList, Metrics, MetricTransaction } from '../application/ports.js';
import type { MetricTree } from '../domain/expression.js';

interface Row {
  readonly id: string;
  readonly position: bigint;
  readonly name: string;
  readonly description: string | null;
  readonly item_id: string;
  readonly sql: string;
  readonly tree: MetricTree;
  readonly metadata: Metadata;
  readonly created_at: Date;
  readonly archived_at: Date | null;
}

export class PrismaMetrics implements Metrics {
  constructor(private readonly prisma: PrismaClient) {}

  async read(accountId: string, ids: readonly string[]): Promise<readonly Metric[]> {
    const rows = await this.prisma.$queryRaw<Row[]>`
      SELECT * FROM usage_metering.metric
      WHERE account_id = ${accountId} AND id = ANY(${[...ids]}::text[])`;
    return rows.map(fromRow);
  }

  async list(query: MetricList): Promise<readonly Metric[]> {
    const { accountId, limit, after, created, isArchived } = query;
    const rows = await this.prisma.$queryRaw<Row[]>`
      SELECT * FROM usage_metering.metric
      WHERE account_id = ${accountId}
        AND (${isArchived}::boolean IS NULL OR (archived_at IS NOT NULL) = ${isArchived}::boolean)
        ${rowsAfter(after)}
        ${createdIn(created)}
      ORDER BY created_at DESC, position DESC LIMIT ${limit + 1}`;
    return rows.map(fromRow);
  }
}

export class SqlMetrics implements MetricTransaction {
  constructor(private readonly sql: Sql) {}

  async insert(accountId: string, metric: Omit<Metric, 'position'>): Promise<void> {
    const { id, name, description, itemId, sql, tree, metadata, createdAt } = metric;
    await this.sql.$executeRaw`
      INSERT INTO usage_metering.metric
        (id, account_id, name, description, item_id, sql, tree, metadata, created_at)
      VALUES (${id}, ${accountId}, ${name}, ${description}, ${itemId}, ${sql},
        ${JSON.stringify(tree)}::jsonb, ${JSON.stringify(metadata)}::jsonb, ${createdAt})`;
  }

  async lock(accountId: string, id: string): Promise<Metric | null> {
    const [row] = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM usage_metering.metric
      WHERE id = ${id} AND account_id = ${accountId} FOR NO KEY UPDATE`;
    return row ? fromRow(row) : null;
  }

  async save({ id, name, description, metadata, archivedAt }: Metric): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE usage_metering.metric SET name = ${name}, description = ${description},
        metadata = ${JSON.stringify(metadata)}::jsonb, archived_at = ${archivedAt}
      WHERE id = ${id}`;
  }
}

const fromRow = (row: Row): Metric => ({
  id: row.id,
  position: row.position,
  name: row.name,
  description: row.description,
  itemId: row.item_id,
  sql: row.sql,
  tree: row.tree,
  metadata: row.metadata,
  createdAt: row.created_at,
  archivedAt: row.archived_at,
});
