import type { CardFault } from '../customers/card.js';
import type { CheckoutSession, PaymentIntent, SetupIntent } from '../world/objects.js';
import { attemptPayment, failAuthentication, type AttemptResult } from '../payments/payments.js';
import type { Stored } from '../world/ports.js';
import { readForm, type FormFaults, type PayForm } from '../http/read-form.js';
import {
  detailsOf,
  lockIntent,
  needsSetup,
  noteIntent,
  sessionCustomer,
  sessionIntent,
  sessionSetup,
  type Payer,
} from './session-objects.js';
import { completeSession } from './session-payment.js';
import { attemptSetup, failSetup, type SetupResult } from '../customers/setups.js';
import { subscribe } from '../billing/subscribe.js';
import type { Work } from '../world/work.js';

/** The result of a press of a button on the hosted page. */
export type PayResult =
  | { readonly kind: 'complete'; readonly session: CheckoutSession }
  | { readonly kind: 'already_paid'; readonly session: CheckoutSession }
  | { readonly kind: 'expired'; readonly session: CheckoutSession }
  | { readonly kind: 'requires_action'; readonly session: CheckoutSession }
  | {
      readonly kind: 'invalid';
      readonly session: CheckoutSession;
      readonly faults: FormFaults;
    }
  | {
      readonly kind: 'declined';
      readonly session: CheckoutSession;
      readonly code: string;
      readonly declineCode: string | null;
      readonly message: string;
    };

/** Reads a session; one whose time is over becomes expired first, even if the sweeper is late. */
export async function readSession(
  work: Work,
  id: string,
  param?: string,
): Promise<Stored<'checkout.session'>> {
  const stored = await work.need('checkout.session', id, param);
  const isOverdue = stored.body.status === 'open' && stored.body.expires_at <= work.now;
  return isOverdue ? lockSession(work, id) : stored;
}

/** As `readSession`, and nobody else pays it until the transaction ends. */
export async function lockSession(
  work: Work,
  id: string,
  param?: string,
): Promise<Stored<'checkout.session'>> {
  const stored = await work.lock('checkout.session', id, param);
  if (stored.body.status !== 'open' || stored.body.expires_at > work.now) return stored;
  return { body: await expireSession(work, stored), secret: stored.secret };
}

/** Ends an open session for good, and the intent that an attempt may have left. */
export async function expireSession(
  work: Work,
  stored: Stored<'checkout.session'>,
): Promise<CheckoutSession> {
  const expired = await work.patch('checkout.session', stored.body, {
    status: 'expired',
    url: null,
  });
  const end = {
    status: 'canceled',
    cancellation_reason: 'automatic',
    next_action: null,
  } as const;
  const intent = await lockIntent(work, stored);
  if (intent?.object === 'payment_intent') {
    const canceled = await work.patch('payment_intent', intent, { ...end, canceled_at: work.now });
    work.emit('payment_intent.canceled', canceled);
  }
  if (intent?.object === 'setup_intent') {
    work.emit('setup_intent.canceled', await work.patch('setup_intent', intent, end));
  }
  work.emit('checkout.session.expired', expired);
  return expired;
}

/** Pays a session, or saves a method in `setup` mode. Two at once: the second waits, then finds it paid. */
export async function paySession(
  work: Work,
  id: string,
  form: PayForm,
  payer: Payer,
): Promise<PayResult> {
  const stored = await lockSession(work, id);
  const ended = endOf(stored.body);
  if (ended !== null) return ended;
  const email = payer.email ?? stored.body.customer_email;
  const method = await readForm(work, form, { ...payer, email });
  if ('faults' in method) return { kind: 'invalid', session: stored.body, faults: method.faults };
  const customer = await sessionCustomer(work, stored, payer);
  const session: CheckoutSession = {
    ...stored.body,
    customer,
    customer_details: detailsOf(payer, stored.body),
  };
  return attempt(work, { body: session, secret: stored.secret }, method, false);
}

/** The answer of the authentication page. */
export async function authenticateSession(
  work: Work,
  id: string,
  isConfirmed: boolean,
): Promise<PayResult> {
  const stored = await lockSession(work, id);
  const session = stored.body;
  const ended = endOf(session);
  if (ended !== null) return ended;
  const intent = await pendingIntent(work, stored);
  if (intent === null) {
    const faults: readonly CardFault[] = [
      { field: 'card_number', code: 'nothing_to_authenticate', message: 'Enter your card first.' },
    ];
    return { kind: 'invalid', session, faults };
  }
  if (!isConfirmed) {
    const failed =
      intent.object === 'payment_intent'
        ? await failAuthentication(work, intent)
        : await failSetup(work, intent);
    return finish(work, stored, failed);
  }
  const method = await work.lock('payment_method', intent.payment_method ?? '');
  return attempt(work, stored, method, true);
}

/** The intent that waits for its owner's authentication; null when none does. */
export async function pendingIntent(
  work: Work,
  stored: Stored<'checkout.session'>,
): Promise<PaymentIntent | SetupIntent | null> {
  if (stored.body.status !== 'open') return null;
  const intent = await lockIntent(work, stored);
  return intent?.status === 'requires_action' ? intent : null;
}

async function attempt(
  work: Work,
  stored: Stored<'checkout.session'>,
  method: Stored<'payment_method'>,
  isAuthenticated: boolean,
): Promise<PayResult> {
  const { customer } = stored.body;
  const { secret } = stored;
  if (needsSetup(stored.body)) {
    const intent = await sessionSetup(work, stored);
    const body = await noteIntent(work, stored, intent);
    const options = { isAuthenticated, returnUrl: null };
    const result = await attemptSetup(work, { ...intent, customer }, method, options);
    return finish(work, { body, secret }, result);
  }
  const intent = await sessionIntent(work, stored);
  const body = await noteIntent(work, stored, intent);
  const options = { isOffSession: false, isAuthenticated };
  const result = await attemptPayment(work, { ...intent, customer }, method, options);
  return finish(work, { body, secret }, result);
}

function endOf(session: CheckoutSession): PayResult | null {
  if (session.status === 'complete') return { kind: 'already_paid', session };
  return session.status === 'expired' ? { kind: 'expired', session } : null;
}

async function finish(
  work: Work,
  stored: Stored<'checkout.session'>,
  attempted: AttemptResult | SetupResult,
): Promise<PayResult> {
  const session = stored.body;
  if (attempted.kind === 'declined') {
    await work.tx.save('checkout.session', session);
    return { kind: 'declined', session, ...attempted.decline };
  }
  if (attempted.kind === 'requires_action') {
    await work.tx.save('checkout.session', session);
    return { kind: 'requires_action', session };
  }
  const isPaid = attempted.kind === 'succeeded' && session.payment_status === 'unpaid';
  const payment_status = isPaid ? 'paid' : session.payment_status;
  const made =
    session.mode === 'subscription' ? await subscribe(work, stored, attempted.intent) : {};
  const done = await completeSession(work, session, { ...made, payment_status });
  return { kind: 'complete', session: done };
}
