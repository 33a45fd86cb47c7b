/** The errors of a server that is reached and serves nobody: behind the same address there may be another by now. */
const USELESS =
  /(^|\s|-)(READONLY|MISCONF|OOM|LOADING|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|NOAUTH|WRONGPASS) /;
/** Also without traffic a useless server is found, and left, this soon. */
export const LOOK_INTERVAL_MS = 2_000;
/** The probe expires by itself. */
export const READINESS_TTL_MS = 60_000;
const GAP_MS_MIN = 500;
const GAP_MS_MAX = 5_000;

/** The word by which Redis says why it serves nobody; null when the error is another. */
export const uselessnessOf = (error: unknown): string | null =>
  error instanceof Error ? (USELESS.exec(error.message)?.[2] ?? null) : null;

/**
 * For ioredis as `reconnectOnError`, one per connection. After a fail-over behind one address an open connection still
 * leads to the old server and would get READONLY for ever. A new one is made at once, then ever more rarely, because
 * it costs what is under way and a server that is full stays full. The command is not sent again.
 */
export function reconnectFromUselessServer(nowMs: () => number = Date.now): (e: Error) => boolean {
  let lastMs = -Infinity;
  let gapMs = GAP_MS_MIN;
  return (error) => {
    if (uselessnessOf(error) === null) return false;
    const sinceMs = nowMs() - lastMs;
    if (sinceMs < gapMs) return false;
    gapMs = sinceMs > 2 * GAP_MS_MAX ? GAP_MS_MIN : Math.min(2 * gapMs, GAP_MS_MAX);
    lastMs = nowMs();
    return true;
  };
}
