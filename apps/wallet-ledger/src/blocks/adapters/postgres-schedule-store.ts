import { invariant } from '@orbit/kernel';
import { micros, type Currency } from '@orbit/money';
import { inTransaction } from '@orbit/runtime';
import type { Pool } from 'pg';
import type { WalletKey } from '../../books/application/ports.js';
import type { ScheduleRecord, ScheduleStore } from '../application/schedule-ports.js';
import type { Cadence } from '../domain/grant-schedule-calendar.js';
import type { GrantSchedule } from '../domain/grant-schedule.js';

interface ScheduleRow {
  schedule_id: string;
  wallet_no: string;
  organization_id: string;
  currency: string;
  reference: string;
  kind: string;
  priority: number;
  cost_basis_micros: string;
  amount_micros: string;
  cadence: string;
  anchor_at: Date;
  time_zone: string;
  expires_with_period: boolean;
  rollover_cap_micros: string;
  rollover_periods_max: number;
  ends_at: Date | null;
  next_period: number;
  next_at: Date | null;
  created_at: Date;
  cancelled_at: Date | null;
}

const SELECT = `SELECT s.*, w.organization_id, w.currency FROM wallet_ledger.grant_schedule s
  JOIN wallet_ledger.wallet w USING (wallet_no)`;

/** Grant schedules in PostgreSQL; what they grant is in the ledger's own tables. */
export class PostgresScheduleStore implements ScheduleStore {
  constructor(private readonly pool: Pool) {}

  async create(key: WalletKey, one: Omit<GrantSchedule, 'walletNo'>): Promise<GrantSchedule> {
    await this.pool.query(
      `INSERT INTO wallet_ledger.grant_schedule (schedule_id, wallet_no, reference, kind, priority, cost_basis_micros,
         amount_micros, cadence, anchor_at, time_zone, expires_with_period, rollover_cap_micros, rollover_periods_max,
         ends_at, next_period, next_at, created_at)
       SELECT $3, wallet_no, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18
       FROM wallet_ledger.wallet WHERE organization_id = $1 AND currency = $2
       ON CONFLICT (wallet_no, reference) DO NOTHING`,
      [
        key.organizationId,
        key.currency,
        one.scheduleId,
        one.reference,
        one.kind,
        one.priority,
        one.costBasisMicros,
        one.amountMicros,
        one.cadence,
        new Date(one.anchorAtMs),
        one.timeZone,
        one.expiresWithPeriod,
        one.rolloverCapMicros,
        one.rolloverPeriodsMax,
        instantOrNull(one.endsAtMs),
        one.nextPeriod,
        instantOrNull(one.nextAtMs),
        new Date(one.createdAtMs),
      ],
    );
    const { rows } = await this.pool.query<ScheduleRow>(
      `${SELECT} WHERE w.organization_id = $1 AND w.currency = $2 AND s.reference = $3`,
      [key.organizationId, key.currency, one.reference],
    );
    const [row] = rows;
    invariant(row, 'a schedule that was created is there');
    return fromRow(row).schedule;
  }

  async list(organizationId: string): Promise<ScheduleRecord[]> {
    const { rows } = await this.pool.query<ScheduleRow>(
      `${SELECT} WHERE w.organization_id = $1 ORDER BY s.created_at DESC, s.schedule_id DESC`,
      [organizationId],
    );
    return rows.map(fromRow);
  }

  async cancel(
    organizationId: string,
    scheduleId: string,
    cancelledAtMs: number,
  ): Promise<ScheduleRecord | null> {
    await this.pool.query(
      `UPDATE wallet_ledger.grant_schedule s SET cancelled_at = $3, next_at = NULL FROM wallet_ledger.wallet w
       WHERE w.wallet_no = s.wallet_no AND w.organization_id = $1 AND s.schedule_id = $2 AND s.cancelled_at IS NULL`,
      [organizationId, scheduleId, new Date(cancelledAtMs)],
    );
    const { rows } = await this.pool.query<ScheduleRow>(
      `${SELECT} WHERE w.organization_id = $1 AND s.schedule_id = $2`,
      [organizationId, scheduleId],
    );
    return rows[0] ? fromRow(rows[0]) : null;
  }

  async withDue(
    nowMs: number,
    limit: number,
    work: Parameters<ScheduleStore['withDue']>[2],
    accountId: string | null = null,
  ): Promise<number> {
    return inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<ScheduleRow>(
        `${SELECT} LEFT JOIN wallet_ledger.account_clock c USING (account_id)
         WHERE s.next_at <= $1 AND CASE WHEN $3::text IS NULL THEN c.account_id IS NULL ELSE w.account_id = $3 END
         ORDER BY s.next_at, s.schedule_id LIMIT $2 FOR UPDATE OF s SKIP LOCKED`,
        [new Date(nowMs), limit, accountId],
      );
      if (rows.length > 0) {
        const advances = await work(rows.map(fromRow));
        await client.query(
          `UPDATE wallet_ledger.grant_schedule s SET next_period = n.next_period, next_at = n.next_at
           FROM unnest($1::text[], $2::integer[], $3::timestamptz[]) AS n (schedule_id, next_period, next_at)
           WHERE s.schedule_id = n.schedule_id`,
          [
            advances.map(({ scheduleId }) => scheduleId),
            advances.map(({ nextPeriod }) => nextPeriod),
            advances.map(({ nextAtMs }) => instantOrNull(nextAtMs)),
          ],
        );
      }
      return rows.length;
    });
  }
}

const instantOrNull = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

function fromRow(row: ScheduleRow): ScheduleRecord {
  return {
    key: { organizationId: row.organization_id, currency: row.currency as Currency },
    schedule: {
      scheduleId: row.schedule_id,
      walletNo: BigInt(row.wallet_no),
      reference: row.reference,
      kind: row.kind as GrantSchedule['kind'],
      priority: row.priority,
      costBasisMicros: BigInt(row.cost_basis_micros),
      amountMicros: micros(BigInt(row.amount_micros)),
      cadence: row.cadence as Cadence,
      anchorAtMs: row.anchor_at.getTime(),
      timeZone: row.time_zone,
      expiresWithPeriod: row.expires_with_period,
      rolloverCapMicros: micros(BigInt(row.rollover_cap_micros)),
      rolloverPeriodsMax: row.rollover_periods_max,
      endsAtMs: row.ends_at?.getTime() ?? null,
      nextPeriod: row.next_period,
      nextAtMs: row.next_at?.getTime() ?? null,
      createdAtMs: row.created_at.getTime(),
      cancelledAtMs: row.cancelled_at?.getTime() ?? null,
    },
  };
}
