import type { PrismaClient } from '@orbit/persistence';
import { REFUSE_READ_ONLY } from '@orbit/runtime';
import type { DeliveryResult, DueDelivery, SandboxStore, SandboxTransaction } from './ports.js';
import { PrismaSandboxTransaction } from './prisma-sandbox-transaction.js';
import {
  deliveryFromRow,
  eventFromRow,
  type DeliveryRow,
  type EventRow,
} from './sandbox-rows.mapping.js';

/** A request waits for its idempotency key or its session at most so long. */
const TRANSACTION_MS_MAX = 15_000;
const CONNECTION_WAIT_MS_MAX = 10_000;

/** The sandbox's world in PostgreSQL, schema `stripe_sandbox`. */
export class PrismaSandboxStore implements SandboxStore {
  constructor(private readonly prisma: PrismaClient) {}

  transaction<T>(work: (transaction: SandboxTransaction) => Promise<T>): Promise<T> {
    return this.prisma.$transaction((sql) => work(new PrismaSandboxTransaction(sql)), {
      timeout: TRANSACTION_MS_MAX,
      maxWait: CONNECTION_WAIT_MS_MAX,
    });
  }

  async claimDeliveries(
    nowMs: number,
    leaseUntilMs: number,
    countMax: number,
  ): Promise<readonly DueDelivery[]> {
    const rows = await this.prisma.$queryRaw<(DeliveryRow & EventRow)[]>`
      WITH due AS (
        SELECT id FROM stripe_sandbox.webhook_delivery
        WHERE status = 'pending' AND next_attempt_at <= ${new Date(nowMs)}
        ORDER BY next_attempt_at, seq
        LIMIT ${countMax}
        FOR UPDATE SKIP LOCKED
      )
      UPDATE stripe_sandbox.webhook_delivery d
      SET attempts = d.attempts + 1, next_attempt_at = ${new Date(leaseUntilMs)}
      FROM due, stripe_sandbox.sandbox_event e
      WHERE d.id = due.id AND e.id = d.event_id
      RETURNING d.id, d.event_id, d.endpoint_id, d.status, d.attempts, d.next_attempt_at,
        d.last_status, d.last_error, d.created_at, e.type AS event_type, e.body`;
    return rows.map((row) => ({ ...deliveryFromRow(row), event: eventFromRow(row) }));
  }

  async nextDueAtMs(): Promise<number | null> {
    const [row] = await this.prisma.$queryRaw<{ due: Date | null }[]>`
      SELECT min(next_attempt_at) AS due FROM stripe_sandbox.webhook_delivery
      WHERE status = 'pending'`;
    return row?.due?.getTime() ?? null;
  }

  async finishDelivery(result: DeliveryResult): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE stripe_sandbox.webhook_delivery
      SET status = ${result.status}, next_attempt_at = ${new Date(result.nextAttemptAtMs)},
        last_status = ${result.lastStatus}::integer, last_error = ${result.lastError}
      WHERE id = ${result.id}`;
  }

  async deleteKeysBefore(atMs: number): Promise<void> {
    await this.prisma.$executeRaw`
      DELETE FROM stripe_sandbox.idempotency_record WHERE created_at < ${new Date(atMs)}`;
  }

  async isReachable(): Promise<boolean> {
    try {
      await this.prisma.$executeRawUnsafe(REFUSE_READ_ONLY);
      return true;
    } catch {
      return false;
    }
  }
}
