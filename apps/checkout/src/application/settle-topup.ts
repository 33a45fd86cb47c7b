import { formatMicros } from '@orbit/money';
import type { Clock } from '@orbit/kernel';
import { decideTopUp, type PaymentSnapshot, type TopUpDecision } from '../domain/decide-topup.js';
import type { TopUp } from '../domain/topup.js';
import type { Log, OutboxEvent, SettlementStore, SettlementTransaction } from './ports.js';

/** What came of a webhook or a check; stored beside the event. */
export type SettleOutcome = string;

/**
 * Applies what Stripe shows to a top-up: the state, the event to publish and the mark on the inbox row
 * commit together. Both the webhook and the sweeper come through here, so there is one proof.
 */
export class SettleTopUp {
  constructor(
    private readonly store: SettlementStore,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** `eventId` is null when the sweeper asks. `seen` null: nothing to apply, `otherwise` is noted. */
  async run(
    eventId: string | null,
    topupId: string | null,
    seen: PaymentSnapshot | null,
    otherwise: SettleOutcome,
  ): Promise<SettleOutcome> {
    const nowMs = this.clock.nowMs();
    return this.store.inTransaction(async (tx) => {
      if (eventId !== null && !(await tx.lockEvent(eventId))) return 'duplicate';
      const topup = topupId === null || seen === null ? null : await tx.lockTopUp(topupId);
      const outcome =
        topup === null || seen === null ? otherwise : await this.apply(tx, topup, seen, nowMs);
      if (eventId !== null) await tx.closeEvent(eventId, outcome, nowMs);
      return outcome;
    });
  }

  private async apply(
    tx: SettlementTransaction,
    topup: TopUp,
    seen: PaymentSnapshot,
    nowMs: number,
  ): Promise<SettleOutcome> {
    const decision = decideTopUp(topup, seen);
    this.report(topup, seen, decision);
    if (decision.kind === 'none') return decision.why;
    const isStray = topup.sessionId !== null && topup.sessionId !== seen.sessionId;
    await tx.changeTopUp(
      topup.id,
      {
        state: decision.to,
        reason: decision.reason,
        // A stray session does not replace the one that we handed out.
        sessionId: isStray ? null : seen.sessionId,
        sessionExpiresAtMs: seen.expiresAtMs,
        paymentIntentId: isStray ? null : (seen.paymentIntent?.id ?? null),
        card: seen.card,
        receiptEmail: seen.receiptEmail,
      },
      nowMs,
    );
    const event = eventOf(topup, seen, decision, nowMs);
    if (event !== null) await tx.addToOutbox(event);
    return decision.to;
  }

  private report(topup: TopUp, seen: PaymentSnapshot, decision: TopUpDecision): void {
    const fields = {
      topup_id: topup.id,
      organization_id: topup.organizationId,
      session_id: seen.sessionId,
      payment_intent_id: seen.paymentIntent?.id,
    };
    if (decision.kind === 'none') {
      if (decision.why === 'paid_again') {
        this.log.error(fields, 'a top-up was paid twice: refund the second payment by hand');
      }
    } else if (decision.to === 'parked') {
      this.log.error(
        { ...fields, reason: decision.reason },
        'a payment does not fit its top-up: parked, not credited; an operator must look',
      );
    } else {
      this.log.info({ ...fields, from: topup.state, to: decision.to }, 'top-up moved');
    }
  }
}

function eventOf(
  topup: TopUp,
  seen: PaymentSnapshot,
  decision: TopUpDecision & { kind: 'move' },
  nowMs: number,
): OutboxEvent | null {
  const shared = {
    topup_id: topup.id,
    organization_id: topup.organizationId,
    amount: formatMicros(topup.amountMicros),
    currency: topup.currency,
    occurred_at: new Date(nowMs).toISOString(),
  };
  if (decision.to === 'succeeded' && seen.paymentIntent !== null) {
    return {
      // Derived, so that a repeat of any kind is the same event.
      eventId: `evt_${topup.id}_completed`,
      topic: 'topup.completed',
      occurredAtMs: nowMs,
      value: {
        ...shared,
        reference: `stripe_session:${seen.sessionId}`,
        payment_intent_id: seen.paymentIntent.id,
        checkout_session_id: seen.sessionId,
        payment_method: seen.card,
        receipt_email: seen.receiptEmail,
      },
    };
  }
  if (decision.to === 'failed' || decision.to === 'expired') {
    return {
      eventId: `evt_${topup.id}_${decision.to}`,
      topic: 'topup.failed',
      occurredAtMs: nowMs,
      value: { ...shared, reason: decision.reason ?? decision.to },
    };
  }
  return null;
}
