import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { Prisma, type Sql } from '@orbit/persistence';
import type { FollowedPurchase, NewPurchase, PurchaseTransaction } from '../application/ports.js';
import type { Purchase, PurchaseSettings, PurchaseStage } from '../domain/purchase.js';

const BATCH_MAX = 500;

interface Row {
  readonly id: string;
  readonly account_id: string;
  readonly customer_id: string;
  readonly currency: string;
  readonly top_up_id: string | null;
  readonly source: Purchase['source'];
  readonly stage: PurchaseStage;
  readonly call: OrbCall;
  readonly request_hash: string;
  readonly invoice_settings: PurchaseSettings;
  readonly invoice_id: string | null;
  readonly entry: string | null;
  readonly refusal: OrbAnswer | null;
  readonly created_at: Date;
  readonly invoice_status: FollowedPurchase['invoiceStatus'];
}

const SELECT = Prisma.sql`
  SELECT p.*, i.status AS invoice_status FROM invoicing.credit_purchase p
  LEFT JOIN invoicing.orb_invoice i ON i.id = p.invoice_id`;

/** On a connection: reads. In a transaction: all of it. */
export class SqlPurchases implements PurchaseTransaction {
  constructor(private readonly sql: Sql) {}

  async read(id: string): Promise<FollowedPurchase | null> {
    const [row] = await this.sql.$queryRaw<Row[]>`${SELECT} WHERE p.id = ${id}`;
    return row ? fromRow(row) : null;
  }

  async ofInvoice(accountId: string, invoiceId: string): Promise<FollowedPurchase | null> {
    const [row] = await this.sql.$queryRaw<Row[]>`
      ${SELECT} WHERE p.account_id = ${accountId} AND p.invoice_id = ${invoiceId}`;
    return row ? fromRow(row) : null;
  }

  async listUnfinished(hasVoids: boolean): Promise<readonly string[]> {
    const granted = hasVoids
      ? Prisma.sql`OR (p.stage = 'granted' AND i.status = 'void')`
      : Prisma.empty;
    const rows = await this.sql.$queryRaw<{ id: string }[]>`
      SELECT p.id FROM invoicing.credit_purchase p
      LEFT JOIN invoicing.orb_invoice i ON i.id = p.invoice_id
      WHERE p.stage NOT IN ('refused', 'void')
        AND (p.stage IN ('opening', 'granting', 'voiding')
          OR (p.stage = 'pending' AND i.status IN ('paid', 'void')) ${granted})
      ORDER BY p.created_at LIMIT ${BATCH_MAX}`;
    return rows.map(({ id }) => id);
  }

  async insert(purchase: NewPurchase): Promise<boolean> {
    const { id, accountId, customerId, currency, topUpId, requestHash, source } = purchase;
    const count = await this.sql.$executeRaw`
      INSERT INTO invoicing.credit_purchase
        (id, account_id, customer_id, currency, top_up_id, source, stage, call, request_hash, invoice_settings, created_at)
      VALUES (${id}, ${accountId}, ${customerId}, ${currency}, ${topUpId}, ${source}, 'opening',
        ${JSON.stringify(purchase.call)}::jsonb, ${requestHash}, ${JSON.stringify(purchase.settings)}::jsonb,
        ${new Date(purchase.createdMs)})
      ON CONFLICT (id) DO NOTHING`;
    return count === 1;
  }

  async lock(id: string): Promise<FollowedPurchase | null> {
    const [row] = await this.sql.$queryRaw<Row[]>`
      ${SELECT} WHERE p.id = ${id} FOR NO KEY UPDATE OF p`;
    return row ? fromRow(row) : null;
  }

  async move(
    id: string,
    stage: PurchaseStage,
    more: Partial<Pick<Purchase, 'invoiceId' | 'entry' | 'refusal'>> = {},
  ): Promise<void> {
    const { invoiceId = null, entry = null, refusal = null } = more;
    const kept = refusal === null ? null : JSON.stringify(refusal);
    await this.sql.$executeRaw`
      UPDATE invoicing.credit_purchase SET stage = ${stage}, invoice_id = coalesce(${invoiceId}, invoice_id),
        entry = coalesce(${entry}, entry), refusal = coalesce(${kept}::jsonb, refusal)
      WHERE id = ${id}`;
  }
}

export const fromRow = (row: Row): FollowedPurchase => ({
  id: row.id,
  accountId: row.account_id,
  customerId: row.customer_id,
  currency: row.currency,
  topUpId: row.top_up_id,
  source: row.source,
  stage: row.stage,
  call: row.call,
  requestHash: row.request_hash,
  settings: row.invoice_settings,
  invoiceId: row.invoice_id,
  entry: row.entry,
  refusal: row.refusal,
  createdMs: row.created_at.getTime(),
  invoiceStatus: row.invoice_status,
});
