import { currencyExponent, roundHalfUp } from '@orbit/money';
import type { Invoice, InvoiceStatus } from './invoice.js';

export const CORRECTION_STATES = {
  refund: ['pending', 'completed', 'failed'],
  dispute: ['opened', 'won', 'lost'],
  withdrawal: ['amended', 'voided'],
} as const;
export type CorrectionKind = keyof typeof CORRECTION_STATES;
export type CorrectionState = (typeof CORRECTION_STATES)[CorrectionKind][number];

/**
 * A change of a payment after it was made. A refund and a lost dispute give money back; by a withdrawal an operator
 * took credit of the payment out of the wallet (or gave it back: a negative amount), while the money stays paid.
 */
export interface Correction {
  readonly kind: CorrectionKind;
  /** refund_id, dispute_id, or the id of the ledger's entry. */
  readonly correctionId: string;
  readonly organizationId: string;
  readonly topupId: string;
  readonly state: CorrectionState;
  /** In `unit`, which is the wallet's: money, or what was bought with it. */
  readonly amountMicros: bigint;
  readonly unit: string;
  readonly occurredAtMs: number;
}

const RANKS: Readonly<Record<CorrectionState, number>> = {
  pending: 1,
  opened: 1,
  amended: 1,
  voided: 1,
  completed: 2,
  won: 2,
  lost: 2,
  failed: 3,
};

/** Facts of one correction may come in any order: the highest rank counts, of two the later. */
export const rankOf = ({ state }: Pick<Correction, 'state'>): number => RANKS[state];

export const isLater = (a: Correction, b: Correction): boolean =>
  rankOf(a) - rankOf(b) > 0 || (rankOf(a) === rankOf(b) && a.occurredAtMs > b.occurredAtMs);

export const isMoneyBack = ({ state }: Pick<Correction, 'state'>): boolean =>
  state === 'completed' || state === 'lost';

const keyOf = ({ organizationId, kind, correctionId }: Correction): string =>
  `${organizationId} ${kind} ${correctionId}`;

/** One per correction: the fact that counts. */
export function latestOfEach(corrections: readonly Correction[]): readonly Correction[] {
  const latest = new Map<string, Correction>();
  for (const one of corrections) {
    const before = latest.get(keyOf(one));
    if (before === undefined || isLater(one, before)) latest.set(keyOf(one), one);
  }
  return [...latest.values()];
}

/**
 * In minor units of the receipt's currency. What a custom unit stands for follows from the receipt itself: the price
 * may have changed since. Null: the receipt is from before it said what was credited.
 */
export function minorOf(
  { amountMinor, currency, credited }: Pick<Invoice, 'amountMinor' | 'currency' | 'credited'>,
  { amountMicros, unit }: Pick<Correction, 'amountMicros' | 'unit'>,
): bigint | null {
  if (unit === currency) {
    return roundHalfUp(amountMicros, 10n ** BigInt(6 - currencyExponent(currency)));
  }
  if (credited?.unit !== unit || credited.micros <= 0n) return null;
  return roundHalfUp(amountMinor * amountMicros, credited.micros);
}

/** A receipt together with its corrections; amounts in minor units. */
export interface Standing {
  readonly status: InvoiceStatus;
  readonly refundedMinor: bigint;
  readonly refundPendingMinor: bigint;
  /** Of open disputes: the bank has it until they are decided. */
  readonly disputedMinor: bigint;
  /** Of lost ones. */
  readonly chargedBackMinor: bigint;
  /** Credit that an operator took back, less what was paid back of it since; the money of it stays paid. */
  readonly voidedMinor: bigint;
  /** The sum that stays paid. */
  readonly netMinor: bigint;
}

export function standingOf(
  invoice: Pick<Invoice, 'amountMinor' | 'currency' | 'credited'>,
  corrections: readonly Correction[],
): Standing {
  const sum = (...states: readonly CorrectionState[]): bigint =>
    corrections
      .filter(({ state }) => states.includes(state))
      .reduce((total, one) => total + (minorOf(invoice, one) ?? 0n), 0n);
  const refundedMinor = sum('completed');
  const chargedBackMinor = sum('lost');
  const disputedMinor = sum('opened');
  const netMinor = invoice.amountMinor - refundedMinor - chargedBackMinor;
  const withdrawnMinor = sum('amended', 'voided');
  const unusedMinor = withdrawnUnused(corrections, (one) => minorOf(invoice, one) ?? 0n);
  const voidedMinor = clamp(unusedMinor, 0n, netMinor > 0n ? netMinor : 0n);
  return {
    status: statusOf({
      isReturned: netMinor <= 0n,
      isPartlyReturned: netMinor < invoice.amountMinor,
      isChargedBack: chargedBackMinor > 0n,
      isDisputed: disputedMinor > 0n,
      isVoid: corrections.some(({ state }) => state === 'voided') && withdrawnMinor > 0n,
      isPartlyVoid: voidedMinor > 0n,
    }),
    refundedMinor,
    refundPendingMinor: sum('pending'),
    disputedMinor,
    chargedBackMinor,
    voidedMinor,
    netMinor,
  };
}

/**
 * The sum that was withdrawn and did not go back since: money that goes back takes that first, as in the ledger, so
 * it is not shown twice. A withdrawal after it finds only the rest.
 */
function withdrawnUnused(
  corrections: readonly Correction[],
  amountOf: (one: Correction) => bigint,
): bigint {
  let unused = 0n;
  for (const one of [...corrections].sort((a, b) => a.occurredAtMs - b.occurredAtMs)) {
    if (one.kind === 'withdrawal') unused += amountOf(one);
    else if (isMoneyBack(one)) unused -= amountOf(one);
    if (unused < 0n) unused = 0n;
  }
  return unused;
}

const clamp = (value: bigint, min: bigint, max: bigint): bigint =>
  value < min ? min : value > max ? max : value;

function statusOf(is: Readonly<Record<`is${string}`, boolean>>): InvoiceStatus {
  if (is['isDisputed']) return 'disputed';
  if (is['isReturned']) return is['isChargedBack'] ? 'charged_back' : 'refunded';
  if (is['isPartlyReturned']) return 'partially_refunded';
  if (is['isVoid']) return 'void';
  return is['isPartlyVoid'] ? 'partially_void' : 'paid';
}
