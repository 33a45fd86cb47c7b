import type { PageQuery, Metadata, CreatedBetween } from '@orbit/orb-api';
import { lockByName, createdIn, rowsAfter, type Sql, Prisma } from '@orbit/persistence';
import type {
  Customer,
  CustomerRef,
  Customers,
  CustomerTransaction,
} from '../application/ports.js';
import type { Fact, Facts } from '../../webhooks/domain/fact.js';
import { NO_DETAILS, type Profile, type ProfileDetails } from '../domain/profile.js';

interface Row {
  readonly id: string;
  readonly position: bigint;
  readonly external_customer_id: string | null;
  readonly name: string;
  readonly email: string;
  readonly timezone: string;
  readonly currency: string | null;
  readonly metadata: Metadata;
  readonly details: Partial<ProfileDetails>;
  readonly created_at: Date;
  readonly balance: string | null;
  readonly parent: CustomerRef | null;
  readonly children: readonly CustomerRef[];
}

/** A customer with those above and below it, in one read. */
const CUSTOMER = Prisma.sql`
  SELECT c.id, c.position, c.external_customer_id, c.name, c.email, c.timezone, c.currency, c.metadata, c.details,
    c.created_at,
    (SELECT b.ending_balance::text FROM invoicing.balance_transaction b WHERE b.customer_id = c.id
     ORDER BY b.position DESC LIMIT 1) AS balance,
    (SELECT jsonb_build_object('id', p.id, 'external_customer_id', p.external_customer_id)
     FROM invoicing.customer p WHERE p.id = c.parent_id) AS parent,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'external_customer_id', k.external_customer_id)
       ORDER BY k.created_at, k.position), '[]')
     FROM invoicing.customer k WHERE k.parent_id = c.id) AS children
  FROM invoicing.customer c`;

export class PrismaCustomers implements Customers {
  constructor(private readonly sql: Sql) {}

  read(accountId: string, id: string): Promise<Customer | null> {
    return read(this.sql, accountId, id);
  }

  /** In no order; unknown and deleted ones are left out. */
  async readAll(accountId: string, ids: readonly string[]): Promise<readonly Customer[]> {
    const rows = await this.sql.$queryRaw<Row[]>`
      ${CUSTOMER}
      WHERE c.id = ANY(${[...ids]}::text[]) AND c.account_id = ${accountId} AND c.deleted_at IS NULL`;
    return rows.map(fromRow);
  }

  async list({
    accountId,
    limit,
    after,
    created,
  }: PageQuery & { readonly created: CreatedBetween }): Promise<readonly Customer[]> {
    const rows = await this.sql.$queryRaw<Row[]>`
      ${CUSTOMER}
      WHERE c.account_id = ${accountId} AND c.deleted_at IS NULL
        ${rowsAfter(after, 'c')}
        ${createdIn(created, 'c')}
      ORDER BY c.created_at DESC, c.position DESC LIMIT ${limit + 1}`;
    return rows.map(fromRow);
  }
}

export class SqlCustomers implements CustomerTransaction {
  constructor(
    private readonly sql: Sql,
    private readonly facts: Facts,
  ) {}

  record(fact: Fact): Promise<void> {
    return this.facts.record(fact);
  }

  read(accountId: string, id: string): Promise<Customer | null> {
    return read(this.sql, accountId, id);
  }

  async insert(
    accountId: string,
    customer: Profile & Pick<Customer, 'id' | 'externalCustomerId' | 'createdAt'>,
  ): Promise<boolean> {
    const { id, externalCustomerId, name, email, timezone, currency, createdAt } = customer;
    const inserted = await this.sql.$executeRaw`
      INSERT INTO invoicing.customer
        (id, account_id, external_customer_id, name, email, timezone, currency, metadata, details, created_at)
      VALUES (${id}, ${accountId}, ${externalCustomerId}, ${name}, ${email}, ${timezone}, ${currency},
              ${JSON.stringify(customer.metadata)}::jsonb, ${JSON.stringify(customer.details)}::jsonb, ${createdAt})
      ON CONFLICT (id) DO NOTHING`;
    return inserted === 1;
  }

