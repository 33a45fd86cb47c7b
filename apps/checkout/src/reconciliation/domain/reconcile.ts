import type { DifferenceKind } from '@orbit/contracts';
import type { ClawbacksSnapshot } from '../../refunds/domain/clawbacks.js';
import { inWalletUnit, paidOf } from '../../refunds/domain/clawbacks.js';
import { stateOfDispute } from '../../refunds/domain/dispute.js';
import { stateOfRefund } from '../../refunds/domain/refund.js';
import type { TopUp } from '../../topups/domain/topup.js';
import { PAID_STATES } from '../../topups/domain/topup-state.js';

/** One movement of Stripe's balance: positive when money came. Minor units of its currency. */
export interface Movement {
  readonly id: string;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly createdAtMs: number;
  /** The cause of the movement; `other` belongs to no payment: payouts, Stripe's own fees. */
  readonly source: {
    readonly kind: 'payment' | 'refund' | 'dispute' | 'other';
    readonly id: string;
    /** From our metadata, of a refund. */
    readonly refundId: string | null;
    readonly paymentIntentId: string | null;
  };
}

/**
 * The ledger's totals of a payment, by reference; positive when money came to Stripe. `micros` is what the wallet got
 * or gave, `atStripeMicros` what the account stripe_clearing says.
 */
export type LedgerTotals = ReadonlyMap<
  string,
  { readonly micros: bigint; readonly heldMicros: bigint; readonly atStripeMicros: bigint }
>;

export interface Difference {
  readonly kind: DifferenceKind;
  readonly subject: string;
  readonly atStripe: bigint;
  readonly inLedger: bigint;
}

/** A payment as a whole, as Stripe has it. */
export interface PaymentTruth {
  readonly receivedMinor: bigint;
  readonly clawbacks: ClawbacksSnapshot;
}

export const topUpReference = (id: string): string => `topup:${id}`;
export const refundReference = (id: string): string => `refund:${id}`;
export const disputeReference = (id: string): string => `dispute:${id}`;
export const feeReference = (id: string): string => `dispute_fee:${id}`;

/** Our id of a refund that Stripe shows: the one in its metadata, else Stripe's own. */
export const refundIdOf = (seen: { id: string; refundId: string | null }): string =>
  seen.refundId ?? seen.id;

/** Every reference under which the ledger may have something of a payment. */
export function referencesOf(topup: TopUp, clawbacks: ClawbacksSnapshot): readonly string[] {
  return [
    topUpReference(topup.id),
    ...clawbacks.refunds.map((refund) => refundReference(refundIdOf(refund))),
    ...clawbacks.disputes.flatMap(({ id }) => [disputeReference(id), feeReference(id)]),
  ];
}

/**
 * Compares what Stripe says of a top-up's payment with the ledger. Pure. `known` are further references of the top-up
 * that the ledger has entries of; `truth` null: Stripe knows no such payment.
 */
