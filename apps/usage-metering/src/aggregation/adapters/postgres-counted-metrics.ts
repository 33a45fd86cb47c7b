import type { SqlSession } from '../../events/domain/usage-store.js';
import type { MetricTree } from '../../metrics/domain/expression.js';
import type { CountedMetric, CountedMetrics } from '../application/ports.js';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly item_id: string;
  readonly tree: MetricTree;
  readonly archived_at: Date | null;
}

export class PostgresCountedMetrics implements CountedMetrics {
  constructor(private readonly sql: SqlSession) {}

  async read(accountId: string, ids: readonly string[]): Promise<readonly CountedMetric[]> {
    const rows = await this.sql.query<Row>(
      `SELECT id, name, item_id, tree, archived_at FROM usage_metering.metric
       WHERE account_id = $1 AND id = ANY($2::text[])`,
      [accountId, ids],
    );
    return rows.map((row) => ({
      ...{ id: row.id, name: row.name, itemId: row.item_id, tree: row.tree },
      isArchived: row.archived_at !== null,
    }));
  }
}
