import type { PrismaClient } from '@orbit/persistence';
import type {
  Outbox,
  OutboxEvent,
  SettlementStore,
  SettlementTransaction,
  StoredEvent,
  TopUpChange,
  WebhookInbox,
} from '../application/ports.js';
import type { TopUp } from '../domain/topup.js';
import { dateOf, fromRow } from './topup.mapping.js';

/** What an interactive transaction of Prisma offers. */
type Tx = Omit<PrismaClient, '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends'>;

/** Publishing to Kafka happens inside the relay's transaction; a slow broker may take this long. */
const RELAY_TIMEOUT_MS = 30_000;

export class PostgresSettlements implements SettlementStore {
  constructor(private readonly prisma: PrismaClient) {}

  async inTransaction<T>(work: (tx: SettlementTransaction) => Promise<T>): Promise<T> {
    return this.prisma.$transaction((tx) => work(new PostgresSettlement(tx)));
  }
}

class PostgresSettlement implements SettlementTransaction {
  constructor(private readonly tx: Tx) {}

  async lockEvent(eventId: string): Promise<boolean> {
    const rows = await this.tx.$queryRaw<unknown[]>`
      SELECT event_id FROM checkout.webhook_inbox
      WHERE event_id = ${eventId} AND processed_at IS NULL FOR UPDATE`;
    return rows.length === 1;
  }

  async closeEvent(eventId: string, outcome: string, nowMs: number): Promise<void> {
    await this.tx.webhookInbox.updateMany({
      where: { eventId },
      data: { processedAt: new Date(nowMs), outcome },
    });
  }

  async lockTopUp(topupId: string): Promise<TopUp | null> {
    await this.tx.$queryRaw`SELECT id FROM checkout.topup WHERE id = ${topupId} FOR UPDATE`;
    const row = await this.tx.topUp.findUnique({ where: { id: topupId } });
    return row === null ? null : fromRow(row);
  }

  async changeTopUp(topupId: string, change: TopUpChange, nowMs: number): Promise<void> {
    const { sessionId, sessionExpiresAtMs, paymentIntentId, card, receiptEmail } = change;
    await this.tx.topUp.updateMany({
      where: { id: topupId },
      data: {
        state: change.state,
        reason: change.reason,
        ...(sessionId === null ? {} : { sessionId }),
        ...(sessionExpiresAtMs === null ? {} : { sessionExpiresAt: dateOf(sessionExpiresAtMs) }),
        ...(paymentIntentId === null ? {} : { paymentIntentId }),
        ...(card === null ? {} : { cardBrand: card.brand, cardLast4: card.last4 }),
        ...(receiptEmail === null ? {} : { receiptEmail }),
        updatedAt: new Date(nowMs),
      },
    });
  }

  async addToOutbox(event: OutboxEvent): Promise<void> {
    await this.tx.checkoutOutbox.createMany({
      data: [
        {
          eventId: event.eventId,
          topic: event.topic,
          key: event.value.organization_id,
          value: { ...event.value },
          occurredAt: new Date(event.occurredAtMs),
        },
      ],
    });
  }
}

export class PostgresInbox implements WebhookInbox {
  constructor(private readonly prisma: PrismaClient) {}

  async receive(event: StoredEvent, nowMs: number): Promise<{ processed: boolean }> {
    const { id: eventId, type, payload } = event;
    const receivedAt = new Date(nowMs);
    const { count } = await this.prisma.webhookInbox.createMany({
      data: [{ eventId, type, payload, receivedAt }],
      skipDuplicates: true,
    });
    if (count === 1) return { processed: false };
    const stored = await this.prisma.webhookInbox.findUniqueOrThrow({
      where: { eventId },
      select: { processedAt: true },
    });
    return { processed: stored.processedAt !== null };
  }

  async readUnprocessed(receivedBeforeMs: number, limit: number): Promise<readonly StoredEvent[]> {
    const rows = await this.prisma.webhookInbox.findMany({
      where: { processedAt: null, receivedAt: { lt: new Date(receivedBeforeMs) } },
      orderBy: { receivedAt: 'asc' },
      take: limit,
      select: { eventId: true, type: true, payload: true },
    });
    return rows.map(({ eventId, type, payload }) => ({ id: eventId, type, payload }));
  }
}

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
