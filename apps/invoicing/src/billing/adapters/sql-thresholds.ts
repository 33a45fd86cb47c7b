import { Prisma, type PrismaClient } from '@orbit/persistence';
import type { ThresholdSubject, ThresholdWatch } from '../application/ports.js';

interface Row {
  readonly id: string;
  readonly account_id: string;
  readonly row_version: string;
  readonly is_due: boolean;
  readonly usage_version: string | null;
  readonly customer_ids: readonly string[] | null;
}

export class SqlThresholds implements ThresholdWatch {
  constructor(private readonly prisma: PrismaClient) {}

  async subjects(accountId: string | null): Promise<readonly ThresholdSubject[]> {
    const inAccount =
      accountId === null ? Prisma.empty : Prisma.sql`AND s.account_id = ${accountId}`;
    const rows = await this.prisma.$queryRaw<Row[]>`
      SELECT s.id, s.account_id, s.xmin::text AS row_version, w.usage_version, w.customer_ids,
        w.row_version IS DISTINCT FROM s.xmin::text AS is_due
      FROM invoicing.orb_subscription s LEFT JOIN invoicing.threshold_watch w ON w.subscription_id = s.id
      WHERE s.has_threshold ${inAccount}
        AND (w.row_version IS DISTINCT FROM s.xmin::text OR NOT w.is_over)
      ORDER BY s.id`;
    return rows.map((row) => ({
      accountId: row.account_id,
      id: row.id,
      rowVersion: row.row_version,
      isDue: row.is_due,
      seenUsage: row.usage_version,
      customerIds: row.customer_ids ?? [],
    }));
  }

  async judged(
    { id, rowVersion }: ThresholdSubject,
    { usageVersion, customerIds, isOver }: Parameters<ThresholdWatch['judged']>[1],
  ): Promise<void> {
    await this.prisma.$executeRaw`
      INSERT INTO invoicing.threshold_watch (subscription_id, row_version, customer_ids, usage_version, is_over)
      VALUES (${id}, ${rowVersion}, ${[...customerIds]}::text[], ${usageVersion}, ${isOver})
      ON CONFLICT (subscription_id) DO UPDATE SET row_version = excluded.row_version,
        customer_ids = excluded.customer_ids, usage_version = excluded.usage_version, is_over = excluded.is_over`;
  }
}
