import { decimal, type Decimal } from '@orbit/pricing';
import { Prisma, type PrismaClient, type Sql } from '@orbit/persistence';
import type { Facts } from '../../webhooks/domain/fact.js';
import type {
  AlertWatch,
  DueSubscription,
  Judged,
  SeenBalance,
  WatchTransaction,
} from '../application/ports.js';
import type { Alert } from '../domain/alert.js';
import { alertFrom, ofPlan, type AlertRow } from './alert-rows.js';

const WAIT_MS_MAX = 5_000;
const TRANSACTION_MS_MAX = 10_000;

interface SubscriptionRow {
  readonly id: string;
  readonly account_id: string;
  readonly row_version: string;
  readonly is_due: boolean;
  readonly usage_version: string | null;
  readonly customer_ids: readonly string[] | null;
  readonly next_at: Date | null;
}

interface BalanceRow {
  readonly customer_id: string;
  readonly currency: string;
  readonly account_id: string;
  readonly sequence: bigint;
  readonly balance: string;
}

/** The state that alerts are judged by, read with one statement for any number of alerts. */
export class SqlAlertWatch implements AlertWatch {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly factsIn: (sql: Sql) => Facts,
  ) {}

  /** Those that ended and were judged since are left out. */
  async subscriptions(accountId: string | null): Promise<readonly DueSubscription[]> {
    const rows = await this.prisma.$queryRaw<SubscriptionRow[]>`
      WITH watched AS (
        SELECT scope_id AS id FROM invoicing.alert
        WHERE scope = 'subscription' AND is_enabled AND deleted_at IS NULL
        UNION
        SELECT s.id FROM invoicing.alert a
        JOIN invoicing.orb_subscription s ON s.account_id = a.account_id
          AND s.timeline->'plans' @> jsonb_build_array(jsonb_build_object('planId', a.scope_id))
        WHERE a.scope = 'plan' AND a.is_enabled AND a.deleted_at IS NULL
      )
      SELECT s.id, s.account_id, s.xmin::text AS row_version, w.usage_version, w.customer_ids, w.next_at,
        w.row_version IS DISTINCT FROM s.xmin::text AS is_due
      FROM watched JOIN invoicing.orb_subscription s USING (id)
      LEFT JOIN invoicing.alert_watch w ON w.subscription_id = s.id
      WHERE ${accountIs(accountId, Prisma.sql`s.account_id`)}
        AND (w.row_version IS DISTINCT FROM s.xmin::text OR w.next_at IS NOT NULL)
      ORDER BY s.id`;
    return rows.map((row) => ({
      accountId: row.account_id,
      id: row.id,
      rowVersion: row.row_version,
      isDue: row.is_due,
      seenUsage: row.usage_version,
      customerIds: row.customer_ids,
      nextMs: row.next_at?.getTime() ?? null,
    }));
  }

  async alertsOf(
    accountId: string,
    subscriptionId: string,
    plan: { readonly id: string; readonly version: number } | null,
  ): Promise<readonly Alert[]> {
    const rows = await this.prisma.$queryRaw<AlertRow[]>`
      SELECT a.* FROM invoicing.alert a
      WHERE a.account_id = ${accountId} AND a.is_enabled AND a.deleted_at IS NULL
        AND ((a.scope = 'subscription' AND a.scope_id = ${subscriptionId}) OR ${ofPlan(plan)})
        AND NOT EXISTS (SELECT 1 FROM invoicing.alert_silence i
          WHERE i.alert_id = a.id AND i.subscription_id = ${subscriptionId})
      ORDER BY a.position`;
    return rows.map(alertFrom);
  }

  async balances(accountId: string | null): Promise<readonly SeenBalance[]> {
    const rows = await this.prisma.$queryRaw<BalanceRow[]>`
      SELECT b.* FROM invoicing.alert_balance b
      WHERE ${accountIs(accountId, Prisma.sql`b.account_id`)}
      ORDER BY b.customer_id, b.currency`;
    return rows.map((row) => ({
      accountId: row.account_id,
      customerId: row.customer_id,
      currency: row.currency,
      sequence: row.sequence,
      balance: decimal(row.balance),
    }));
  }

  async balanceAlertsOf({
    accountId,
    customerId,
    currency,
  }: SeenBalance): Promise<readonly Alert[]> {
    const rows = await this.prisma.$queryRaw<AlertRow[]>`
      SELECT * FROM invoicing.alert
      WHERE account_id = ${accountId} AND scope = 'customer' AND scope_id = ${customerId}
        AND currency = ${currency} AND is_enabled AND deleted_at IS NULL
      ORDER BY position`;
    return rows.map(alertFrom);
  }

  async nextDue(accountId: string, untilMs: number): Promise<number | null> {
    const [row] = await this.prisma.$queryRaw<{ next_at: Date | null }[]>`
      SELECT min(next_at) AS next_at FROM invoicing.alert_watch
      WHERE account_id = ${accountId} AND next_at <= ${new Date(untilMs)}`;
    return row?.next_at?.getTime() ?? null;
  }

  run<T>(work: (tx: WatchTransaction) => Promise<T>): Promise<T> {
    return this.prisma.$transaction(
      (sql) => work(new SqlWatchTransaction(sql, this.factsIn(sql))),
      {
        maxWait: WAIT_MS_MAX,
        timeout: TRANSACTION_MS_MAX,
      },
    );
  }
}

