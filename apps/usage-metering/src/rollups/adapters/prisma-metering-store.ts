import { invariant } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import type {
  ChannelTotals,
  MeteringStore,
  MeteringTransaction,
  UsageQuery,
} from '../application/ports.js';
import type { ChargeKey, DeliveryReport, MeteredCharge } from '../domain/charge.js';
import type { RollupDelta } from '../domain/rollup.js';
import {
  chargeFromRow,
  columns,
  instant,
  reportFromRow,
  totalsFromRow,
  type ChargeRow,
  type ReportRow,
  type TotalsRow,
} from './metering-store.mapping.js';

/** The runner of a statement; both the client and a transaction have it. */
type Sql = Pick<PrismaClient, '$queryRaw' | '$executeRaw'>;

/** A batch that waits longer than this for its turn or its statements fails and is read again. */
const TRANSACTION_WAIT_MS_MAX = 10_000;
const TRANSACTION_MS_MAX = 30_000;

/** Postgres through Prisma; sets of rows travel as arrays (unnest), so statements do not grow with the batch. */
export class PrismaMeteringStore implements MeteringStore {
  constructor(private readonly prisma: PrismaClient) {}

  async inTransaction<T>(
    organizationIds: readonly string[],
    work: (tx: MeteringTransaction) => Promise<T>,
  ): Promise<T> {
    return this.prisma.$transaction(
      async (sql) => {
        // 256 buckets bound the locks of a batch; their order makes deadlocks impossible.
        await sql.$queryRaw`
          SELECT count(pg_advisory_xact_lock(bucket)) FROM (
            SELECT DISTINCT hashtext(id) & 255 AS bucket FROM unnest(${[...organizationIds]}::text[]) AS id
            ORDER BY bucket
          ) AS buckets`;
        return work(new SqlMeteringTransaction(sql));
      },
      { maxWait: TRANSACTION_WAIT_MS_MAX, timeout: TRANSACTION_MS_MAX },
    );
  }

  async readUsage(query: UsageQuery): Promise<readonly ChannelTotals[]> {
    const rows = await this.prisma.$queryRaw<TotalsRow[]>`
      SELECT channel, sum(messages)::bigint AS messages, sum(delivered)::bigint AS delivered,
             sum(failed)::bigint AS failed, sum(cost_micros)::text AS cost_micros
      FROM usage_metering.usage_rollup
      WHERE organization_id = ${query.organizationId} AND currency = ${query.currency}
        AND day BETWEEN ${query.firstDay}::text::date AND ${query.lastDay}::text::date
      GROUP BY channel`;
    return rows.map(totalsFromRow);
  }
}

class SqlMeteringTransaction implements MeteringTransaction {
  constructor(private readonly sql: Sql) {}

  async insertCharges(charges: readonly MeteredCharge[]): Promise<readonly MeteredCharge[]> {
    const c = columns(charges, (charge) => ({
      ...keyToRow(charge),
      channel: charge.channel,
      currency: charge.currency,
      quantity: charge.quantity.toString(),
      amount: charge.amountMicros.toString(),
      occurred: instant(charge.occurredAtMs),
      posted: instant(charge.postedAtMs),
    }));
    const rows = await this.sql.$queryRaw<ChargeRow[]>`
      INSERT INTO usage_metering.metered_charge
        (organization_id, charge_id, channel, currency, quantity, amount_micros, occurred_at, posted_at)
      SELECT organization_id, charge_id, channel, currency, quantity::bigint, amount::bigint,
             occurred::timestamptz, posted::timestamptz
      FROM unnest(${c.organization}::text[], ${c.charge}::text[], ${c.channel}::text[],
                  ${c.currency}::text[], ${c.quantity}::text[], ${c.amount}::text[],
                  ${c.occurred}::text[], ${c.posted}::text[])
        AS c(organization_id, charge_id, channel, currency, quantity, amount, occurred, posted)
      ON CONFLICT DO NOTHING
      RETURNING organization_id, charge_id, channel, currency, quantity, amount_micros,
                occurred_at, posted_at, delivery_status, delivery_at`;
    return rows.map(chargeFromRow);
  }

  async readCharges(keys: readonly ChargeKey[]): Promise<readonly MeteredCharge[]> {
    const k = columns(keys, keyToRow);
    const rows = await this.sql.$queryRaw<ChargeRow[]>`
      SELECT m.organization_id, m.charge_id, channel, currency, quantity, amount_micros,
             occurred_at, posted_at, delivery_status, delivery_at
      FROM unnest(${k.organization}::text[], ${k.charge}::text[]) AS k(organization_id, charge_id)
      JOIN usage_metering.metered_charge m USING (organization_id, charge_id)`;
    return rows.map(chargeFromRow);
  }

