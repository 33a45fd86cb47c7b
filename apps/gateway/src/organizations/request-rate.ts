/** So many requests a second on average, `burst` of them at once (generic cell rate algorithm). */
export interface RequestRate {
  readonly microsPerRequest: number;
  readonly burst: number;
}

export const requestRateOf = (limits: {
  readonly requestsPerSecond: number;
  readonly burst: number;
}): RequestRate => ({
  microsPerRequest: Math.max(1, Math.round(1_000_000 / limits.requestsPerSecond)),
  burst: limits.burst,
});

export interface RateLimitState {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until one more request is allowed. */
  readonly retryAfterMs: number;
  /** Milliseconds until the whole burst is free again. */
  readonly resetMs: number;
}

/**
 * The state of a rate limit, as a client sees it. `busyMicros`: until the key is idle again; `waitMicros`: until the
 * next one is allowed.
 */
export function rateStateOf(
  { microsPerRequest, burst }: RequestRate,
  isAllowed: boolean,
  busyMicros: number,
  waitMicros: number,
): RateLimitState {
  return {
    isAllowed,
    limit: burst,
    remaining: Math.max(0, burst - Math.ceil(busyMicros / microsPerRequest)),
    retryAfterMs: isAllowed ? 0 : Math.ceil(waitMicros / 1000),
    resetMs: Math.ceil(busyMicros / 1000),
  };
}

/**
 * Counts one request of a key. `idleAtMicros`: when the key has worked off what it sent before (admit.lua keeps the
 * same instant); the answer brings the next one.
 */
export function countRequest(
  rate: RequestRate,
  idleAtMicros: number,
  nowMicros: number,
): { readonly state: RateLimitState; readonly idleAtMicros: number } {
  const { microsPerRequest, burst } = rate;
  const arrival = Math.max(idleAtMicros, nowMicros);
  const isAllowed = arrival + microsPerRequest <= nowMicros + burst * microsPerRequest;
  const following = isAllowed ? arrival + microsPerRequest : arrival;
  const waitMicros = Math.max(
    0,
    following + microsPerRequest - burst * microsPerRequest - nowMicros,
  );
  return {
    state: rateStateOf(rate, isAllowed, following - nowMicros, waitMicros),
    idleAtMicros: following,
  };
}
