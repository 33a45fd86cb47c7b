import { AsyncLocalStorage } from 'node:async_hooks';
import type { TraceHeaders } from './trace-headers.js';

/** Nothing runs in it, and it costs nothing, until somebody sends a traceparent or spans are exported. */
const storage = new AsyncLocalStorage<TraceHeaders | null>();

/** The trace that this piece of work belongs to. */
export function currentTrace(): TraceHeaders | undefined {
  return storage.getStore() ?? undefined;
}

/** Runs `work`, and all that it starts, in this trace; null: in none. */
export function underTrace<T>(trace: TraceHeaders | null, work: () => T): T {
  if (trace === null && (storage.getStore() ?? null) === null) return work();
  return storage.run(trace, work);
}
