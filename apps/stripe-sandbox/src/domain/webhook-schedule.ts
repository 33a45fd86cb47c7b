/** Faults that a developer switches on; kept in memory, so a restart clears them. */
export interface Faults {
  /** Every new delivery waits this long first. */
  readonly webhookDelayMs: number;
  /** Every event is delivered this many times more than once. */
  readonly webhookDuplicates: number;
  /** This many of the next deliveries are never sent; -1 drops all until switched off. */
  readonly webhookDrops: number;
  /** Events of one request arrive last one first. */
  readonly webhookReorder: boolean;
  readonly nextError: NextError | null;
}

/** The next `count` API requests fail so; `after: true` carries them out first and loses the answer. */
export interface NextError {
  /** HTTP status; 0 closes the connection without an answer. */
  readonly status: number;
  readonly code: string | null;
  readonly count: number;
  readonly after: boolean;
}

export const NO_FAULTS: Faults = {
  webhookDelayMs: 0,
  webhookDuplicates: 0,
  webhookDrops: 0,
  webhookReorder: false,
  nextError: null,
};

/** Distance between reordered events: far enough that the order on the wire is really turned round. */
const REORDER_STEP_MS = 250;

/** How long event `index` of `count` events of one request waits before its first delivery. */
export function firstDelayMs(faults: Faults, index: number, count: number): number {
  const turned = faults.webhookReorder ? (count - 1 - index) * REORDER_STEP_MS : 0;
  return faults.webhookDelayMs + turned;
}

export const RETRY_BASE_MS = 500;
/** Low, so that a service that was away hears of its payments soon after it is back. */
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

/** Whether an endpoint asked for this type: its exact name, or `*`. */
export function isSubscribed(enabledEvents: readonly string[], type: string): boolean {
  return enabledEvents.includes('*') || enabledEvents.includes(type);
}
