/**
 * The states of a top-up, hosted page or saved payment method alike:
 *
 * created → requires_payment → requires_action → processing → failed | expired
 * any of these → succeeded | parked
 * parked → succeeded (an operator credits what came) | dismissed (an operator does not)
 * succeeded ⇄ refunded_partially ⇄ disputed, → refunded by facts about the money (below)
 *
 * Until money comes the state only rises and may skip: each event makes us ask Stripe for the present
 * truth, so late, repeated and reordered events end the same. `failed` and `expired` can still rise:
 * proof of payment outweighs what was known before. `parked`: money came that does not fit what was asked for.
 */
export const TOPUP_STATES = [
  'created',
  'requires_payment',
  'requires_action',
  'processing',
  'failed',
  'expired',
  'parked',
  'dismissed',
  'succeeded',
  'refunded_partially',
  'refunded',
  'disputed',
] as const;
export type TopUpState = (typeof TOPUP_STATES)[number];

const MONEY: readonly TopUpState[] = ['succeeded', 'parked'];
const ENDED: readonly TopUpState[] = ['failed', 'expired'];

/** Every move there is. What Stripe shows moves through the upper half, facts and operators the lower. */
export const TRANSITIONS: Readonly<Record<TopUpState, readonly TopUpState[]>> = {
  created: ['requires_payment', 'requires_action', 'processing', ...ENDED, ...MONEY],
  requires_payment: ['requires_action', 'processing', ...ENDED, ...MONEY],
  requires_action: ['processing', ...ENDED, ...MONEY],
  processing: [...ENDED, ...MONEY],
  failed: MONEY,
  expired: MONEY,
  parked: ['succeeded', 'dismissed'],
  dismissed: [],
  succeeded: ['refunded_partially', 'refunded', 'disputed'],
  refunded_partially: ['succeeded', 'refunded', 'disputed'],
  refunded: ['succeeded', 'refunded_partially', 'disputed'],
  disputed: ['succeeded', 'refunded_partially', 'refunded'],
};

export function canMove(from: TopUpState, to: TopUpState): boolean {
  return TRANSITIONS[from].includes(to);
}

/** The states in which the money is, or was, in the wallet. */
export const PAID_STATES = [
  'succeeded',
  'refunded_partially',
  'refunded',
  'disputed',
] as const satisfies readonly TopUpState[];

/** The states that Stripe is asked about until they end. */
export const OPEN_STATES = [
  'created',
  'requires_payment',
  'requires_action',
  'processing',
] as const satisfies readonly TopUpState[];

export const isTopUpState = (text: string): text is TopUpState =>
  (TOPUP_STATES as readonly string[]).includes(text);

/** The facts about the money of a paid top-up. */
export interface MoneyFacts {
  readonly amountMinor: bigint;
  /** Paid back so far, a refund that failed not counted. */
  readonly refundedMinor: bigint;
  readonly dispute: 'none' | 'open' | 'won' | 'lost';
}

/**
 * The state of a paid top-up follows from the facts alone, so they may come in any order. A dispute that
 * is open or lost outweighs refunds; one that was won leaves no trace.
 */
export function stateOfMoney(facts: MoneyFacts): (typeof PAID_STATES)[number] {
  if (facts.dispute === 'open' || facts.dispute === 'lost') return 'disputed';
  if (facts.refundedMinor >= facts.amountMinor) return 'refunded';
  return facts.refundedMinor > 0n ? 'refunded_partially' : 'succeeded';
}
