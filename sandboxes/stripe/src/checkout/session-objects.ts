import type { CheckoutSession, PaymentIntent, SetupIntent } from '../world/objects.js';
import { createCustomer } from '../customers/customers.js';
import { createIntent } from '../payments/intents.js';
import type { Stored } from '../world/ports.js';
import { createSetup } from '../customers/setups.js';
import type { Work } from '../world/work.js';

export interface Payer {
  readonly name: string | null;
  readonly email: string | null;
}

/** The payment intent that all attempts of a session share; the first attempt makes it. */
export async function sessionIntent(
  work: Work,
  stored: Stored<'checkout.session'>,
): Promise<PaymentIntent> {
  const { body: session, secret } = stored;
  const known = session.payment_intent ?? secret.attempt ?? null;
  if (known !== null) return (await work.lock('payment_intent', known)).body;
  const data = secret.payment_intent_data;
  const isSubscription = session.mode === 'subscription';
  return createIntent(work, {
    amount: session.amount_total ?? 0,
    currency: session.currency ?? '',
    customer: session.customer,
    description: isSubscription ? 'Subscription creation' : data.description,
    metadata: data.metadata,
    paymentMethod: null,
    receiptEmail: data.receipt_email,
    setupFutureUsage: isSubscription ? 'off_session' : data.setup_future_usage,
    methodTypes: session.payment_method_types,
    allowRedirects: null,
    belongsTo: { session: session.id },
  });
}

/** The same for a session that only saves a method. */
export async function sessionSetup(
  work: Work,
  stored: Stored<'checkout.session'>,
): Promise<SetupIntent> {
  const { body: session, secret } = stored;
  const known = session.setup_intent ?? secret.attempt ?? null;
  if (known !== null) return (await work.lock('setup_intent', known)).body;
  return createSetup(work, {
    customer: session.customer,
    description: secret.setup_intent_data?.description ?? null,
    metadata: secret.setup_intent_data?.metadata ?? {},
    paymentMethod: null,
    methodTypes: session.payment_method_types,
    usage: 'off_session',
    belongsTo: { session: session.id },
  });
}

/** Nothing is due now: the page only saves a method, for later or for after the trial. */
export const needsSetup = (session: CheckoutSession): boolean =>
  session.mode === 'setup' || (session.mode === 'subscription' && session.amount_total === 0);

/**
 * Writes down the intent that an attempt made. Sessions show theirs, but for subscriptions: there the
 * invoice has it.
 */
export async function noteIntent(
  work: Work,
  stored: Stored<'checkout.session'>,
  intent: PaymentIntent | SetupIntent,
): Promise<CheckoutSession> {
  const { body: session, secret } = stored;
  if (session.mode === 'subscription') {
    await work.tx.save('checkout.session', session, { ...secret, attempt: intent.id });
    return session;
  }
  return intent.object === 'setup_intent'
    ? { ...session, setup_intent: intent.id }
    : { ...session, payment_intent: intent.id };
}

/** The intent that the attempts so far have worked with. */
export async function lockIntent(
  work: Work,
  stored: Stored<'checkout.session'>,
): Promise<PaymentIntent | SetupIntent | null> {
  const { body: session, secret } = stored;
  const id = session.payment_intent ?? session.setup_intent ?? secret.attempt ?? null;
  if (id === null) return null;
  const kind = id.startsWith('seti_') ? 'setup_intent' : 'payment_intent';
  return (await work.lock(kind, id)).body;
}

/** A customer of its own when the session asks for one, or when the method is to be kept. */
export async function sessionCustomer(
  work: Work,
  stored: Stored<'checkout.session'>,
  payer: Payer,
): Promise<string | null> {
  const { body: session, secret } = stored;
  const isWanted =
    session.mode === 'subscription' ||
    secret.customer_creation === 'always' ||
    secret.payment_intent_data.setup_future_usage !== null;
  if (session.customer !== null || !isWanted) return session.customer;
  const customer = await createCustomer(work, {
    email: payer.email ?? session.customer_email,
    name: payer.name,
    phone: null,
    description: null,
    metadata: {},
    testClock: null,
  });
  return customer.id;
}

export function detailsOf(
  payer: Payer,
  session: CheckoutSession,
): CheckoutSession['customer_details'] {
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
