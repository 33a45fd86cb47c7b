import { Prisma, rowsAfter, type Sql } from '@orbit/persistence';
import { isActiveAt, type License } from '../domain/license.js';
import type {
  LicensedSubscription,
  LicenseName,
  LicenseQuery,
  LicenseTransaction,
} from '../application/ports.js';

interface Row {
  readonly position: bigint;
  readonly account_id: string;
  readonly id: string;
  readonly subscription_id: string;
  readonly license_type_id: string;
  readonly external_license_id: string;
  readonly start_at: Date;
  readonly end_at: Date | null;
  readonly created_at: Date;
}

interface SubscriptionRow {
  readonly timezone: string;
  readonly start_at: Date;
  readonly end_at: Date | null;
}

/** On a connection: reads. In a transaction: all of it. */
export class SqlLicenses implements LicenseTransaction {
  constructor(private readonly sql: Sql) {}

  async read(accountId: string, id: string): Promise<License | null> {
    const [row] = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM invoicing.license WHERE account_id = ${accountId} AND id = ${id}`;
    return row ? fromRow(row) : null;
  }

  async find(accountId: string, name: LicenseName): Promise<License | null> {
    const all = await this.of(accountId, name);
    return all.find((license) => isActiveAt(license, name.nowMs)) ?? all[0] ?? null;
  }

  async of(accountId: string, name: Omit<LicenseName, 'nowMs'>): Promise<readonly License[]> {
    const rows = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM invoicing.license
      WHERE account_id = ${accountId} AND subscription_id = ${name.subscriptionId}
        AND license_type_id = ${name.typeId} AND external_license_id = ${name.externalId}
      ORDER BY created_at DESC, position DESC`;
    return rows.map(fromRow);
  }

  async ofType(
    accountId: string,
    subscriptionId: string,
    typeId: string,
  ): Promise<readonly License[]> {
    const rows = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM invoicing.license
      WHERE account_id = ${accountId} AND subscription_id = ${subscriptionId}
        AND license_type_id = ${typeId}
      ORDER BY created_at, position`;
    return rows.map(fromRow);
  }

  async list(query: LicenseQuery): Promise<readonly License[]> {
    const { accountId, limit, after, subscriptionId, typeId, externalId, status } = query;
    const now = new Date(query.nowMs);
    const isActive = Prisma.sql`(l.start_at <= ${now} AND (l.end_at IS NULL OR l.end_at > ${now}))`;
    const rows = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM invoicing.license l
      WHERE l.account_id = ${accountId} AND l.subscription_id = ${subscriptionId}
        ${rowsAfter(after, 'l')}
        AND (${typeId}::text IS NULL OR l.license_type_id = ${typeId})
        AND (${externalId}::text IS NULL OR l.external_license_id = ${externalId})
        AND (${status}::text IS NULL OR ${isActive} = (${status} = 'active'))
      ORDER BY l.created_at DESC, l.position DESC LIMIT ${limit + 1}`;
    return rows.map(fromRow);
  }

  async subscription(accountId: string, id: string): Promise<LicensedSubscription | null> {
    const [row] = await this.sql.$queryRaw<SubscriptionRow[]>`
      SELECT s.timeline->>'timezone' AS timezone, s.start_at, s.end_at
      FROM invoicing.orb_subscription s WHERE s.account_id = ${accountId} AND s.id = ${id}`;
    return row ? subscriptionFrom(row) : null;
  }

  async lock(accountId: string, subscriptionId: string): Promise<LicensedSubscription | null> {
    const [row] = await this.sql.$queryRaw<SubscriptionRow[]>`
      SELECT s.timeline->>'timezone' AS timezone, s.start_at, s.end_at
      FROM invoicing.orb_subscription s
      WHERE s.account_id = ${accountId} AND s.id = ${subscriptionId} FOR NO KEY UPDATE`;
    return row ? subscriptionFrom(row) : null;
  }

  async hasType(accountId: string, id: string): Promise<boolean> {
    const rows = await this.sql.$queryRaw<unknown[]>`
      SELECT 1 FROM invoicing.license_type WHERE account_id = ${accountId} AND id = ${id}`;
    return rows.length > 0;
  }

  async insert(license: Omit<License, 'position'>): Promise<void> {
    await this.sql.$executeRaw`
      INSERT INTO invoicing.license (account_id, id, subscription_id, license_type_id,
        external_license_id, start_at, end_at, created_at)
      VALUES (${license.accountId}, ${license.id}, ${license.subscriptionId}, ${license.typeId},
        ${license.externalId}, ${new Date(license.startMs)}, ${dateOr(license.endMs)},
        ${license.createdAt})`;
  }

  async saveEnd({ accountId, id, endMs }: License): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.license SET end_at = ${dateOr(endMs)}
      WHERE account_id = ${accountId} AND id = ${id}`;
  }
}

const dateOr = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

const subscriptionFrom = (row: SubscriptionRow): LicensedSubscription => ({
  timezone: row.timezone,
  startMs: row.start_at.getTime(),
  endMs: row.end_at?.getTime() ?? null,
});

const fromRow = (row: Row): License => ({
  ...{ id: row.id, accountId: row.account_id, position: row.position },
  ...{ subscriptionId: row.subscription_id, typeId: row.license_type_id },
  externalId: row.external_license_id,
  startMs: row.start_at.getTime(),
  endMs: row.end_at?.getTime() ?? null,
  createdAt: row.created_at,
});
