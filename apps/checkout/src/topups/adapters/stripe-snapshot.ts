import type Stripe from 'stripe';
import {
  NEEDS_OWNER,
  type PaymentIntentSnapshot,
  type PaymentSnapshot,
} from '../domain/decide-topup.js';

export function toSnapshot(session: Stripe.Checkout.Session): PaymentSnapshot {
  const intent = objectOf(session.payment_intent);
  return {
    sessionId: session.id,
    sessionStatus: sessionStatusOf(session.status),
    paymentStatus: paymentStatusOf(session.payment_status),
    amountTotalMinor: session.amount_total === null ? null : BigInt(session.amount_total),
    currency: session.currency?.toUpperCase() ?? null,
    topupId: session.metadata?.['orbit_topup_id'] ?? null,
    organizationId: session.metadata?.['orbit_organization_id'] ?? null,
    expiresAtMs: session.expires_at * 1_000,
    paymentIntent: intent === null ? null : toIntentSnapshot(intent),
    card: cardOf(intent),
    receiptEmail: session.customer_details?.email ?? intent?.receipt_email ?? null,
  };
}

/** A payment without a page: the saved payment method was charged. */
export function toPaymentSnapshot(intent: Stripe.PaymentIntent): PaymentSnapshot {
  return {
    sessionId: null,
    sessionStatus: null,
    paymentStatus: intent.status === 'succeeded' ? 'paid' : 'unpaid',
    amountTotalMinor: BigInt(intent.amount),
    currency: intent.currency.toUpperCase(),
    topupId: intent.metadata['orbit_topup_id'] ?? null,
    organizationId: intent.metadata['orbit_organization_id'] ?? null,
    expiresAtMs: null,
    paymentIntent: toIntentSnapshot(intent),
    card: cardOf(intent),
    receiptEmail: intent.receipt_email,
  };
}

function cardOf(intent: Stripe.PaymentIntent | null): PaymentSnapshot['card'] {
  const card = objectOf(intent?.payment_method ?? null)?.card;
  return card ? { brand: card.brand, last4: card.last4 } : null;
}

/** `authentication_required` is asked for by its code and declined by its decline code: one word for both. */
function errorCodeOf(error: Stripe.PaymentIntent['last_payment_error']): string | null {
  if (error?.code === NEEDS_OWNER) return NEEDS_OWNER;
  return error?.decline_code ?? error?.code ?? null;
}

/** A word that we do not know changes nothing: the session counts as open and as unpaid. */
function sessionStatusOf(status: string | null): PaymentSnapshot['sessionStatus'] {
  return status === 'complete' || status === 'expired' ? status : 'open';
}

function paymentStatusOf(status: string): PaymentSnapshot['paymentStatus'] {
  return status === 'paid' || status === 'no_payment_required' ? status : 'unpaid';
}

function toIntentSnapshot(intent: Stripe.PaymentIntent): PaymentIntentSnapshot {
  const error = intent.last_payment_error;
  return {
    id: intent.id,
    status: intent.status,
    amountReceivedMinor: BigInt(intent.amount_received),
    currency: intent.currency.toUpperCase(),
    lastErrorCode: errorCodeOf(error),
    actionUrl: intent.next_action?.redirect_to_url?.url ?? null,
  };
}

export const objectOf = <T extends object>(value: T | string | null): T | null =>
  typeof value === 'object' ? value : null;

export const idOf = (value: { readonly id: string } | string | null): string | null =>
  typeof value === 'object' ? (value?.id ?? null) : value;
