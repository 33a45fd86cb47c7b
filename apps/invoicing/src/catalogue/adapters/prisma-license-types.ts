import type { PrismaClient, Sql } from '@orbit/persistence';
import type { PageQuery } from '@orbit/orb-api';
import type {
  LicenseType,
  LicenseTypes,
  LicenseTypeTransaction,
} from '../application/group-ports.js';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly grouping_key: string;
  readonly created_at: Date;
  readonly position: bigint;
}

export class PrismaLicenseTypes implements LicenseTypes {
  constructor(private readonly prisma: PrismaClient) {}

  async read(accountId: string, id: string): Promise<LicenseType | null> {
    const [row] = await this.prisma.$queryRaw<Row[]>`
      SELECT * FROM invoicing.license_type WHERE account_id = ${accountId} AND id = ${id}`;
    return row ? fromRow(row) : null;
  }

  async list({ accountId, limit, after }: PageQuery): Promise<readonly LicenseType[]> {
    const rows = await this.prisma.$queryRaw<Row[]>`
      SELECT * FROM invoicing.license_type
      WHERE account_id = ${accountId}
        AND (${after === null} OR (created_at, position) > (${after?.createdAt ?? null}::timestamptz, ${after?.position ?? null}::bigint))
      ORDER BY created_at, position LIMIT ${limit + 1}`;
    return rows.map(fromRow);
  }
}

export class SqlLicenseTypes implements LicenseTypeTransaction {
  constructor(private readonly sql: Sql) {}

  async insert(accountId: string, type: Omit<LicenseType, 'position'>): Promise<void> {
    await this.sql.$executeRaw`
      INSERT INTO invoicing.license_type (account_id, id, name, grouping_key, created_at)
      VALUES (${accountId}, ${type.id}, ${type.name}, ${type.grouping_key}, ${type.createdAt})`;
  }
}

const fromRow = ({ id, name, grouping_key, created_at, position }: Row): LicenseType => ({
  ...{ id, name, grouping_key, position },
  createdAt: created_at,
});
