import { OrbitError, type RefundReserved } from '@orbit/contracts';
import { invariant, type Clock } from '@orbit/kernel';
import { formatAmount, ZERO_MICROS, type Micros } from '@orbit/money';
import { feeSubject, stripeReferences } from '../domain/at-stripe.js';
import {
  closeDispute,
  disputeReference,
  openDispute,
  type DisputeDecision,
  type DisputeFact,
} from '../domain/dispute.js';
import {
  beginRefund,
  completeRefund,
  failRefund,
  refundClaim,
  refundReference,
  reserveRefund,
  type RefundFact,
  type ReserveOutcome,
} from '../domain/refund.js';
import { paymentReference } from '../domain/clawbacks.js';
import { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { ChangeOutcome, Wallet } from '../../books/domain/wallet.js';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import type { ChangeCommand } from '../../books/application/commands.js';
import type { LedgerEvent, WalletKey } from '../../books/application/ports.js';
import { requireTrusted } from '../../books/application/require-trusted.js';

/** Sets aside what a refund is to pay back, before anybody asks Stripe for it. */
export class ReserveRefund {
  constructor(private readonly changeWallet: ChangeWallet) {}

  /** Errors: OrbitError `refund_exceeds_unspent` with the maximum, and what refusals say. */
  async run(
    key: WalletKey,
    request: { refundId: string; topUpId: string; amountMicros: Micros | null },
  ): Promise<RefundReserved> {
    const { refundId, topUpId } = request;
    await requireTrusted(this.changeWallet, key);
    let last: ReserveOutcome | undefined;
    let claimedMicros: Micros = ZERO_MICROS;
    try {
      await this.changeWallet.change(
        {
          kind: 'change',
          key,
          reference: null,
          reads: readsOf(topUpId, refundReference(refundId)),
          claims: (wallet, context) =>
            (claimedMicros = refundClaim(new WalletDraft(wallet), request, context)),
          apply: (draft, context) => {
            const neededMicros = refundClaim(draft, request, context);
            const isGranted = neededMicros <= (context.isGranted ? claimedMicros : ZERO_MICROS);
            last = reserveRefund(draft, request, { ...context, isGranted });
            return last;
          },
        },
        refundReference(refundId),
      );
    } catch (error) {
      if (last?.status !== 'refused' || last.reason !== 'exceeds_refundable') throw error;
      const max = formatAmount(last.refundableMicros, key.currency);
      throw new OrbitError('refund_exceeds_unspent', `At most ${max} can be refunded.`, {
        param: 'amount',
        details: { max_refundable: max },
      });
    }
    invariant(last?.status === 'changed', 'a refund that was not refused is reserved');
    return {
      refund_id: refundId,
      topup_id: topUpId,
      reserved: formatAmount(last.reservedMicros, key.currency),
      max_refundable: formatAmount(last.refundableMicros, key.currency),
      replayed: last.isReplay,
    };
  }
}

const readsOf = (topUpId: string, ...references: readonly string[]): ChangeCommand['reads'] => ({
  references: [paymentReference(topUpId), ...references],
  payments: [paymentReference(topUpId)],
});

export const beginRefundCommand = (key: WalletKey, fact: RefundFact): ChangeCommand =>
  refundCommand(key, fact, (draft, context) => beginRefund(draft, fact, context));

export const completeRefundCommand = (key: WalletKey, fact: RefundFact): ChangeCommand =>
  refundCommand(key, fact, (draft, context) => completeRefund(draft, fact, context));

export const failRefundCommand = (key: WalletKey, fact: RefundFact): ChangeCommand =>
  refundCommand(key, fact, (draft, context) => failRefund(draft, fact, context));

function refundCommand(
  key: WalletKey,
  { refundId, topUpId }: RefundFact,
  apply: ChangeCommand['apply'],
): ChangeCommand {
  const reference = refundReference(refundId);
  return {
    kind: 'change',
    key,
    reference: null,
    reads: readsOf(topUpId, reference, ...stripeReferences(reference)),
    apply,
  };
}

export function openDisputeCommand(key: WalletKey, fact: DisputeFact, clock: Clock): ChangeCommand {
  return disputeCommand(key, fact, clock, (draft, context) => openDispute(draft, fact, context));
}

export function closeDisputeCommand(
  key: WalletKey,
  decision: DisputeDecision,
  clock: Clock,
): ChangeCommand {
  return disputeCommand(key, decision, clock, (draft, context) =>
    closeDispute(draft, decision, context),
  );
}

/** A change that may pause or resume, and says so: also when it is a repeat, after a crash before the first word. */
function disputeCommand(
  key: WalletKey,
  { disputeId, topUpId }: DisputeFact,
  clock: Clock,
  decide: (...parameters: Parameters<ChangeCommand['apply']>) => ChangeOutcome,
): ChangeCommand {
  let pausedBefore: Wallet['pausedReason'] = null;
  const announce = (
    wallet: Wallet,
    topic: 'wallet.paused' | 'wallet.resumed',
    reason: 'dispute' | 'balance_depleted',
  ): LedgerEvent => ({
    topic,
    id: `${topic}:${reason}:${wallet.walletNo}:${disputeId}`,
    key: key.organizationId,
    value: {
      organization_id: key.organizationId,
      wallet_id: wallet.walletId,
      currency: wallet.currency,
      reason,
      sequence: String(wallet.sequence),
      occurred_at: new Date(clock.nowMs()).toISOString(),
    },
  });
  return {
    kind: 'change',
    key,
    reference: null,
    reads: readsOf(
      topUpId,
      ...stripeReferences(disputeReference(disputeId), feeSubject(disputeId)),
    ),
    apply: (draft, context) => {
      pausedBefore = draft.settings.pausedReason;
      return decide(draft, context);
    },
    events: (wallet) => {
      const { pausedReason } = wallet;
      if (pausedReason === 'dispute') return [announce(wallet, 'wallet.paused', 'dispute')];
      if (pausedBefore !== 'dispute') return [];
      const resumed = announce(wallet, 'wallet.resumed', 'dispute');
      return pausedReason === 'balance_depleted'
        ? [resumed, announce(wallet, 'wallet.paused', 'balance_depleted')]
        : [resumed];
    },
  };
}
