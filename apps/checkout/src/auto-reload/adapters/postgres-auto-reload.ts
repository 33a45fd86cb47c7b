import type { PrismaClient } from '@orbit/persistence';
import type {
  AutoReloadStore,
  ReloadPayments,
  ReloadTransaction,
  UnbookedTopUp,
} from '../application/auto-reload-ports.js';
import type { OutboxEvent } from '../../topups/application/ports.js';
import { disabledEvent, referenceOf } from '../../topups/application/topup-events.js';
import { dayStartMs, monthStartMs } from '../domain/auto-reload.js';
import type { AutoReloadPolicy } from '../../topups/domain/reload-policy.js';
import type { TopUp } from '../../topups/domain/topup.js';
import {
  lockPolicy,
  policyFromRow,
  policyToRow,
  savePolicy,
} from '../../topups/adapters/reload-policy-rows.js';
import type { Tx } from '../../topups/adapters/transaction.js';
import { outboxRow } from '../../topups/adapters/postgres-outbox.js';
import { fromRow, toRow } from '../../topups/adapters/topup.mapping.js';

/** More than one organization ever has between two looks. */
const UNBOOKED_MAX = 500;

export class PostgresAutoReload implements AutoReloadStore {
  constructor(private readonly prisma: PrismaClient) {}

  async read(organizationId: string): Promise<AutoReloadPolicy | null> {
    const row = await this.prisma.autoReload.findUnique({ where: { organizationId } });
    return row === null ? null : policyFromRow(row);
  }

  async markDue(organizationIds: readonly string[], nowMs: number): Promise<void> {
    await this.prisma.autoReload.updateMany({
      where: { organizationId: { in: [...organizationIds] }, enabled: true },
      data: { nextCheckAt: new Date(nowMs) },
    });
  }

  async takeDue(nowMs: number, retryAtMs: number, limit: number): Promise<readonly string[]> {
    const rows = await this.prisma.$queryRaw<{ organization_id: string }[]>`
      UPDATE checkout.auto_reload SET next_check_at = ${new Date(retryAtMs)}
      WHERE organization_id IN (
        SELECT organization_id FROM checkout.auto_reload
        WHERE enabled AND paused_reason IS NULL AND next_check_at <= ${new Date(nowMs)}
        ORDER BY next_check_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING organization_id`;
    return rows.map((row) => row.organization_id);
  }

  async schedule(
    organizationId: string,
    sinceMs: number,
    { nextCheckAtMs, cappedUntilMs, judgedSequence }: Parameters<AutoReloadStore['schedule']>[2],
  ): Promise<void> {
    await this.prisma.autoReload.updateMany({
      where: { organizationId, nextCheckAt: new Date(sinceMs) },
      data: {
        nextCheckAt: new Date(nextCheckAtMs),
        cappedUntil: cappedUntilMs === null ? null : new Date(cappedUntilMs),
        judgedSequence,
      },
    });
  }

  async markPushed(organizationId: string, version: bigint): Promise<void> {
    await this.prisma.autoReload.updateMany({
      where: { organizationId, version },
      data: { isPushed: true },
    });
  }

  async payments(organizationId: string, nowMs: number): Promise<ReloadPayments> {
    return readPayments(this.prisma, organizationId, nowMs);
  }

  async unbooked(organizationId: string): Promise<readonly UnbookedTopUp[]> {
    const rows = await this.prisma.topUp.findMany({
      where: { organizationId, state: 'succeeded', bookedAt: null },
      orderBy: { id: 'asc' },
      take: UNBOOKED_MAX,
      select: { id: true, sessionId: true, paymentIntentId: true, paidAt: true },
    });
    return rows.map(({ id, sessionId, paymentIntentId, paidAt }) => ({
      topupId: id,
      reference: referenceOf({ sessionId, paymentIntentId: paymentIntentId ?? '' }),
      paidAtMs: paidAt?.getTime() ?? 0,
    }));
  }

