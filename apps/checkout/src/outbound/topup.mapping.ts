import { invariant } from '@orbit/kernel';
import { isCurrency, micros } from '@orbit/money';
import { TOPUP_STATES, type TopUp, type TopUpState } from '../domain/topup.js';

/** A row of checkout.topup as Prisma reads it. */
export interface TopUpRow {
  readonly id: string;
  readonly organizationId: string;
  readonly idempotencyKey: string;
  readonly bodyHash: string;
  readonly amountMinor: bigint;
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
  readonly attempt: number;
  readonly createdAt: Date;
}

export function fromRow(row: TopUpRow): TopUp {
  const { currency } = row;
  invariant(isCurrency(currency), 'a stored top-up has a currency that we know');
  invariant(isState(row.state), 'a stored top-up has a state that we know');
  return {
    id: row.id,
    organizationId: row.organizationId,
    idempotencyKey: row.idempotencyKey,
    bodyHash: row.bodyHash,
    amountMinor: row.amountMinor,
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
    attempt: row.attempt,
    createdAtMs: row.createdAt.getTime(),
  };
}

export function toRow(topup: TopUp): TopUpRow {
  return {
    id: topup.id,
    organizationId: topup.organizationId,
    idempotencyKey: topup.idempotencyKey,
    bodyHash: topup.bodyHash,
    amountMinor: topup.amountMinor,
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
    attempt: topup.attempt,
    createdAt: new Date(topup.createdAtMs),
  };
}

export const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

const isState = (text: string): text is TopUpState =>
  (TOPUP_STATES as readonly string[]).includes(text);
