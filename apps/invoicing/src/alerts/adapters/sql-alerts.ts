import { decimal, type Decimal } from '@orbit/pricing';
import { createdIn, lockByName, Prisma, rowsAfter, type Sql } from '@orbit/persistence';
import type { Facts } from '../../webhooks/domain/fact.js';
import type {
  AlertListQuery,
  AlertTransaction,
  SeenBalance,
  WalletName,
} from '../application/ports.js';
import { subjectOf, type Alert, type AlertScope } from '../domain/alert.js';
import { alertFrom, ofPlan, versionOf, type AlertRow } from './alert-rows.js';

/** On a connection: reads. In a transaction: all of it. */
export class SqlAlerts implements AlertTransaction {
  constructor(
    private readonly sql: Sql,
    readonly facts: Facts,
  ) {}

  async read(accountId: string, id: string): Promise<Alert | null> {
    const [row] = await this.sql.$queryRaw<AlertRow[]>`
      SELECT * FROM invoicing.alert
      WHERE account_id = ${accountId} AND id = ${id} AND deleted_at IS NULL`;
    return row ? alertFrom(row) : null;
  }

  async lock(accountId: string, id: string): Promise<Alert | null> {
    const [row] = await this.sql.$queryRaw<AlertRow[]>`
      SELECT * FROM invoicing.alert
      WHERE account_id = ${accountId} AND id = ${id} AND deleted_at IS NULL FOR NO KEY UPDATE`;
    return row ? alertFrom(row) : null;
  }

  async list({ accountId, limit, after, created, of }: AlertListQuery): Promise<readonly Alert[]> {
    const within =
      'customerId' in of
        ? Prisma.sql`(a.scope = 'customer' AND a.scope_id = ${of.customerId})`
        : Prisma.sql`((a.scope = 'subscription' AND a.scope_id = ${of.subscriptionId}) OR ${ofPlan(of.plan)})`;
    const rows = await this.sql.$queryRaw<AlertRow[]>`
      SELECT a.* FROM invoicing.alert a
      WHERE a.account_id = ${accountId} AND a.deleted_at IS NULL AND ${within}
        ${rowsAfter(after, 'a')} ${createdIn(created, 'a')}
      ORDER BY a.created_at DESC, a.position DESC LIMIT ${limit + 1}`;
    return rows.map(alertFrom);
  }

  async isSilent(alertId: string, subscriptionId: string): Promise<boolean> {
    const rows = await this.sql.$queryRaw<object[]>`
      SELECT 1 FROM invoicing.alert_silence
      WHERE alert_id = ${alertId} AND subscription_id = ${subscriptionId}`;
    return rows.length > 0;
  }

  async seenBalance({ customerId, currency }: WalletName): Promise<Decimal | null> {
    const [row] = await this.sql.$queryRaw<{ balance: string }[]>`
      SELECT balance FROM invoicing.alert_balance
      WHERE customer_id = ${customerId} AND currency = ${currency}`;
    return row ? decimal(row.balance) : null;
  }

  async countIn(accountId: string, scope: AlertScope, type: string): Promise<number> {
    await lockByName(this.sql, `alerts ${accountId} ${scope.kind} ${scope.id}`);
    const [row] = await this.sql.$queryRaw<{ count: bigint }[]>`
      SELECT count(*) FROM invoicing.alert
      WHERE account_id = ${accountId} AND scope = ${scope.kind} AND scope_id = ${scope.id}
        AND plan_version IS NOT DISTINCT FROM ${versionOf(scope)} AND type = ${type}
        AND deleted_at IS NULL`;
    return Number(row?.count ?? 0n);
  }

  async insert(alert: Omit<Alert, 'position'>): Promise<boolean> {
    const { id, accountId, scope, type, createdAt } = alert;
    const count = await this.sql.$executeRaw`
      INSERT INTO invoicing.alert
        (id, account_id, type, scope, scope_id, plan_version, subject, currency, metric_id,
         thresholds, grouping_keys, price_filters, overrides, created_at)
      VALUES (${id}, ${accountId}, ${type}, ${scope.kind}, ${scope.id}, ${versionOf(scope)},
        ${subjectOf(alert)}, ${alert.currency}, ${alert.metricId}, ${[...alert.thresholds]}::text[],
        ${listOrNull(alert.groupingKeys)}::text[], ${jsonOrNull(alert.priceFilters)}::jsonb,
        ${jsonOrNull(alert.overrides)}::jsonb, ${createdAt})
      ON CONFLICT DO NOTHING`;
    return count === 1;
  }

  async save(alert: Alert): Promise<'saved' | 'duplicate'> {
    const { id, accountId, scope } = alert;
    const subject = subjectOf(alert);
    await lockByName(this.sql, `alerts ${accountId} ${scope.kind} ${scope.id}`);
    const same = await this.sql.$queryRaw<object[]>`
      SELECT 1 FROM invoicing.alert
      WHERE account_id = ${accountId} AND scope = ${scope.kind} AND scope_id = ${scope.id}
        AND plan_version IS NOT DISTINCT FROM ${versionOf(scope)} AND subject = ${subject}
        AND deleted_at IS NULL AND id <> ${id}`;
    if (same.length > 0) return 'duplicate';
    await this.sql.$executeRaw`
      UPDATE invoicing.alert SET subject = ${subject}, thresholds = ${[...alert.thresholds]}::text[],
        price_filters = ${jsonOrNull(alert.priceFilters)}::jsonb,
        overrides = ${jsonOrNull(alert.overrides)}::jsonb, is_enabled = ${alert.isEnabled}
      WHERE id = ${id}`;
    return 'saved';
  }

  async delete({ id }: Alert, at: Date): Promise<void> {
    await this.sql.$executeRaw`UPDATE invoicing.alert SET deleted_at = ${at} WHERE id = ${id}`;
  }

  async setSilent(alertId: string, subscriptionId: string, isSilent: boolean): Promise<void> {
    if (isSilent) {
      await this.sql.$executeRaw`
        INSERT INTO invoicing.alert_silence (alert_id, subscription_id)
        VALUES (${alertId}, ${subscriptionId}) ON CONFLICT DO NOTHING`;
    } else {
      await this.sql.$executeRaw`
        DELETE FROM invoicing.alert_silence
        WHERE alert_id = ${alertId} AND subscription_id = ${subscriptionId}`;
    }
  }

  async watchBalance(seen: SeenBalance): Promise<void> {
    const { accountId, customerId, currency, sequence, balance } = seen;
    await this.sql.$executeRaw`
      INSERT INTO invoicing.alert_balance (customer_id, currency, account_id, sequence, balance)
      VALUES (${customerId}, ${currency}, ${accountId}, ${sequence}, ${balance.toString()})
      ON CONFLICT DO NOTHING`;
  }

  async judgeAgain({ accountId, scope }: Pick<Alert, 'accountId' | 'scope'>): Promise<void> {
    const within =
      scope.kind === 'plan'
        ? Prisma.sql`subscription_id IN (
            SELECT id FROM invoicing.orb_subscription s
            WHERE s.account_id = ${accountId} AND s.timeline->'plans' @> ${JSON.stringify([{ planId: scope.id }])}::jsonb)`
        : Prisma.sql`subscription_id = ${scope.id}`;
    await this.sql.$executeRaw`
      DELETE FROM invoicing.alert_watch WHERE account_id = ${accountId} AND ${within}`;
  }
}

const jsonOrNull = (value: unknown): string | null =>
  value === null ? null : JSON.stringify(value);

const listOrNull = (value: readonly string[] | null): string[] | null => value && [...value];