  async markBooked(
    organizationId: string,
    topupIds: readonly string[],
    nowMs: number,
  ): Promise<void> {
    await this.prisma.$transaction([
      this.prisma.topUp.updateMany({
        where: { id: { in: [...topupIds] } },
        data: { bookedAt: new Date(nowMs) },
      }),
      this.prisma.autoReload.updateMany({
        where: { organizationId },
        data: { version: { increment: 1 } },
      }),
    ]);
  }

  async inTransaction<T>(
    organizationId: string,
    work: (tx: ReloadTransaction) => Promise<T>,
  ): Promise<T> {
    return this.prisma.$transaction(async (tx) => {
      const policy = await lockPolicy(tx, organizationId);
      return work(new PostgresReload(tx, organizationId, policy));
    });
  }
}

class PostgresReload implements ReloadTransaction {
  constructor(
    private readonly tx: Tx,
    private readonly organizationId: string,
    readonly policy: AutoReloadPolicy | null,
  ) {}

  async payments(nowMs: number): Promise<ReloadPayments> {
    return readPayments(this.tx, this.organizationId, nowMs);
  }

  async insert(topup: TopUp, nextCheckAtMs: number): Promise<void> {
    const updatedAt = new Date(topup.createdAtMs);
    const row = { ...toRow(topup), nextCheckAt: new Date(nextCheckAtMs), updatedAt };
    await this.tx.topUp.createMany({ data: [row] });
  }

  async save(policy: AutoReloadPolicy, nowMs: number): Promise<void> {
    if (this.policy !== null) return savePolicy(this.tx, policy, nowMs);
    const createdAt = new Date(policy.createdAtMs);
    await this.tx.autoReload.createMany({ data: [{ ...policyToRow(policy, nowMs), createdAt }] });
  }

  async disabled(policy: AutoReloadPolicy, nowMs: number): Promise<void> {
    await this.addEvent(disabledEvent(policy, nowMs));
  }

  async addEvent(event: OutboxEvent): Promise<void> {
    await this.tx.checkoutOutbox.createMany({ data: [outboxRow(event)], skipDuplicates: true });
  }
}

async function readPayments(
  tx: Tx,
  organizationId: string,
  nowMs: number,
): Promise<ReloadPayments> {
  const reloading = await tx.topUp.findFirst({
    where: {
      organizationId,
      kind: 'auto_reload',
      OR: [
        { state: { in: ['created', 'requires_action', 'processing'] } },
        { state: 'succeeded', bookedAt: null },
      ],
    },
  });
  const [sums] = await tx.$queryRaw<Sums[]>`
    SELECT
      (SELECT coalesce(sum(coalesce(received_minor, amount_minor)), 0)::bigint FROM checkout.topup
        WHERE organization_id = ${organizationId} AND (
          state = 'processing' OR (state = 'created' AND kind <> 'hosted')
          OR (state = 'succeeded' AND booked_at IS NULL))) AS in_flight,
      count(*) FILTER (WHERE created_at >= ${new Date(dayStartMs(nowMs))})::int AS day_count,
      count(*)::int AS month_count,
      coalesce(sum(amount_minor) FILTER (WHERE created_at >= ${new Date(dayStartMs(nowMs))}), 0)::bigint
        AS day_minor,
      coalesce(sum(amount_minor), 0)::bigint AS month_minor
    FROM checkout.topup
    WHERE organization_id = ${organizationId} AND kind = 'auto_reload'
      AND created_at >= ${new Date(monthStartMs(nowMs))}
      AND state NOT IN ('failed', 'expired', 'dismissed')`;
  return {
    inFlightMinor: sums?.in_flight ?? 0n,
    reloading: reloading === null ? null : fromRow(reloading),
    usage: {
      dayCount: sums?.day_count ?? 0,
      monthCount: sums?.month_count ?? 0,
      dayMinor: sums?.day_minor ?? 0n,
      monthMinor: sums?.month_minor ?? 0n,
    },
  };
}

interface Sums {
  readonly in_flight: bigint;
  readonly day_count: number;
  readonly month_count: number;
  readonly day_minor: bigint;
  readonly month_minor: bigint;
}
