import { Prisma, rowsAfter, type Sql } from '@orbit/persistence';
import type {
  PendingChange,
  PendingQuery,
  PendingStatus,
  PendingTransaction,
} from '../application/pending-ports.js';

interface Row {
  readonly position: bigint;
  readonly account_id: string;
  readonly id: string;
  readonly customer_id: string;
  readonly subscription_id: string;
  readonly operation: string;
  readonly call: PendingChange['call'];
  readonly status: PendingStatus;
  readonly shown: PendingChange['shown'];
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly applied_at: Date | null;
  readonly cancelled_at: Date | null;
}

/** On a connection: reads. In a transaction: all of it. */
export class SqlPendingChanges implements PendingTransaction {
  constructor(private readonly sql: Sql) {}

  async read(accountId: string, id: string, nowMs: number): Promise<PendingChange | null> {
    const [row] = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM invoicing.subscription_change WHERE account_id = ${accountId} AND id = ${id}`;
    return row ? fromRow(row, nowMs) : null;
  }

  async lock(accountId: string, id: string, nowMs: number): Promise<PendingChange | null> {
    const [row] = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM invoicing.subscription_change
      WHERE account_id = ${accountId} AND id = ${id} FOR NO KEY UPDATE`;
    return row ? fromRow(row, nowMs) : null;
  }

  async list(query: PendingQuery, nowMs: number): Promise<readonly PendingChange[]> {
    const { accountId, limit, after, customerId, externalCustomerId, status } = query;
    const now = new Date(nowMs);
    const rows = await this.sql.$queryRaw<Row[]>`
      SELECT h.* FROM invoicing.subscription_change h
      JOIN invoicing.customer c ON c.id = h.customer_id
      WHERE h.account_id = ${accountId} ${rowsAfter(after, 'h')}
        ${customerId === null ? Prisma.empty : Prisma.sql`AND h.customer_id = ${customerId}`}
        ${externalCustomerId === null ? Prisma.empty : Prisma.sql`AND c.external_customer_id = ${externalCustomerId}`}
        AND (${status}::text IS NULL OR ${status} =
          CASE WHEN h.status = 'pending' AND h.expires_at <= ${now} THEN 'cancelled' ELSE h.status END)
      ORDER BY h.created_at DESC, h.position DESC LIMIT ${limit + 1}`;
    return rows.map((row) => fromRow(row, nowMs));
  }

  async ofSubscriptions(
    accountId: string,
    subscriptionIds: readonly string[],
    nowMs: number,
  ): Promise<ReadonlyMap<string, string>> {
    if (subscriptionIds.length === 0) return new Map();
    const rows = await this.sql.$queryRaw<{ id: string; subscription_id: string }[]>`
      SELECT id, subscription_id FROM invoicing.subscription_change
      WHERE account_id = ${accountId} AND subscription_id = ANY(${[...subscriptionIds]}::text[])
        AND status = 'pending' AND expires_at > ${new Date(nowMs)}`;
    return new Map(rows.map((row) => [row.subscription_id, row.id]));
  }

  async insert(change: Omit<PendingChange, 'position'>): Promise<void> {
    // One that expired makes room.
    await this.sql.$executeRaw`
      UPDATE invoicing.subscription_change SET status = 'cancelled', cancelled_at = expires_at
      WHERE account_id = ${change.accountId} AND subscription_id = ${change.subscriptionId}
        AND status = 'pending' AND expires_at <= ${change.createdAt}`;
    await this.sql.$executeRaw`
      INSERT INTO invoicing.subscription_change
        (account_id, id, customer_id, subscription_id, operation, call, status, shown, created_at, expires_at)
      VALUES (${change.accountId}, ${change.id}, ${change.customerId}, ${change.subscriptionId},
        ${change.operation}, ${JSON.stringify(change.call)}::jsonb, ${change.status},
        ${JSON.stringify(change.shown)}::jsonb, ${change.createdAt}, ${change.expiresAt})`;
  }

  async save(change: PendingChange): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.subscription_change SET status = ${change.status},
        shown = ${JSON.stringify(change.shown)}::jsonb,
        applied_at = ${change.appliedAt}, cancelled_at = ${change.cancelledAt}
      WHERE account_id = ${change.accountId} AND id = ${change.id}`;
  }
}

function fromRow(row: Row, nowMs: number): PendingChange {
  const isExpired = row.status === 'pending' && row.expires_at.getTime() <= nowMs;
  return {
    ...{ accountId: row.account_id, id: row.id, customerId: row.customer_id },
    ...{ subscriptionId: row.subscription_id, operation: row.operation, call: row.call },
    ...{ shown: row.shown, createdAt: row.created_at, position: row.position },
    ...{ expiresAt: row.expires_at, appliedAt: row.applied_at },
    status: isExpired ? 'cancelled' : row.status,
    cancelledAt: isExpired ? row.expires_at : row.cancelled_at,
  };
}
