import {
  formatAmount,
  isIsoCurrency,
  micros,
  microsFromMinor,
  MICROS_MAX,
  type Micros,
} from '@orbit/money';
import type { PaymentSnapshot } from '../domain/decide-topup.js';
import type { AutoReloadPolicy } from '../domain/reload-policy.js';
import type { TopUp } from '../domain/topup.js';
import type { OutboxEvent } from './ports.js';

/** The reference of a payment in the ledger, in receipts and in transactions. */
export function referenceOf(ids: {
  readonly sessionId: string | null;
  readonly paymentIntentId: string;
}): string {
  return ids.sessionId === null
    ? `payment_intent:${ids.paymentIntentId}`
    : `stripe_session:${ids.sessionId}`;
}

interface Paid {
  readonly sessionId: string | null;
  readonly paymentIntentId: string;
  readonly amountMicros: Micros;
  /** The amount received, in minor units of `paymentCurrency`. */
  readonly paidMinor: bigint;
  readonly card: PaymentSnapshot['card'];
  readonly receiptEmail: string | null;
}

/** The event id is derived, so that a repeat of any kind is the same event. */
export function completedEvent(topup: TopUp, paid: Paid, nowMs: number): OutboxEvent {
  return {
    eventId: `evt_${topup.id}_completed`,
    topic: 'topup.completed',
    occurredAtMs: nowMs,
    value: {
      ...sharedOf(topup, paid.amountMicros, nowMs),
      reference: referenceOf(paid),
      payment_intent_id: paid.paymentIntentId,
      checkout_session_id: paid.sessionId,
      payment_method: paid.card,
      receipt_email: paid.receiptEmail,
      ...paidOf(topup, paid.paidMinor),
    },
  };
}

/** The money that bought units; for a wallet in money the amount says it. */
function paidOf({ currency, paymentCurrency }: TopUp, minor: bigint) {
  if (isIsoCurrency(currency)) return {};
  const amount = formatAmount(microsFromMinor(minor, paymentCurrency), paymentCurrency);
  return { paid: { amount, currency: paymentCurrency } };
}

export function failedEvent(
  topup: TopUp,
  state: 'failed' | 'expired',
  reason: string | null,
  nowMs: number,
): OutboxEvent {
  return {
    eventId: `evt_${topup.id}_${state}`,
    topic: 'topup.failed',
    occurredAtMs: nowMs,
    value: { ...sharedOf(topup, topup.amountMicros, nowMs), reason: reason ?? state },
  };
}

/** One event for each time that a policy turns itself off: `version` separates them. */
export function disabledEvent(policy: AutoReloadPolicy, nowMs: number): OutboxEvent {
  return {
    eventId: `evt_${policy.organizationId}_auto_reload_disabled_${policy.version}`,
    topic: 'auto_reload.disabled',
    occurredAtMs: nowMs,
    value: {
      organization_id: policy.organizationId,
      currency: policy.currency,
      reason: policy.disabledReason ?? 'declined',
      decline_count: policy.declineCount,
      occurred_at: new Date(nowMs).toISOString(),
    },
  };
}

/**
 * The credit for the money that a parked top-up brought, when it came in the currency that was asked for: as much as
 * its own terms say, at any later price of a unit. Null when none of it can be credited.
 */
export function receivedMicros(topup: TopUp): Micros | null {
  const { receivedMinor, receivedCurrency, paymentCurrency, amountMicros, amountMinor } = topup;
  if (receivedMinor === null || receivedMinor <= 0n) return null;
  if (receivedCurrency !== paymentCurrency) return null;
  const credited = (amountMicros * receivedMinor) / amountMinor;
  return credited > 0n && credited <= MICROS_MAX ? micros(credited) : null;
}

const sharedOf = (topup: TopUp, amountMicros: Micros, nowMs: number) => ({
  topup_id: topup.id,
  organization_id: topup.organizationId,
  amount: formatAmount(amountMicros, topup.currency),
  currency: topup.currency,
  occurred_at: new Date(nowMs).toISOString(),
});
