import { OrbitError } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { inWalletUnit, paidOf } from '../domain/clawbacks.js';
import type { ClawbacksSnapshot, DisputeSnapshot, RefundSnapshot } from '../domain/clawbacks.js';
import {
  disputeFact,
  raiseDispute,
  stateOfDispute,
  unpublishedOfDispute,
  type Dispute,
} from '../domain/dispute.js';
import { raiseRefund, stateOfRefund, unpublishedOfRefund, type Refund } from '../domain/refund.js';
import type { TopUp } from '../../topups/domain/topup.js';
import { canMove, PAID_STATES, stateOfMoney } from '../../topups/domain/topup-state.js';
import { disputeEvent, refundEvent } from './clawback-events.js';
import type { ClawbackStore, ClawbackTransaction } from './ports.js';
import type { Log } from '../../topups/application/ports.js';

/** Something changed, or may; asked about again after this long. */
const CHECK_MS = 30 * 60_000;
/** A clawback that waits for its payment to be credited (an operator must decide) is checked this often. */
const PARKED_CHECK_MS = 60_000;

/**
 * Applies what Stripe shows of a payment's refunds and disputes: their states, the state of the top-up, the facts for
 * the ledger and the mark on the inbox row commit together. Webhooks, the recovery job and the answers to our own
 * calls all come through here; nothing depends on the order in which they do.
 */
