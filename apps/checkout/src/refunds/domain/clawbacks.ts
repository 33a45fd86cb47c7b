import { micros, type Micros } from '@orbit/money';
import type { TopUp } from '../../topups/domain/topup.js';

/**
 * All clawbacks of one payment at Stripe, read from the API at one moment and never taken from an event: a late or
 * repeated event shows the present, not its past.
 */
export interface ClawbacksSnapshot {
  readonly paymentIntentId: string;
  /** From the metadata that we wrote when we created the payment. */
  readonly topupId: string | null;
  readonly refunds: readonly RefundSnapshot[];
  readonly disputes: readonly DisputeSnapshot[];
}

export interface RefundSnapshot {
  readonly id: string;
  readonly paymentIntentId: string;
  readonly status: string;
  /** Stripe has taken the money from our balance for it. */
  readonly isTaken: boolean;
  readonly amountMinor: bigint;
  /** Upper case. */
  readonly currency: string;
  /** From our metadata; null for a refund that was made in the dashboard. */
  readonly refundId: string | null;
  readonly reason: string | null;
  readonly failureReason: string | null;
  readonly createdAtMs: number;
}

export interface DisputeSnapshot {
  readonly id: string;
  readonly paymentIntentId: string;
  readonly status: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly reason: string;
  /** Stripe's fee beyond the amount, less what came back; in the payment's currency. */
  readonly feeMinor: bigint;
  readonly evidenceDueAtMs: number | null;
  readonly createdAtMs: number;
}

/** The money that came for a top-up, in minor units, and the credit that the wallet got for it. */
export function paidOf(topup: TopUp): { readonly minor: bigint; readonly micros: Micros } {
  const { amountMinor, amountMicros, receivedMinor, resolution } = topup;
  if (receivedMinor === null || receivedMinor === 0n) {
    return { minor: amountMinor, micros: amountMicros };
  }
  // An operator credited what came, which is not what was asked for.
  const isReceived = resolution === 'credit_received';
  const credited = isReceived ? (amountMicros * receivedMinor) / amountMinor : amountMicros;
  return { minor: receivedMinor, micros: micros(credited) };
}

/**
 * A part of a payment in the unit of its wallet: $10 may have bought 500 credits, and then half of it is 250 of them.
 * Parts are rounded down, so together they are never more than the whole.
 */
export function inWalletUnit(topup: TopUp, partMinor: bigint): Micros {
  const paid = paidOf(topup);
  return micros((partMinor * paid.micros) / paid.minor);
}

/** The whole minor units that an amount in the unit of the wallet is worth at most. */
export function inMinorUnits(topup: TopUp, amountMicros: bigint): bigint {
  const paid = paidOf(topup);
  return paid.micros === 0n ? 0n : (amountMicros * paid.minor) / paid.micros;
}
