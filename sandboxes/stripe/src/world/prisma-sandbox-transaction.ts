import type { PrismaClient } from '@orbit/persistence';
import { invariant } from '@orbit/kernel';
import type {
  Delivery,
  NewDelivery,
  Page,
  PageQuery,
  EventQuery,
  SandboxTransaction,
  Stored,
  StoredAnswer,
  Task,
  TaskKind,
} from './ports.js';
import type { JsonObject } from '../http/json.js';
import type { BodyOf, Kind, SecretOf, StripeEvent } from './objects.js';
import { createdRange, cut, PENDING_COUNT, SEQ_MAX } from './list-statements.js';
import {
  deliveryFromRow,
  eventFromRow,
  taskFromRow,
  type DeliveryRow,
  type EventRow,
  type TaskRow,
} from './sandbox-rows.mapping.js';

/** The common part of a Prisma client and its interactive transactions. */
type Sql = Pick<PrismaClient, '$queryRaw' | '$executeRaw'>;

interface ObjectRow {
  readonly body: unknown;
  readonly secret: unknown;
}

/** The statements of one transaction. Raw SQL: locks, `@>` filters and ON CONFLICT are the point here. */
export class PrismaSandboxTransaction implements SandboxTransaction {
  constructor(private readonly sql: Sql) {}

  async find<K extends Kind>(kind: K, id: string): Promise<Stored<K> | null> {
    const rows = await this.sql.$queryRaw<ObjectRow[]>`
      SELECT body, secret FROM stripe_sandbox.sandbox_object WHERE id = ${id} AND kind = ${kind}`;
    return storedFromRow<K>(rows[0]);
  }

  async findForUpdate<K extends Kind>(kind: K, id: string): Promise<Stored<K> | null> {
    const rows = await this.sql.$queryRaw<ObjectRow[]>`
      SELECT body, secret FROM stripe_sandbox.sandbox_object
      WHERE id = ${id} AND kind = ${kind} FOR UPDATE`;
    return storedFromRow<K>(rows[0]);
  }

  async insert<K extends Kind>(kind: K, body: BodyOf<K>, secret: SecretOf<K>): Promise<void> {
    await this.sql.$executeRaw`
      INSERT INTO stripe_sandbox.sandbox_object (id, kind, created_at, body, secret)
      VALUES (${body.id}, ${kind}, ${new Date(body.created * 1_000)},
        ${JSON.stringify(body)}::jsonb, ${toJson(secret)}::jsonb)`;
  }

  async save<K extends Kind>(kind: K, body: BodyOf<K>, secret?: SecretOf<K>): Promise<void> {
    const count = await this.sql.$executeRaw`
      UPDATE stripe_sandbox.sandbox_object
      SET body = ${JSON.stringify(body)}::jsonb,
        secret = coalesce(${toJson(secret)}::jsonb, secret)
      WHERE id = ${body.id} AND kind = ${kind}`;
    invariant(count === 1, `${body.id} is there to be saved`);
  }

  async remove(kind: Kind, id: string): Promise<void> {
    await this.sql.$executeRaw`
      DELETE FROM stripe_sandbox.sandbox_object WHERE id = ${id} AND kind = ${kind}`;
  }

  async list<K extends Kind>(kind: K, query: PageQuery): Promise<Page<BodyOf<K>> | null> {
    const cursor = await this.cursorOf(query, (id) => this.objectSeq(kind, id));
    if (cursor === null) return null;
    const where = JSON.stringify(query.where);
    const { from, to } = createdRange(query);
    const rows = cursor.isBackwards
      ? await this.sql.$queryRaw<ObjectRow[]>`
          SELECT body, secret FROM stripe_sandbox.sandbox_object
          WHERE kind = ${kind} AND body @> ${where}::jsonb AND seq > ${cursor.seq}::bigint
            AND created_at >= ${from} AND created_at < ${to}
          ORDER BY seq LIMIT ${query.limit + 1}`
      : await this.sql.$queryRaw<ObjectRow[]>`
          SELECT body, secret FROM stripe_sandbox.sandbox_object
          WHERE kind = ${kind} AND body @> ${where}::jsonb AND seq < ${cursor.seq}::bigint
            AND created_at >= ${from} AND created_at < ${to}
          ORDER BY seq DESC LIMIT ${query.limit + 1}`;
    return cut(
      rows.map((row) => row.body as BodyOf<K>),
      query.limit,
      cursor.isBackwards,
    );
  }

