import { rowsAfter, type PrismaClient, type Sql } from '@orbit/persistence';
import type { CouponQuery, Coupons, CouponTransaction } from '../application/coupon-ports.js';
import type { Coupon } from '../domain/coupon.js';

interface Row {
  readonly id: string;
  readonly redemption_code: string;
  readonly discount_type: 'percentage' | 'amount';
  readonly discount_text: string;
  readonly duration_in_months: number | null;
  readonly max_redemptions: number | null;
  readonly times_redeemed: number;
  readonly created_at: Date;
  readonly archived_at: Date | null;
  readonly position: bigint;
}

export class PrismaCoupons implements Coupons {
  constructor(private readonly prisma: PrismaClient) {}

  async read(accountId: string, id: string): Promise<Coupon | null> {
    const [row] = await this.prisma.$queryRaw<Row[]>`
      SELECT *, discount::text AS discount_text FROM invoicing.coupon
      WHERE account_id = ${accountId} AND id = ${id}`;
    return row ? fromRow(row) : null;
  }

  async list(query: CouponQuery): Promise<readonly Coupon[]> {
    const { accountId, limit, after, redemptionCode, showsArchived } = query;
    const rows = await this.prisma.$queryRaw<Row[]>`
      SELECT *, discount::text AS discount_text FROM invoicing.coupon
      WHERE account_id = ${accountId} AND (${showsArchived} OR archived_at IS NULL)
        AND (${redemptionCode}::text IS NULL OR redemption_code = ${redemptionCode})
        ${rowsAfter(after)}
      ORDER BY created_at DESC, position DESC LIMIT ${limit + 1}`;
    return rows.map(fromRow);
  }
}

export class SqlCoupons implements CouponTransaction {
  constructor(private readonly sql: Sql) {}

  async insert(accountId: string, coupon: Omit<Coupon, 'position'>): Promise<boolean> {
    const { discount } = coupon;
    const text = discount.type === 'percentage' ? discount.fraction : discount.amount;
    const count = await this.sql.$executeRaw`
      INSERT INTO invoicing.coupon
        (account_id, id, redemption_code, discount_type, discount, duration_in_months,
         max_redemptions, created_at)
      VALUES (${accountId}, ${coupon.id}, ${coupon.redemptionCode}, ${discount.type},
        ${text}::text::numeric, ${coupon.durationInMonths}, ${coupon.maxRedemptions},
        ${coupon.createdAt})
      ON CONFLICT (account_id, redemption_code) WHERE archived_at IS NULL DO NOTHING`;
    return count === 1;
  }

  async lock(accountId: string, id: string): Promise<Coupon | null> {
    const [row] = await this.sql.$queryRaw<Row[]>`
      SELECT *, discount::text AS discount_text FROM invoicing.coupon
      WHERE account_id = ${accountId} AND id = ${id} FOR NO KEY UPDATE`;
    return row ? fromRow(row) : null;
  }

  async archive(accountId: string, id: string, at: Date): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.coupon SET archived_at = ${at}
      WHERE account_id = ${accountId} AND id = ${id}`;
  }
}

const fromRow = (row: Row): Coupon => ({
  id: row.id,
  redemptionCode: row.redemption_code,
  discount:
    row.discount_type === 'percentage'
      ? { type: 'percentage', fraction: row.discount_text }
      : { type: 'amount', amount: row.discount_text },
  durationInMonths: row.duration_in_months,
  maxRedemptions: row.max_redemptions,
  timesRedeemed: row.times_redeemed,
  createdAt: row.created_at,
  archivedAt: row.archived_at,
  position: row.position,
});
