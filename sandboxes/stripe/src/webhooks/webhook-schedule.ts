export const RETRY_BASE_MS = 500;
/** Low, so that a service that was unavailable receives its webhooks soon after it is back. */
export const RETRY_MAX_MS = 30_000;
/** Stripe gives up after three days. */
export const RETRY_UNTIL_MS = 3 * 24 * 3_600_000;

/**
 * Wait before the next attempt: doubles from 0.5 s to 30 s, spread over ±20 % by `random` (0 ≤ r < 1).
 * Null: the event is too old, give up.
 */
export function retryDelayMs(attempts: number, ageMs: number, random: number): number | null {
  if (ageMs >= RETRY_UNTIL_MS) return null;
  const exponential = Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** Math.min(attempts - 1, 20));
  return Math.round(exponential * (0.8 + 0.4 * random));
}
