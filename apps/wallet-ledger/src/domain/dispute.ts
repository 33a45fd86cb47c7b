import type { Micros } from '@orbit/money';
import { pauseLeft } from './pause.js';
import { PaymentClaims, type PaymentContext } from './refund-payment.js';
import type { WalletDraft } from './wallet-draft.js';
import type { ChangeOutcome, Entry } from './wallet.js';

export const disputeReference = (disputeId: string): string => `dispute:${disputeId}`;

export interface DisputeFact {
  readonly disputeId: string;
  readonly topUpId: string;
  readonly amountMicros: Micros;
  /** Named by the entries. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface DisputeDecision extends DisputeFact {
  readonly isWon: boolean;
  /** What the payment provider keeps for its trouble; the wallet does not pay it. */
  readonly feeMicros: Micros;
}

/** Holds what is disputed, as far as it is left of the payment, and pauses the wallet. */
export function openDispute(
  draft: WalletDraft,
  { disputeId, topUpId, amountMicros }: DisputeFact,
  context: PaymentContext,
): ChangeOutcome {
  const reference = disputeReference(disputeId);
  const claims = PaymentClaims.of(draft, topUpId, context);
  // Known, or decided already: its end came before its beginning.
  if (claims.find(reference)) return { status: 'changed', entries: [] };
  claims.add('dispute', reference, amountMicros, 'open');
  const entries = claims.settle();
  const { pausedReason } = draft.settings;
  if (pausedReason === null || pausedReason === 'balance_depleted') {
    draft.patch({ pausedReason: 'dispute' });
  }
  return { status: 'changed', entries };
}

/** Won: what was held is free. Lost: it is gone. A fee that was kept is booked. Resumes when no dispute is open any more. */
export function closeDispute(
  draft: WalletDraft,
  { disputeId, topUpId, amountMicros, isWon, feeMicros, facts }: DisputeDecision,
  context: PaymentContext,
): ChangeOutcome {
  const reference = disputeReference(disputeId);
  const claims = PaymentClaims.of(draft, topUpId, context);
  const claim = claims.find(reference);
  if (claim && claim.state !== 'open') return { status: 'changed', entries: [] };
  const state = isWon ? 'closed' : 'closing';
  if (!claim) claims.add('dispute', reference, amountMicros, state);
  else if (isWon) claims.put({ ...claim, state, slices: [], closedAtMs: context.nowMs });
  else claims.put({ ...claim, state, grantedMicros: amountMicros });
  const named = { dispute_id: disputeId, ...facts };
  const entries = claims.settle(named);
  // Kept by Stripe also for some that were won.
  if (feeMicros > 0n) {
    const metadata = { ...claims.paymentFacts(), ...named };
    entries.push(...bookFee(draft, disputeId, feeMicros, metadata, context.nowMs));
  }
  if (draft.settings.pausedReason === 'dispute') draft.patch({ pausedReason: pauseLeft(draft) });
  return { status: 'changed', entries };
}

/** Between Stripe and us: it passes the wallet by, and stands among its entries so that it can be found. */
function bookFee(
  draft: WalletDraft,
  disputeId: string,
  amountMicros: Micros,
  metadata: Readonly<Record<string, unknown>>,
  nowMs: number,
): Entry[] {
  return draft.book(
    [
      {
        type: 'fee',
        from: 'stripe_clearing',
        to: 'dispute_fees',
        amountMicros,
        blockSequence: null,
        reference: `dispute_fee:${disputeId}`,
        slice: 0,
        channel: null,
        quantity: null,
        metadata,
        occurredAtMs: nowMs,
      },
    ],
    nowMs,
  );
}
