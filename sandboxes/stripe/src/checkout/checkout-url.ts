import type { CheckoutSession } from '../world/objects.js';

/** Stripe fills `{CHECKOUT_SESSION_ID}` in, however the caller's URL library has escaped it. */
export function withSessionId(url: string, sessionId: string): string {
  return url.replace(/\{CHECKOUT_SESSION_ID\}|%7BCHECKOUT_SESSION_ID%7D/gi, sessionId);
}

/** Where a paid session sends its payer. */
export function successUrlOf(session: CheckoutSession): string {
  return withSessionId(session.success_url, session.id);
}

/** Where a payer goes who does not pay; null when the merchant named no such place. */
export function cancelUrlOf(session: CheckoutSession): string | null {
  return session.cancel_url === null ? null : withSessionId(session.cancel_url, session.id);
}