  async takeWaitingReports(keys: readonly ChargeKey[]): Promise<readonly DeliveryReport[]> {
    const k = columns(keys, keyToRow);
    const rows = await this.sql.$queryRaw<ReportRow[]>`
      DELETE FROM usage_metering.waiting_delivery_report w
      USING unnest(${k.organization}::text[], ${k.charge}::text[]) AS k(organization_id, charge_id)
      WHERE w.organization_id = k.organization_id AND w.charge_id = k.charge_id
      RETURNING w.organization_id, w.charge_id, w.status, w.occurred_at`;
    return rows.map(reportFromRow);
  }

  async keepWaitingReports(reports: readonly DeliveryReport[]): Promise<void> {
    const r = columns(reports, reportToRow);
    await this.sql.$executeRaw`
      INSERT INTO usage_metering.waiting_delivery_report AS w
        (organization_id, charge_id, status, occurred_at)
      SELECT organization_id, charge_id, status, occurred::timestamptz
      FROM unnest(${r.organization}::text[], ${r.charge}::text[], ${r.status}::text[],
                  ${r.occurred}::text[]) AS r(organization_id, charge_id, status, occurred)
      ON CONFLICT (organization_id, charge_id) DO UPDATE
        SET status = excluded.status, occurred_at = excluded.occurred_at
        WHERE excluded.occurred_at >= w.occurred_at`;
  }

  async saveDeliveries(reports: readonly DeliveryReport[]): Promise<void> {
    const r = columns(reports, reportToRow);
    const saved = await this.sql.$executeRaw`
      UPDATE usage_metering.metered_charge m
      SET delivery_status = r.status, delivery_at = r.occurred::timestamptz
      FROM unnest(${r.organization}::text[], ${r.charge}::text[], ${r.status}::text[],
                  ${r.occurred}::text[]) AS r(organization_id, charge_id, status, occurred)
      WHERE m.organization_id = r.organization_id AND m.charge_id = r.charge_id`;
    invariant(saved === reports.length, 'every accepted report has its charge');
  }

  async addToRollups(deltas: readonly RollupDelta[]): Promise<void> {
    const d = columns(deltas, deltaToRow);
    await this.sql.$executeRaw`
      INSERT INTO usage_metering.usage_rollup AS u
        (organization_id, currency, day, channel, messages, delivered, failed, cost_micros)
      SELECT organization_id, currency, day::date, channel, messages::bigint, delivered::bigint,
             failed::bigint, cost::numeric
      FROM unnest(${d.organization}::text[], ${d.currency}::text[], ${d.day}::text[],
                  ${d.channel}::text[], ${d.messages}::text[], ${d.delivered}::text[],
                  ${d.failed}::text[], ${d.cost}::text[])
        AS d(organization_id, currency, day, channel, messages, delivered, failed, cost)
      ON CONFLICT (organization_id, currency, day, channel) DO UPDATE
        SET messages = u.messages + excluded.messages,
            delivered = u.delivered + excluded.delivered,
            failed = u.failed + excluded.failed,
            cost_micros = u.cost_micros + excluded.cost_micros`;
  }

  // Not an upsert: Postgres checks the proposed row, here with negative sums, before it finds the conflict.
  async changeRollups(deltas: readonly RollupDelta[]): Promise<void> {
    const d = columns(deltas, deltaToRow);
    const changed = await this.sql.$executeRaw`
      UPDATE usage_metering.usage_rollup u
      SET delivered = u.delivered + d.delivered::bigint, failed = u.failed + d.failed::bigint
      FROM unnest(${d.organization}::text[], ${d.currency}::text[], ${d.day}::text[],
                  ${d.channel}::text[], ${d.delivered}::text[], ${d.failed}::text[])
        AS d(organization_id, currency, day, channel, delivered, failed)
      WHERE u.organization_id = d.organization_id AND u.currency = d.currency
        AND u.day = d.day::date AND u.channel = d.channel`;
    invariant(changed === deltas.length, 'every metered charge has its rollup row');
  }
}

const keyToRow = (key: ChargeKey) => ({ organization: key.organizationId, charge: key.chargeId });

const reportToRow = (report: DeliveryReport) => ({
  ...keyToRow(report),
  status: report.status,
  occurred: instant(report.atMs),
});

const deltaToRow = (delta: RollupDelta) => ({
  organization: delta.organizationId,
  currency: delta.currency,
  day: delta.day,
  channel: delta.channel,
  messages: delta.messages.toString(),
  delivered: delta.delivered.toString(),
  failed: delta.failed.toString(),
  cost: delta.costMicros.toString(),
});