  async findOverdueSessions(nowSeconds: number, countMax: number): Promise<readonly string[]> {
    const rows = await this.sql.$queryRaw<{ id: string }[]>`
      SELECT id FROM stripe_sandbox.sandbox_object
      WHERE kind = 'checkout.session' AND body ->> 'status' = 'open'
        AND (body ->> 'expires_at')::bigint <= ${nowSeconds}::bigint
      ORDER BY (body ->> 'expires_at')::bigint LIMIT ${countMax}`;
    return rows.map((row) => row.id);
  }

  async planTask(task: Task): Promise<void> {
    await this.sql.$executeRaw`
      INSERT INTO stripe_sandbox.sandbox_task (kind, object_id, clock_id, due_at)
      VALUES (${task.kind}, ${task.objectId}, ${task.clockId}, ${new Date(task.dueAtMs)})
      ON CONFLICT (kind, object_id)
      DO UPDATE SET clock_id = EXCLUDED.clock_id, due_at = EXCLUDED.due_at`;
  }

  async dropTask(kind: TaskKind, objectId: string): Promise<void> {
    await this.sql.$executeRaw`
      DELETE FROM stripe_sandbox.sandbox_task WHERE kind = ${kind} AND object_id = ${objectId}`;
  }

  async takeTask(clockId: string | null, nowMs: number): Promise<Task | null> {
    const [row] = await this.sql.$queryRaw<TaskRow[]>`
      DELETE FROM stripe_sandbox.sandbox_task t
      USING (
        SELECT kind, object_id FROM stripe_sandbox.sandbox_task
        WHERE clock_id IS NOT DISTINCT FROM ${clockId} AND due_at <= ${new Date(nowMs)}
        ORDER BY due_at, kind, object_id LIMIT 1 FOR UPDATE SKIP LOCKED
      ) due
      WHERE t.kind = due.kind AND t.object_id = due.object_id
      RETURNING t.kind, t.object_id, t.clock_id, t.due_at`;
    return row === undefined ? null : taskFromRow(row);
  }

  async insertEvents(
    events: readonly StripeEvent[],
    deliveries: readonly NewDelivery[],
  ): Promise<void> {
    for (const event of events) {
      await this.sql.$executeRaw`
        INSERT INTO stripe_sandbox.sandbox_event (id, type, created_at, body)
        VALUES (${event.id}, ${event.type}, ${new Date(event.created * 1_000)},
          ${JSON.stringify(event)}::jsonb)`;
    }
    for (const delivery of deliveries) {
      await this.sql.$executeRaw`
        INSERT INTO stripe_sandbox.webhook_delivery
          (id, event_id, endpoint_id, status, next_attempt_at, created_at)
        VALUES (${delivery.id}, ${delivery.eventId}, ${delivery.endpointId}, ${delivery.status},
          ${new Date(delivery.nextAttemptAtMs)}, ${new Date(delivery.createdAtMs)})`;
    }
  }

  async findEvent(id: string): Promise<StripeEvent | null> {
    const [row] = await this.sql.$queryRaw<EventRow[]>`
      SELECT e.body, ${PENDING_COUNT} AS pending
      FROM stripe_sandbox.sandbox_event e WHERE e.id = ${id}`;
    return row === undefined ? null : eventFromRow(row);
  }

