import type { Micros } from '@orbit/money';
import type { PrismaClient } from '@orbit/persistence';
import type { ClawbackStore, ClawbackTransaction } from '../application/ports.js';
import type { Dispute } from '../domain/dispute.js';
import type { Refund } from '../domain/refund.js';
import type { PAID_STATES } from '../../topups/domain/topup-state.js';
import {
  disputeChange,
  disputeFromRow,
  disputeToRow,
  refundChange,
  refundFromRow,
  refundToRow,
} from './clawback-rows.js';
import { PaymentTransaction } from '../../topups/adapters/payment-transaction.js';

// A page goes on behind a place, not behind a row: the row may meanwhile have a state that the filter leaves out.
const refundsBehind = ({ id, createdAtMs }: Refund) => {
  const createdAt = new Date(createdAtMs);
  return { OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }] };
};

const disputesBehind = ({ id, openedAtMs }: Dispute) => {
  const openedAt = new Date(openedAtMs);
  return { OR: [{ openedAt: { lt: openedAt } }, { openedAt, id: { lt: id } }] };
};

export class PostgresClawbacks implements ClawbackStore {
  constructor(private readonly prisma: PrismaClient) {}

  async begin(refund: Refund, nextCheckAtMs: number): Promise<Refund> {
    const { organizationId, idempotencyKey } = refund;
    // ON CONFLICT DO NOTHING: of two twins one row stays, and the unique key says whose.
    await this.prisma.refund.createMany({
      data: [refundToRow(refund, nextCheckAtMs, refund.createdAtMs)],
      skipDuplicates: true,
    });
    const row = await this.prisma.refund.findUniqueOrThrow({
      where: {
        organizationId_idempotencyKey: { organizationId, idempotencyKey: idempotencyKey ?? '' },
      },
    });
    return refundFromRow(row);
  }

  async read(refundId: string): Promise<Refund | null> {
    const row = await this.prisma.refund.findUnique({ where: { id: refundId } });
    return row === null ? null : refundFromRow(row);
  }

  async readDispute(disputeId: string): Promise<Dispute | null> {
    const row = await this.prisma.dispute.findUnique({ where: { id: disputeId } });
    return row === null ? null : disputeFromRow(row);
  }

