import type { PrismaClient } from '@orbit/persistence';
import type { StoredEvent, WebhookInbox } from '../application/ports.js';
import type { Tx } from './transaction.js';

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

  async prune(receivedBeforeMs: number, limit: number): Promise<number> {
    return this.prisma.$executeRaw`
      DELETE FROM checkout.webhook_inbox WHERE event_id IN (
        SELECT event_id FROM checkout.webhook_inbox
        WHERE processed_at IS NOT NULL AND received_at < ${new Date(receivedBeforeMs)}
        ORDER BY received_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)`;
  }
}

/** False when the event is not stored, or its effects are done. */
export async function lockEvent(tx: Tx, eventId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT event_id FROM checkout.webhook_inbox
    WHERE event_id = ${eventId} AND processed_at IS NULL FOR UPDATE`;
  return rows.length === 1;
}

export async function closeEvent(
  tx: Tx,
  eventId: string,
  outcome: string,
  nowMs: number,
): Promise<void> {
  await tx.webhookInbox.updateMany({
    where: { eventId },
    data: { processedAt: new Date(nowMs), outcome },
  });
}
