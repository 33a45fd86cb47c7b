import type { PrismaClient } from '@orbit/persistence';
import type { TraceHeaders } from '@orbit/runtime';
import type { Attempt, ClaimLimits, Deliveries, DueDelivery } from '../application/ports.js';

interface Row {
  readonly id: string;
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly url: string;
  readonly secret: string;
  readonly body: string;
  readonly sequence: bigint;
  readonly may_be_private: boolean;
  readonly attempt_count: number;
  readonly created_at: Date;
  readonly trace: TraceHeaders | null;
}

export class PrismaDeliveries implements Deliveries {
  constructor(private readonly prisma: PrismaClient) {}

  async claim(
    { max, perEndpointMax, underWay }: ClaimLimits,
    nowMs: number,
    untilMs: number,
  ): Promise<readonly DueDelivery[]> {
    const now = new Date(nowMs);
    const busy = [...underWay];
    const rows = await this.prisma.$queryRaw<Row[]>`
      WITH busy AS (
        SELECT * FROM unnest(${busy.map(([id]) => id)}::text[], ${busy.map(([, count]) => count)}::integer[])
          AS b (endpoint_id, count)
      ), candidate AS (
        -- The first of each object at each endpoint, and of these as many as an endpoint may have under way.
        SELECT d.id, row_number() OVER (PARTITION BY d.endpoint_id ORDER BY d.next_attempt_at, d.position)
                 + coalesce(b.count, 0) AS place
        FROM invoicing.webhook_delivery d
        JOIN invoicing.webhook_endpoint e ON e.id = d.endpoint_id AND e.is_enabled AND e.deleted_at IS NULL
        LEFT JOIN busy b ON b.endpoint_id = d.endpoint_id
        WHERE d.state = 'pending' AND d.next_attempt_at <= ${now}
          AND (d.claimed_until IS NULL OR d.claimed_until < ${now})
          AND NOT EXISTS (
            SELECT 1 FROM invoicing.webhook_delivery earlier
            WHERE earlier.endpoint_id = d.endpoint_id AND earlier.object_id = d.object_id
              AND earlier.state = 'pending' AND earlier.position < d.position)
      ), taken AS (
        SELECT d.id FROM invoicing.webhook_delivery d
        WHERE d.id IN (SELECT id FROM candidate WHERE place <= ${perEndpointMax} ORDER BY place LIMIT ${max})
          AND d.state = 'pending' AND (d.claimed_until IS NULL OR d.claimed_until < ${now})
        FOR UPDATE SKIP LOCKED
      )
      UPDATE invoicing.webhook_delivery d SET claimed_until = ${new Date(untilMs)}
      FROM taken, invoicing.webhook_endpoint e, invoicing.webhook_event v
      WHERE d.id = taken.id AND e.id = d.endpoint_id AND v.id = d.event_id
      RETURNING d.id, d.endpoint_id, d.event_id, e.url, e.secret, e.may_be_private, v.sequence,
        CASE d.payload_style WHEN 'standard' THEN v.standard_body ELSE v.expanded_body END AS body,
        d.attempt_count, d.created_at, v.trace`;
    return rows.map((row) => ({
      id: row.id,
      endpointId: row.endpoint_id,
      eventId: row.event_id,
      url: row.url,
      secret: row.secret,
      body: row.body,
      sequence: Number(row.sequence),
      mayBePrivate: row.may_be_private,
      attemptCount: row.attempt_count,
      createdAtMs: row.created_at.getTime(),
      trace: row.trace,
    }));
  }

  async nextDueMs(nowMs: number): Promise<number | null> {
    const [first] = await this.prisma.$queryRaw<{ due: Date | null }[]>`
      SELECT min(greatest(d.next_attempt_at, d.claimed_until)) AS due FROM invoicing.webhook_delivery d
      JOIN invoicing.webhook_endpoint e ON e.id = d.endpoint_id AND e.is_enabled AND e.deleted_at IS NULL
      WHERE d.state = 'pending' AND greatest(d.next_attempt_at, d.claimed_until) > ${new Date(nowMs)}`;
    return first?.due?.getTime() ?? null;
  }

  async record(
    due: DueDelivery,
    attempt: Attempt,
    isDelivered: boolean,
    nextMs: number | null,
  ): Promise<void> {
    const endedAt = new Date(attempt.attemptedAtMs + attempt.latencyMs);
    const state = isDelivered ? 'delivered' : nextMs === null ? 'failed' : 'pending';
    await this.prisma.$executeRaw`
      WITH attempt AS (
        INSERT INTO invoicing.webhook_attempt (delivery_id, number, attempted_at, latency_ms, status, error, response)
        VALUES (${due.id}, ${due.attemptCount + 1}, ${new Date(attempt.attemptedAtMs)}, ${attempt.latencyMs},
                ${attempt.status}, ${attempt.error}, ${attempt.response})
        ON CONFLICT (delivery_id, number) DO NOTHING
      )
      UPDATE invoicing.webhook_delivery SET attempt_count = ${due.attemptCount + 1}, claimed_until = NULL,
        state = ${state}, next_attempt_at = coalesce(${nextMs === null ? null : new Date(nextMs)}::timestamptz, next_attempt_at),
        ended_at = ${state === 'pending' ? null : endedAt}
      WHERE id = ${due.id} AND state = 'pending'`;
  }
}
