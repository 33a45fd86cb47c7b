import type { DeliveryState } from '@orbit/contracts';
import { Prisma, type PrismaClient } from '@orbit/persistence';
import type {
  DeliveryFilter,
  DeliveryLog,
  DeliveryOwner,
  LoggedAttempt,
  LoggedDelivery,
} from '../application/orbit-ports.js';

interface Row {
  readonly id: string;
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly type: string;
  readonly object_id: string;
  readonly sequence: bigint;
  readonly state: DeliveryState;
  readonly attempt_count: number;
  readonly created_at: Date;
  readonly next_attempt_at: Date;
  readonly ended_at: Date | null;
  readonly number: number | null;
  readonly attempted_at: Date;
  readonly latency_ms: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly response: string | null;
}

/** A delivery with its last attempt. */
const SELECT = Prisma.sql`
  SELECT d.id, d.endpoint_id, d.event_id, v.type, d.object_id, v.sequence, d.state, d.attempt_count, d.created_at,
         d.next_attempt_at, d.ended_at, a.number, a.attempted_at, a.latency_ms, a.status, a.error, a.response
  FROM invoicing.webhook_delivery d
  JOIN invoicing.webhook_endpoint e ON e.id = d.endpoint_id
  JOIN invoicing.webhook_event v ON v.id = d.event_id
  LEFT JOIN invoicing.webhook_attempt a ON a.delivery_id = d.id AND a.number = d.attempt_count`;

const isOf = (owner: DeliveryOwner): Prisma.Sql =>
  'organizationId' in owner
    ? Prisma.sql`e.organization_id = ${owner.organizationId}`
    : Prisma.sql`e.account_id = ${owner.accountId} AND e.organization_id IS NULL`;

/** The deliveries as they are kept. */
export class SqlDeliveryLog implements DeliveryLog {
  constructor(private readonly prisma: PrismaClient) {}

  async list(owner: DeliveryOwner, filter: DeliveryFilter): Promise<readonly LoggedDelivery[]> {
    const { endpointId, state, eventType, limit, afterId } = filter;
    const rows = await this.prisma.$queryRaw<Row[]>`
      ${SELECT}
      WHERE ${isOf(owner)}
        AND (${endpointId}::text IS NULL OR d.endpoint_id = ${endpointId})
        AND (${state}::text IS NULL OR d.state = ${state})
        AND (${eventType}::text IS NULL OR v.type = ${eventType})
        AND (${afterId}::text IS NULL
             OR d.position < (SELECT position FROM invoicing.webhook_delivery WHERE id = ${afterId}))
      ORDER BY d.position DESC LIMIT ${limit + 1}`;
    return rows.map(fromRow);
  }

  async read(owner: DeliveryOwner, id: string): Promise<LoggedDelivery | null> {
    const [row] = await this.prisma.$queryRaw<
      Row[]
    >`${SELECT} WHERE ${isOf(owner)} AND d.id = ${id}`;
    return row ? fromRow(row) : null;
  }

  async detail(id: string): Promise<{ body: string; attempts: readonly LoggedAttempt[] }> {
    const [event] = await this.prisma.$queryRaw<{ body: string }[]>`
      SELECT CASE d.payload_style WHEN 'standard' THEN v.standard_body ELSE v.expanded_body END AS body
      FROM invoicing.webhook_delivery d JOIN invoicing.webhook_event v ON v.id = d.event_id WHERE d.id = ${id}`;
    const attempts = await this.prisma.$queryRaw<LoggedAttempt[]>`
      SELECT number, attempted_at AS "attemptedAt", latency_ms AS "latencyMs", status, error, response
      FROM invoicing.webhook_attempt WHERE delivery_id = ${id} ORDER BY number`;
    return { body: event?.body ?? '', attempts };
  }

  resend(id: string, newId: string, now: Date): Promise<string | null> {
    return this.prisma.$transaction(async (sql) => {
      // Who asks twice at once waits here, and then finds the delivery that the first has made.
      const [row] = await sql.$queryRaw<{ isOpen: boolean }[]>`
        SELECT e.is_enabled AND e.deleted_at IS NULL AS "isOpen"
        FROM invoicing.webhook_delivery d JOIN invoicing.webhook_endpoint e ON e.id = d.endpoint_id
        WHERE d.id = ${id} FOR UPDATE OF d`;
      if (row?.isOpen !== true) return null;
      const [waiting] = await sql.$queryRaw<{ id: string }[]>`
        UPDATE invoicing.webhook_delivery d SET next_attempt_at = least(d.next_attempt_at, ${now})
        FROM invoicing.webhook_delivery asked
        WHERE asked.id = ${id} AND d.event_id = asked.event_id AND d.endpoint_id = asked.endpoint_id
          AND d.state = 'pending' RETURNING d.id`;
      if (waiting) return waiting.id;
      await sql.$executeRaw`
        INSERT INTO invoicing.webhook_delivery
          (id, endpoint_id, event_id, object_id, payload_style, created_at, next_attempt_at)
        SELECT ${newId}, endpoint_id, event_id, object_id, payload_style, ${now}, ${now}
        FROM invoicing.webhook_delivery WHERE id = ${id}`;
      return newId;
    });
  }

  prune(before: Date, max: number): Promise<number> {
    return this.prisma.$transaction(async (sql) => {
      const old = await sql.$queryRaw<{ id: string; eventId: string }[]>`
        SELECT id, event_id AS "eventId" FROM invoicing.webhook_delivery
        WHERE ended_at < ${before} ORDER BY ended_at LIMIT ${max} FOR UPDATE SKIP LOCKED`;
      if (old.length === 0) return 0;
      const ids = old.map(({ id }) => id);
      await sql.$executeRaw`DELETE FROM invoicing.webhook_attempt WHERE delivery_id = ANY(${ids}::text[])`;
      await sql.$executeRaw`DELETE FROM invoicing.webhook_delivery WHERE id = ANY(${ids}::text[])`;
      await sql.$executeRaw`
        DELETE FROM invoicing.webhook_event v
        WHERE v.id = ANY(${old.map(({ eventId }) => eventId)}::text[]) AND v.created_at < ${before}
          AND NOT EXISTS (SELECT 1 FROM invoicing.webhook_delivery d WHERE d.event_id = v.id)`;
      return old.length;
    });
  }
}

const fromRow = (row: Row): LoggedDelivery => ({
  id: row.id,
  endpointId: row.endpoint_id,
  eventId: row.event_id,
  eventType: row.type,
  objectId: row.object_id,
  sequence: Number(row.sequence),
  state: row.state,
  attemptCount: row.attempt_count,
  createdAt: row.created_at,
  nextAttemptAt: row.state === 'pending' ? row.next_attempt_at : null,
  endedAt: row.ended_at,
  lastAttempt:
    row.number === null
      ? null
      : {
          number: row.number,
          attemptedAt: row.attempted_at,
          latencyMs: row.latency_ms,
          status: row.status,
          error: row.error,
          response: row.response,
        },
});
