const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Pauses after the first, the second, … attempt that failed; then `LAST_PAUSE_MS` goes on. */
const PAUSES_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
];
const LAST_PAUSE_MS = 8 * HOUR_MS;
/** How long a delivery is tried, from the fact on. */
export const RETRIED_MS = 3 * 24 * HOUR_MS;
/** How much of a pause chance adds, so that what failed together does not come back together. */
const JITTER = 0.2;

/**
 * When to try again after `attemptCount` attempts that failed; null: no more. `chance` lies between 0 and 1.
 */
export function nextAttemptMs(
  attemptCount: number,
  createdAtMs: number,
  nowMs: number,
  chance: number,
): number | null {
  const pauseMs = PAUSES_MS[attemptCount - 1] ?? LAST_PAUSE_MS;
  const nextMs = nowMs + Math.round(pauseMs * (1 + JITTER * chance));
  return nextMs - createdAtMs > RETRIED_MS ? null : nextMs;
}
