import { rowsAfter, Prisma, type PrismaClient, type Sql } from '@orbit/persistence';
import type { Metadata, PageQuery } from '@orbit/orb-api';
import type { CatalogueName } from '../application/catalogue-name.js';
import type {
  ListedPrice,
  NewPrice,
  PriceGroup,
  PriceLookups,
  Prices,
  PriceScope,
  PriceTransaction,
} from '../application/price-ports.js';
import type { LicenseTypeRef, Price, PriceDefinition } from '../domain/price.js';

export interface PriceRow {
  readonly id: string;
  readonly external_price_id: string | null;
  readonly definition: PriceDefinition;
  readonly metadata: Metadata;
  readonly created_at: Date;
  readonly position: bigint;
  readonly item_id: string;
  readonly item_name: string;
}

/** Of prices `p` with their items `i`. */
export const PRICE_COLUMNS = Prisma.sql`
  p.id, p.external_price_id, p.definition, p.metadata, p.created_at, p.position, p.item_id,
  i.name AS item_name`;

const ROWS = Prisma.sql`
  SELECT ${PRICE_COLUMNS}
  FROM invoicing.catalogue_price p
  JOIN invoicing.item i ON i.account_id = p.account_id AND i.id = p.item_id`;

/** By external id the one that is not archived, then the newest. */
const named = (accountId: string, name: CatalogueName): Prisma.Sql =>
  'id' in name
    ? Prisma.sql`WHERE p.account_id = ${accountId} AND p.id = ${name.id}`
    : Prisma.sql`WHERE p.account_id = ${accountId} AND p.external_price_id = ${name.externalId}
        ORDER BY (p.archived_at IS NULL) DESC, p.created_at DESC, p.position DESC LIMIT 1`;

export class PrismaPrices implements Prices {
  constructor(private readonly prisma: PrismaClient) {}

  async read(accountId: string, name: CatalogueName): Promise<Price | null> {
    const [row] = await this.prisma.$queryRaw<PriceRow[]>`${ROWS} ${named(accountId, name)}`;
    return row ? priceFrom(row) : null;
  }

  async listAddOns({ accountId, limit, after }: PageQuery): Promise<readonly ListedPrice[]> {
    const rows = await this.prisma.$queryRaw<PriceRow[]>`${ROWS}
      WHERE p.account_id = ${accountId} AND p.scope = 'add_on' AND p.archived_at IS NULL
        ${rowsAfter(after, 'p')}
      ORDER BY p.created_at DESC, p.position DESC LIMIT ${limit + 1}`;
    return rows.map(priceFrom);
  }
}

export class SqlPrices implements PriceTransaction {
  constructor(private readonly sql: Sql) {}

  async item(accountId: string, id: string): ReturnType<PriceLookups['item']> {
    const [row] = await this.sql.$queryRaw<
      { id: string; name: string; archived_at: Date | null }[]
    >`
      SELECT id, name, archived_at FROM invoicing.item
      WHERE account_id = ${accountId} AND id = ${id} FOR SHARE`;
    return row ? { id: row.id, name: row.name, isArchived: row.archived_at !== null } : null;
  }

  async licenseType(accountId: string, id: string): Promise<LicenseTypeRef | null> {
    const [row] = await this.sql.$queryRaw<LicenseTypeRef[]>`
      SELECT id, name, grouping_key FROM invoicing.license_type
      WHERE account_id = ${accountId} AND id = ${id}`;
    return row ?? null;
  }

  async group(accountId: string, name: CatalogueName): Promise<PriceGroup | null> {
    const which =
      'id' in name
        ? Prisma.sql`id = ${name.id}`
        : Prisma.sql`external_dimensional_price_group_id = ${name.externalId}`;
    const [row] = await this.sql.$queryRaw<
      { id: string; dimensions: string[]; metric_id: string }[]
    >`
      SELECT id, dimensions, metric_id FROM invoicing.dimensional_price_group
      WHERE account_id = ${accountId} AND ${which}`;
    return row ? { id: row.id, dimensions: row.dimensions, metricId: row.metric_id } : null;
  }

  async insertPrice(accountId: string, scope: PriceScope, price: NewPrice): Promise<boolean> {
    const { id, externalPriceId, item, metadata, createdAt, ...definition } = price;
    const { metricId, dimensional, licenseType } = definition;
    const count = await this.sql.$executeRaw`
      INSERT INTO invoicing.catalogue_price
        (account_id, id, scope, external_price_id, item_id, metric_id, dimensional_price_group_id,
         license_type_id, definition, metadata, created_at)
      VALUES (${accountId}, ${id}, ${scope}, ${externalPriceId}, ${item.id}, ${metricId},
        ${dimensional?.groupId ?? null}, ${licenseType?.id ?? null},
        ${JSON.stringify(definition)}::jsonb, ${JSON.stringify(metadata)}::jsonb, ${createdAt})
      ON CONFLICT (account_id, external_price_id)
        WHERE archived_at IS NULL AND external_price_id IS NOT NULL DO NOTHING`;
    return count === 1;
  }

  async lockPrice(accountId: string, name: CatalogueName): Promise<Price | null> {
    const [row] = await this.sql.$queryRaw<PriceRow[]>`
      ${ROWS} ${named(accountId, name)} FOR NO KEY UPDATE OF p`;
    return row ? priceFrom(row) : null;
  }

  async savePriceMetadata(accountId: string, id: string, metadata: Metadata): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.catalogue_price SET metadata = ${JSON.stringify(metadata)}::jsonb
      WHERE account_id = ${accountId} AND id = ${id}`;
  }
}

export const priceFrom = (row: PriceRow): ListedPrice => ({
  ...row.definition,
  id: row.id,
  externalPriceId: row.external_price_id,
  item: { id: row.item_id, name: row.item_name },
  planPhaseOrder: null,
  metadata: row.metadata,
  createdAt: row.created_at,
  position: row.position,
});