  async listEvents(query: EventQuery): Promise<Page<StripeEvent> | null> {
    const cursor = await this.cursorOf(query, (id) => this.eventSeq(id));
    if (cursor === null) return null;
    const { from, to } = createdRange(query);
    const types = query.types.map((type) => type.replaceAll('_', '\\_').replaceAll('*', '%'));
    const wanted = query.deliverySuccess ?? null;
    const [after, before] = cursor.isBackwards ? [cursor.seq, SEQ_MAX] : [-1n, cursor.seq];
    const rows = await this.sql.$queryRaw<EventRow[]>`
      SELECT e.body, ${PENDING_COUNT} AS pending FROM stripe_sandbox.sandbox_event e
      WHERE (cardinality(${types}::text[]) = 0 OR e.type LIKE ANY(${types}::text[]))
        AND (${wanted}::boolean IS NULL OR ${wanted}::boolean = NOT EXISTS (
          SELECT 1 FROM stripe_sandbox.webhook_delivery d
          WHERE d.event_id = e.id AND d.status <> 'delivered' AND NOT EXISTS (
            SELECT 1 FROM stripe_sandbox.webhook_delivery later
            WHERE later.event_id = d.event_id AND later.status = 'delivered'
              AND later.endpoint_id IS NOT DISTINCT FROM d.endpoint_id)))
        AND e.seq > ${after}::bigint AND e.seq < ${before}::bigint
        AND e.created_at >= ${from} AND e.created_at < ${to}
      ORDER BY CASE WHEN ${cursor.isBackwards} THEN e.seq ELSE -e.seq END
      LIMIT ${query.limit + 1}`;
    return cut(rows.map(eventFromRow), query.limit, cursor.isBackwards);
  }

  async listDeliveries(countMax: number): Promise<readonly Delivery[]> {
    const rows = await this.sql.$queryRaw<DeliveryRow[]>`
      SELECT d.id, d.event_id, e.type AS event_type, d.endpoint_id, d.status, d.attempts,
        d.next_attempt_at, d.last_status, d.last_error, d.created_at
      FROM stripe_sandbox.webhook_delivery d
      JOIN stripe_sandbox.sandbox_event e ON e.id = d.event_id
      ORDER BY d.seq DESC LIMIT ${countMax}`;
    return rows.map(deliveryFromRow);
  }

  async claimKey(key: string, requestHash: string, atMs: number): Promise<StoredAnswer | null> {
    const count = await this.sql.$executeRaw`
      INSERT INTO stripe_sandbox.idempotency_record (key, request_hash, created_at)
      VALUES (${key}, ${requestHash}, ${new Date(atMs)}) ON CONFLICT (key) DO NOTHING`;
    if (count === 1) return null;
    const [row] = await this.sql.$queryRaw<AnswerRow[]>`
      SELECT request_hash, request_id, response_status, response_body
      FROM stripe_sandbox.idempotency_record WHERE key = ${key}`;
    invariant(row !== undefined, 'a key that is taken can be read');
    return {
      requestHash: row.request_hash,
      requestId: row.request_id,
      status: row.response_status,
      body: row.response_body as JsonObject,
    };
  }

  async answerKey(key: string, answer: Omit<StoredAnswer, 'requestHash'>): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE stripe_sandbox.idempotency_record
      SET request_id = ${answer.requestId}, response_status = ${answer.status},
        response_body = ${JSON.stringify(answer.body)}::jsonb
      WHERE key = ${key}`;
  }

  private async cursorOf(
    query: PageQuery,
    seqOf: (id: string) => Promise<bigint | null>,
  ): Promise<{ readonly seq: bigint; readonly isBackwards: boolean } | null> {
    const id = query.startingAfter ?? query.endingBefore;
    if (id === undefined) return { seq: SEQ_MAX, isBackwards: false };
    const seq = await seqOf(id);
    return seq === null ? null : { seq, isBackwards: query.startingAfter === undefined };
  }

  private async objectSeq(kind: Kind, id: string): Promise<bigint | null> {
    const [row] = await this.sql.$queryRaw<{ seq: bigint }[]>`
      SELECT seq FROM stripe_sandbox.sandbox_object WHERE id = ${id} AND kind = ${kind}`;
    return row?.seq ?? null;
  }

  private async eventSeq(id: string): Promise<bigint | null> {
    const [row] = await this.sql.$queryRaw<{ seq: bigint }[]>`
      SELECT seq FROM stripe_sandbox.sandbox_event WHERE id = ${id}`;
    return row?.seq ?? null;
  }
}

interface AnswerRow {
  readonly request_hash: string;
  readonly request_id: string;
  readonly response_status: number;
  readonly response_body: unknown;
}

function storedFromRow<K extends Kind>(row: ObjectRow | undefined): Stored<K> | null {
  if (row === undefined) return null;
  return { body: row.body as BodyOf<K>, secret: row.secret as SecretOf<K> };
}

function toJson(secret: unknown): string | null {
  return secret === null || secret === undefined ? null : JSON.stringify(secret);
}
