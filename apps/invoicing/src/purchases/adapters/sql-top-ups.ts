import type { PageQuery } from '@orbit/orb-api';
import { Prisma, rowsAfter, type Sql } from '@orbit/persistence';
import type { TopUpTransaction } from '../application/ports.js';
import type { Purchase, PurchaseSettings } from '../domain/purchase.js';
import type { NewTopUp, TopUp } from '../domain/top-up.js';
import { SqlPurchases } from './sql-purchases.js';

interface Row {
  readonly id: string;
  readonly account_id: string;
  readonly customer_id: string;
  readonly currency: string;
  readonly position: bigint;
  readonly threshold: string;
  readonly amount: string;
  readonly per_unit_cost_basis: string;
  readonly invoice_settings: PurchaseSettings;
  readonly expires_after: number | null;
  readonly expires_after_unit: TopUp['expiresAfterUnit'];
  readonly active_from: Date;
  readonly seen_sequence: bigint | null;
  readonly created_at: Date;
}

/** An invoice of it that is void ends it at once, before anybody has written that down. */
const IS_ACTIVE = Prisma.sql`t.ended_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM invoicing.credit_purchase p JOIN invoicing.orb_invoice i ON i.id = p.invoice_id
  WHERE p.top_up_id = t.id AND i.status = 'void')`;

/** On a connection: reads. In a transaction: all of it. */
export class SqlTopUps implements TopUpTransaction {
  constructor(private readonly sql: Sql) {}

  async read(id: string): Promise<TopUp | null> {
    const [row] = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM invoicing.credit_top_up WHERE id = ${id}`;
    return row ? fromRow(row) : null;
  }

  async list(
    { accountId, limit, after }: PageQuery,
    customerId: string,
  ): Promise<readonly TopUp[]> {
    const rows = await this.sql.$queryRaw<Row[]>`
      SELECT t.* FROM invoicing.credit_top_up t
      WHERE t.account_id = ${accountId} AND t.customer_id = ${customerId} AND ${IS_ACTIVE} ${rowsAfter(after, 't')}
      ORDER BY t.created_at DESC, t.position DESC LIMIT ${limit + 1}`;
    return rows.map(fromRow);
  }

  async listWatching(accountId: string | null): Promise<readonly TopUp[]> {
    const of = accountId === null ? Prisma.empty : Prisma.sql`AND t.account_id = ${accountId}`;
    const rows = await this.sql.$queryRaw<Row[]>`
      SELECT t.* FROM invoicing.credit_top_up t
      WHERE ${IS_ACTIVE} ${of} AND NOT EXISTS (
        SELECT 1 FROM invoicing.credit_purchase p
        WHERE p.account_id = t.account_id AND p.customer_id = t.customer_id AND p.currency = t.currency
          AND p.top_up_id IS NOT NULL AND p.stage IN ('opening', 'pending', 'granting', 'voiding'))
      ORDER BY t.id`;
    return rows.map(fromRow);
  }

  async nextActiveMs(accountId: string, untilMs: number): Promise<number | null> {
    const [row] = await this.sql.$queryRaw<{ at: Date | null }[]>`
      SELECT min(t.active_from) AS at FROM invoicing.credit_top_up t
      WHERE t.account_id = ${accountId} AND t.seen_sequence IS NULL AND t.active_from <= ${new Date(untilMs)}
        AND ${IS_ACTIVE}`;
    return row?.at?.getTime() ?? null;
  }

  async replace(topUp: NewTopUp): Promise<void> {
    const { id, accountId, customerId, currency, createdAt, expiresAfterUnit: unit } = topUp;
    await this.sql.$executeRaw`
      UPDATE invoicing.credit_top_up SET ended_at = ${createdAt}
      WHERE customer_id = ${customerId} AND currency = ${currency} AND ended_at IS NULL`;
    await this.sql.$executeRaw`
      INSERT INTO invoicing.credit_top_up (id, account_id, customer_id, currency, threshold, amount,
        per_unit_cost_basis, invoice_settings, expires_after, expires_after_unit, active_from, created_at)
      VALUES (${id}, ${accountId}, ${customerId}, ${currency}, ${topUp.threshold}, ${topUp.amount},
        ${topUp.perUnitCostBasis}, ${JSON.stringify(topUp.settings)}::jsonb, ${topUp.expiresAfter}, ${unit},
        ${new Date(topUp.activeFromMs)}, ${createdAt})`;
  }

  async end(id: string, customerId: string, nowMs: number): Promise<boolean> {
    const count = await this.sql.$executeRaw`
      UPDATE invoicing.credit_top_up SET ended_at = ${new Date(nowMs)}
      WHERE id = ${id} AND customer_id = ${customerId} AND ended_at IS NULL`;
    return count === 1;
  }

  async advance({ id, seenSequence }: TopUp, sequence: bigint): Promise<boolean> {
    const count = await this.sql.$executeRaw`
      UPDATE invoicing.credit_top_up AS t SET seen_sequence = ${sequence}
      WHERE t.id = ${id} AND t.seen_sequence IS NOT DISTINCT FROM ${seenSequence}::bigint AND ${IS_ACTIVE}`;
    return count === 1;
  }

  async seen(id: string, sequence: bigint): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.credit_top_up SET seen_sequence = greatest(seen_sequence, ${sequence}) WHERE id = ${id}`;
  }

  async listPending(id: string): Promise<readonly Purchase[]> {
    const purchases = new SqlPurchases(this.sql);
    const rows = await this.sql.$queryRaw<{ id: string }[]>`
      SELECT id FROM invoicing.credit_purchase WHERE top_up_id = ${id} AND stage = 'pending' ORDER BY id
      FOR NO KEY UPDATE`;
    const found: Purchase[] = [];
    for (const row of rows) {
      const purchase = await purchases.read(row.id);
      if (purchase) found.push(purchase);
    }
    return found;
  }
}

const fromRow = (row: Row): TopUp => ({
  id: row.id,
  accountId: row.account_id,
  customerId: row.customer_id,
  currency: row.currency,
  position: row.position,
  threshold: row.threshold,
  amount: row.amount,
  perUnitCostBasis: row.per_unit_cost_basis,
  settings: row.invoice_settings,
  expiresAfter: row.expires_after,
  expiresAfterUnit: row.expires_after_unit,
  activeFromMs: row.active_from.getTime(),
  seenSequence: row.seen_sequence,
  createdAt: row.created_at,
});
