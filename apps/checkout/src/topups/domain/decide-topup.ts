import type { TopUp } from './topup.js';
import { canMove, PAID_STATES, type TopUpState } from './topup-state.js';

/**
 * A payment at Stripe at one moment: the session and its payment intent, or the payment intent alone, read from the
 * API and never taken from an event, so a late or repeated event shows the present, not its past.
 */
export interface PaymentSnapshot {
  /** Null when the saved payment method was charged without a page. */
  readonly sessionId: string | null;
  readonly sessionStatus: 'open' | 'complete' | 'expired' | null;
  readonly paymentStatus: 'paid' | 'unpaid' | 'no_payment_required';
  readonly amountTotalMinor: bigint | null;
  /** Upper case. */
  readonly currency: string | null;
  /** From the metadata that we wrote when we created the session or the payment intent. */
  readonly topupId: string | null;
  readonly organizationId: string | null;
  readonly expiresAtMs: number | null;
  readonly paymentIntent: PaymentIntentSnapshot | null;
  readonly card: { readonly brand: string; readonly last4: string } | null;
  readonly receiptEmail: string | null;
}

export interface PaymentIntentSnapshot {
  readonly id: string;
  readonly status: string;
  readonly amountReceivedMinor: bigint;
  readonly currency: string;
  /** Code of the last decline, when there was one. */
  readonly lastErrorCode: string | null;
  /** Where the payer authenticates, while Stripe waits for that. */
  readonly actionUrl: string | null;
}

/** Why money that arrived was not credited; an operator decides. Highest precedence first. */
export const PARK_REASONS = [
  'session_mismatch',
  'organization_mismatch',
  'currency_mismatch',
  'amount_mismatch',
  'payment_intent_missing',
] as const;
export type ParkReason = (typeof PARK_REASONS)[number];

/** `paid_again`: money beyond what was credited, by a second session; an operator must look. */
export type NoMove = 'unchanged' | 'already_ended' | 'not_ours' | 'paid_again';

export type TopUpDecision =
  | { readonly kind: 'none'; readonly why: NoMove }
  | {
      readonly kind: 'move';
      readonly to: Exclude<TopUpState, 'created'>;
      readonly reason: string | null;
    };

/**
 * Decides where a top-up goes when Stripe shows `seen`. Pure, and order-free: the state only rises
 * (see TopUpState), and only the whole proof reaches `succeeded`.
 */
export function decideTopUp(topup: TopUp, seen: PaymentSnapshot): TopUpDecision {
  if (seen.topupId !== topup.id) return { kind: 'none', why: 'not_ours' };
  // A stray payment (Stripe answered, nobody saw it) may end as it likes, unless money came by it.
  const isStray = isStrayPayment(topup, seen);
  if (isStray && !isPaid(seen)) return { kind: 'none', why: 'not_ours' };
  const target = targetOf(topup, seen);
  if (target.to === topup.state && !isStray) return { kind: 'none', why: 'unchanged' };
  // What became of paid money is for facts and operators; a payment shown again says nothing new.
  const isOver = isIn(PAID_STATES, topup.state) || ['parked', 'dismissed'].includes(topup.state);
  if (isOver || !canMove(topup.state, target.to)) {
    return { kind: 'none', why: isStray && isPaid(seen) ? 'paid_again' : 'already_ended' };
  }
  return { kind: 'move', ...target };
}

/** Whether `seen` is another session, or another payment intent without one, than the one we know. */
export function isStrayPayment(topup: TopUp, seen: PaymentSnapshot): boolean {
  if (topup.sessionId !== null) return topup.sessionId !== seen.sessionId;
  if (topup.paymentIntentId === null || seen.paymentIntent === null) return false;
  return topup.paymentIntentId !== seen.paymentIntent.id;
}

const isIn = <T extends string>(states: readonly T[], state: string): boolean =>
  (states as readonly string[]).includes(state);