class SqlWatchTransaction implements WatchTransaction {
  constructor(
    private readonly sql: Sql,
    readonly facts: Facts,
  ) {}

  async reported(
    alertId: string,
    subscriptionId: string,
    group: string,
    periodMs: number,
  ): Promise<Decimal | null> {
    const [row] = await this.sql.$queryRaw<{ threshold: string }[]>`
      SELECT threshold FROM invoicing.alert_report
      WHERE alert_id = ${alertId} AND subscription_id = ${subscriptionId} AND group_name = ${group}
        AND period_start = ${new Date(periodMs)}`;
    return row ? decimal(row.threshold) : null;
  }

  async report(
    alertId: string,
    subscriptionId: string,
    group: string,
    periodMs: number,
    threshold: string,
  ): Promise<void> {
    await this.sql.$executeRaw`
      INSERT INTO invoicing.alert_report (alert_id, subscription_id, group_name, period_start, threshold)
      VALUES (${alertId}, ${subscriptionId}, ${group}, ${new Date(periodMs)}, ${threshold})
      ON CONFLICT (alert_id, subscription_id, group_name)
      DO UPDATE SET period_start = excluded.period_start, threshold = excluded.threshold`;
  }

  async lockSubscription({ id, rowVersion }: DueSubscription): Promise<boolean> {
    const rows = await this.sql.$queryRaw<object[]>`
      SELECT 1 FROM invoicing.orb_subscription
      WHERE id = ${id} AND xmin::text = ${rowVersion} FOR NO KEY UPDATE`;
    return rows.length > 0;
  }

  async judged({ subscription, customerIds, usageVersion, nextMs }: Judged): Promise<void> {
    const { id, accountId, rowVersion } = subscription;
    const nextAt = nextMs === null ? null : new Date(nextMs);
    await this.sql.$executeRaw`
      INSERT INTO invoicing.alert_watch
        (subscription_id, account_id, row_version, customer_ids, usage_version, next_at)
      VALUES (${id}, ${accountId}, ${rowVersion}, ${[...customerIds]}::text[], ${usageVersion}, ${nextAt})
      ON CONFLICT (subscription_id) DO UPDATE SET row_version = excluded.row_version,
        customer_ids = excluded.customer_ids, usage_version = excluded.usage_version, next_at = excluded.next_at`;
  }

  async advance(
    seen: SeenBalance,
    { sequence, balance }: Pick<SeenBalance, 'sequence' | 'balance'>,
  ): Promise<boolean> {
    const count = await this.sql.$executeRaw`
      UPDATE invoicing.alert_balance SET sequence = ${sequence}, balance = ${balance.toString()}
      WHERE customer_id = ${seen.customerId} AND currency = ${seen.currency}
        AND sequence = ${seen.sequence}`;
    return count === 1;
  }
}

const accountIs = (accountId: string | null, column: Prisma.Sql): Prisma.Sql =>
  accountId === null ? Prisma.sql`true` : Prisma.sql`${column} = ${accountId}`;
