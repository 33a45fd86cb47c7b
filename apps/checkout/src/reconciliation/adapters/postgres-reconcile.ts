import type { PrismaClient } from '@orbit/persistence';
import type { OutboxEvent } from '../../topups/application/ports.js';
import type { ReconcileStore } from '../application/reconcile-ports.js';
import { outboxRow } from '../../topups/adapters/postgres-outbox.js';

export class PostgresReconcile implements ReconcileStore {
  constructor(private readonly prisma: PrismaClient) {}

  async alert(event: OutboxEvent): Promise<void> {
    await this.prisma.checkoutOutbox.createMany({ data: [outboxRow(event)], skipDuplicates: true });
  }
}
