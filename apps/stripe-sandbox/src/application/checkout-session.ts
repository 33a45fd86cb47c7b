import { buildCustomer } from '../domain/build-records.js';
import type { CardFault, CardForm } from '../domain/card.js';
import { checkCard } from '../domain/card.js';
import type { CheckoutSession, CheckoutSessionSecret, PaymentIntent } from '../domain/objects.js';
import { attemptPayment, createIntent, createMethod, failAuthentication } from './payments.js';
import type { AttemptResult } from './payments.js';
import type { Stored } from './ports.js';
import type { Work } from './sandbox.js';

export interface Payer {
  readonly name: string | null;
  readonly email: string | null;
}

/** What became of a press of a button on the hosted page. */
export type PayResult =
  | { readonly kind: 'complete'; readonly session: CheckoutSession }
  | { readonly kind: 'already_paid'; readonly session: CheckoutSession }
  | { readonly kind: 'expired'; readonly session: CheckoutSession }
  | { readonly kind: 'requires_action'; readonly session: CheckoutSession }
  | {
      readonly kind: 'invalid';
      readonly session: CheckoutSession;
      readonly faults: readonly CardFault[];
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
  return { body: await expireSession(work, stored.body), secret: stored.secret };
}

/** Ends an open session for good, and the payment intent that an attempt may have left. */
export async function expireSession(
  work: Work,
  session: CheckoutSession,
): Promise<CheckoutSession> {
  const expired = await work.patch('checkout.session', session, { status: 'expired', url: null });
  if (session.payment_intent !== null) {
    const { body: intent } = await work.lock('payment_intent', session.payment_intent);
    const canceled = await work.patch('payment_intent', intent, {
      status: 'canceled',
      canceled_at: work.now,
      cancellation_reason: 'automatic',
      next_action: null,
    });
    work.emit('payment_intent.canceled', canceled);
  }
  work.emit('checkout.session.expired', expired);
  return expired;
}

/** Pays a session with a card. Two at once: the second waits, then finds it paid. */
export async function paySession(
  work: Work,
  id: string,
  card: CardForm,
  payer: Payer,
): Promise<PayResult> {
  const stored = await lockSession(work, id);
  const ended = endOf(stored.body);
  if (ended !== null) return ended;
  const today = new Date(work.nowMs);
  const checked = checkCard(card, { year: today.getUTCFullYear(), month: today.getUTCMonth() + 1 });
  if (!checked.ok) return { kind: 'invalid', session: stored.body, faults: checked.faults };

  const customer = await customerOf(work, stored, payer);
  const method = await createMethod(work, {
    accepted: checked.accepted,
    name: payer.name,
    email: payer.email ?? stored.body.customer_email,
    customer: null,
    metadata: {},
  });
  const intent = await intentOf(work, stored, customer);
  const session: CheckoutSession = {
    ...stored.body,
    customer,
    payment_intent: intent.id,
    customer_details: detailsOf(payer, stored.body),
  };
  const attempt = await attemptPayment(work, { ...intent, customer }, method, {
    isOffSession: false,
    isAuthenticated: false,
  });
  return settle(work, session, attempt);
}

/** The answer of the authentication page. */
export async function authenticateSession(
  work: Work,
  id: string,
  isConfirmed: boolean,
): Promise<PayResult> {
  const { body: session } = await lockSession(work, id);
  const ended = endOf(session);
  if (ended !== null) return ended;
  const intent = await pendingIntent(work, session);
  if (intent === null) {
    const faults: readonly CardFault[] = [
      { field: 'card_number', code: 'nothing_to_authenticate', message: 'Enter your card first.' },
    ];
    return { kind: 'invalid', session, faults };
  }
  if (!isConfirmed) return settle(work, session, await failAuthentication(work, intent));
  const method = await work.lock('payment_method', intent.payment_method ?? '');
  const options = { isOffSession: false, isAuthenticated: true };
  return settle(work, session, await attemptPayment(work, intent, method, options));
}

/** The intent that waits for its owner's authentication; null when none does. */
export async function pendingIntent(
  work: Work,
  session: CheckoutSession,
): Promise<PaymentIntent | null> {
  if (session.status !== 'open' || session.payment_intent === null) return null;
  const { body } = await work.lock('payment_intent', session.payment_intent);
  return body.status === 'requires_action' ? body : null;
}

function endOf(session: CheckoutSession): PayResult | null {
  if (session.status === 'complete') return { kind: 'already_paid', session };
  return session.status === 'expired' ? { kind: 'expired', session } : null;
}

async function settle(
  work: Work,
  session: CheckoutSession,
  attempt: AttemptResult,
): Promise<PayResult> {
  if (attempt.kind !== 'succeeded') {
    await work.tx.save('checkout.session', session);
    if (attempt.kind === 'requires_action') return { kind: 'requires_action', session };
    return { kind: 'declined', session, ...attempt.decline };
  }
  const complete: CheckoutSession = {
    ...session,
    status: 'complete',
    payment_status: 'paid',
    url: null,
  };
  await work.tx.save('checkout.session', complete);
  work.emit('checkout.session.completed', complete);
  return { kind: 'complete', session: complete };
}

async function intentOf(
  work: Work,
  stored: Stored<'checkout.session'>,
  customer: string | null,
): Promise<PaymentIntent> {
  const { body: session, secret } = stored;
  if (session.payment_intent !== null) {
    return (await work.lock('payment_intent', session.payment_intent)).body;
  }
  const data: CheckoutSessionSecret['payment_intent_data'] = secret.payment_intent_data;
  return createIntent(work, {
    amount: session.amount_total,
    currency: session.currency,
    customer,
    description: data.description,
    metadata: data.metadata,
    paymentMethod: null,
    receiptEmail: data.receipt_email,
    setupFutureUsage: data.setup_future_usage,
  });
}

/** A customer of its own when the session asks for one, or when the card is to be saved. */
async function customerOf(
  work: Work,
  stored: Stored<'checkout.session'>,
  payer: Payer,
): Promise<string | null> {
  const { body: session, secret } = stored;
  const isWanted =
    secret.customer_creation === 'always' || secret.payment_intent_data.setup_future_usage !== null;
  if (session.customer !== null || !isWanted) return session.customer;
  const customer = buildCustomer({
    id: work.id('customer', 14),
    created: work.now,
    email: payer.email ?? session.customer_email,
    name: payer.name,
    phone: null,
    description: null,
    invoicePrefix: work.ids.next('', 8).toUpperCase(),
    metadata: {},
  });
  await work.tx.insert('customer', customer, null);
  work.emit('customer.created', customer);
  return customer.id;
}

function detailsOf(payer: Payer, session: CheckoutSession): CheckoutSession['customer_details'] {
  return {
    address: null,
    business_name: null,
    email: payer.email ?? session.customer_email,
    individual_name: null,
    name: payer.name,
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  };
}
