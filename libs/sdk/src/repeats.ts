const FIRST_WAIT_MS = 250;
const WAIT_MS_MAX = 8_000;
/** A server that asks for a longer wait is called again at our own pace: no call stalls for an hour. */
const RETRY_AFTER_MS_MAX = 60_000;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** `Retry-After` in seconds or as a date, which counts from the server's own `Date`: our clock may be wrong. */
export function retryAfterMs(
  value: string | null,
  serverDate: string | null,
  nowMs: number,
): number | null {
  const text = value?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  if (!HTTP_DATE.test(text)) return null;
  const serverMs = HTTP_DATE.test(serverDate ?? '') ? Date.parse(serverDate ?? '') : nowMs;
  const ms = Date.parse(text) - serverMs;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

/** The wait that the server asks for, else doubling with jitter, so that clients do not come back in one moment. */
export function waitMs(attempt: number, askedMs: number | null): number {
  if (askedMs !== null && askedMs <= RETRY_AFTER_MS_MAX) return askedMs;
  return Math.min(FIRST_WAIT_MS * 2 ** attempt, WAIT_MS_MAX) * (0.5 + Math.random() / 2);
}

export async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