type Target = { readonly to: Exclude<TopUpState, 'created'>; readonly reason: string | null };

function targetOf(topup: TopUp, seen: PaymentSnapshot): Target {
  const intent = seen.paymentIntent;
  if (isPaid(seen)) {
    // The session may say `paid` an instant before its payment intent does: that is not proof yet.
    if (intent !== null && intent.status === 'processing')
      return { to: 'processing', reason: null };
    const fault = proofFault(topup, seen);
    return fault === null ? { to: 'succeeded', reason: null } : { to: 'parked', reason: fault };
  }
  if (seen.sessionStatus === 'expired') return { to: 'expired', reason: 'session_expired' };
  if (intent?.status === 'requires_action') return { to: 'requires_action', reason: null };
  // While its page is open, a declined payer may try another card.
  if (seen.sessionStatus === 'open') return { to: 'requires_payment', reason: null };
  return targetOfIntent(seen);
}

/** Without money, and no page is open: a delayed method (bank debit) is under way, or it has failed. */
function targetOfIntent({ sessionStatus, paymentIntent }: PaymentSnapshot): Target {
  const reason = paymentIntent?.lastErrorCode ?? null;
  switch (paymentIntent?.status) {
    case 'canceled':
      // Without a page it is we who gave it up, because its owner did not come.
      if (sessionStatus === null) return { to: 'expired', reason: 'not_authenticated' };
      return { to: 'failed', reason: reason ?? 'canceled' };
    case 'requires_payment_method':
      // The bank wants its customer: that is a question to ask, not a decline.
      if (sessionStatus === null && reason === NEEDS_OWNER)
        return { to: 'requires_action', reason };
      return { to: 'failed', reason: reason ?? 'payment_failed' };
    default:
      return { to: 'processing', reason: null };
  }
}

/** Stripe's code for a saved payment method that may not be charged without its owner. */
export const NEEDS_OWNER = 'authentication_required';

/** Stripe calls a free session `no_payment_required`; ours are never free, so it counts as a wrong amount. */
function isPaid(seen: PaymentSnapshot): boolean {
  return seen.paymentStatus !== 'unpaid';
}

/** The first reason that `seen` does not prove what was asked for; null when it does. */
function proofFault(topup: TopUp, seen: PaymentSnapshot): ParkReason | null {
  const intent = seen.paymentIntent;
  if (isStrayPayment(topup, seen)) return 'session_mismatch';
  if (seen.organizationId !== topup.organizationId) return 'organization_mismatch';
  if (seen.currency !== topup.paymentCurrency) return 'currency_mismatch';
  if (seen.amountTotalMinor !== topup.amountMinor) return 'amount_mismatch';
  if (intent === null || intent.status !== 'succeeded') return 'payment_intent_missing';
  if (intent.currency !== topup.paymentCurrency) return 'currency_mismatch';
  if (intent.amountReceivedMinor !== topup.amountMinor) return 'amount_mismatch';
  return null;
}

const CHECK_FIRST_MS = 10 * 60_000;
const CHECK_MAX_MS = 6 * 3_600_000;
/** Stripe's own `expired` event gets this long before we ask. */
const EXPIRY_GRACE_MS = 60_000;

/**
 * When to ask Stripe about a top-up that no webhook has ended: first after ten minutes, then at twice
 * its age, at most every six hours, and once right after the session's end.
 */
export function nextCheckAtMs(
  topup: Pick<TopUp, 'createdAtMs' | 'sessionExpiresAtMs'>,
  nowMs: number,
): number {
  const ageMs = Math.max(0, nowMs - topup.createdAtMs);
  const regular = nowMs + Math.min(Math.max(ageMs, CHECK_FIRST_MS), CHECK_MAX_MS);
  if (topup.sessionExpiresAtMs === null) return regular;
  const afterEnd = topup.sessionExpiresAtMs + EXPIRY_GRACE_MS;
  return afterEnd > nowMs ? Math.min(regular, afterEnd) : regular;
}