export function comparePayment(
  topup: TopUp,
  truth: PaymentTruth | null,
  totals: LedgerTotals,
  known: readonly string[],
): readonly Difference[] {
  const found: Difference[] = [];
  const bookedOf = (reference: string): bigint => totals.get(reference)?.micros ?? 0n;
  const check = (
    kinds: { missing: DifferenceKind; extra: DifferenceKind; other: DifferenceKind },
    reference: string,
    subject: string,
    atStripe: bigint,
  ): void => {
    const inLedger = bookedOf(reference);
    if (atStripe === inLedger) return;
    const kind = inLedger === 0n ? kinds.missing : atStripe === 0n ? kinds.extra : kinds.other;
    found.push({ kind, subject, atStripe, inLedger });
  };
  const received = truth === null ? 0n : inWalletUnit(topup, truth.receivedMinor);
  // What was dismissed was not to be credited, and is paid back at Stripe by hand.
  const isDismissed = topup.state === 'dismissed';
  const gone = isDismissed ? -creditlessMinor(truth) : 0n;
  const isPaidBack = isDismissed && truth !== null && truth.receivedMinor + gone <= 0n;
  if (!isPaidBack) {
    const isPaid = (PAID_STATES as readonly string[]).includes(topup.state);
    const expected = isPaid && received !== 0n ? paidOf(topup).micros : received;
    const subject = topup.paymentIntentId ?? topup.id;
    check(PAYMENT_KINDS, topUpReference(topup.id), subject, expected);
    if (!isPaid && bookedOf(topUpReference(topup.id)) === 0n) return found;
  }
  if (isDismissed) return found;
  const seen = new Set<string>();
  for (const refund of truth?.clawbacks.refunds ?? []) {
    const reference = refundReference(refundIdOf(refund));
    seen.add(reference);
    // While it is under way Stripe has taken the money from the balance, and the ledger has set it aside.
    const state = stateOfRefund(refund.status);
    if (state === 'pending') continue;
    const amount = state === 'succeeded' ? -inWalletUnit(topup, refund.amountMinor) : 0n;
    check(REFUND_KINDS, reference, refund.id, amount);
  }
  // A dispute takes what refunds have left; the ledger never takes more than the payment.
  let left: bigint = paidOf(topup).micros;
  for (const [reference, { micros }] of totals) if (reference.startsWith('refund:')) left += micros;
  for (const dispute of truth?.clawbacks.disputes ?? []) {
    const reference = disputeReference(dispute.id);
    seen.add(reference).add(feeReference(dispute.id));
    const state = stateOfDispute(dispute.status);
    if (state === 'inquiry') continue;
    const amount = inWalletUnit(topup, dispute.amountMinor);
    if (state === 'open') {
      const held = totals.get(reference)?.heldMicros ?? 0n;
      if (held === 0n && left > 0n)
        found.push({
          kind: 'dispute_not_held',
          subject: dispute.id,
          atStripe: -amount,
          inLedger: 0n,
        });
      continue;
    }
    const lost = state === 'lost' ? (amount < left ? amount : left) : 0n;
    left -= lost;
    check(DISPUTE_KINDS, reference, dispute.id, -lost);
    const fee = state === 'inquiry_closed' ? 0n : inWalletUnit(topup, dispute.feeMinor);
    check(FEE_KINDS, feeReference(dispute.id), dispute.id, -fee);
  }
  for (const reference of known) {
    if (seen.has(reference) || reference.startsWith('topup:')) continue;
    const kinds = reference.startsWith('refund:') ? REFUND_KINDS : DISPUTE_KINDS;
    check(kinds, reference, reference.slice(reference.indexOf(':') + 1), 0n);
  }
  return found.length > 0 ? found : compareClearing(topup, truth, totals);
}

/** The wallet is right; is stripe_clearing? */
function compareClearing(
  topup: TopUp,
  truth: PaymentTruth | null,
  totals: LedgerTotals,
): readonly Difference[] {
  const expected = atStripe(topup, truth);
  const references = new Set([...expected.keys(), ...totals.keys()]);
  return [...references].flatMap((reference) => {
    const at = expected.get(reference) ?? 0n;
    const inLedger = totals.get(reference)?.atStripeMicros ?? 0n;
    const subject = reference.slice(reference.indexOf(':') + 1);
    if (at === inLedger || isFeeOfOpen(truth, reference, inLedger)) return [];
    return [{ kind: 'clearing_differs' as const, subject, atStripe: at, inLedger }];
  });
}

/** To answer a dispute may cost another fee: the books learn of it when the dispute is over. */
const isFeeOfOpen = (truth: PaymentTruth | null, reference: string, inLedger: bigint): boolean =>
  inLedger !== 0n &&
  (truth?.clawbacks.disputes ?? []).some(
    ({ id, status }) => feeReference(id) === reference && stateOfDispute(status) === 'open',
  );

/** Sums Stripe's balance transactions of a credited payment, by reference and in the unit of the wallet. */
function atStripe(topup: TopUp, truth: PaymentTruth | null): ReadonlyMap<string, bigint> {
  const moved = new Map<string, bigint>();
  if (truth === null || truth.receivedMinor === 0n) return moved;
  moved.set(topUpReference(topup.id), paidOf(topup).micros);
  for (const refund of truth.clawbacks.refunds) {
    const state = stateOfRefund(refund.status);
    if (state === 'failed' || (state === 'pending' && !refund.isTaken)) continue;
    moved.set(refundReference(refundIdOf(refund)), -inWalletUnit(topup, refund.amountMinor));
  }
  for (const { id, status, amountMinor, feeMinor } of truth.clawbacks.disputes) {
    const state = stateOfDispute(status);
    if (state === 'inquiry' || state === 'inquiry_closed') continue;
    moved.set(feeReference(id), -inWalletUnit(topup, feeMinor));
    if (state !== 'won') moved.set(disputeReference(id), -inWalletUnit(topup, amountMinor));
  }
  return moved;
}

