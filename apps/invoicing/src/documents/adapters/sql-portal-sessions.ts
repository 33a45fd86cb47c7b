import { lockByName, type PrismaClient, type Sql } from '@orbit/persistence';
import { createHash } from 'node:crypto';
import type {
  PortalSession,
  PortalSessions,
  PortalTransaction,
} from '../application/portal-sessions.js';

interface Row {
  readonly id: string;
  readonly account_id: string;
  readonly customer_id: string;
  readonly created_at: Date;
  readonly expires_at: Date;
}

/** The token is 256 random bits, so that a plain hash of it says nothing. */
const hashOf = (token: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHash('sha256').update(token).digest());

export class PrismaPortalSessions implements PortalSessions {
  constructor(private readonly prisma: PrismaClient) {}

  async find(token: string, nowMs: number): Promise<PortalSession | null> {
    const [row] = await this.prisma.$queryRaw<Row[]>`
      SELECT * FROM invoicing.portal_session
      WHERE token_hash = ${hashOf(token)} AND ended_at IS NULL AND expires_at > ${new Date(nowMs)}`;
    return row
      ? {
          ...{ id: row.id, accountId: row.account_id, customerId: row.customer_id },
          ...{ createdAt: row.created_at, expiresAt: row.expires_at },
        }
      : null;
  }
}

export class SqlPortalTransaction implements PortalTransaction {
  constructor(private readonly sql: Sql) {}

  async endAll(customerId: string, at: Date): Promise<void> {
    await lockByName(this.sql, `portal ${customerId}`);
    await this.sql.$executeRaw`
      UPDATE invoicing.portal_session SET ended_at = ${at}
      WHERE customer_id = ${customerId} AND ended_at IS NULL`;
  }

  async insert(session: PortalSession, token: string): Promise<void> {
    const { id, accountId, customerId, createdAt, expiresAt } = session;
    await this.sql.$executeRaw`
      INSERT INTO invoicing.portal_session (id, account_id, customer_id, token_hash, created_at, expires_at)
      VALUES (${id}, ${accountId}, ${customerId}, ${hashOf(token)}, ${createdAt}, ${expiresAt})`;
  }
}
