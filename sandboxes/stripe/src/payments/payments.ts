import { judge } from '../customers/card.js';
import { buildCharge, buildPaymentError } from './build-payment.js';
import { debitMs } from './bank-debit.js';
import type { Charge, PaymentIntent, PaymentMethod } from '../world/objects.js';
import type { Aftermath, Decline } from '../customers/test-cards.js';
import { openDispute, warnOfFraud } from '../refunds-disputes/disputes.js';
import { bookMovement } from './movements.js';
import type { Stored } from '../world/ports.js';
import type { Work } from '../world/work.js';

export type AttemptResult =
  | { readonly kind: 'succeeded'; readonly intent: PaymentIntent }
  | { readonly kind: 'processing'; readonly intent: PaymentIntent }
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
  /** Where the owner's browser goes after the bank's page; null: the merchant asks in its own page. */
  readonly returnUrl?: string | null;
}

/** One attempt to pay a locked intent with a method. Everything that follows from it, with its events. */
export async function attemptPayment(
  work: Work,
  intent: PaymentIntent,
  method: Stored<'payment_method'>,
  options: AttemptOptions,
): Promise<AttemptResult> {
  const { behavior, isSetUp, bank } = method.secret;
  if (bank !== undefined) return startDebit(work, intent, method);
  const { isOffSession, isAuthenticated } = options;
  const verdict = judge(behavior, { isOffSession, isSetUp, isAuthenticated });
  if (verdict.kind === 'decline') return declineIntent(work, intent, method.body, verdict.decline);
  if (verdict.kind === 'authenticate') {
    return askForAuthentication(work, intent, method.body, options.returnUrl ?? null);
  }
  return succeed(work, intent, method, verdict.aftermath);
}

/** The bank's page for one intent: `redirect_to_url` when there is a way back, else the merchant's own page asks. */
export function authenticationStep(
  work: Work,
  id: string,
  returnUrl: string | null,
): PaymentIntent['next_action'] {
  if (returnUrl === null) {
    return { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } };
  }
  const url = `${work.settings.publicUrl}/3ds/${id}`;
  return { type: 'redirect_to_url', redirect_to_url: { return_url: returnUrl, url } };
}

async function askForAuthentication(
  work: Work,
  intent: PaymentIntent,
  method: PaymentMethod,
  returnUrl: string | null,
): Promise<AttemptResult> {
  const changed = await work.patch('payment_intent', intent, {
    status: 'requires_action',
    payment_method: method.id,
    last_payment_error: null,
    next_action: authenticationStep(work, intent.id, returnUrl),
  });
  work.emit('payment_intent.requires_action', changed);
  return { kind: 'requires_action', intent: changed };
}

export const NOT_AUTHENTICATED: Decline = {
  code: 'payment_intent_authentication_failure',
  declineCode: null,
  message:
    'We are unable to authenticate your payment method. Please choose a different payment ' +
    'method and try again.',
};

/** The owner did not authenticate: no charge is made, another method may be tried. */
export async function failAuthentication(
  work: Work,
  intent: PaymentIntent,
): Promise<AttemptResult> {
  const method = await work.need('payment_method', intent.payment_method ?? '');
  const changed = await work.patch('payment_intent', intent, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    last_payment_error: buildPaymentError(NOT_AUTHENTICATED, null, method.body),
  });
  work.emit('payment_intent.payment_failed', changed);
  return { kind: 'declined', intent: changed, decline: NOT_AUTHENTICATED, chargeId: null };
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
    status: 'failed',
    decline,
  });
  await work.tx.insert('charge', charge, null);
  return failIntent(work, intent, charge, method, decline);
}

/** After a charge that failed, at once or days later. */
export async function failIntent(
  work: Work,
  intent: PaymentIntent,
  charge: Charge,
  method: PaymentMethod,
  decline: Decline,
): Promise<AttemptResult> {
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

/** Starts a bank debit: promised now, known later (task `settle_payment`). */
async function startDebit(
  work: Work,
  intent: PaymentIntent,
  method: Stored<'payment_method'>,
): Promise<AttemptResult> {
  const body = await keepMethod(work, intent, method);
  const charge = buildCharge({
    id: work.ids.next('py_', 24),
    created: work.now,
    intent,
    method: body,
    balanceTransaction: null,
    status: 'pending',
    decline: null,
  });
  await work.tx.insert('charge', charge, null);
  const changed = await work.patch('payment_intent', intent, {
    status: 'processing',
    payment_method: body.id,
    latest_charge: charge.id,
    last_payment_error: null,
    next_action: null,
  });
  work.emit('charge.pending', charge);
  work.emit('payment_intent.processing', changed);
  const bank = method.secret.bank;
  const waitMs = work.faults.read().debitWaitMs ?? (bank === undefined ? 0 : debitMs(bank));
  if (waitMs >= 0) await work.planByWall('settle_payment', intent.id, waitMs);
  return { kind: 'processing', intent: changed };
}

async function succeed(
  work: Work,
  intent: PaymentIntent,
  method: Stored<'payment_method'>,
  aftermath: Aftermath | null,
): Promise<AttemptResult> {
  const chargeId = work.id('charge');
  const moved = await bookMovement(work, {
    type: 'charge',
    amount: intent.amount,
    currency: intent.currency,
    source: chargeId,
    description: intent.description,
  });
  const body = await keepMethod(work, intent, method);
  const charge = buildCharge({
    id: chargeId,
    created: work.now,
    intent,
    method: body,
    balanceTransaction: moved.id,
    status: 'succeeded',
    decline: null,
  });
  await work.tx.insert('charge', charge, null);
  return succeedIntent(work, intent, charge, aftermath);
}

/** After a charge that went through, at once or days later. */
export async function succeedIntent(
  work: Work,
  intent: PaymentIntent,
  charge: Charge,
  aftermath: Aftermath | null,
): Promise<AttemptResult> {
  const changed = await work.patch('payment_intent', intent, {
    status: 'succeeded',
    amount_received: intent.amount,
    payment_method: charge.payment_method,
    latest_charge: charge.id,
    last_payment_error: null,
    next_action: null,
  });
  work.emit('charge.succeeded', charge);
  work.emit('payment_intent.succeeded', changed);
  if (aftermath === 'dispute') await openDispute(work, charge, { reason: 'fraudulent' });
  if (aftermath === 'dispute_not_received') {
    await openDispute(work, charge, { reason: 'product_not_received' });
  }
  if (aftermath === 'dispute_inquiry') {
    await openDispute(work, charge, { reason: 'general', isInquiry: true });
  }
  if (aftermath === 'fraud_warning') await warnOfFraud(work, charge);
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
