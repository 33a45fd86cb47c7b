import { invariant } from '@orbit/kernel';
import { micros, type Micros } from '@orbit/money';
import type { PrismaClient } from '@orbit/persistence';
import { isDisputeState, type Dispute } from '../domain/dispute.js';
import { isRefundState, type Refund } from '../domain/refund.js';
import { dateOf } from '../../topups/adapters/topup.mapping.js';

type RefundRow = NonNullable<Awaited<ReturnType<PrismaClient['refund']['findUnique']>>>;
type DisputeRow = NonNullable<Awaited<ReturnType<PrismaClient['dispute']['findUnique']>>>;

const microsOf = (value: bigint | null): Micros | null => (value === null ? null : micros(value));

export function refundFromRow(row: RefundRow): Refund {
  const { origin, state, published, refundedAt, createdAt, ...rest } = row;
  const { nextCheckAt: _next, updatedAt: _updated, amountMicros, refundableMicros, ...kept } = rest;
  invariant(isRefundState(state), 'a stored refund has a state that we know');
  return {
    ...kept,
    state,
    origin: origin === 'api' ? 'api' : 'dashboard',
    published:
      published === 'pending' || published === 'completed' || published === 'failed'
        ? published
        : null,
    amountMicros: microsOf(amountMicros),
    refundableMicros: microsOf(refundableMicros),
    refundedAtMs: refundedAt?.getTime() ?? null,
    createdAtMs: createdAt.getTime(),
  };
}

/** All of it, for a new row. */
export function refundToRow(refund: Refund, nextCheckAtMs: number, nowMs: number) {
  const { refundedAtMs, createdAtMs, ...kept } = refund;
  return {
    ...kept,
    refundedAt: dateOf(refundedAtMs),
    createdAt: new Date(createdAtMs),
    nextCheckAt: new Date(nextCheckAtMs),
    updatedAt: new Date(nowMs),
  };
}

/** The columns of a refund that may change; the request itself cannot. */
export function refundChange(refund: Refund, nextCheckAtMs: number, nowMs: number) {
  const { state, failureReason, stripeRefundId, published, amountMinor, amountMicros } = refund;
  return {
    ...{ state, failureReason, stripeRefundId, published, amountMinor, amountMicros },
    refundedAt: dateOf(refund.refundedAtMs),
    nextCheckAt: new Date(nextCheckAtMs),
    updatedAt: new Date(nowMs),
  };
}

export function disputeFromRow(row: DisputeRow): Dispute {
  const { state, published, evidenceDueAt, openedAt, closedAt, amountMicros, ...rest } = row;
  const { nextCheckAt: _next, updatedAt: _updated, ...kept } = rest;
  invariant(isDisputeState(state), 'a stored dispute has a state that we know');
  return {
    ...kept,
    state,
    published: published === 'opened' || published === 'closed' ? published : null,
    amountMicros: micros(amountMicros),
    evidenceDueAtMs: evidenceDueAt?.getTime() ?? null,
    openedAtMs: openedAt.getTime(),
    closedAtMs: closedAt?.getTime() ?? null,
  };
}

export function disputeToRow(dispute: Dispute, nextCheckAtMs: number, nowMs: number) {
  const { evidenceDueAtMs, openedAtMs, closedAtMs, ...kept } = dispute;
  return {
    ...kept,
    evidenceDueAt: dateOf(evidenceDueAtMs),
    openedAt: new Date(openedAtMs),
    closedAt: dateOf(closedAtMs),
    nextCheckAt: new Date(nextCheckAtMs),
    updatedAt: new Date(nowMs),
  };
}

export function disputeChange(dispute: Dispute, nextCheckAtMs: number, nowMs: number) {
  const row = disputeToRow(dispute, nextCheckAtMs, nowMs);
  const { amountMinor, amountMicros, reason, state, feeMinor, evidenceDueAt, published } = row;
  const { closedAt, nextCheckAt, updatedAt } = row;
  return {
    ...{ amountMinor, amountMicros, reason, state, feeMinor, evidenceDueAt, published },
    ...{ closedAt, nextCheckAt, updatedAt },
  };
}
