import { setTimeout as sleep } from 'node:timers/promises';

/** Costs nothing where the fact comes soon; a busy machine takes many times as long as an idle one. */
const TIMEOUT_MS_DEFAULT = 30_000;

export interface EventuallyOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/** Repeats an assertion until it holds; after the time limit its last failure is the test's failure. */
export async function eventually<T>(
  assertion: () => T | Promise<T>,
  { timeoutMs = TIMEOUT_MS_DEFAULT, intervalMs = 50 }: EventuallyOptions = {},
): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > deadlineMs) throw error;
      await sleep(intervalMs);
    }
  }
}
