import type { PrismaClient } from '@orbit/persistence';
import type { OutboxEvent } from '../../topups/application/ports.js';
import type { ReconcileStore } from '../application/reconcile-ports.js';
import type { Refund } from '../../refunds/domain/refund.js';
import { refundFromRow } from '../../refunds/adapters/claim-rows.js';
import { outboxRow } from '../../topups/adapters/postgres-outbox.js';

export class PostgresReconcile implements ReconcileStore {
  constructor(private readonly prisma: PrismaClient) {}

  async stuckRefunds(beforeMs: number, limit: number): Promise<readonly Refund[]> {
    const rows = await this.prisma.refund.findMany({
      where: { state: { in: ['requested', 'reserved'] }, createdAt: { lt: new Date(beforeMs) } },
      orderBy: { createdAt: 'asc' },
      take: limit,
    });
    return rows.map(refundFromRow);
  }

  async alert(event: OutboxEvent): Promise<void> {
    await this.prisma.checkoutOutbox.createMany({ data: [outboxRow(event)], skipDuplicates: true });
  }
}
