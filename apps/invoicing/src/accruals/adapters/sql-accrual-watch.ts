import { Prisma, type PrismaClient } from '@orbit/persistence';
import type { AccrualSubject, AccrualWatch } from '../application/ports.js';

interface Row {
  readonly id: string;
  readonly account_id: string;
  readonly row_version: string;
  readonly documents: string;
  readonly is_due: boolean;
  readonly usage_version: string | null;
  readonly customer_ids: readonly string[] | null;
  readonly currencies: readonly string[] | null;
}

const NEVER = '';

export class SqlAccrualWatch implements AccrualWatch {
  constructor(private readonly prisma: PrismaClient) {}

  async customers(accountId: string | null): Promise<readonly string[]> {
    const rows = await this.prisma.$queryRaw<{ customer_id: string }[]>`
      SELECT DISTINCT s.customer_id FROM invoicing.orb_subscription s
      LEFT JOIN invoicing.accrual_watch w ON w.subscription_id = s.id
      WHERE (w.row_version IS DISTINCT FROM s.xmin::text OR NOT w.is_over) ${inAccount(accountId)}`;
    return rows.map((row) => row.customer_id);
  }

  async subjects(
    accountId: string | null,
    customerIds: readonly string[],
  ): Promise<readonly AccrualSubject[]> {
    // By index, from the few that hold credit; those that did at the last report are found by their own index.
    const rows = await this.prisma.$queryRaw<Row[]>`
      SELECT f.*, f.row_seen IS DISTINCT FROM f.row_version OR f.documents_seen IS DISTINCT FROM f.documents AS is_due
      FROM (
        SELECT s.id, s.account_id, s.xmin::text AS row_version, w.row_version AS row_seen, w.documents AS documents_seen,
          w.is_over, w.usage_version, w.customer_ids, w.currencies,
          (SELECT concat_ws(' ', count(*), count(*) FILTER (WHERE i.stage = 'priced'),
                    count(*) FILTER (WHERE i.stage = 'drawn'), count(*) FILTER (WHERE i.stage = 'issued'),
                    count(*) FILTER (WHERE i.status = 'void'))
           FROM invoicing.orb_invoice i WHERE i.subscription_id = s.id) AS documents
        FROM invoicing.orb_subscription s LEFT JOIN invoicing.accrual_watch w ON w.subscription_id = s.id
        WHERE s.id IN (
          SELECT id FROM invoicing.orb_subscription WHERE customer_id = ANY (${[...customerIds]}::text[])
          UNION SELECT subscription_id FROM invoicing.accrual_watch WHERE currencies <> '{}'
        ) ${inAccount(accountId)}
      ) f
      WHERE f.row_seen IS DISTINCT FROM f.row_version OR NOT f.is_over
      ORDER BY f.id`;
    return rows.map((row) => ({
      accountId: row.account_id,
      id: row.id,
      rowVersion: row.row_version,
      documents: row.documents,
      isDue: row.is_due,
      seenUsage: row.usage_version,
      customerIds: row.customer_ids ?? [],
      currencies: row.currencies ?? [],
    }));
  }

  async begin({ id }: AccrualSubject, currencies: readonly string[]): Promise<void> {
    await this.prisma.$executeRaw`
      INSERT INTO invoicing.accrual_watch (subscription_id, row_version, documents, usage_version, customer_ids, currencies, is_over)
      VALUES (${id}, ${NEVER}, ${NEVER}, ${NEVER}, '{}', ${[...currencies]}::text[], false)
      ON CONFLICT (subscription_id) DO UPDATE SET row_version = excluded.row_version, currencies = excluded.currencies`;
  }

  async markReported(
    { id, rowVersion, documents }: AccrualSubject,
    seen: Parameters<AccrualWatch['markReported']>[1],
  ): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE invoicing.accrual_watch SET row_version = ${rowVersion}, documents = ${documents},
        usage_version = ${seen.usageVersion}, customer_ids = ${[...seen.customerIds]}::text[],
        currencies = ${[...seen.currencies]}::text[], is_over = ${seen.isOver}
      WHERE subscription_id = ${id}`;
  }
}

const inAccount = (accountId: string | null): Prisma.Sql =>
  accountId === null ? Prisma.empty : Prisma.sql`AND s.account_id = ${accountId}`;
