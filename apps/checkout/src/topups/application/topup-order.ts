import { createHash } from 'node:crypto';
import { OrbitError, type ChargeTopUp } from '@orbit/contracts';
import { newId } from '@orbit/kernel';
import { checkPurchase, type Purchase } from '../domain/purchase.js';
import type { TopUp, TopUpKind } from '../domain/topup.js';
import type { UnitPrices } from '../domain/unit-price.js';

const URL_LENGTH_MAX = 2_048;

/** The checked fields that every order of money has. */
export interface Order extends Purchase {
  readonly organizationId: string;
  readonly idempotencyKey: string;
  /** The caller's words, which make the hash: a price may change between an order and its repeat. */
  readonly asked: { readonly amount: string; readonly currency: string };
}

/**
 * Checks the fields together: whether the wallet takes this currency, and its limits of an amount. Errors:
 * `invalid_field` or `unsupported_currency`, naming the field as the public API calls it.
 */
export function readOrder(request: Omit<ChargeTopUp, 'return_url'>, prices: UnitPrices): Order {
  const { organization_id: organizationId, idempotency_key: idempotencyKey } = request;
  const { amount_minor, currency, wallet_unit } = request;
  const check = checkPurchase(amount_minor, currency, wallet_unit, prices);
  if (!check.ok) {
    const code = check.param === 'currency' ? 'unsupported_currency' : 'invalid_field';
    throw new OrbitError(code, check.message, { param: check.param });
  }
  const asked = { amount: String(amount_minor), currency: askedIn(check.purchase, currency) };
  return { organizationId, idempotencyKey, asked, ...check.purchase };
}

const askedIn = ({ currency, paymentCurrency }: Purchase, asked: unknown): string =>
  asked === currency ? currency : paymentCurrency;

export function readOrganization(value: unknown): string {
  if (typeof value === 'string' && value.length > 0) return value;
  throw new OrbitError('invalid_field', 'organization_id is missing.', {
    param: 'organization_id',
  });
}

/** A browser is sent there: nothing but http and https. */
export function checkUrl(url: unknown, param: string): asserts url is string {
  const isUrl = typeof url === 'string' && url.length <= URL_LENGTH_MAX && URL.canParse(url);
  if (!isUrl || !['http:', 'https:'].includes(new URL(url).protocol)) {
    throw new OrbitError('invalid_field', `${param} is an http(s) URL.`, { param });
  }
}

/** A top-up of which nobody knows yet. Its hash says what was asked for: another order under its key is a conflict. */
export function newTopUp(
  {
    asked,
    ...order
  }: Order & {
    readonly kind: TopUpKind;
    readonly successUrl: string;
    readonly cancelUrl: string;
    readonly paymentMethodId: string | null;
  },
  nowMs: number,
): TopUp {
  return {
    ...order,
    id: newId('tu', nowMs),
    bodyHash: bodyHashOf({ ...order, asked }),
    state: 'created',
    reason: null,
    sessionId: null,
    checkoutUrl: null,
    sessionExpiresAtMs: null,
    paymentIntentId: null,
    actionUrl: null,
    receivedMinor: null,
    receivedCurrency: null,
    resolution: null,
    attempt: 0,
    createdAtMs: nowMs,
  };
}

/** The payment method is no part of it: it is the default one of that moment, not the caller's word. */
export function bodyHashOf(order: {
  readonly kind: TopUpKind;
  readonly asked: Order['asked'];
  readonly successUrl: string;
  readonly cancelUrl: string;
}): string {
  const { kind, asked, successUrl, cancelUrl } = order;
  const parts = [asked.amount, asked.currency, successUrl, cancelUrl];
  // Hosted pages came first; their stored hashes have no kind.
  return hashOf(kind === 'hosted' ? parts : [kind, ...parts]);
}

const hashOf = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');
