import type { PrismaClient } from '@orbit/persistence';
import type {
  EvaluatedCustomer,
  EvaluatedCustomerName,
  EvaluationReads,
} from '../application/evaluation-ports.js';

export class PrismaEvaluationReads implements EvaluationReads {
  constructor(private readonly prisma: PrismaClient) {}

  async customer(
    accountId: string,
    name: EvaluatedCustomerName,
  ): Promise<EvaluatedCustomer | null> {
    const [id, externalId] = 'id' in name ? [name.id, null] : [null, name.externalId];
    const [row] = await this.prisma.$queryRaw<EvaluatedCustomer[]>`
      SELECT id, external_customer_id AS "externalId", timezone FROM invoicing.customer
      WHERE account_id = ${accountId} AND deleted_at IS NULL
        AND (id = ${id} OR external_customer_id = ${externalId})
      ORDER BY created_at DESC LIMIT 1`;
    return row ?? null;
  }

  async hasItem(accountId: string, id: string): Promise<boolean> {
    const rows = await this.prisma.$queryRaw<unknown[]>`
      SELECT 1 FROM invoicing.item WHERE account_id = ${accountId} AND id = ${id}`;
    return rows.length > 0;
  }
}
