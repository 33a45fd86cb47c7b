import { lockByName, type PrismaClient, type Sql } from '@orbit/persistence';
import type { OwnEndpoint, OwnEndpoints } from '../application/orbit-ports.js';
import type { Endpoint } from '../application/ports.js';

interface Row {
  readonly id: string;
  readonly account_id: string;
  readonly organization_id: string;
  readonly url: string;
  readonly secret: string;
  readonly event_types: readonly string[] | null;
  readonly is_enabled: boolean;
  readonly created_at: Date;
  readonly reference: string | null;
  readonly deleted_at: Date | null;
}

/** The endpoints that organizations have of their own. */
export class SqlOwnEndpoints implements OwnEndpoints {
  constructor(private readonly prisma: PrismaClient) {}

  insert(
    endpoint: OwnEndpoint,
    mayBePrivate: boolean,
    max: number,
  ): Promise<'made' | 'full' | OwnEndpoint> {
    const { organizationId, reference } = endpoint;
    return this.prisma.$transaction(async (sql) => {
      // Two that count at once would both find room, and two with one reference would both be made.
      await lockByName(sql, `invoicing.webhook_endpoint ${organizationId}`);
      const before = reference === null ? null : await byReference(sql, organizationId, reference);
      if (before) return before;
      const inserted = await sql.$executeRaw`
        INSERT INTO invoicing.webhook_endpoint
          (id, account_id, organization_id, url, secret, may_be_private, event_types, payload_style, created_at,
           reference)
        SELECT ${endpoint.id}, ${endpoint.accountId}, ${organizationId}, ${endpoint.url}, ${endpoint.secret},
               ${mayBePrivate}, ${typesOf(endpoint)}::text[], 'expanded', ${endpoint.createdAt}, ${reference}
        WHERE (SELECT count(*) FROM invoicing.webhook_endpoint
               WHERE organization_id = ${organizationId} AND deleted_at IS NULL) < ${max}`;
      return inserted === 1 ? 'made' : 'full';
    });
  }

  async list(organizationId: string): Promise<readonly OwnEndpoint[]> {
    const rows = await this.prisma.$queryRaw<Row[]>`
      SELECT * FROM invoicing.webhook_endpoint
      WHERE organization_id = ${organizationId} AND deleted_at IS NULL ORDER BY position DESC`;
    return rows.map(fromRow);
  }

  async read(organizationId: string, id: string): Promise<OwnEndpoint | null> {
    const [row] = await this.prisma.$queryRaw<Row[]>`
      SELECT * FROM invoicing.webhook_endpoint
      WHERE id = ${id} AND organization_id = ${organizationId} AND deleted_at IS NULL`;
    return row ? fromRow(row) : null;
  }

  async change(
    organizationId: string,
    id: string,
    to: Pick<Endpoint, 'url' | 'eventTypes' | 'isEnabled'>,
  ): Promise<OwnEndpoint | null> {
    const [row] = await this.prisma.$queryRaw<Row[]>`
      UPDATE invoicing.webhook_endpoint
      SET url = ${to.url}, event_types = ${typesOf(to)}::text[], is_enabled = ${to.isEnabled}
      WHERE id = ${id} AND organization_id = ${organizationId} AND deleted_at IS NULL RETURNING *`;
    return row ? fromRow(row) : null;
  }

  delete(organizationId: string, id: string, at: Date): Promise<boolean> {
    return this.prisma.$transaction(async (sql) => {
      const deleted = await sql.$executeRaw`
        UPDATE invoicing.webhook_endpoint SET deleted_at = ${at}
        WHERE id = ${id} AND organization_id = ${organizationId} AND deleted_at IS NULL`;
      if (deleted === 0) return false;
      await sql.$executeRaw`
        UPDATE invoicing.webhook_delivery SET state = 'cancelled', ended_at = ${at}
        WHERE endpoint_id = ${id} AND state = 'pending'`;
      return true;
    });
  }
}

async function byReference(
  sql: Sql,
  organizationId: string,
  reference: string,
): Promise<OwnEndpoint | null> {
  const [row] = await sql.$queryRaw<Row[]>`
    SELECT * FROM invoicing.webhook_endpoint
    WHERE organization_id = ${organizationId} AND reference = ${reference}`;
  return row ? fromRow(row) : null;
}

const typesOf = ({ eventTypes }: Pick<Endpoint, 'eventTypes'>): string[] | null =>
  eventTypes === null ? null : [...eventTypes];

const fromRow = (row: Row): OwnEndpoint => ({
  id: row.id,
  accountId: row.account_id,
  organizationId: row.organization_id,
  url: row.url,
  secret: row.secret,
  eventTypes: row.event_types,
  isEnabled: row.is_enabled,
  createdAt: row.created_at,
  reference: row.reference,
  isDeleted: row.deleted_at !== null,
});
