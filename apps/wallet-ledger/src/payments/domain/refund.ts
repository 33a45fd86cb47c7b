import { micros, ZERO_MICROS, type Micros } from '@orbit/money';
import { bookAtStripe } from './at-stripe.js';
import { PaymentClawbacks, type PaymentContext } from './clawbacks.js';
import { giveBack } from './refund-return.js';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { ChangeOutcome, ChangeRefusal, Entry } from '../../books/domain/wallet.js';

export const refundReference = (refundId: string): string => `refund:${refundId}`;

export interface RefundRequest {
  readonly refundId: string;
  readonly topUpId: string;
  /** Null: all that can be refunded. */
  readonly amountMicros: Micros | null;
}

export type ReserveOutcome =
  | {
      readonly status: 'changed';
      readonly entries: readonly Entry[];
      readonly reservedMicros: Micros;
      readonly refundableMicros: Micros;
      readonly isReplay: boolean;
    }
  | {
      readonly status: 'refused';
      readonly reason: ChangeRefusal;
      readonly refundableMicros: Micros;
    };

/** The room that `reserveRefund` claims in Redis: what was taken back is no part of it. */
export function refundClaim(
  draft: WalletDraft,
  { refundId, topUpId, amountMicros }: RefundRequest,
  context: PaymentContext,
): Micros {
  const clawbacks = PaymentClawbacks.of(draft, topUpId, context);
  if (clawbacks.find(refundReference(refundId))) return ZERO_MICROS;
  const { refundableMicros } = clawbacks;
  const asked = amountMicros ?? refundableMicros;
  const inWallet = asked - clawbacks.withdrawnFreeMicros;
  return asked <= refundableMicros && inWallet > 0n ? micros(inWallet) : ZERO_MICROS;
}

/**
 * Sets aside what a refund is to pay back: of what was taken back of the payment, then in its own block.
 * Refusals, highest precedence first: reference_conflict, not_found (the payment), exceeds_refundable,
 * insufficient_funds (holds keep part of it).
 */
export function reserveRefund(
  draft: WalletDraft,
  request: RefundRequest,
  context: PaymentContext & { readonly isGranted: boolean },
): ReserveOutcome {
  const { refundId, topUpId, amountMicros } = request;
  const reference = refundReference(refundId);
  const clawbacks = PaymentClawbacks.of(draft, topUpId, context);
  const { refundableMicros } = clawbacks;
  const refused = (reason: ChangeRefusal): ReserveOutcome => ({
    status: 'refused',
    reason,
    refundableMicros,
  });
  const earlier = clawbacks.find(reference);
  if (earlier) {
    const isSame = amountMicros === null || earlier.grantedMicros === amountMicros;
    if (!isSame) return refused('reference_conflict');
    const reservedMicros = earlier.grantedMicros;
    return { status: 'changed', entries: [], reservedMicros, refundableMicros, isReplay: true };
  }
  if (!clawbacks.payment) return refused('not_found');
  const reservedMicros = amountMicros ?? refundableMicros;
  if (reservedMicros <= 0n || reservedMicros > refundableMicros) {
    return refused('exceeds_refundable');
  }
  if (!context.isGranted) return refused('insufficient_funds');
  clawbacks.add('refund', reference, reservedMicros, 'open');
  const entries = clawbacks.apply();
  return { status: 'changed', entries, reservedMicros, refundableMicros, isReplay: false };
}

export interface RefundFact {
  readonly refundId: string;
  readonly topUpId: string;
  readonly amountMicros: Micros;
  /** Named by the entry. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * Stripe has begun to pay it out, and has taken the money from our balance; it may still fail. Set aside, also when
 * nobody asked us before (Stripe's dashboard).
 */
export function beginRefund(
  draft: WalletDraft,
  fact: RefundFact,
  context: PaymentContext,
): ChangeOutcome {
  const reference = refundReference(fact.refundId);
  const clawbacks = PaymentClawbacks.of(draft, fact.topUpId, context);
  const clawback = clawbacks.find(reference);
  // Over already: its end came before its beginning.
  if (clawback && clawback.state !== 'open') return { status: 'changed', entries: [] };
  if (!clawback) clawbacks.add('refund', reference, fact.amountMicros, 'open');
  const entries = clawback ? [] : clawbacks.apply();
  entries.push(...bookTaken(draft, clawbacks, fact, fact.amountMicros, context));
  return { status: 'changed', entries };
}

/** The money went back to the payer: booked, once, though nobody asked us before (Stripe's dashboard). */
export function completeRefund(
  draft: WalletDraft,
  fact: RefundFact,
  context: PaymentContext,
): ChangeOutcome {
  const { refundId, topUpId, amountMicros, facts } = fact;
  const reference = refundReference(refundId);
  const clawbacks = PaymentClawbacks.of(draft, topUpId, context);
  const clawback = clawbacks.find(reference);
  // Failed before, or booked already; a failure is the last word of Stripe about a refund.
  if (clawback && clawback.state !== 'open') return { status: 'changed', entries: [] };
  if (clawback) clawbacks.put({ ...clawback, grantedMicros: amountMicros, state: 'closing' });
  else clawbacks.add('refund', reference, amountMicros, 'closing');
  const entries = clawbacks.apply({ refund_id: refundId, ...facts });
  entries.push(...bookTaken(draft, clawbacks, fact, amountMicros, context));
  return { status: 'changed', entries };
}

/** It came to nothing: what was set aside is free again, and what was booked comes back. */
export function failRefund(
  draft: WalletDraft,
  fact: RefundFact,
  context: PaymentContext,
): ChangeOutcome {
  const { refundId, topUpId, amountMicros, facts } = fact;
  const reference = refundReference(refundId);
  const clawbacks = PaymentClawbacks.of(draft, topUpId, context);
  const clawback = clawbacks.find(reference);
  if (!clawback) {
    clawbacks.add('refund', reference, amountMicros, 'closed');
    return { status: 'changed', entries: [] };
  }
  if (clawback.state === 'closed' && clawback.spentMicros === 0n) {
    return { status: 'changed', entries: [] };
  }
  const metadata = { ...clawbacks.paymentFacts(), refund_id: refundId, ...facts };
  const returned = giveBack(draft, clawbacks, clawback, context, metadata);
  clawbacks.put({
    ...clawback,
    state: 'closed',
    slices: [],
    spentMicros: ZERO_MICROS,
    closedAtMs: context.nowMs,
  });
  const applied = clawbacks.apply();
  const untaken = bookTaken(draft, clawbacks, fact, ZERO_MICROS, context);
  return { status: 'changed', entries: [...returned, ...applied, ...untaken] };
}

function bookTaken(
  draft: WalletDraft,
  clawbacks: PaymentClawbacks,
  { refundId, facts }: RefundFact,
  takenMicros: Micros,
  context: PaymentContext,
): Entry[] {
  const metadata = { ...clawbacks.paymentFacts(), refund_id: refundId, ...facts };
  const subject = refundReference(refundId);
  return bookAtStripe(draft, { account: 'refunds', subject, takenMicros, metadata }, context);
}
