import type { PageQuery } from '@orbit/orb-api';
import { lockByName, rowsAfter, type PrismaClient, type Sql } from '@orbit/persistence';
import type { Backfills, BackfillTransaction, NewBackfill } from '../application/ports.js';
import type { Backfill } from '../domain/backfill.js';
import { fromBackfillRow, type BackfillRow } from './backfill-rows.js';

export class PrismaBackfills implements Backfills {
  constructor(private readonly prisma: PrismaClient) {}

  async read(accountId: string, id: string): Promise<Backfill | null> {
    const [row] = await this.prisma.$queryRaw<BackfillRow[]>`
      SELECT * FROM usage_metering.usage_backfill WHERE id = ${id} AND account_id = ${accountId}`;
    return row ? fromBackfillRow(row) : null;
  }

  async list(
    { accountId, limit, after }: PageQuery,
    { customerId, status }: { readonly customerId: string | null; readonly status: string | null },
  ): Promise<readonly Backfill[]> {
    const rows = await this.prisma.$queryRaw<BackfillRow[]>`
      SELECT * FROM usage_metering.usage_backfill
      WHERE account_id = ${accountId}
        AND (${customerId}::text IS NULL OR customer_id = ${customerId})
        AND (${status}::text IS NULL OR status = ${status})
        ${rowsAfter(after)}
      ORDER BY created_at DESC, position DESC LIMIT ${limit + 1}`;
    return rows.map(fromBackfillRow);
  }
}

export class SqlBackfills implements BackfillTransaction {
  constructor(private readonly sql: Sql) {}

  async colliding(wanted: NewBackfill): Promise<string | null> {
    const { accountId, customerId, timeframeStart, timeframeEnd } = wanted;
    await lockByName(this.sql, `usage backfill ${accountId}`);
    const [row] = await this.sql.$queryRaw<{ readonly id: string }[]>`
      SELECT id FROM usage_metering.usage_backfill
      WHERE account_id = ${accountId} AND status IN ('pending', 'pending_revert')
        AND timeframe_start < ${timeframeEnd} AND timeframe_end > ${timeframeStart}
        AND (customer_id IS NULL OR ${customerId}::text IS NULL OR customer_id = ${customerId})
      LIMIT 1`;
    return row?.id ?? null;
  }

  async insert(wanted: NewBackfill): Promise<void> {
    await this.sql.$executeRaw`
      INSERT INTO usage_metering.usage_backfill
        (id, account_id, customer_id, timeframe_start, timeframe_end, replace_existing_events,
         deprecation_filter, close_time, created_at)
      VALUES (${wanted.id}, ${wanted.accountId}, ${wanted.customerId}, ${wanted.timeframeStart},
              ${wanted.timeframeEnd}, ${wanted.replacesExisting}, ${wanted.deprecationFilter},
              ${wanted.closeTime}, ${wanted.createdAt})`;
  }

  async lock(accountId: string, id: string): Promise<Backfill | null> {
    const [row] = await this.sql.$queryRaw<BackfillRow[]>`
      SELECT * FROM usage_metering.usage_backfill
      WHERE id = ${id} AND account_id = ${accountId} FOR NO KEY UPDATE`;
    return row ? fromBackfillRow(row) : null;
  }

  async save(
    backfill: Pick<Backfill, 'id' | 'status' | 'closeTime' | 'revertedAt'>,
  ): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE usage_metering.usage_backfill SET status = ${backfill.status},
        close_time = ${backfill.closeTime}, reverted_at = ${backfill.revertedAt}
      WHERE id = ${backfill.id}`;
  }
}
