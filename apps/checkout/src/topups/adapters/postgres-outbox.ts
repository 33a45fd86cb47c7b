import { Outbox as KeptEvents } from '@orbit/messaging';
import { queryTransactions, type PrismaClient } from '@orbit/persistence';
import { currentTrace } from '@orbit/runtime';
import type { Outbox, OutboxEvent } from '../application/ports.js';

export class PostgresOutbox implements Outbox {
  readonly kept: KeptEvents;

  constructor(prisma: PrismaClient) {
    const table = { name: 'checkout.outbox', atColumn: 'occurred_at', keepsTrace: true } as const;
    this.kept = new KeptEvents(table, queryTransactions(prisma));
  }

  drain(
    limit: number,
    publish: (events: readonly OutboxEvent[]) => Promise<void>,
    nowMs: number,
  ): Promise<number> {
    return this.kept.drain(
      limit,
      // The table is written by `outboxRow` alone, which takes only matching topics and values.
      (events) =>
        publish(
          events.map(
            ({ id, topic, value, atMs, trace }) =>
              ({ eventId: id, topic, value, occurredAtMs: atMs, trace }) as OutboxEvent,
          ),
        ),
      nowMs,
    );
  }

  prune(publishedBeforeMs: number, limit: number): Promise<number> {
    return this.kept.prune(publishedBeforeMs, limit);
  }
}

/** One row of the outbox, in the trace of its writer; the event id keeps a repeat from being a second event. */
export function outboxRow(event: OutboxEvent) {
  const trace = currentTrace();
  return {
    eventId: event.eventId,
    topic: event.topic,
    key: event.value.organization_id,
    value: { ...event.value },
    occurredAt: new Date(event.occurredAtMs),
    ...(trace && { trace: { ...trace } }),
  };
}
