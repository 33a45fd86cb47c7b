import type { PaymentIntent, SetupIntent } from '../world/objects.js';
import type { Decline } from '../customers/test-cards.js';
import { followPayment } from './follow-payment.js';
import { attemptPayment, failAuthentication } from './payments.js';
import { attemptSetup, failSetup } from '../customers/setups.js';
import type { Work } from '../world/work.js';

/** The content of the bank's page. */
export interface Pending {
  readonly isWaiting: boolean;
  /** Minor units; null when a method is only saved. */
  readonly amount: number | null;
  readonly currency: string | null;
}

export interface AuthenticationAnswer {
  /** The payment went through, or the method was saved. */
  readonly isDone: boolean;
  /** The merchant's `return_url` with what Stripe adds to it. */
  readonly redirectUrl: string | null;
  readonly error: Decline | null;
}

const isSetup = (id: string): boolean => id.startsWith('seti_');

export async function readPending(work: Work, id: string): Promise<Pending> {
  if (isSetup(id)) {
    const { body } = await work.need('setup_intent', id, 'intent');
    return { isWaiting: body.status === 'requires_action', amount: null, currency: null };
  }
  const { body } = await work.need('payment_intent', id, 'intent');
  const { amount, currency } = body;
  return { isWaiting: body.status === 'requires_action', amount, currency };
}

/** The owner says yes or no. Twice: the second time nothing happens. */
export async function answerAuthentication(
  work: Work,
  id: string,
  isConfirmed: boolean,
): Promise<AuthenticationAnswer> {
  const { body: intent } = await work.lock(isSetup(id) ? 'setup_intent' : 'payment_intent', id);
  if (intent.status !== 'requires_action') return { isDone: true, redirectUrl: null, error: null };
  const result = await (intent.object === 'setup_intent'
    ? answerSetup(work, intent, isConfirmed)
    : answerPayment(work, intent, isConfirmed));
  const isDone = result.kind !== 'declined';
  return {
    isDone,
    redirectUrl: returnUrlOf(intent, isDone),
    error: result.kind === 'declined' ? result.decline : null,
  };
}

async function answerPayment(work: Work, intent: PaymentIntent, isConfirmed: boolean) {
  const method = await work.lock('payment_method', intent.payment_method ?? '');
  const result = isConfirmed
    ? await attemptPayment(work, intent, method, { isOffSession: false, isAuthenticated: true })
    : await failAuthentication(work, intent);
  await followPayment(work, result);
  return result;
}

async function answerSetup(work: Work, intent: SetupIntent, isConfirmed: boolean) {
  if (!isConfirmed) return failSetup(work, intent);
  const method = await work.lock('payment_method', intent.payment_method ?? '');
  return attemptSetup(work, intent, method, { isAuthenticated: true, returnUrl: null });
}

/** `return_url` with the parameters that Stripe adds; null: the merchant gave no way back. */
function returnUrlOf(intent: PaymentIntent | SetupIntent, isDone: boolean): string | null {
  const step = intent.next_action?.['redirect_to_url'] as { return_url?: string } | undefined;
  if (step?.return_url === undefined) return null;
  const url = new URL(step.return_url);
  const name = intent.object;
  url.searchParams.set(name, intent.id);
  url.searchParams.set(`${name}_client_secret`, String(intent['client_secret']));
  url.searchParams.set('redirect_status', isDone ? 'succeeded' : 'failed');
  return url.href;
}
