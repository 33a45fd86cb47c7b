import type { PaymentAttempt } from './invoice.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Days after the first attempt on which an invoice that collects itself is charged again. */
export const RETRY_DAYS: readonly number[] = [1, 4, 9];

/** When the next attempt is made after one that failed; null: all were. `attempts`: with the one that failed. */
export function nextAttemptMs(attempts: readonly PaymentAttempt[], nowMs: number): number | null {
  const automatic = attempts.filter(({ isAutomatic }) => isAutomatic);
  const days = RETRY_DAYS[automatic.length - 1];
  const [first] = automatic;
  if (days === undefined || !first) return null;
  // One whose outcome was unknown for long is not repeated at once.
  return Math.max(first.createdMs + days * DAY_MS, nowMs + DAY_MS);
}
