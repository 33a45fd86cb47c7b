import Stripe from 'stripe';
import { ProviderFailure } from '../application/ports.js';

const SERVER_ERROR = 500;
/** Statuses of a request that cannot be carried out, now or with another key. */
const REFUSED: readonly number[] = [400, 402, 404];

/** Runs a call and turns the SDK's errors into ours. */
export async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    throw failure(error, isFinalForKey(error));
  }
}

/** As `asked`; null when Stripe knows no such object. */
export async function askedOrMissing<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await asked(call);
  } catch (error) {
    const isMissing = error instanceof ProviderFailure && error.options.code === 'resource_missing';
    if (isMissing) return null;
    throw error;
  }
}

/** All pages of a list. */
export async function allOf<T>(list: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of list) all.push(one);
  return all;
}

/**
 * Whether Stripe has stored this answer under the key. Lost connections, rate limits and a key in use have
 * stored nothing; a refused key (401) neither.
 */
function isFinalForKey(error: InstanceType<typeof Stripe.errors.StripeError>): boolean {
  const { statusCode } = error;
  if (statusCode === undefined) return false;
  return statusCode >= SERVER_ERROR || REFUSED.includes(statusCode);
}

export function failure(cause: unknown, isFinal: boolean): ProviderFailure {
  const stripe = cause instanceof Stripe.errors.StripeError ? cause : null;
  const isUnknownCustomer = stripe?.code === 'resource_missing' && stripe.param === 'customer';
  const message = cause instanceof Error ? cause.message : 'Stripe did not answer';
  return new ProviderFailure(message, {
    isFinalForKey: isFinal,
    isUnknownCustomer,
    code: stripe?.code,
    isRefusal: REFUSED.includes(stripe?.statusCode ?? 0) && !isUnknownCustomer,
    cause,
  });
}
