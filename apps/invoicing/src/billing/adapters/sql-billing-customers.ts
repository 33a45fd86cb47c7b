import { newId } from '@orbit/kernel';
import type { Sql } from '@orbit/persistence';
import type { BillingCustomer, BillingItems, CustomerName } from '../application/ports.js';

/** A customer's profile with its view, as customers read it on the same connection. */
export interface ProfileReader {
  read(accountId: string, id: string): Promise<BilledProfile | null>;
  /** In no order; unknown and deleted ones are left out. */
  readAll(accountId: string, ids: readonly string[]): Promise<readonly BilledProfile[]>;
}

type BilledProfile = Omit<BillingCustomer, 'autoCollection' | 'autoIssuance'>;

/** On a connection: reads. In a transaction: all of it. */
export class SqlBillingCustomers {
  constructor(
    private readonly sql: Sql,
    private readonly profiles: ProfileReader,
  ) {}

  async find(accountId: string, name: CustomerName): Promise<BillingCustomer | null> {
    const id = 'id' in name ? name.id : await this.idOf(accountId, name.externalCustomerId);
    const profile = id === null ? null : await this.profiles.read(accountId, id);
    return profile && toBillingCustomer(profile);
  }

  async lock(accountId: string, id: string): Promise<BillingCustomer | null> {
    const rows = await this.sql.$queryRaw<unknown[]>`
      SELECT 1 FROM invoicing.customer
      WHERE id = ${id} AND account_id = ${accountId} AND deleted_at IS NULL FOR NO KEY UPDATE`;
    return rows.length === 0 ? null : this.find(accountId, { id });
  }

  /** Their locks are taken in the order of their ids. */
  async lockAll(accountId: string, ids: readonly string[]): Promise<readonly BillingCustomer[]> {
    await this.sql.$queryRaw<unknown[]>`
      SELECT 1 FROM invoicing.customer
      WHERE id = ANY(${[...ids]}::text[]) AND account_id = ${accountId} AND deleted_at IS NULL
      ORDER BY id FOR NO KEY UPDATE`;
    return (await this.profiles.readAll(accountId, ids)).map(toBillingCustomer);
  }

  async setCurrency(id: string, currency: string): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.customer SET currency = ${currency} WHERE id = ${id} AND currency IS NULL`;
  }

  private async idOf(accountId: string, externalId: string): Promise<string | null> {
    const [row] = await this.sql.$queryRaw<{ id: string }[]>`
      SELECT id FROM invoicing.customer
      WHERE account_id = ${accountId} AND external_customer_id = ${externalId} AND deleted_at IS NULL`;
    return row?.id ?? null;
  }
}

const toBillingCustomer = (profile: BilledProfile): BillingCustomer => ({
  ...profile,
  autoCollection: profile.details['auto_collection'] === true,
  autoIssuance: (profile.details['auto_issuance'] ?? null) as boolean | null,
});

type NamedItem = Awaited<ReturnType<BillingItems['named']>>;

export class SqlBillingItems implements BillingItems {
  constructor(private readonly sql: Sql) {}

  async read(accountId: string, id: string): Promise<NamedItem | null> {
    const [row] = await this.sql.$queryRaw<NamedItem[]>`
      SELECT id, name FROM invoicing.item WHERE account_id = ${accountId} AND id = ${id}`;
    return row ?? null;
  }

  async named(accountId: string, name: string, nowMs: number): Promise<NamedItem> {
    const [row] = await this.sql.$queryRaw<NamedItem[]>`
      SELECT id, name FROM invoicing.item
      WHERE account_id = ${accountId} AND name = ${name} AND archived_at IS NULL
      ORDER BY created_at DESC, position DESC LIMIT 1`;
    if (row) return row;
    const id = newId('item', nowMs);
    await this.sql.$executeRaw`
      INSERT INTO invoicing.item (id, account_id, name, metadata, external_connections, created_at)
      VALUES (${id}, ${accountId}, ${name}, '{}'::jsonb, '[]'::jsonb, ${new Date(nowMs)})`;
    return { id, name };
  }
}
