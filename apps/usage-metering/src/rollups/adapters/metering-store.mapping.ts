import { micros } from '@orbit/money';
import type { ChannelTotals } from '../application/ports.js';
import type { Delivery, DeliveryReport, MeteredCharge } from '../domain/charge.js';

/** Rows as the SQL of prisma-metering-store.ts returns them. */
export interface ChargeRow {
  readonly organization_id: string;
  readonly charge_id: string;
  readonly channel: string;
  readonly currency: string;
  readonly quantity: bigint;
  readonly amount_micros: bigint;
  readonly occurred_at: Date;
  readonly posted_at: Date;
  readonly delivery_status: Delivery['status'] | null;
  readonly delivery_at: Date | null;
}

export interface ReportRow {
  readonly organization_id: string;
  readonly charge_id: string;
  readonly status: Delivery['status'];
  readonly occurred_at: Date;
}

export interface TotalsRow {
  readonly channel: string;
  readonly messages: bigint;
  readonly delivered: bigint;
  readonly failed: bigint;
  /** A sum: no bigint of Postgres has to hold it. */
  readonly cost_micros: string;
}

export function chargeFromRow(row: ChargeRow): MeteredCharge {
  const { delivery_status: status, delivery_at: at } = row;
  return {
    organizationId: row.organization_id,
    chargeId: row.charge_id,
    channel: row.channel,
    currency: row.currency,
    quantity: row.quantity,
    amountMicros: micros(row.amount_micros),
    occurredAtMs: row.occurred_at.getTime(),
    postedAtMs: row.posted_at.getTime(),
    delivery: status === null || at === null ? null : { status, atMs: at.getTime() },
  };
}

export const reportFromRow = (row: ReportRow): DeliveryReport => ({
  organizationId: row.organization_id,
  chargeId: row.charge_id,
  status: row.status,
  atMs: row.occurred_at.getTime(),
});

export const totalsFromRow = (row: TotalsRow): ChannelTotals => ({
  channel: row.channel,
  messages: row.messages,
  delivered: row.delivered,
  failed: row.failed,
  costMicros: micros(BigInt(row.cost_micros)),
});

/** Rows turned into one text array per column, for unnest. Every value travels as text and is cast in SQL. */
export function columns<T, C extends string>(
  rows: readonly T[],
  toRow: (item: T) => Record<C, string>,
): Record<C, string[]> {
  const arrays = {} as Record<C, string[]>;
  for (const item of rows) {
    for (const [column, value] of Object.entries(toRow(item)) as [C, string][]) {
      (arrays[column] ??= []).push(value);
    }
  }
  return arrays;
}

export const instant = (atMs: number): string => new Date(atMs).toISOString();
