import type { Backfill, BackfillStatus } from '../domain/backfill.js';

/** A row of usage_metering.usage_backfill; `pg` reads its large numbers as text, Prisma as bigint. */
export interface BackfillRow {
  readonly id: string;
  readonly account_id: string;
  readonly customer_id: string | null;
  readonly status: BackfillStatus;
  readonly timeframe_start: Date;
  readonly timeframe_end: Date;
  readonly replace_existing_events: boolean;
  readonly deprecation_filter: string | null;
  readonly close_time: Date;
  readonly created_at: Date;
  readonly reverted_at: Date | null;
  readonly events_ingested: bigint | string;
  readonly position: bigint | string;
}

export const fromBackfillRow = (row: BackfillRow): Backfill => ({
  id: row.id,
  accountId: row.account_id,
  customerId: row.customer_id,
  status: row.status,
  timeframeStart: row.timeframe_start,
  timeframeEnd: row.timeframe_end,
  replacesExisting: row.replace_existing_events,
  deprecationFilter: row.deprecation_filter,
  closeTime: row.close_time,
  createdAt: row.created_at,
  revertedAt: row.reverted_at,
  eventsIngested: BigInt(row.events_ingested),
  position: BigInt(row.position),
});
