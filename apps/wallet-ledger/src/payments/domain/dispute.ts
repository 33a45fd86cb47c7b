import { ZERO_MICROS, type Micros } from '@orbit/money';
import { bookAtStripe, feeSubject } from './at-stripe.js';
import { pauseLeft } from '../../books/domain/pause.js';
import { PaymentClawbacks, type PaymentContext } from './clawbacks.js';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { ChangeOutcome, Entry } from '../../books/domain/wallet.js';

export const disputeReference = (disputeId: string): string => `dispute:${disputeId}`;

export interface DisputeFact {
  readonly disputeId: string;
  readonly topUpId: string;
  readonly amountMicros: Micros;
  /** Fee of Stripe, as far as it is known by now; the wallet does not pay it. */
  readonly feeMicros: Micros;
  /** Named by the entries. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface DisputeDecision extends DisputeFact {
  readonly isWon: boolean;
}

/** Stripe takes what is disputed at once, and its fee. The wallet keeps as much aside, as far as it is left of the payment, and pauses. */
export function openDispute(
  draft: WalletDraft,
  fact: DisputeFact,
  context: PaymentContext,
): ChangeOutcome {
  const { disputeId, topUpId, amountMicros } = fact;
  const reference = disputeReference(disputeId);
  const clawbacks = PaymentClawbacks.of(draft, topUpId, context);
  // Known, or decided already: its end came before its beginning.
  if (clawbacks.find(reference)) return { status: 'changed', entries: [] };
  clawbacks.add('dispute', reference, amountMicros, 'open');
  const entries = clawbacks.apply();
  entries.push(...bookTaken(draft, clawbacks, fact, amountMicros, context));
  const { pausedReason } = draft.settings;
  if (pausedReason === null || pausedReason === 'balance_depleted') {
    draft.patch({ pausedReason: 'dispute' });
  }
  return { status: 'changed', entries };
}

/** Won: what was held is free, and Stripe gives it back. Lost: it is gone. Resumes when no dispute is open any more. */
export function closeDispute(
  draft: WalletDraft,
  decision: DisputeDecision,
  context: PaymentContext,
): ChangeOutcome {
  const { disputeId, topUpId, amountMicros, isWon, facts } = decision;
  const reference = disputeReference(disputeId);
  const clawbacks = PaymentClawbacks.of(draft, topUpId, context);
  const clawback = clawbacks.find(reference);
  if (clawback && clawback.state !== 'open') return { status: 'changed', entries: [] };
  const state = isWon ? 'closed' : 'closing';
  if (!clawback) clawbacks.add('dispute', reference, amountMicros, state);
  else if (isWon) clawbacks.put({ ...clawback, state, slices: [], closedAtMs: context.nowMs });
  else clawbacks.put({ ...clawback, state, grantedMicros: amountMicros });
  const entries = clawbacks.apply({ dispute_id: disputeId, ...facts });
  const takenMicros = isWon ? ZERO_MICROS : amountMicros;
  entries.push(...bookTaken(draft, clawbacks, decision, takenMicros, context));
  if (draft.settings.pausedReason === 'dispute') draft.patch({ pausedReason: pauseLeft(draft) });
  return { status: 'changed', entries };
}

/** The amount and the fee, which Stripe may keep for a dispute that was won too. */
function bookTaken(
  draft: WalletDraft,
  clawbacks: PaymentClawbacks,
  { disputeId, feeMicros, facts }: DisputeFact,
  takenMicros: Micros,
  context: PaymentContext,
): Entry[] {
  const metadata = { ...clawbacks.paymentFacts(), dispute_id: disputeId, ...facts };
  const subject = disputeReference(disputeId);
  const fee = feeSubject(disputeId);
  return [
    ...bookAtStripe(draft, { account: 'disputes', subject, takenMicros, metadata }, context),
    ...bookAtStripe(
      draft,
      { account: 'dispute_fees', subject: fee, takenMicros: feeMicros, metadata },
      context,
    ),
  ];
}
