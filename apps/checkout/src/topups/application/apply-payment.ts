import type { Clock } from '@orbit/kernel';
import { afterReload, type ReloadResult } from '../domain/reload-policy.js';
import {
  decideTopUp,
  isStrayPayment,
  type PaymentSnapshot,
  type TopUpDecision,
} from '../domain/decide-topup.js';
import type { TopUp } from '../domain/topup.js';
import { canMove, type TopUpState } from '../domain/topup-state.js';
import type { Log, SettlementStore, SettlementTransaction, TopUpChange } from './ports.js';
import { completedEvent, disabledEvent, failedEvent } from './topup-events.js';

/** The result of a webhook or a check; stored beside the event. */
export type ApplyOutcome = string;

/**
 * Applies what Stripe shows to a top-up: the state, the event to publish, what it means for auto-reload and
 * the mark on the inbox row commit together. Webhooks, the sweeper and the answers to our own calls all
 * come through here, so there is one proof.
 */
export class ApplyPayment {
  constructor(
    private readonly store: SettlementStore,
    private readonly clock: Clock,
    private readonly log: Log,
    /** Between an automatic payment that failed and the next try. */
    private readonly retrySpacingMs: number,
  ) {}

  /** `eventId` is null when no event made us ask. `seen` null: nothing to apply, `otherwise` is noted. */
  async run(
    eventId: string | null,
    topupId: string | null,
    seen: PaymentSnapshot | null,
    otherwise: ApplyOutcome,
  ): Promise<ApplyOutcome> {
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

  /** Ends a top-up of which Stripe has no payment: what was asked for was refused, or never reached it. */
  async end(topupId: string, to: 'failed' | 'expired', reason: string): Promise<void> {
    const nowMs = this.clock.nowMs();
    await this.store.inTransaction(async (tx) => {
      const topup = await tx.lockTopUp(topupId);
      if (topup === null || !canMove(topup.state, to)) return;
      await tx.changeTopUp(topup.id, { ...NOTHING_SEEN, state: to, reason }, nowMs);
      await tx.addToOutbox(failedEvent(topup, to, reason, nowMs));
      await this.updatePolicy(tx, topup, { to, reason }, nowMs);
      this.log.info({ topup_id: topup.id, from: topup.state, to, reason }, 'top-up ended');
    });
  }

  private async apply(
    tx: SettlementTransaction,
    topup: TopUp,
    seen: PaymentSnapshot,
    nowMs: number,
  ): Promise<ApplyOutcome> {
    const decision = decideTopUp(topup, seen);
    this.report(topup, seen, decision);
    if (decision.kind === 'none') {
      // The state may be known already and the address to authenticate at not yet.
      if (decision.why === 'unchanged' && (seen.paymentIntent?.actionUrl ?? null) !== null)
        await tx.changeTopUp(topup.id, changeOf(topup, seen, topup, nowMs), nowMs);
      return decision.why;
    }
    const to = { state: decision.to, reason: decision.reason };
    await tx.changeTopUp(topup.id, changeOf(topup, seen, to, nowMs), nowMs);
    await this.publish(tx, topup, seen, decision, nowMs);
    await this.updatePolicy(tx, topup, decision, nowMs);
    return decision.to;
  }

  private async publish(
    tx: SettlementTransaction,
    topup: TopUp,
    seen: PaymentSnapshot,
    { to, reason }: TopUpDecision & { kind: 'move' },
    nowMs: number,
  ): Promise<void> {
    const intent = seen.paymentIntent;
    if (to === 'succeeded' && intent !== null) {
      const { amountMicros, amountMinor: paidMinor } = topup;
      const paid = { ...seen, paymentIntentId: intent.id, amountMicros, paidMinor };
      await tx.addToOutbox(completedEvent(topup, paid, nowMs));
    }
    if (to === 'failed' || to === 'expired')
      await tx.addToOutbox(failedEvent(topup, to, reason, nowMs));
  }

  private async updatePolicy(
    tx: SettlementTransaction,
    topup: TopUp,
    move: { readonly to: TopUpState; readonly reason: string | null },
    nowMs: number,
  ): Promise<void> {
    const result = topup.kind === 'auto_reload' ? resultOf(move) : null;
    const policy = result === null ? null : await tx.lockPolicy(topup.organizationId);
    if (result === null || policy === null) return;
    const after = afterReload(policy, result, nowMs, this.retrySpacingMs);
    await tx.savePolicy(after.policy, nowMs);
    if (!after.isDisabled) return;
    await tx.addToOutbox(disabledEvent(after.policy, nowMs));
    this.log.warn(
      { organization_id: policy.organizationId, reason: after.policy.disabledReason },
      'auto-reload turned itself off',
    );
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

const NOTHING_SEEN = {
  sessionId: null,
  sessionExpiresAtMs: null,
  paymentIntentId: null,
  actionUrl: null,
  card: null,
  receiptEmail: null,
  received: null,
  paidAtMs: null,
} as const;

function changeOf(
  topup: TopUp,
  seen: PaymentSnapshot,
  to: { readonly state: TopUpState; readonly reason: string | null },
  nowMs: number,
): TopUpChange {
  const intent = seen.paymentIntent;
  // A stray payment does not replace the one that we handed out, unless it brought the money.
  const isStray = isStrayPayment(topup, seen);
  const hasMoney = to.state === 'succeeded' || to.state === 'parked';
  const received =
    intent === null ? null : { minor: intent.amountReceivedMinor, currency: intent.currency };
  return {
    state: to.state,
    reason: to.reason,
    sessionId: isStray ? null : seen.sessionId,
    sessionExpiresAtMs: seen.expiresAtMs,
    paymentIntentId: isStray && !hasMoney ? null : (intent?.id ?? null),
    actionUrl: to.state === 'requires_action' ? (intent?.actionUrl ?? topup.actionUrl) : null,
    card: seen.card,
    receiptEmail: seen.receiptEmail,
    received: hasMoney ? received : null,
    paidAtMs: to.state === 'succeeded' ? nowMs : null,
  };
}

function resultOf({
  to,
  reason,
}: {
  readonly to: TopUpState;
  readonly reason: string | null;
}): ReloadResult | null {
  if (to === 'succeeded') return { kind: 'paid' };
  if (to === 'parked') return { kind: 'parked' };
  if (to === 'requires_action') return { kind: 'asked' };
  if (to === 'failed' || to === 'expired') return { kind: 'failed', reason: reason ?? to };
  return null;
}
