import { buildBalanceTransaction, chargeFee } from '../domain/build-balance.js';
import type { AcceptedCard, Decline } from '../domain/card.js';
import { judge, TEST_CARDS } from '../domain/card.js';
import {
  buildCharge,
  buildPaymentError,
  buildPaymentIntent,
  buildPaymentMethod,
} from '../domain/build-payment.js';
import type { Metadata } from '../domain/json.js';
import type { PaymentIntent, PaymentMethod, PaymentMethodSecret } from '../domain/objects.js';
import { openDispute } from './disputes.js';
import type { Stored } from './ports.js';
import type { Work } from './sandbox.js';

export type AttemptResult =
  | { readonly kind: 'succeeded'; readonly intent: PaymentIntent }
  | { readonly kind: 'requires_action'; readonly intent: PaymentIntent }
  | {
      readonly kind: 'declined';
      readonly intent: PaymentIntent;
      readonly decline: Decline;
      readonly chargeId: string | null;
    };

export interface AttemptOptions {
  readonly isOffSession: boolean;
  /** The owner has just said yes on the authentication page. */
  readonly isAuthenticated: boolean;
}

export async function createIntent(
  work: Work,
  given: {
    readonly amount: number;
    readonly currency: string;
    readonly customer: string | null;
    readonly description: string | null;
    readonly metadata: Metadata;
    readonly paymentMethod: string | null;
    readonly receiptEmail: string | null;
    readonly setupFutureUsage: 'off_session' | 'on_session' | null;
  },
): Promise<PaymentIntent> {
  const id = work.id('payment_intent');
  const intent = buildPaymentIntent({
    ...given,
    id,
    clientSecret: work.ids.next(`${id}_secret_`, 24),
    created: work.now,
    status: given.paymentMethod === null ? 'requires_payment_method' : 'requires_confirmation',
  });
  await work.tx.insert('payment_intent', intent, null);
  work.emit('payment_intent.created', intent);
  return intent;
}

export async function createMethod(
  work: Work,
  given: {
    readonly accepted: AcceptedCard;
    readonly name: string | null;
    readonly email: string | null;
    readonly customer: string | null;
    readonly metadata: Metadata;
  },
): Promise<Stored<'payment_method'>> {
  const body = buildPaymentMethod({
    ...given,
    id: work.id('payment_method'),
    created: work.now,
    fingerprint: work.ids.fingerprint(given.accepted.card.number),
  });
  const secret: PaymentMethodSecret = { behavior: given.accepted.card.behavior, isSetUp: false };
  await work.tx.insert('payment_method', body, secret);
  return { body, secret };
}

/**
 * Finds a payment method, also by Stripe's ready-made test names (`pm_card_visa`,
 * `pm_card_chargeDeclined`, …), each use of which makes a new one.
 */
export async function needMethod(
  work: Work,
  id: string,
  param: string,
): Promise<Stored<'payment_method'>> {
  const named = TEST_CARDS.find((card) => id === `pm_card_${card.token}`);
  if (named === undefined) return work.lock('payment_method', id, param);
  const expYear = new Date(work.nowMs).getUTCFullYear() + 5;
  return createMethod(work, {
    accepted: { card: named, expMonth: 12, expYear },
    name: null,
    email: null,
    customer: null,
    metadata: {},
  });
}

/** One attempt to pay a locked intent with a method. Everything that follows from it, with its events. */
export async function attemptPayment(
  work: Work,
  intent: PaymentIntent,
  method: Stored<'payment_method'>,
  options: AttemptOptions,
): Promise<AttemptResult> {
  const { behavior, isSetUp } = method.secret;
  const verdict = judge(behavior, { isOffSession: options.isOffSession, isSetUp });
  if (verdict.kind === 'decline') return declineIntent(work, intent, method.body, verdict.decline);
  if (verdict.kind === 'authenticate' && !options.isAuthenticated) {
    return askForAuthentication(work, intent, method.body);
  }
  const isDisputed = verdict.kind === 'approve' && verdict.isDisputed;
  return succeed(work, intent, method, isDisputed);
}