  async lock(accountId: string, id: string): Promise<Customer | null> {
    const rows = await this.sql.$queryRaw<unknown[]>`
      SELECT 1 FROM invoicing.customer
      WHERE id = ${id} AND account_id = ${accountId} AND deleted_at IS NULL FOR NO KEY UPDATE`;
    return rows.length === 0 ? null : this.read(accountId, id);
  }

  async save(id: string, externalCustomerId: string | null, profile: Profile): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.customer SET external_customer_id = ${externalCustomerId}, name = ${profile.name},
        email = ${profile.email}, currency = ${profile.currency},
        metadata = ${JSON.stringify(profile.metadata)}::jsonb,
        details = ${JSON.stringify(profile.details)}::jsonb
      WHERE id = ${id}`;
  }

  async lockHierarchy(accountId: string): Promise<void> {
    await lockByName(this.sql, `invoicing.hierarchy ${accountId}`);
  }

  async known(accountId: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.sql.$queryRaw<{ id: string }[]>`
      SELECT id FROM invoicing.customer
      WHERE id = ANY(${[...ids]}::text[]) AND account_id = ${accountId} AND deleted_at IS NULL`;
    return new Set(rows.map(({ id }) => id));
  }

  async ancestors(id: string): Promise<readonly string[]> {
    const rows = await this.sql.$queryRaw<{ id: string }[]>`
      WITH RECURSIVE above (id, parent_id) AS (
        SELECT id, parent_id FROM invoicing.customer WHERE id = ${id}
        UNION SELECT c.id, c.parent_id FROM invoicing.customer c JOIN above ON c.id = above.parent_id
      ) SELECT id FROM above`;
    return rows.map((row) => row.id);
  }

  async setParent(ids: readonly string[], parentId: string | null): Promise<void> {
    if (ids.length === 0) return;
    await this.sql.$executeRaw`
      UPDATE invoicing.customer SET parent_id = ${parentId} WHERE id = ANY(${[...ids]}::text[])`;
  }

  async isBilled(id: string): Promise<boolean> {
    const [row] = await this.sql.$queryRaw<{ billed: boolean }[]>`
      SELECT EXISTS (SELECT 1 FROM invoicing.invoice WHERE organization_id = ${id})
          OR EXISTS (SELECT 1 FROM invoicing.subscription WHERE organization_id = ${id})
          OR EXISTS (SELECT 1 FROM invoicing.orb_subscription WHERE customer_id = ${id})
          OR EXISTS (SELECT 1 FROM invoicing.orb_invoice WHERE customer_id = ${id}) AS billed`;
    return row?.billed === true;
  }

  async anonymise(id: string, deletedAt: Date): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.customer SET name = '', email = '', external_customer_id = NULL, metadata = '{}',
        details = '{}', parent_id = NULL, deleted_at = ${deletedAt}
      WHERE id = ${id}`;
  }
}

async function read(sql: Sql, accountId: string, id: string): Promise<Customer | null> {
  const [row] = await sql.$queryRaw<Row[]>`
    ${CUSTOMER} WHERE c.id = ${id} AND c.account_id = ${accountId} AND c.deleted_at IS NULL`;
  return row ? fromRow(row) : null;
}

const fromRow = (row: Row): Customer => ({
  id: row.id,
  position: row.position,
  externalCustomerId: row.external_customer_id,
  name: row.name,
  email: row.email,
  timezone: row.timezone,
  currency: row.currency,
  metadata: row.metadata,
  // Profiles that a migration wrote say nothing of these.
  details: { ...NO_DETAILS, ...row.details },
  createdAt: row.created_at,
  balance: row.balance ?? '0.00',
  parent: row.parent,
  children: row.children,
});
