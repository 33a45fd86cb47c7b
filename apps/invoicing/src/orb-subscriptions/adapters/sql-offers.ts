import { Prisma, type Sql } from '@orbit/persistence';
import { priceFrom, PRICE_COLUMNS, type PriceRow } from '../../catalogue/adapters/prisma-prices.js';
import { SqlPlans } from '../../catalogue/adapters/sql-plans.js';
import type { PriceScope } from '../../catalogue/application/price-ports.js';
import type { Offer, Offers } from '../application/ports.js';
import type { KnownPriceName } from '../domain/overrides.js';

export class SqlOffers extends SqlPlans implements Offers {
  constructor(private readonly connection: Sql) {
    super(connection);
  }

  async offer(accountId: string, name: KnownPriceName): Promise<Offer | null> {
    const named =
      'id' in name
        ? Prisma.sql`p.id = ${name.id}`
        : Prisma.sql`p.external_price_id = ${name.externalId}`;
    const [row] = await this.connection.$queryRaw<
      (PriceRow & { scope: PriceScope; archived_at: Date | null })[]
    >`
      SELECT ${PRICE_COLUMNS}, p.scope, p.archived_at FROM invoicing.catalogue_price p
      JOIN invoicing.item i ON i.account_id = p.account_id AND i.id = p.item_id
      WHERE p.account_id = ${accountId} AND ${named}
      ORDER BY (p.archived_at IS NULL) DESC, p.created_at DESC, p.position DESC LIMIT 1`;
    return (
      (row && { price: priceFrom(row), scope: row.scope, isArchived: row.archived_at !== null }) ??
      null
    );
  }
}