/** Both sides of stripe_clearing for one payment; null when it was never credited. */
export function clearingOf(
  topup: TopUp,
  truth: PaymentTruth | null,
  totals: LedgerTotals,
): { readonly atStripe: bigint; readonly inLedger: bigint } | null {
  const isPaid = (PAID_STATES as readonly string[]).includes(topup.state);
  if (!isPaid && !totals.has(topUpReference(topup.id))) return null;
  const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);
  return {
    atStripe: sum([...atStripe(topup, truth).values()]),
    inLedger: sum([...totals.values()].map(({ atStripeMicros }) => atStripeMicros)),
  };
}

/** Sums the money that went back of a payment that was never credited, in minor units. */
export function creditlessMinor(truth: PaymentTruth | null): bigint {
  if (truth === null) return 0n;
  const refunded = truth.clawbacks.refunds.filter(
    ({ status }) => stateOfRefund(status) !== 'failed',
  );
  const disputed = truth.clawbacks.disputes.filter(
    ({ status }) => stateOfDispute(status) === 'lost',
  );
  return [...refunded, ...disputed].reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

const PAYMENT_KINDS = {
  missing: 'payment_not_credited',
  extra: 'credit_without_payment',
  other: 'credit_differs',
} as const;
const REFUND_KINDS = {
  missing: 'refund_not_booked',
  extra: 'refund_without_payment',
  other: 'refund_differs',
} as const;
const DISPUTE_KINDS = {
  missing: 'dispute_not_booked',
  extra: 'dispute_without_payment',
  other: 'dispute_differs',
} as const;
const FEE_KINDS = {
  missing: 'fee_not_booked',
  extra: 'dispute_differs',
  other: 'dispute_differs',
} as const;

/** Advice for operators, for each kind of difference. */
export const WHAT_TO_DO: Readonly<Record<DifferenceKind, string>> = {
  paid_again:
    'A second payment came for a top-up that was paid already. Refund it at Stripe; it was not credited.',
  payment_not_credited:
    'Stripe has the money and the wallet does not. Run with --fix. If the top-up is parked, resolve it; if it stays, look at `orbit dlq` for topup.completed.',
  credit_without_payment:
    'The wallet was credited and Stripe has no such payment. Pause the wallet, find out who published topup.completed, and take it back with `orbit wallet adjust`.',
  credit_differs:
    'Stripe has another amount than the wallet was credited. Pause the wallet and correct it with `orbit wallet adjust`.',
  refund_not_booked:
    'Stripe paid money back that the ledger has not booked. Run with --fix; if it stays, look at `orbit dlq` for refund.completed.',
  refund_without_payment:
    'The ledger booked a refund that Stripe does not have or that failed there. Run with --fix; if it stays, correct it with `orbit wallet adjust`.',
  refund_differs:
    'Stripe paid back another amount than the ledger booked. Correct it with `orbit wallet adjust`.',
  refund_stuck:
    'A refund has waited for more than an hour. See the log of checkout for why; it is tried again by itself.',
  dispute_not_held:
    'A dispute is open at Stripe and the ledger holds nothing for it. Run with --fix; pause the wallet if it stays.',
  dispute_not_booked:
    'A dispute was lost at Stripe and the ledger has not booked it. Run with --fix; if it stays, look at `orbit dlq` for dispute.closed.',
  dispute_without_payment:
    'The ledger booked a dispute that Stripe does not have or that was won. Correct it with `orbit wallet adjust`.',
  dispute_differs:
    'Stripe took another amount or fee for a dispute than the ledger booked. Correct it with `orbit wallet adjust`.',
  fee_not_booked:
    'Stripe took a fee for a dispute that the ledger has not booked. Run with --fix; if it stays, look at `orbit dlq` for dispute.closed.',
  clearing_differs:
    'The wallet is right, but the account stripe_clearing is not what Stripe has. Run with --fix; if it stays, look at `orbit dlq` for refund.pending and dispute.opened.',
};

/** Where the wallet may hold more than there is: those for which a policy may pause it. */
export const PAUSING: readonly DifferenceKind[] = [
  'credit_without_payment',
  'credit_differs',
  'refund_not_booked',
  'refund_differs',
  'dispute_not_held',
  'dispute_not_booked',
  'dispute_differs',
];