async function askForAuthentication(
  work: Work,
  intent: PaymentIntent,
  method: PaymentMethod,
): Promise<AttemptResult> {
  const changed = await work.patch('payment_intent', intent, {
    status: 'requires_action',
    payment_method: method.id,
    last_payment_error: null,
    next_action: { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } },
  });
  work.emit('payment_intent.requires_action', changed);
  return { kind: 'requires_action', intent: changed };
}

/** The owner did not authenticate: no charge is made, another method may be tried. */
export async function failAuthentication(
  work: Work,
  intent: PaymentIntent,
): Promise<AttemptResult> {
  const method = await work.need('payment_method', intent.payment_method ?? '');
  const decline: Decline = {
    code: 'payment_intent_authentication_failure',
    declineCode: null,
    message:
      'We are unable to authenticate your payment method. Please choose a different payment ' +
      'method and try again.',
  };
  const changed = await work.patch('payment_intent', intent, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    last_payment_error: buildPaymentError(decline, null, method.body),
  });
  work.emit('payment_intent.payment_failed', changed);
  return { kind: 'declined', intent: changed, decline, chargeId: null };
}

async function declineIntent(
  work: Work,
  intent: PaymentIntent,
  method: PaymentMethod,
  decline: Decline,
): Promise<AttemptResult> {
  const charge = buildCharge({
    id: work.id('charge'),
    created: work.now,
    intent,
    method,
    balanceTransaction: null,
    decline,
  });
  await work.tx.insert('charge', charge, null);
  const changed = await work.patch('payment_intent', intent, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    latest_charge: charge.id,
    last_payment_error: buildPaymentError(decline, charge.id, method),
  });
  work.emit('charge.failed', charge);
  work.emit('payment_intent.payment_failed', changed);
  return { kind: 'declined', intent: changed, decline, chargeId: charge.id };
}

async function succeed(
  work: Work,
  intent: PaymentIntent,
  method: Stored<'payment_method'>,
  isDisputed: boolean,
): Promise<AttemptResult> {
  const chargeId = work.id('charge');
  const moved = buildBalanceTransaction({
    id: work.id('balance_transaction'),
    created: work.now,
    amount: intent.amount,
    fee: chargeFee(intent.amount),
    currency: intent.currency,
    source: chargeId,
    type: 'charge',
    reportingCategory: 'charge',
    description: intent.description,
  });
  await work.tx.insert('balance_transaction', moved, null);
  const body = await keepMethod(work, intent, method);
  const charge = buildCharge({
    id: chargeId,
    created: work.now,
    intent,
    method: body,
    balanceTransaction: moved.id,
    decline: null,
  });
  await work.tx.insert('charge', charge, null);
  const changed = await work.patch('payment_intent', intent, {
    status: 'succeeded',
    amount_received: intent.amount,
    payment_method: body.id,
    latest_charge: chargeId,
    last_payment_error: null,
    next_action: null,
  });
  work.emit('charge.succeeded', charge);
  work.emit('payment_intent.succeeded', changed);
  if (isDisputed) await openDispute(work, charge, { reason: 'fraudulent' });
  return { kind: 'succeeded', intent: changed };
}

/** Saves the method on the customer when the intent asks for it. */
async function keepMethod(
  work: Work,
  intent: PaymentIntent,
  method: Stored<'payment_method'>,
): Promise<PaymentMethod> {
  if (intent.setup_future_usage === null || intent.customer === null) return method.body;
  const isNew = method.body.customer === null;
  const body: PaymentMethod = { ...method.body, customer: intent.customer };
  const isSetUp = method.secret.isSetUp || intent.setup_future_usage === 'off_session';
  await work.tx.save('payment_method', body, { ...method.secret, isSetUp });
  if (isNew) work.emit('payment_method.attached', body);
  return body;
}
