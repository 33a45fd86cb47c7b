import type { PageQuery } from '@orbit/orb-api';
import { lockByName, rowsAfter, type PrismaClient, type Sql } from '@orbit/persistence';
import type { Endpoint, Endpoints, EndpointTransaction } from '../application/ports.js';
import type { PayloadStyle } from '../domain/fact.js';

interface Row {
  readonly id: string;
  readonly position: bigint;
  readonly url: string;
  readonly secret: string;
  readonly event_types: readonly string[] | null;
  readonly payload_style: PayloadStyle;
  readonly is_enabled: boolean;
  readonly created_at: Date;
}

export class PrismaEndpoints implements Endpoints {
  constructor(private readonly prisma: PrismaClient) {}

  async read(accountId: string, id: string): Promise<Endpoint | null> {
    const [row] = await this.prisma.$queryRaw<Row[]>`
      SELECT * FROM invoicing.webhook_endpoint
      WHERE id = ${id} AND account_id = ${accountId} AND organization_id IS NULL AND deleted_at IS NULL`;
    return row ? fromRow(row) : null;
  }

  async list({ accountId, limit, after }: PageQuery): Promise<readonly Endpoint[]> {
    const rows = await this.prisma.$queryRaw<Row[]>`
      SELECT * FROM invoicing.webhook_endpoint
      WHERE account_id = ${accountId} AND organization_id IS NULL AND deleted_at IS NULL
        ${rowsAfter(after)}
      ORDER BY created_at DESC, position DESC LIMIT ${limit + 1}`;
    return rows.map(fromRow);
  }
}

export class SqlEndpoints implements EndpointTransaction {
  constructor(private readonly sql: Sql) {}

  async insert(
    accountId: string,
    endpoint: Omit<Endpoint, 'position'>,
    mayBePrivate: boolean,
    max: number,
  ): Promise<boolean> {
    // Two that count at once would both find room.
    await lockByName(this.sql, `invoicing.webhook_endpoint ${accountId}`);
    const inserted = await this.sql.$executeRaw`
      INSERT INTO invoicing.webhook_endpoint (id, account_id, url, secret, may_be_private, event_types, payload_style, created_at)
      SELECT ${endpoint.id}, ${accountId}, ${endpoint.url}, ${endpoint.secret}, ${mayBePrivate},
             ${endpoint.eventTypes === null ? null : [...endpoint.eventTypes]}::text[],
             ${endpoint.payloadStyle}, ${endpoint.createdAt}
      WHERE (SELECT count(*) FROM invoicing.webhook_endpoint
             WHERE account_id = ${accountId} AND organization_id IS NULL AND deleted_at IS NULL) < ${max}`;
    return inserted === 1;
  }

  async lock(accountId: string, id: string): Promise<Endpoint | null> {
    const [row] = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM invoicing.webhook_endpoint
      WHERE id = ${id} AND account_id = ${accountId} AND organization_id IS NULL AND deleted_at IS NULL
      FOR NO KEY UPDATE`;
    return row ? fromRow(row) : null;
  }

  async save(endpoint: Endpoint): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.webhook_endpoint SET url = ${endpoint.url}, payload_style = ${endpoint.payloadStyle},
        event_types = ${endpoint.eventTypes === null ? null : [...endpoint.eventTypes]}::text[],
        is_enabled = ${endpoint.isEnabled}
      WHERE id = ${endpoint.id}`;
  }

  async delete(id: string, at: Date): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.webhook_endpoint SET deleted_at = ${at} WHERE id = ${id}`;
    await this.sql.$executeRaw`
      UPDATE invoicing.webhook_delivery SET state = 'cancelled', ended_at = clock_timestamp()
      WHERE endpoint_id = ${id} AND state = 'pending'`;
  }
}

const fromRow = (row: Row): Endpoint => ({
  id: row.id,
  position: row.position,
  url: row.url,
  secret: row.secret,
  eventTypes: row.event_types,
  payloadStyle: row.payload_style,
  isEnabled: row.is_enabled,
  createdAt: row.created_at,
});
