import { invariant } from '@orbit/kernel';
import { isCurrency, isIsoCurrency, micros } from '@orbit/money';
import { TOPUP_KINDS, type TopUp, type TopUpKind } from '../domain/topup.js';
import { isTopUpState } from '../domain/topup-state.js';

/** A row of checkout.topup as Prisma reads it. */
export interface TopUpRow {
  readonly id: string;
  readonly kind: string;
  readonly organizationId: string;
  readonly idempotencyKey: string;
  readonly bodyHash: string;
  readonly amountMinor: bigint;
  readonly paymentCurrency: string;
  readonly currency: string;
  readonly amountMicros: bigint;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly state: string;
  readonly reason: string | null;
  readonly sessionId: string | null;
  readonly checkoutUrl: string | null;
  readonly sessionExpiresAt: Date | null;
  readonly paymentIntentId: string | null;
  readonly paymentMethodId: string | null;
  readonly actionUrl: string | null;
  readonly receivedMinor: bigint | null;
  readonly receivedCurrency: string | null;
  readonly resolution: string | null;
  readonly attempt: number;
  readonly createdAt: Date;
}

export function fromRow(row: TopUpRow): TopUp {
  const { currency, paymentCurrency } = row;
  invariant(isCurrency(currency), 'a stored top-up has a currency that we know');
  invariant(isIsoCurrency(paymentCurrency), 'a stored top-up is paid in money');
  invariant(isTopUpState(row.state), 'a stored top-up has a state that we know');
  invariant(isKind(row.kind), 'a stored top-up has a kind that we know');
  return {
    id: row.id,
    kind: row.kind,
    organizationId: row.organizationId,
    idempotencyKey: row.idempotencyKey,
    bodyHash: row.bodyHash,
    amountMinor: row.amountMinor,
    paymentCurrency,
    currency,
    amountMicros: micros(row.amountMicros),
    successUrl: row.successUrl,
    cancelUrl: row.cancelUrl,
    state: row.state,
    reason: row.reason,
    sessionId: row.sessionId,
    checkoutUrl: row.checkoutUrl,
    sessionExpiresAtMs: row.sessionExpiresAt?.getTime() ?? null,
    paymentIntentId: row.paymentIntentId,
    paymentMethodId: row.paymentMethodId,
    actionUrl: row.actionUrl,
    receivedMinor: row.receivedMinor,
    receivedCurrency: row.receivedCurrency,
    resolution: row.resolution === null ? null : resolutionOf(row.resolution),
    attempt: row.attempt,
    createdAtMs: row.createdAt.getTime(),
  };
}

export function toRow(topup: TopUp): TopUpRow {
  return {
    id: topup.id,
    kind: topup.kind,
    organizationId: topup.organizationId,
    idempotencyKey: topup.idempotencyKey,
    bodyHash: topup.bodyHash,
    amountMinor: topup.amountMinor,
    paymentCurrency: topup.paymentCurrency,
    currency: topup.currency,
    amountMicros: topup.amountMicros,
    successUrl: topup.successUrl,
    cancelUrl: topup.cancelUrl,
    state: topup.state,
    reason: topup.reason,
    sessionId: topup.sessionId,
    checkoutUrl: topup.checkoutUrl,
    sessionExpiresAt: dateOf(topup.sessionExpiresAtMs),
    paymentIntentId: topup.paymentIntentId,
    paymentMethodId: topup.paymentMethodId,
    actionUrl: topup.actionUrl,
    receivedMinor: topup.receivedMinor,
    receivedCurrency: topup.receivedCurrency,
    resolution: topup.resolution,
    attempt: topup.attempt,
    createdAt: new Date(topup.createdAtMs),
  };
}

export const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

const isKind = (text: string): text is TopUpKind =>
  (TOPUP_KINDS as readonly string[]).includes(text);

const resolutionOf = (text: string): 'credit_received' | 'dismiss' =>
  text === 'dismiss' ? 'dismiss' : 'credit_received';