export class ApplyClawbacks {
  constructor(
    private readonly store: ClawbackStore,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** `eventId` is null when no event made us ask. */
  async run(eventId: string | null, topupId: string, seen: ClawbacksSnapshot): Promise<string> {
    const nowMs = this.clock.nowMs();
    return this.store.inTransaction(async (tx) => {
      if (eventId !== null && !(await tx.lockEvent(eventId))) return 'duplicate';
      const topup = await tx.lockTopUp(topupId);
      const outcome = topup === null ? 'unknown_topup' : await this.apply(tx, topup, seen, nowMs);
      if (eventId !== null) await tx.closeEvent(eventId, outcome, nowMs);
      return outcome;
    });
  }

  /** Stripe has refused the refund for good, and has none of ours: what was set aside is free again. */
  async fail(refund: Refund, reason: string): Promise<void> {
    const nowMs = this.clock.nowMs();
    await this.store.inTransaction(async (tx) => {
      const topup = await tx.lockTopUp(refund.topupId);
      const refunds = topup === null ? [] : await tx.refundsOf(topup.id);
      const stored = refunds.find(({ id }) => id === refund.id);
      // Meanwhile somebody else learnt more.
      if (topup === null || stored?.state !== 'reserved') return;
      const failed: Refund = { ...stored, state: 'failed', failureReason: reason };
      await this.publishRefund(tx, topup, failed, false, nowMs);
    });
  }

  private async apply(
    tx: ClawbackTransaction,
    topup: TopUp,
    seen: ClawbacksSnapshot,
    nowMs: number,
  ): Promise<string> {
    if (topup.paymentIntentId === null) {
      throw new OrbitError('unavailable', 'The payment of the top-up is not completed yet.');
    }
    if (topup.paymentIntentId !== seen.paymentIntentId) {
      // A second payment, which was never credited: what goes back of it is not the wallet's.
      this.log.warn(
        { topup_id: topup.id, payment: seen.paymentIntentId },
        'clawback on a stray payment',
      );
      return 'stray_payment';
    }
    const refunds = await this.raiseRefunds(tx, topup, seen.refunds, nowMs);
    const disputes = await this.raiseDisputes(tx, topup, seen.disputes, nowMs);
    if (!isPaid(topup)) return 'parked';
    const state = stateOfMoney({
      amountMinor: paidOf(topup).minor,
      refundedMinor: refunds
        .filter((refund) => refund.state === 'succeeded')
        .reduce((sum, refund) => sum + (refund.amountMinor ?? 0n), 0n),
      dispute: disputeFact(disputes),
    });
    if (canMove(topup.state, state)) await tx.setTopUpState(topup.id, state, nowMs);
    return state;
  }

  private async raiseRefunds(
    tx: ClawbackTransaction,
    topup: TopUp,
    seen: readonly RefundSnapshot[],
    nowMs: number,
  ): Promise<readonly Refund[]> {
    const refunds = new Map<string, Refund>();
    for (const refund of await tx.refundsOf(topup.id)) refunds.set(refund.id, refund);
    for (const shown of seen) {
      const known =
        [...refunds.values()].find(({ stripeRefundId }) => stripeRefundId === shown.id) ??
        (shown.refundId === null ? undefined : refunds.get(shown.refundId));
      const raised =
        known === undefined
          ? dashboardRefund(topup, shown, nowMs)
          : raiseRefund(withAmount(known, topup, shown), shown, nowMs);
      if (raised === known && unpublishedOfRefund(raised, shown.isTaken) === null) continue;
      refunds.set(raised.id, await this.publishRefund(tx, topup, raised, shown.isTaken, nowMs));
    }
    return [...refunds.values()];
  }

  private async publishRefund(
    tx: ClawbackTransaction,
    topup: TopUp,
    moved: Refund,
    isTaken: boolean,
    nowMs: number,
  ): Promise<Refund> {
    const refund = inUnitOf(topup, moved);
    const unpublished = unpublishedOfRefund(refund, isTaken);
    const fact = isPaid(topup) ? unpublished : null;
    if (fact !== null) await tx.addToOutbox(refundEvent(topup, refund, fact, nowMs));
    const saved = fact === null ? refund : { ...refund, published: fact };
    const isWaiting = fact === null && unpublished !== null;
    await tx.saveRefund(saved, nowMs + (isWaiting ? PARKED_CHECK_MS : CHECK_MS), nowMs);
    const { id: refund_id, state, origin } = saved;
    this.log.info({ refund_id, topup_id: topup.id, state, origin, fact }, 'refund moved');
    return saved;
  }

  private async raiseDisputes(
    tx: ClawbackTransaction,
    topup: TopUp,
    seen: readonly DisputeSnapshot[],
    nowMs: number,
  ): Promise<readonly Dispute[]> {
    const disputes = new Map<string, Dispute>();
    for (const dispute of await tx.disputesOf(topup.id)) disputes.set(dispute.id, dispute);
    for (const shown of seen) {
      const known = disputes.get(shown.id);
      const amountMicros = inWalletUnit(topup, shown.amountMinor);
      const raised =
        known === undefined
          ? newDispute(topup, shown, nowMs)
          : raiseDispute(known, shown, amountMicros, nowMs);
      if (raised === known && unpublishedOfDispute(raised).length === 0) continue;
      disputes.set(raised.id, await this.publishDispute(tx, topup, raised, nowMs));
    }
    return [...disputes.values()];
  }

  private async publishDispute(
    tx: ClawbackTransaction,
    topup: TopUp,
    moved: Dispute,
    nowMs: number,
  ): Promise<Dispute> {
    const dispute = inUnitOf(topup, moved);
    const facts = isPaid(topup) ? unpublishedOfDispute(dispute) : [];
    for (const fact of facts) await tx.addToOutbox(disputeEvent(topup, dispute, fact, nowMs));
    const published = facts.at(-1) ?? dispute.published;
    const saved = { ...dispute, published };
    const isWaiting = facts.length === 0 && unpublishedOfDispute(dispute).length > 0;
    await tx.saveDispute(saved, nowMs + (isWaiting ? PARKED_CHECK_MS : CHECK_MS), nowMs);
    const { id: dispute_id, state } = saved;
    this.log.warn({ dispute_id, topup_id: topup.id, state, facts }, 'dispute moved');
    return saved;
  }
}

const isPaid = ({ state }: TopUp): boolean => (PAID_STATES as readonly string[]).includes(state);

/** Until its event is published, recompute the amount: an operator may have resolved the parked top-up since. */
function inUnitOf<T extends Refund | Dispute>(topup: TopUp, clawback: T): T {
  if (clawback.published !== null || clawback.amountMinor === null) return clawback;
  return { ...clawback, amountMicros: inWalletUnit(topup, clawback.amountMinor) };
}

/** A crash may have come between the ledger's answer and our row of it. */
function withAmount(refund: Refund, topup: TopUp, { amountMinor }: RefundSnapshot): Refund {
  if (refund.amountMinor !== null) return refund;
  return { ...refund, amountMinor, amountMicros: inWalletUnit(topup, amountMinor) };
}

function dashboardRefund(topup: TopUp, seen: RefundSnapshot, nowMs: number): Refund {
  const state = stateOfRefund(seen.status);
  return {
    id: seen.id,
    organizationId: topup.organizationId,
    topupId: topup.id,
    paymentIntentId: seen.paymentIntentId,
    origin: 'dashboard',
    idempotencyKey: null,
    bodyHash: null,
    askedMinor: seen.amountMinor,
    amountMinor: seen.amountMinor,
    amountMicros: inWalletUnit(topup, seen.amountMinor),
    currency: seen.currency,
    unit: topup.currency,
    reason: seen.reason,
    state,
    failureReason: state === 'failed' ? (seen.failureReason ?? seen.status) : null,
    refundableMinor: null,
    refundableMicros: null,
    stripeRefundId: seen.id,
    attempt: 0,
    published: null,
    refundedAtMs: state === 'succeeded' ? nowMs : null,
    createdAtMs: seen.createdAtMs,
  };
}

function newDispute(topup: TopUp, seen: DisputeSnapshot, nowMs: number): Dispute {
  const state = stateOfDispute(seen.status);
  return {
    id: seen.id,
    organizationId: topup.organizationId,
    topupId: topup.id,
    paymentIntentId: seen.paymentIntentId,
    amountMinor: seen.amountMinor,
    amountMicros: inWalletUnit(topup, seen.amountMinor),
    currency: seen.currency,
    unit: topup.currency,
    reason: seen.reason,
    state,
    feeMinor: seen.feeMinor,
    evidenceDueAtMs: seen.evidenceDueAtMs,
    published: null,
    openedAtMs: seen.createdAtMs,
    closedAtMs: state === 'open' || state === 'inquiry' ? null : nowMs,
  };
}