  async list(query: Parameters<ClawbackStore['list']>[0]): Promise<readonly Refund[]> {
    const { organizationId, topupId, limit, after } = query;
    const rows = await this.prisma.refund.findMany({
      where: {
        organizationId,
        state: { not: 'refused' },
        ...(topupId === undefined ? {} : { topupId }),
        ...(after === undefined ? {} : refundsBehind(after)),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit,
    });
    return rows.map(refundFromRow);
  }

  async listDisputes(
    query: Parameters<ClawbackStore['listDisputes']>[0],
  ): Promise<readonly Dispute[]> {
    const { organizationId, state, limit, after } = query;
    const rows = await this.prisma.dispute.findMany({
      where: {
        ...(organizationId === undefined ? {} : { organizationId }),
        ...(state === undefined ? {} : { state }),
        ...(after === undefined ? {} : disputesBehind(after)),
      },
      orderBy: [{ openedAt: 'desc' }, { id: 'desc' }],
      take: limit,
    });
    return rows.map(disputeFromRow);
  }

  async markReserved(
    refundId: string,
    amount: { readonly minor: bigint; readonly micros: Micros },
    nowMs: number,
  ): Promise<void> {
    await this.prisma.refund.updateMany({
      where: { id: refundId, state: 'requested' },
      data: {
        state: 'reserved',
        amountMinor: amount.minor,
        amountMicros: amount.micros,
        updatedAt: new Date(nowMs),
      },
    });
  }

  async countAttempt(refundId: string, attempt: number): Promise<void> {
    await this.prisma.refund.updateMany({
      where: { id: refundId, attempt: { lt: attempt } },
      data: { attempt },
    });
  }

  async markRefused(
    refundId: string,
    reason: string,
    refundable: { readonly minor: bigint; readonly micros: Micros },
    nowMs: number,
  ): Promise<void> {
    await this.prisma.refund.updateMany({
      where: { id: refundId, state: 'requested' },
      data: {
        state: 'refused',
        failureReason: reason,
        refundableMinor: refundable.minor,
        refundableMicros: refundable.micros,
        updatedAt: new Date(nowMs),
      },
    });
  }

  async takeDueRefunds(
    nowMs: number,
    retryAtMs: number,
    limit: number,
  ): Promise<readonly Refund[]> {
    const taken = await this.prisma.$queryRaw<{ id: string }[]>`
      UPDATE checkout.refund SET next_check_at = ${new Date(retryAtMs)}
      WHERE id IN (
        SELECT id FROM checkout.refund
        WHERE next_check_at <= ${new Date(nowMs)} AND (
          state IN ('requested', 'reserved', 'pending')
          OR (state = 'succeeded' AND told IS DISTINCT FROM 'completed')
          OR (state = 'failed' AND told IS DISTINCT FROM 'failed'))
        ORDER BY next_check_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING id`;
    const rows = await this.prisma.refund.findMany({
      where: { id: { in: taken.map(({ id }) => id) } },
      orderBy: { createdAt: 'asc' },
    });
    return rows.map(refundFromRow);
  }

  async takeDueDisputes(
    nowMs: number,
    retryAtMs: number,
    limit: number,
  ): Promise<readonly Dispute[]> {
    const taken = await this.prisma.$queryRaw<{ id: string }[]>`
      UPDATE checkout.dispute SET next_check_at = ${new Date(retryAtMs)}
      WHERE id IN (
        SELECT id FROM checkout.dispute
        WHERE next_check_at <= ${new Date(nowMs)} AND (
          state IN ('inquiry', 'open')
          OR (state IN ('won', 'lost') AND told IS DISTINCT FROM 'closed'))
        ORDER BY next_check_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING id`;
    const rows = await this.prisma.dispute.findMany({
      where: { id: { in: taken.map(({ id }) => id) } },
      orderBy: { openedAt: 'asc' },
    });
    return rows.map(disputeFromRow);
  }

  async stuckRefunds(beforeMs: number, limit: number): Promise<readonly Refund[]> {
    const rows = await this.prisma.refund.findMany({
      where: { state: { in: ['requested', 'reserved'] }, createdAt: { lt: new Date(beforeMs) } },
      orderBy: { createdAt: 'asc' },
      take: limit,
    });
    return rows.map(refundFromRow);
  }

  async inTransaction<T>(work: (tx: ClawbackTransaction) => Promise<T>): Promise<T> {
    return this.prisma.$transaction((tx) => work(new PostgresClawbackTransaction(tx)));
  }
}

class PostgresClawbackTransaction extends PaymentTransaction implements ClawbackTransaction {
  async refundsOf(topupId: string): Promise<readonly Refund[]> {
    // A request may be between two of its steps: its row is locked, so that neither overwrites the other.
    await this.tx.$queryRaw`
      SELECT id FROM checkout.refund WHERE topup_id = ${topupId} ORDER BY id FOR UPDATE`;
    return (await this.tx.refund.findMany({ where: { topupId } })).map(refundFromRow);
  }

  async disputesOf(topupId: string): Promise<readonly Dispute[]> {
    return (await this.tx.dispute.findMany({ where: { topupId } })).map(disputeFromRow);
  }

  async saveRefund(refund: Refund, nextCheckAtMs: number, nowMs: number): Promise<void> {
    const data = refundChange(refund, nextCheckAtMs, nowMs);
    const { count } = await this.tx.refund.updateMany({ where: { id: refund.id }, data });
    if (count > 0) return;
    await this.tx.refund.createMany({ data: [refundToRow(refund, nextCheckAtMs, nowMs)] });
  }

  async saveDispute(dispute: Dispute, nextCheckAtMs: number, nowMs: number): Promise<void> {
    const data = disputeChange(dispute, nextCheckAtMs, nowMs);
    const { count } = await this.tx.dispute.updateMany({ where: { id: dispute.id }, data });
    if (count > 0) return;
    await this.tx.dispute.createMany({ data: [disputeToRow(dispute, nextCheckAtMs, nowMs)] });
  }

  async setTopUpState(
    topupId: string,
    state: (typeof PAID_STATES)[number],
    nowMs: number,
  ): Promise<void> {
    await this.tx.topUp.updateMany({
      where: { id: topupId },
      data: { state, updatedAt: new Date(nowMs) },
    });
  }
}
