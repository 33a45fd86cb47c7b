import { rowsAfter, type PrismaClient, type Sql } from '@orbit/persistence';
import type { PageQuery, Metadata } from '@orbit/orb-api';
import type {
  ExternalConnection,
  Item,
  Items,
  ItemTransaction,
} from '../application/item-ports.js';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly metadata: Metadata;
  readonly external_connections: readonly ExternalConnection[];
  readonly created_at: Date;
  readonly archived_at: Date | null;
  readonly position: bigint;
}

export class PrismaItems implements Items {
  constructor(private readonly prisma: PrismaClient) {}

  async read(accountId: string, id: string): Promise<Item | null> {
    const [row] = await this.prisma.$queryRaw<Row[]>`
      SELECT * FROM invoicing.item WHERE id = ${id} AND account_id = ${accountId}`;
    return row ? fromRow(row) : null;
  }

  async list({ accountId, limit, after }: PageQuery): Promise<readonly Item[]> {
    const rows = await this.prisma.$queryRaw<Row[]>`
      SELECT * FROM invoicing.item
      WHERE account_id = ${accountId}
        ${rowsAfter(after)}
      ORDER BY created_at DESC, position DESC LIMIT ${limit + 1}`;
    return rows.map(fromRow);
  }
}

export class SqlItems implements ItemTransaction {
  constructor(private readonly sql: Sql) {}

  async insert(accountId: string, item: Omit<Item, 'position'>): Promise<void> {
    await this.sql.$executeRaw`
      INSERT INTO invoicing.item (id, account_id, name, metadata, external_connections, created_at)
      VALUES (${item.id}, ${accountId}, ${item.name}, ${JSON.stringify(item.metadata)}::jsonb,
              ${JSON.stringify(item.externalConnections)}::jsonb, ${item.createdAt})`;
  }

  async lock(accountId: string, id: string): Promise<Item | null> {
    const [row] = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM invoicing.item WHERE id = ${id} AND account_id = ${accountId} FOR NO KEY UPDATE`;
    return row ? fromRow(row) : null;
  }

  async save(accountId: string, item: Item): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.item SET name = ${item.name}, metadata = ${JSON.stringify(item.metadata)}::jsonb,
        external_connections = ${JSON.stringify(item.externalConnections)}::jsonb,
        archived_at = ${item.archivedAt}
      WHERE account_id = ${accountId} AND id = ${item.id}`;
  }

  async archivePrices(accountId: string, id: string, at: Date): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.catalogue_price SET archived_at = ${at}
      WHERE account_id = ${accountId} AND item_id = ${id} AND archived_at IS NULL`;
  }
}

const fromRow = (row: Row): Item => ({
  id: row.id,
  name: row.name,
  metadata: row.metadata,
  externalConnections: row.external_connections,
  createdAt: row.created_at,
  archivedAt: row.archived_at,
  position: row.position,
});
