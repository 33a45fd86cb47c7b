import type { PrismaClient } from '@orbit/persistence';
import type { Outbox, OutboxEvent } from '../application/ports.js';

/** Publishing to Kafka happens inside the relay's transaction; a slow broker may take this long. */
const RELAY_TIMEOUT_MS = 30_000;

export class PostgresOutbox implements Outbox {
  constructor(private readonly prisma: PrismaClient) {}

  async drain(
    limit: number,
    publish: (events: readonly OutboxEvent[]) => Promise<void>,
    nowMs: number,
  ): Promise<number> {
    return this.prisma.$transaction(
      async (tx) => {
        const rows = await tx.$queryRaw<OutboxRow[]>`
          SELECT position, event_id, topic, value, occurred_at FROM checkout.outbox
          WHERE published_at IS NULL ORDER BY position LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
        if (rows.length === 0) return 0;
        await publish(rows.map(toEvent));
        await tx.checkoutOutbox.updateMany({
          where: { position: { in: rows.map((row) => row.position) } },
          data: { publishedAt: new Date(nowMs) },
        });
        return rows.length;
      },
      { timeout: RELAY_TIMEOUT_MS },
    );
  }

  async prune(publishedBeforeMs: number, limit: number): Promise<number> {
    return this.prisma.$executeRaw`
      DELETE FROM checkout.outbox WHERE position IN (
        SELECT position FROM checkout.outbox
        WHERE published_at IS NOT NULL AND published_at < ${new Date(publishedBeforeMs)}
        ORDER BY published_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)`;
  }
}

interface OutboxRow {
  readonly position: bigint;
  readonly event_id: string;
  readonly topic: string;
  readonly value: unknown;
  readonly occurred_at: Date;
}

/** The table is written by `addToOutbox` alone, which takes only matching topics and values. */
const toEvent = (row: OutboxRow): OutboxEvent =>
  ({
    eventId: row.event_id,
    topic: row.topic,
    value: row.value,
    occurredAtMs: row.occurred_at.getTime(),
  }) as OutboxEvent;

/** One row of the outbox; the event id keeps a repeat from being a second event. */
export const outboxRow = (event: OutboxEvent) => ({
  eventId: event.eventId,
  topic: event.topic,
  key: event.value.organization_id,
  value: { ...event.value },
  occurredAt: new Date(event.occurredAtMs),
});
